import { milliseconds as anyMilliseconds } from "./analysis/duration";
import type { Place } from "./faults";
import { MAX_REGEX, re2Objection } from "./re2";

/**
 * Values of policies. Each function takes the value and its place, notes a fault at the place if the value is not
 * allowed, and returns it as it goes into the object.
 */

/** Milliseconds of `2s`, `500ms`, `1h30m`, `0.5s`; undefined where the text is no duration, or none of ours: no sign, no bare 0. */
export const milliseconds = (text: string): number | undefined =>
  /^(\d+(\.\d+)?(h|ms|us|ns|m|s))+$/.test(text) ? anyMilliseconds(text) : undefined;

/** The one text form of a duration: whole seconds as `7s`, else milliseconds as `500ms`. */
export const durationText = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

/** The only form that Envoy's own configuration (EnvoyFilter) takes: seconds, perhaps with a fraction, `0.5s`. */
export const secondsText = (ms: number): string => `${ms / 1000}s`;

export interface DurationLimits {
  /** Default `1ms`: Istio refuses less, also 0. */
  readonly min?: string;
  /** Default: none. */
  readonly max?: string;
  /** What it has to be a multiple of. Default `1ms`, as fine as Istio goes. */
  readonly step?: "1ms" | "1s";
}

/** A duration such as `2s`, `500ms`, `1h30m`, `0.5s`, in its one text form. */
export function duration(text: string, at: Place, limits: DurationLimits = {}): string {
  const ms = typeof text === "string" ? milliseconds(text) : undefined;
  if (ms === undefined) {
    at.fault(text, "a number with its unit: h, m, s or ms", 'write it like "2s" or "500ms"');
    return text;
  }
  const { min = "1ms", max, step = "1ms" } = limits;
  const [least = 0, most] = [milliseconds(min), max === undefined ? undefined : milliseconds(max)];
  const allowed = max === undefined ? `at least ${min}` : `${min} to ${max}`;
  if (ms < least) at.fault(text, allowed, "raise it");
  else if (most !== undefined && ms > most) at.fault(text, allowed, "lower it");
  else if (ms % (milliseconds(step) ?? 1) !== 0) at.fault(text, `multiples of ${step}`, "round it");
  return durationText(ms);
}

export interface NumberLimits {
  /** Default 0. */
  readonly min?: number;
  /** Default: none. */
  readonly max?: number;
}

const rangeText = ({ min = 0, max }: NumberLimits) =>
  max === undefined ? `${min} or more` : `${min} to ${max}`;

const outside = (value: number, { min = 0, max = Number.POSITIVE_INFINITY }: NumberLimits) =>
  !(value >= min && value <= max);

/** A whole number. */
export function integer(value: number, at: Place, limits: NumberLimits = {}): number {
  if (!Number.isInteger(value)) at.fault(value, `a whole number, ${rangeText(limits)}`, "write one");
  else if (outside(value, limits)) at.fault(value, rangeText(limits), "write one of these");
  return value;
}

/** A number that may have a fraction. */
export function decimal(value: number, at: Place, limits: NumberLimits = {}): number {
  if (!Number.isFinite(value)) at.fault(value, `a number, ${rangeText(limits)}`, "write one");
  else if (outside(value, limits)) at.fault(value, rangeText(limits), "write one of these");
  return value;
}

export interface PercentLimits extends NumberLimits {
  /** Whole numbers alone, for fields that Istio keeps as an integer. Default false: four decimals. */
  readonly whole?: boolean;
}

/** A percentage, 0 to 100. Envoy counts in millionths, so 0.0001 is the least above 0. */
export function percent(value: number, at: Place, { whole = false, ...limits }: PercentLimits = {}): number {
  const within = { min: 0, max: 100, ...limits };
  if (whole) return integer(value, at, within);
  decimal(value, at, within);
  const millionths = value * 10_000;
  if (Number.isFinite(value) && Math.abs(millionths - Math.round(millionths)) > 1e-6) {
    at.fault(value, "at most four decimals", "round it: Envoy counts in millionths");
  }
  return value;
}

/** A port number. */
export const port = (value: number, at: Place): number => integer(value, at, { min: 1, max: 65_535 });

/** An HTTP status. Istio takes 200 to 599 where a proxy answers by itself. */
export const statusCode = (value: number, at: Place, limits: NumberLimits = {}): number =>
  integer(value, at, { min: 200, max: 599, ...limits });

/**
 * Weights of destinations, each a whole number. Istio takes any sum above 0 as parts of it; here they have to sum to
 * 100, unless they are meant to be relative, because a wrong sum is nearly always a slip.
 */
export function weightSum(weights: readonly number[], at: Place, { relative = false } = {}): void {
  weights.forEach((weight, index) => {
    integer(weight, at.in(index, "weight"), { min: 0, max: 2_147_483_647 });
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shown = `${weights.join(" + ")} = ${sum}`;
  if (relative && weights.length > 1 && sum === 0) at.fault(shown, "a sum above 0", "raise one of them");
  if (!relative && sum !== 100) {
    at.fault(shown, "weights that sum to 100", "mend them, or set relativeWeights where parts are meant");
  }
}

/** One of some texts. */
export function oneOf<T extends string>(value: T, allowed: readonly T[], at: Place): T {
  if (!allowed.includes(value)) at.fault(value, allowed.join(", "), "write one of these");
  return value;
}

/** Text that may not be empty. */
export function filledText(value: string, at: Place): string {
  if (typeof value !== "string" || value === "") at.fault(value, "text that is not empty", "write some");
  return value;
}

/** A regular expression in RE2's syntax, at most 1024 bytes long, as Envoy and Istio take it. */
export function regex(text: string, at: Place): string {
  const objection = typeof text === "string" ? re2Objection(text) : "is no text";
  if (objection !== undefined) {
    at.fault(text, `a regular expression of RE2, 1 to ${MAX_REGEX} bytes`, `rewrite it: it ${objection}`);
  }
  return text;
}

export { cidr, dnsLabel, headerName, headerValue, host, labelMap } from "./names";
