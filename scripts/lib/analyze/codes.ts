import type { CodeEntry } from "../../../components/lib/checks";
import { frameworkCodes } from "../../../components/lib/checks";
import type { Check, Severity } from "../../../components/lib/findings";
import { meshChecks, catalogue as meshCodes } from "../../../components/mesh/checks";
import { defaultNodePortRange, nodePortCheck, nodePortCodes } from "../../../components/mesh/node-ports";
import {
  renderingCodes,
  tierCodes,
  trafficChecks,
  catalogue as trafficCodes,
} from "../../../components/traffic/analysis";

/** Every check that can be made of files alone. */
export const fileChecks: readonly Check[] = [
  ...meshChecks,
  ...trafficChecks,
  nodePortCheck(defaultNodePortRange),
];

const catalogues: readonly Readonly<Record<string, CodeEntry>>[] = [
  frameworkCodes,
  meshCodes,
  nodePortCodes,
  trafficCodes,
  renderingCodes,
  tierCodes,
];

/** What only a program finds, while it renders. Files may still say that it is meant. */
export const elsewhere: readonly string[] = [renderingCodes, tierCodes].flatMap((catalogue) =>
  Object.keys(catalogue),
);

export interface Code {
  readonly code: string;
  readonly severity: Severity;
  /** What it is found for; several titles where several checks find it. */
  readonly titles: readonly string[];
}

/** Every code that a finding may have, in order. */
export const codes: readonly Code[] = [...new Set(catalogues.flatMap((catalogue) => Object.keys(catalogue)))]
  .sort()
  .map((code) => {
    const entries = catalogues.flatMap((catalogue) => catalogue[code] ?? []);
    return {
      code,
      severity: entries[0]?.severity ?? "info",
      titles: [...new Set(entries.map(({ title }) => title))],
    };
  });

const origin = (code: string) =>
  ({ IST: "istioctl analyze has the same code", KIA: "Kiali has the same code", MPO: "" })[
    code.slice(0, 3)
  ] ?? "a code of this project";

/** What a code means, for people. */
export function explain(code: string): string | undefined {
  const found = codes.find((one) => one.code === code.toUpperCase());
  if (found === undefined) return undefined;
  return [
    `${found.code} (${found.severity}), ${origin(found.code)}`,
    ...found.titles.map((title) => `  ${title}`),
    `To leave one out, annotate its object: mesh-platform/suppress: "${found.code}=REASON"`,
  ].join("\n");
}
