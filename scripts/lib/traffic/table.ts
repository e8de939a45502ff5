/** What a run has found, as data: for the terminal, for programs and for the report. */
import type { Load, Measured, ScenarioRun, Target } from "../../../components/traffic/scenarios";
import type { PodCount } from "./answers";
import type { FortioResult } from "./fortio";
import type { Interval } from "./interval";

/** One share of the requests: what was expected, what the simulator says, what was counted. */
export interface ShareRow {
  /** `reviews.bookinfo v1 200`. */
  readonly what: string;
  readonly to?: Target;
  readonly status?: number;
  /** 0 to 1. */
  readonly expected: number;
  readonly predicted: number;
  readonly count: number;
  readonly of: number;
  /** Of the share, 99 % for all rows of the table together. */
  readonly interval: Interval;
  /** Whether the interval holds it. */
  readonly expectedInside: boolean;
  readonly predictedInside: boolean;
}

/** Shares that are looked at together. */
export interface ShareTable {
  readonly title: "answers" | "copies" | "held back";
  readonly rows: readonly ShareRow[];
}

/** One load of a table about what depends on the machine. */
export interface ShapeRow {
  readonly load: Load;
  /** Requests by status. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly of: number;
  /** Of the status that the table is about, 0 to 1. */
  readonly share: number;
  readonly interval: Interval;
  /** The document's figures in percent. */
  readonly document?: Measured;
}

/** Something that had to hold. */
export interface Held {
  readonly what: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
}

/** One value of the header that requests stick by. */
export interface StickyRow {
  /** Absent for requests without the header. */
  readonly value?: string;
  readonly pods: readonly PodCount[];
  readonly ok: boolean;
}

export interface RunReport {
  readonly run: ScenarioRun;
  readonly ok: boolean;
  readonly tables: readonly ShareTable[];
  readonly shape?: { readonly status: number; readonly rows: readonly ShapeRow[] };
  readonly sticky?: { readonly header: string; readonly rows: readonly StickyRow[] };
  readonly holds: readonly Held[];
  readonly pods: readonly PodCount[];
  /** One for each load that was sent, in order. */
  readonly results: readonly FortioResult[];
  /** Whose counters told. */
  readonly source: "envoy" | "istio";
  /** Why the figures cannot be trusted. */
  readonly problems: readonly string[];
  /** The simulator's steps. */
  readonly explained: string;
  readonly open: readonly string[];
}

/** `reviews.bookinfo v1`. */
export const showTarget = (to: Target | undefined): string =>
  to === undefined
    ? "answered by a proxy"
    : `${to.service}${to.version === undefined ? "" : ` ${to.version}`}`;

export const showStatus = (status: number): string => (status === -1 ? "no answer" : String(status));

/** 0.8 → `80 %`, with as many digits as say something. */
export function showShare(share: number, digits = 1): string {
  const percent = share * 100;
  const whole = Math.abs(percent - Math.round(percent)) < 1e-9;
  if (whole) return `${Math.round(percent)} %`;
  return `${percent.toFixed(percent > 0 && percent < 0.1 ? 2 : digits)} %`;
}

export const showInterval = ({ low, high }: Interval): string =>
  `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %`;
