import { milliseconds } from "../values";
import { type Fields, fieldsOf, numberOf, textOf } from "./objects";
import type { SimulatedRequest } from "./types";

/** What a route says about waiting and trying again. */
export interface Patience {
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeout: number | undefined;
  readonly perTry: number | undefined;
  /** More tries after the first. */
  readonly retries: number;
  readonly retryOn: readonly string[];
}

const byDefault = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

const time = (value: unknown): number | undefined => {
  const ms = milliseconds(String(value ?? ""));
  return ms === undefined || ms === 0 ? undefined : ms;
};

export function patienceOf({ timeout, retries }: Fields): Patience {
  const { attempts, perTryTimeout, retryOn } = fieldsOf(retries);
  return {
    timeout: time(timeout),
    perTry: time(perTryTimeout),
    retries: retries === undefined ? 2 : (numberOf(attempts) ?? 0),
    retryOn: (textOf(retryOn) || byDefault).split(",").map((one) => one.trim()),
  };
}

const triggers: Readonly<Record<string, (status: number) => boolean>> = {
  "5xx": (status) => status >= 500,
  "gateway-error": (status) => status >= 502 && status <= 504,
  "retriable-4xx": (status) => status === 409,
};

/** Whether a route tries again after a status. */
export const retries = ({ retryOn }: Patience, status: number): boolean =>
  retryOn.some((one) => triggers[one]?.(status) === true || one === String(status));

/** What applications make of a request, as their client sees it. */
export function answered(
  { answer = 200, takes }: SimulatedRequest,
  patience: Patience,
): { readonly status: number; readonly attempts: number; readonly reason: string } {
  const needed = time(takes) ?? 0;
  const { perTry = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY } = patience;
  const late = needed > perTry;
  const status = late ? 504 : answer;
  const tries = retries(patience, status) ? 1 + patience.retries : 1;
  const each = Math.min(needed, perTry);
  // Time that passes between two tries is left out: it is short and random.
  const within = each === 0 ? tries : Math.min(tries, Math.ceil(timeout / each));
  if (each * tries > timeout) return { status: 504, attempts: Math.max(within, 1), reason: "timeout" };
  return { status, attempts: tries, reason: late ? "timeout of each try" : "answered" };
}
