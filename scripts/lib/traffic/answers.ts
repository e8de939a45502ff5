/** How requests ended, as proxies count it. */
import type { Target } from "../../../components/traffic/scenarios";

/** Some of the requests, and how they ended. */
export interface Answer {
  /** Absent where no destination counted them: a proxy answered by itself. */
  readonly to?: Target;
  /** -1 where there was no answer. */
  readonly status: number;
  readonly count: number;
}

export interface PodCount {
  /** `reviews.bookinfo`. */
  readonly service: string;
  readonly pod: string;
  readonly version: string;
  /** Tries of requests that it got. */
  readonly count: number;
}

/** What the counters of proxies say by themselves. */
export interface Told {
  readonly answers: readonly Answer[];
  readonly copies: readonly { readonly to: Target; readonly count: number }[];
}

/** `reviews.bookinfo` for `reviews.bookinfo.svc.cluster.local`; other hosts as they are. */
export const serviceOf = (host: string): string => host.replace(/\.svc\..*$/, "");

export const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + value, 0);

/** Equal answers as one. */
export function merged(answers: readonly Answer[]): Answer[] {
  const found = new Map<string, Answer>();
  for (const answer of answers) {
    const key = JSON.stringify([answer.to?.service, answer.to?.version, answer.status]);
    found.set(key, { ...answer, count: answer.count + (found.get(key)?.count ?? 0) });
  }
  return [...found.values()];
}
