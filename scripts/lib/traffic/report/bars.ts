import { type ShareTable, showInterval, showShare } from "../table";
import { element, label, line, picture, statusClass } from "./svg";

const LEFT = 230;
const TRACK = 560;
const ROW = 34;
const TOP = 22;
const WIDTH = LEFT + TRACK + 170;

/** Shares as bars, with the interval as whiskers, what was expected as a line and the simulator's as a ring. */
export function bars({ title, rows }: ShareTable): string {
  const xOf = (share: number) => LEFT + TRACK * share;
  const height = TOP + rows.length * ROW + 6;
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(xOf(share), TOP - 6, xOf(share), height - 4, "grid"),
    label(xOf(share), 11, `${share * 100} %`, { class: "hint", anchor: "middle" }),
  ]);
  const drawn = rows.flatMap(({ what, status, expected, predicted, count, of, interval, ...row }, at) => {
    const y = TOP + at * ROW + ROW / 2;
    const share = of === 0 ? 0 : Math.min(count / of, 1);
    const ok = row.expectedInside && row.predictedInside;
    const kind = status === undefined ? "other" : statusClass(status);
    return [
      label(LEFT - 12, y + 4, what, { class: "name", anchor: "end" }),
      element("rect", { x: LEFT, y: y - 9, width: TRACK * share, height: 18, rx: 3, class: `bar ${kind}` }),
      line(xOf(interval.low), y, xOf(interval.high), y, "whisker"),
      line(xOf(interval.low), y - 5, xOf(interval.low), y + 5, "whisker"),
      line(xOf(interval.high), y - 5, xOf(interval.high), y + 5, "whisker"),
      line(xOf(expected), y - 13, xOf(expected), y + 13, "wanted"),
      element("circle", { cx: xOf(predicted), cy: y, r: 4.5, class: "simulated" }),
      label(xOf(1) + 16, y + 4, showShare(share), { class: ok ? "value" : "value off" }),
      label(xOf(1) + 74, y + 4, showInterval(interval), { class: "hint" }),
    ];
  });
  return picture(WIDTH, height, `${title}: shares with their intervals`, ...grid, ...drawn);
}
