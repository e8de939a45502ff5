import type { Trail } from "./trail";
import { type Delivered, type MirrorCopy, type Open, type Result, type Step, showTarget } from "./types";

const percent = (share: number): string => `${Math.round(share * 1e6) / 1e4} %`;

/** Without what floating point adds. */
const dusted = (share: number): number => Math.round(share * 1e9) / 1e9;

const showStep = ({ stage, about, text, object, path }: Step): string => {
  const by =
    object === undefined ? "" : `\n               by ${object}${path === undefined ? "" : `, ${path}`}`;
  return `${stage.padEnd(14)} ${about === undefined ? "" : `${about}: `}${text}${by}`;
};

const showResult = (result: Result): string => {
  const { probability, status, workload, delay, attempts, reason } = result;
  const where = result.host === undefined ? "" : ` ${showTarget(result)}`;
  const pods = workload === undefined ? "" : ` (${workload})`;
  const more = [delay > 0 ? `after ${delay} ms` : "", attempts > 1 ? `${attempts} attempts` : "", reason];
  return `${percent(probability).padStart(9)}  ${status}${where}${pods}: ${more.filter((one) => one !== "").join(", ")}`;
};

/** What happens to a request, and why. */
export class Outcome {
  readonly steps: readonly Step[];
  /** Ways in which the request can end; their probabilities sum up to 1. */
  readonly results: readonly Result[];
  readonly mirrors: readonly MirrorCopy[];
  /** The request as applications see it, one for each destination. */
  readonly delivered: readonly Delivered[];
  /** What is taken for granted, since the objects do not decide it. */
  readonly open: readonly Open[];
  /** Of a redirect. */
  readonly location: string | undefined;

  constructor(trail: Trail) {
    this.steps = trail.steps;
    this.results = trail.results();
    this.mirrors = trail.mirrors;
    this.delivered = trail.delivered;
    this.open = trail.open;
    this.location = trail.location;
  }

  /** The share of requests that end so: `share({ subset: "v2", status: 200 })`. */
  share(wanted: Partial<Result>): number {
    const fits = (result: Result) =>
      Object.entries(wanted).every(([key, value]) => Reflect.get(result, key) === value);
    const sum = this.results.filter(fits).reduce((total, { probability }) => total + probability, 0);
    return dusted(sum);
  }

  /** Shares by destination and status: `reviews.shop:9080 v2 200` → 0.5. */
  distribution(): Readonly<Record<string, number>> {
    const shares: Record<string, number> = {};
    for (const result of this.results) {
      const key = `${showTarget(result)} ${result.status}`;
      shares[key] = (shares[key] ?? 0) + result.probability;
    }
    return Object.fromEntries(Object.entries(shares).map(([key, share]) => [key, dusted(share)]));
  }

  /** All of it as text. */
  explain(): string {
    const mirrors = this.mirrors.map(
      (copy) => `${percent(copy.probability).padStart(9)}  ${showTarget(copy)}`,
    );
    const open = this.open.map(({ object, text }) => `  ${object === undefined ? "" : `${object}: `}${text}`);
    const part = (title: string, lines: readonly string[]) =>
      lines.length === 0 ? [] : ["", title, ...lines];
    return [
      ...this.steps.map(showStep),
      ...part("ends", this.results.map(showResult)),
      ...part("copies", mirrors),
      ...part("not decided by the objects", open),
    ].join("\n");
  }

  toJSON(): object {
    const { steps, results, mirrors, delivered, open, location } = this;
    return { steps, results, mirrors, delivered, open, ...(location === undefined ? {} : { location }) };
  }
}
