import type { Load, ScenarioRequest } from "../../../components/traffic/scenarios";

export interface Bucket {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** What fortio tells of one load. */
export interface FortioResult {
  /** Requests by the status of their answer; -1 where there was none. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly requests: number;
  readonly seconds: number;
  readonly qps: number;
  /** Milliseconds. */
  readonly latency: {
    readonly mean: number;
    readonly min: number;
    readonly max: number;
    readonly percentiles: readonly { readonly percentile: number; readonly ms: number }[];
    readonly buckets: readonly Bucket[];
  };
}

/** Answers that took no longer than this are never waited for in vain. */
const TIMEOUT_MS = 30_000;

/** The command that sends a load and prints what it measured as JSON on standard output. */
export function fortioCommand(url: string, request: ScenarioRequest, load: Load): string[] {
  const headers = Object.entries(request.headers).flatMap(([name, value]) => ["-H", `${name}:${value}`]);
  return [
    ...["fortio", "load", "-json", "-", "-quiet"],
    // A failing first answer is what some scenarios are about.
    ...["-allow-initial-errors", "-log-errors=false"],
    ...["-n", String(load.requests), "-c", String(Math.min(load.connections, load.requests))],
    ...["-qps", String(load.qps ?? 0), "-timeout", `${load.timeoutMs ?? TIMEOUT_MS}ms`],
    ...["-p", "50,75,90,95,99,99.9"],
    ...headers,
    ...(request.method === "POST" ? ["-X", "POST"] : []),
    url,
  ];
}

interface Printed {
  readonly ActualQPS: number;
  readonly ActualDuration: number;
  readonly RetCodes: Readonly<Record<string, number>> | null;
  readonly DurationHistogram: {
    readonly Count: number;
    readonly Min: number;
    readonly Max: number;
    readonly Avg: number;
    readonly Data: readonly { readonly Start: number; readonly End: number; readonly Count: number }[] | null;
    readonly Percentiles?: readonly { readonly Percentile: number; readonly Value: number }[] | null;
  };
}

/** Without the dust of floating point. */
const milli = (seconds: number) => Math.round(seconds * 1e6) / 1e3;

/** Reads what fortio has printed. */
export function readFortio(text: string): FortioResult {
  const at = text.indexOf("{");
  let printed: Printed;
  try {
    printed = JSON.parse(text.slice(Math.max(at, 0))) as Printed;
    if (typeof printed.DurationHistogram?.Count !== "number") throw new Error("it has no histogram");
  } catch (error) {
    throw new Error(`what fortio printed is no result: ${(error as Error).message}: ${text.slice(0, 200)}`);
  }
  const { Count, Min, Max, Avg, Data, Percentiles } = printed.DurationHistogram;
  return {
    statuses: Object.fromEntries(
      Object.entries(printed.RetCodes ?? {}).map(([code, n]) => [Number(code), n]),
    ),
    requests: Count,
    seconds: Math.round(printed.ActualDuration / 1e6) / 1e3,
    qps: Math.round(printed.ActualQPS * 10) / 10,
    latency: {
      mean: milli(Avg),
      min: milli(Min),
      max: milli(Max),
      percentiles: (Percentiles ?? []).map(({ Percentile, Value }) => ({
        percentile: Percentile,
        ms: milli(Value),
      })),
      buckets: (Data ?? []).map(({ Start, End, Count: count }) => ({
        start: milli(Start),
        end: milli(End),
        count,
      })),
    },
  };
}

/**
 * Requests that were held back so long. A bucket counts where it reaches the delay; answers that nobody held back are
 * far below. Timers of a proxy may be a little early.
 */
export const heldBack = ({ latency }: FortioResult, delayMs: number): number =>
  latency.buckets.filter(({ end }) => end >= delayMs * 0.98).reduce((sum, { count }) => sum + count, 0);
