import type { FortioResult } from "../fortio";
import { element, label, line, picture, round } from "./svg";

const WIDTH = 470;
const HEIGHT = 190;
const LEFT = 12;
const RIGHT = 14;
const TOP = 30;
const BOTTOM = 26;

/** `350 µs`, `2.5 ms`, `7 s`. */
export function showMs(ms: number): string {
  if (ms >= 1000) return `${round(ms / 1000)} s`;
  if (ms >= 1) return `${ms >= 100 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

/** Powers of ten around the values. */
function decades(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}

/** How long answers took, on a scale of powers of ten, with the percentiles that one asks for first. */
export function histogram({ latency }: FortioResult): string {
  const { buckets, percentiles, min, max, mean } = latency;
  const floor = 0.01;
  const ticks = decades(Math.max(min, floor), Math.max(max, floor));
  const [first = floor] = ticks;
  const last = ticks.at(-1) ?? first * 10;
  const xOf = (ms: number) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * Math.log10(Math.max(ms, first) / first)) / Math.log10(last / first);
  const most = Math.max(...buckets.map(({ count }) => count), 1);
  const bottom = HEIGHT - BOTTOM;
  const drawn = buckets.map(({ start, end, count }) => {
    const height = Math.max(((bottom - TOP) * count) / most, 1);
    const x = xOf(start);
    const width = Math.max(xOf(end) - x - 1, 1.5);
    return element("rect", { x, y: bottom - height, width, height, class: "bucket" });
  });
  const marks = percentiles
    .filter(({ percentile }) => [50, 99].includes(percentile))
    .flatMap(({ percentile, ms }) => [
      line(xOf(ms), TOP - 8, xOf(ms), bottom, "mark"),
      label(xOf(ms), TOP - 12, `p${percentile} ${showMs(ms)}`, {
        class: "hint",
        anchor: xOf(ms) > WIDTH - 70 ? "end" : xOf(ms) < 50 ? "start" : "middle",
      }),
    ]);
  const axis = ticks.flatMap((ms, at) => [
    line(xOf(ms), bottom, xOf(ms), bottom + 4, "axis"),
    label(xOf(ms), bottom + 18, showMs(ms), {
      class: "hint",
      anchor: at === 0 ? "start" : at === ticks.length - 1 ? "end" : "middle",
    }),
  ]);
  return picture(
    WIDTH,
    HEIGHT,
    `latency: mean ${showMs(mean)}`,
    line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis"),
    ...drawn,
    ...marks,
    ...axis,
  );
}
