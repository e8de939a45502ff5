/** What a run has found, for the terminal and for programs. */
import type { Load, Measured } from "../../../components/traffic/scenarios";
import type { ScenarioReport } from "./scenario";
import { type RunReport, type ShapeRow, type ShareTable, showInterval, showShare, showStatus } from "./table";

/** Columns as wide as their widest cell; those after the first to the right. */
function columns(rows: readonly (readonly string[])[], indent = "  "): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number) =>
    at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
  return rows.map((row) => `${indent}${row.map(cell).join("  ").trimEnd()}`);
}

const verdicts = (expected: boolean, predicted: boolean): string =>
  expected && predicted
    ? "inside"
    : `OUTSIDE: ${[...(expected ? [] : ["expected"]), ...(predicted ? [] : ["simulated"])].join(", ")}`;

function shareLines({ title, rows }: ShareTable): string[] {
  const [first] = rows;
  const head = [title, "expected", "simulated", `of ${first?.of ?? 0}`, "observed", "99 % interval", ""];
  return columns([
    head,
    ...rows.map((row) => [
      row.what,
      showShare(row.expected),
      showShare(row.predicted),
      String(row.count),
      showShare(row.of === 0 ? 0 : row.count / row.of),
      showInterval(row.interval),
      verdicts(row.expectedInside, row.predictedInside),
    ]),
  ]);
}

const showMeasured = (document: Measured | undefined, status: number): string =>
  document === undefined ? "–" : `${document[status] ?? 0} %`;

/** `20 connections`, or with the rate where that is what changes. */
export const showLoad = ({ connections, requests, qps }: Load): string =>
  qps === undefined ? `${connections} connections, ${requests} requests` : `${qps}/s, ${requests} requests`;

function shapeLines(status: number, rows: readonly ShapeRow[]): string[] {
  const head = ["load", showStatus(status), "observed", "99 % interval", "document"];
  return columns([
    head,
    ...rows.map(({ load, statuses, share, interval, document }) => [
      showLoad(load),
      String(statuses[status] ?? 0),
      showShare(share),
      showInterval(interval),
      showMeasured(document, status),
    ]),
  ]);
}

function runLines(report: RunReport): string[] {
  const { run, ok, tables, shape, holds, problems, results, open } = report;
  const { host, port, path, headers } = run.request;
  const more = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`);
  const from = run.via === "mesh" ? `from ${run.client}` : `from outside through ${run.gateway}`;
  const { expect } = run;
  const document =
    expect.kind === "shares" && expect.document !== undefined
      ? [
          `  the document: ${Object.entries(expect.document)
            .map(([code, n]) => `${code} ${n} %`)
            .join(", ")}`,
        ]
      : [];
  const [result] = results;
  const latency = result === undefined ? [] : [`  ${result.qps}/s, mean ${result.latency.mean} ms`];
  return [
    "",
    `${ok ? "ok      " : "OUTSIDE "}${run.name}: ${run.request.method} ${host}:${port}${path}${more.join(",")} ${from}`,
    ...tables.flatMap(shareLines),
    ...(shape === undefined ? [] : shapeLines(shape.status, shape.rows)),
    ...holds.map(
      ({ what, ok: holdsTrue, found }) => `  ${holdsTrue ? "holds" : "DOES NOT HOLD"}: ${what} (${found})`,
    ),
    ...document,
    ...(results.length === 1 ? latency : []),
    ...problems.map((problem) => `  PROBLEM: ${problem}`),
    ...open.map((one) => `  the simulator assumes: ${one}`),
  ];
}

const CHANCE =
  "Chance alone puts one table of a hundred outside. What is outside twice, is: try --requests with more.";

/** All of a scenario as text. */
export function renderText({ name, title, runs, ok, file }: ScenarioReport): string {
  const outside = runs.filter((run) => !run.ok).length;
  const result = ok ? "all as expected" : `${outside} of ${runs.length} runs are not as expected`;
  return [
    `${name}: ${title}`,
    ...runs.flatMap(runLines),
    "",
    `${name}: ${result}; report: ${file}`,
    ...(ok ? [] : [CHANCE]),
  ].join("\n");
}

/** The same for programs. What fortio measured is kept but for its histogram. */
export function renderJson(stack: string, reports: readonly ScenarioReport[]): string {
  const scenarios = reports.map(({ name, ok, file, runs }) => ({
    name,
    ok,
    report: file,
    runs: runs.map(({ run, results, explained: _explained, ...rest }) => ({
      name: run.name,
      via: run.via,
      request: run.request,
      loads: run.loads,
      ...rest,
      results: results.map(({ latency: { buckets: _buckets, ...latency }, ...result }) => ({
        ...result,
        latency,
      })),
    })),
  }));
  return JSON.stringify({ stack, ok: reports.every(({ ok }) => ok), scenarios }, null, 2);
}
