import { type ShapeRow, showShare, showStatus } from "../table";
import { element, label, line, picture, round } from "./svg";

const WIDTH = 620;
const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 24;
const TOP = 18;
const BOTTOM = 46;

/** What changes from load to load: the rate where the connections stay, else the connections. */
export function axisOf(rows: readonly ShapeRow[]): {
  readonly name: string;
  readonly of: (row: ShapeRow) => number;
} {
  const rates = new Set(rows.map(({ load }) => load.qps));
  if (rates.size > 1 || (rows.length === 1 && rows[0]?.load.qps !== undefined))
    return { name: "requests per second", of: ({ load }) => load.qps ?? 0 };
  return { name: "connections at once", of: ({ load }) => load.connections };
}

const nice = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** The share of a status over the loads, with what the document measured beside it. */
export function curve(status: number, rows: readonly ShapeRow[]): string {
  const axis = axisOf(rows);
  const top = Math.max(
    0.01,
    ...rows.flatMap(({ interval, document }) => [interval.high, (document?.[status] ?? 0) / 100]),
  );
  const full = nice.find((value) => value >= top) ?? 1;
  const values = rows.map(axis.of);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const xOf = (value: number) =>
    low === high
      ? (LEFT + WIDTH - RIGHT) / 2
      : LEFT + 30 + ((WIDTH - LEFT - RIGHT - 60) * (value - low)) / (high - low);
  const bottom = HEIGHT - BOTTOM;
  const yOf = (share: number) => bottom - ((bottom - TOP) * share) / full;
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  const ours = rows.map((row) => [xOf(axis.of(row)), yOf(row.share)] as const);
  const printed = rows.flatMap((row) =>
    row.document === undefined ? [] : [[xOf(axis.of(row)), yOf((row.document[status] ?? 0) / 100)] as const],
  );
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    line(LEFT, yOf(part * full), WIDTH - RIGHT, yOf(part * full), "grid"),
    label(LEFT - 8, yOf(part * full) + 4, showShare(part * full), { class: "hint", anchor: "end" }),
  ]);
  const names = [...new Set(values)].map((value) =>
    label(xOf(value), bottom + 18, String(value), { class: "hint", anchor: "middle" }),
  );
  const whiskers = rows.flatMap((row) => {
    const x = xOf(axis.of(row));
    const [from, to] = [yOf(row.interval.low), yOf(row.interval.high)];
    return [
      line(x, from, x, to, "whisker"),
      line(x - 4, from, x + 4, from, "whisker"),
      line(x - 4, to, x + 4, to, "whisker"),
    ];
  });
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  return picture(
    WIDTH,
    HEIGHT,
    `share of ${showStatus(status)} by ${axis.name}`,
    ...grid,
    label(middle, HEIGHT - 8, axis.name, { class: "hint", anchor: "middle" }),
    ...names,
    element("path", { d: path(printed), class: "printed" }),
    ...printed.map(([cx, cy]) => element("circle", { cx, cy, r: 4, class: "printed" })),
    ...whiskers,
    element("path", { d: path(ours), class: "ours" }),
    ...ours.map(([cx, cy]) => element("circle", { cx, cy, r: 4.5, class: "ours" })),
  );
}
