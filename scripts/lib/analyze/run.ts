import { analyse, frameworkCodes } from "../../../components/lib/checks";
import { titleFor } from "../../../components/lib/fields";
import { type Finding, orderFindings, type Severity } from "../../../components/lib/findings";
import { wellFormed } from "../../../components/lib/form";
import { isExternal } from "../../../components/lib/object-index";
import { type ExitCode, exitCodes, UsageError } from "../command-line";
import { elsewhere, explain, fileChecks } from "./codes";
import { type Duplicate, type Loaded, load, type Source } from "./load";
import type { AnalyzeOptions } from "./options";
import { type Position, positionOf } from "./position";
import { jsonReport, type Located, sarifReport, textReport } from "./report";
import { remarksOnUnread, summary } from "./unread";

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

/** kubectl takes the last of two equal keys; Argo CD, Flux and kustomize refuse the file. */
const duplicateFinding = ({ fault, object }: Duplicate): Located => ({
  finding: {
    code: "MP0005",
    severity: frameworkCodes.MP0005.severity,
    object: object === undefined ? "a list of objects" : titleFor(object),
    path: "",
    message: `${fault.message.split(":")[0]}: kubectl takes the last one, other tools refuse the file`,
    change: "keep one of them",
  },
  position: { file: fault.file, line: fault.line, column: fault.column, depth: 0 },
});

/** Findings about the text of files and about objects, in one order. */
function ordered(located: readonly Located[]): Located[] {
  const order = new Map(
    orderFindings(located.map(({ finding }) => finding)).map((one, place) => [one, place]),
  );
  return [...located].sort((a, b) => (order.get(a.finding) ?? 0) - (order.get(b.finding) ?? 0));
}

function examine(options: AnalyzeOptions): Outcome {
  const loaded: Loaded = load(options.paths, options.namespace);
  const { objects, sources, unread } = loaded;
  const byTitle = new Map<string, Source[]>();
  for (const [object, source] of sources) {
    // As findings call it: a name that is a number is a text there.
    const title = titleFor(wellFormed(object).object);
    byTitle.set(title, [...(byTitle.get(title) ?? []), source]);
  }
  const about = analyse(objects, fileChecks, { closed: options.closed, elsewhere });
  const twice = loaded.duplicates.map(duplicateFinding);
  const all = [...about, ...twice.map(({ finding }) => finding)];
  const silent = ({ code, object }: Finding) =>
    options.suppressed.some((one) => one.code === code && one.object === object);
  const placed: Located[] = about.map((finding) => ({ finding, position: locate(finding, byTitle) }));
  const located = ordered([...placed, ...twice]).filter(({ finding }) => !silent(finding));
  const failing = located.some(({ finding }) => ranks[finding.severity] <= ranks[options.failOn]);
  const unused = options.suppressed.filter(
    ({ code, object }) => !all.some((finding) => finding.code === code && finding.object === object),
  );
  const unreadable = unread.some(({ named }) => named);
  const judged = objects.filter((object) => !isExternal(object)).length;
  return {
    code: unreadable ? exitCodes.failed : failing ? exitCodes.found : exitCodes.done,
    // Where nothing could be read there is nothing to report on.
    output:
      unreadable && objects.length === 0
        ? ""
        : reports[options.output](
            located,
            unread.map(({ fault }) => fault),
          ),
    remarks: [
      ...unused.map(({ code, object }) => `--suppress ${code} for ${object}: it is not found there`),
      ...remarksOnUnread(unread),
      ...(unreadable && objects.length === 0 ? [] : [summary(judged, loaded)]),
    ],
  };
}

/** What the command does, without its exit. */
export function analyze(options: AnalyzeOptions): Outcome {
  if (options.explain === undefined) return examine(options);
  const text = explain(options.explain);
  if (text === undefined)
    throw new UsageError(`there is no code ${options.explain}; docs/analysis.md lists them`);
  return { code: exitCodes.done, output: text, remarks: [] };
}
