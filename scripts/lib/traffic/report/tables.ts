import {
  type Held,
  type RunReport,
  type ShapeRow,
  type ShareTable,
  showInterval,
  showShare,
  showStatus,
} from "../table";
import { showLoad } from "../text";
import { showMs } from "./histogram";
import { element, escapeText } from "./svg";

const cell = (text: string, off = false) =>
  element("td", { class: off ? "off" : undefined }, escapeText(text));

const table = (head: readonly string[], rows: readonly string[]): string =>
  element(
    "table",
    {},
    element("tr", {}, ...head.map((name) => element("th", {}, escapeText(name)))),
    ...rows.map((row) => element("tr", {}, row)),
  );

/** The figures behind the bars. */
export const shareTable = ({ title, rows }: ShareTable): string =>
  table(
    [title, "expected", "simulated", "counted", "observed", "99 % interval"],
    rows.map((row) =>
      [
        cell(row.what),
        cell(showShare(row.expected), !row.expectedInside),
        cell(showShare(row.predicted), !row.predictedInside),
        cell(`${row.count} of ${row.of}`),
        cell(showShare(row.of === 0 ? 0 : row.count / row.of)),
        cell(showInterval(row.interval)),
      ].join(""),
    ),
  );

/** Our figures and the document's, load by load. */
export const shapeTable = (status: number, rows: readonly ShapeRow[]): string =>
  table(
    ["load", `counted ${showStatus(status)}`, "observed", "99 % interval", "document"],
    rows.map(({ load, statuses, of, share, interval, document }) =>
      [
        cell(showLoad(load)),
        cell(`${statuses[status] ?? 0} of ${of}`),
        cell(showShare(share)),
        cell(showInterval(interval)),
        cell(document === undefined ? "–" : `${document[status] ?? 0} %`),
      ].join(""),
    ),
  );

/** How fast, load by load. */
export function latencyTable({ run, results }: RunReport): string {
  const percentiles = results[0]?.latency.percentiles ?? [];
  return table(
    ["load", "per second", "mean", ...percentiles.map(({ percentile }) => `p${percentile}`)],
    results.map(({ qps, latency }, at) => {
      const load = run.loads[at];
      const times = percentiles.map(({ percentile }) => {
        const found = latency.percentiles.find((one) => one.percentile === percentile);
        return cell(found === undefined ? "–" : showMs(found.ms));
      });
      return [
        cell(load === undefined ? "" : showLoad(load)),
        cell(String(qps)),
        cell(showMs(latency.mean)),
        ...times,
      ].join("");
    }),
  );
}

/** Which pods answered each value of the header. */
export function stickyTable({ sticky }: RunReport): string {
  if (sticky === undefined) return "";
  const pods = [...new Set(sticky.rows.flatMap((row) => row.pods.map(({ pod }) => pod)))].sort();
  return table(
    [sticky.header, ...pods.map((pod) => pod.split("/").at(-1) ?? pod)],
    sticky.rows.map(({ value, pods: own, ok }) =>
      [
        cell(value ?? "(without)", !ok),
        ...pods.map((pod) => cell(String(own.find((one) => one.pod === pod)?.count ?? 0))),
      ].join(""),
    ),
  );
}

/** What had to hold. */
export const heldList = (holds: readonly Held[]): string =>
  element(
    "ul",
    {},
    ...holds.map(({ what, ok, found }) =>
      element(
        "li",
        { class: ok ? undefined : "off" },
        escapeText(`${ok ? "" : "Does not hold: "}${what} – ${found}`),
      ),
    ),
  );
