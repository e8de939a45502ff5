import { analyse } from "../../../components/lib/checks";
import { titleFor } from "../../../components/lib/fields";
import type { Finding, Severity } from "../../../components/lib/findings";
import { isExternal } from "../../../components/lib/object-index";
import { type ExitCode, exitCodes, UsageError } from "../command-line";
import { elsewhere, explain, fileChecks } from "./codes";
import { load, type Source } from "./load";
import type { AnalyzeOptions } from "./options";
import { type Position, positionOf } from "./position";
import { jsonReport, type Located, sarifReport, textReport } from "./report";

export interface Outcome {
  readonly code: ExitCode;
  readonly output: string;
  /** For the standard error. */
  readonly remarks: readonly string[];
}

/** Of objects with the same title, as a Gateway of Istio's and one of the Gateway API, the one that has the field. */
function locate(
  { object, path }: Finding,
  sources: ReadonlyMap<string, readonly Source[]>,
): Position | undefined {
  const found = (sources.get(object) ?? []).map((source) => positionOf(source, path));
  return found.sort((a, b) => b.depth - a.depth)[0];
}

const ranks: Readonly<Record<Severity | "never", number>> = { error: 0, warning: 1, info: 2, never: -1 };
const reports = { text: textReport, json: jsonReport, sarif: sarifReport };

function examine(options: AnalyzeOptions): Outcome {
  const { objects, sources, files, passedOver } = load(options.paths, options.namespace);
  const byTitle = new Map<string, Source[]>();
  for (const [object, source] of sources) {
    const title = titleFor(object);
    byTitle.set(title, [...(byTitle.get(title) ?? []), source]);
  }
  const all = analyse(objects, fileChecks, { closed: options.closed, elsewhere });
  const silent = ({ code, object }: Finding) =>
    options.suppressed.some((one) => one.code === code && one.object === object);
  const located: Located[] = all
    .filter((finding) => !silent(finding))
    .map((finding) => ({ finding, position: locate(finding, byTitle) }));
  const failing = located.some(({ finding }) => ranks[finding.severity] <= ranks[options.failOn]);
  const unused = options.suppressed.filter(
    ({ code, object }) => !all.some((finding) => finding.code === code && finding.object === object),
  );
  const judged = objects.filter((object) => !isExternal(object)).length;
  return {
    code: failing ? exitCodes.found : exitCodes.done,
    output: reports[options.output](located),
    remarks: [
      ...unused.map(({ code, object }) => `--suppress ${code} for ${object}: it is not found there`),
      `${judged} objects in ${files} files${passedOver === 0 ? "" : `; ${passedOver} documents are no objects of Kubernetes`}`,
    ],
  };
}

/** What the command does, without its exit. Throws a `UsageError` where a path or a code is not there. */
export function analyze(options: AnalyzeOptions): Outcome {
  if (options.explain === undefined) return examine(options);
  const text = explain(options.explain);
  if (text === undefined)
    throw new UsageError(`there is no code ${options.explain}; docs/analysis.md lists them`);
  return { code: exitCodes.done, output: text, remarks: [] };
}
