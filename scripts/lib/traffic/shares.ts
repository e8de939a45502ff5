import type { SharesExpectation, Target } from "../../../components/traffic/scenarios";
import type { Answer, Told } from "./answers";
import { type FortioResult, heldBack } from "./fortio";
import { isInside, wilson } from "./interval";
import type { Prediction } from "./predict";
import { type Held, type ShareRow, type ShareTable, showStatus, showTarget } from "./table";

interface Slot {
  readonly what: string;
  readonly to?: Target;
  readonly status?: number;
  expected: number;
  predicted: number;
  count: number;
}

const sameTarget = (wanted: Target, found: Target | undefined): boolean =>
  found !== undefined &&
  wanted.service === found.service &&
  (wanted.version === undefined || wanted.version === found.version);

type Ended = Pick<Answer, "to" | "status">;

const labelOf = ({ to, status }: Ended): string => `${showTarget(to)} ${showStatus(status)}`;

/**
 * A status of which nobody expects a destination is taken as a whole: whether a proxy that answers by itself counts it
 * for the destination differs from cause to cause.
 */
const fits = (slot: Slot, { to, status }: Ended, whole: ReadonlySet<number>): boolean =>
  slot.status === status &&
  (whole.has(status) || (slot.to === undefined ? to === undefined : sameTarget(slot.to, to)));

const finished = (slots: readonly Slot[], of: number): ShareRow[] =>
  slots.map((slot) => {
    const interval = wilson(Math.min(slot.count, of), of, slots.length);
    return {
      ...slot,
      of,
      interval,
      expectedInside: isInside(slot.expected, interval),
      predictedInside: isInside(slot.predicted, interval),
    };
  });

const dust = 1e-9;

function answers(
  { shares }: SharesExpectation,
  prediction: Prediction,
  observed: readonly Answer[],
  of: number,
): ShareRow[] {
  const whole = new Set(
    shares
      .map(({ status }) => status)
      .filter((status) => shares.every((other) => other.status !== status || other.to === undefined)),
  );
  const slots: Slot[] = [];
  const slotFor = (ended: Ended): Slot => {
    const known = slots.find((slot) => fits(slot, ended, whole));
    if (known !== undefined) return known;
    const made = { what: labelOf(ended), ...ended, expected: 0, predicted: 0, count: 0 };
    slots.push(made);
    return made;
  };
  for (const { to, status, share } of shares)
    slotFor({ ...(to === undefined ? {} : { to }), status }).expected += share;
  for (const { to, status, share } of prediction.shares)
    if (share > dust) slotFor({ ...(to === undefined ? {} : { to }), status }).predicted += share;
  for (const { to, status, count } of observed)
    if (count > 0) slotFor({ ...(to === undefined ? {} : { to }), status }).count += count;
  return finished(slots, of);
}

function copies(
  { copies: expected = [] }: SharesExpectation,
  prediction: Prediction,
  observed: Told["copies"],
  of: number,
): ShareRow[] {
  const slots: Slot[] = [];
  const slotFor = (to: Target): Slot => {
    const known = slots.find((slot) => slot.to !== undefined && sameTarget(slot.to, to));
    if (known !== undefined) return known;
    const made = { what: `copy to ${showTarget(to)}`, to, expected: 0, predicted: 0, count: 0 };
    slots.push(made);
    return made;
  };
  for (const { to, share } of expected) slotFor(to).expected += share;
  for (const { to, share } of prediction.copies) slotFor(to).predicted += share;
  for (const { to, count } of observed) slotFor(to).count += count;
  return finished(slots, of);
}

/** Requests that took as long as a fault holds them back, whatever their end. */
function heldBackRows(
  { shares }: SharesExpectation,
  prediction: Prediction,
  result: FortioResult,
): ShareRow[] {
  const delays = [...shares, ...prediction.shares].map(({ delayMs = 0 }) => delayMs);
  const steps = [...new Set(delays.filter((delay) => delay > 0))].sort((a, b) => a - b);
  const part = (list: readonly { readonly share: number; readonly delayMs?: number }[], least: number) =>
    list.filter(({ delayMs = 0 }) => delayMs >= least).reduce((sum, { share }) => sum + share, 0);
  const slots = steps.map((delay) => ({
    what: `held back ${delay} ms or more`,
    expected: part(shares, delay),
    predicted: part(prediction.shares, delay),
    count: heldBack(result, delay),
  }));
  return finished(slots, result.requests);
}

/** How often the applications were tried, where the expectation says it. */
function tries(
  { shares }: SharesExpectation,
  pods: readonly { service: string; count: number }[],
  of: number,
) {
  return shares.flatMap(({ to, tries: each, share }): Held[] => {
    if (each === undefined || to === undefined) return [];
    const wanted = Math.round(each * share * of);
    const found = pods.filter(({ service }) => service === to.service);
    const count = found.reduce((sum, pod) => sum + pod.count, 0);
    const what = `each request comes to ${to.service} ${each} times: ${wanted}`;
    return [{ what, ok: count === wanted, found: String(count) }];
  });
}

/** Lays expectation, prediction and what was counted side by side. */
export function compareShares(
  expectation: SharesExpectation,
  path: string,
  prediction: Prediction,
  observed: Told & { readonly pods: readonly { readonly service: string; readonly count: number }[] },
  result: FortioResult,
): { readonly tables: ShareTable[]; readonly holds: Held[] } {
  const of = result.requests;
  const tables: ShareTable[] = [
    { title: "answers", rows: answers(expectation, prediction, observed.answers, of) },
    { title: "copies", rows: copies(expectation, prediction, observed.copies, of) },
    { title: "held back", rows: heldBackRows(expectation, prediction, result) },
  ];
  const seen = expectation.path ?? path;
  const reaches = expectation.shares.some(({ to }) => to !== undefined);
  const paths: Held[] = reaches
    ? [
        {
          what: `applications see the path ${seen}`,
          ok: prediction.paths.every((one) => one === seen),
          found: `the simulator says ${prediction.paths.join(", ") || "none"}`,
        },
      ]
    : [];
  return {
    tables: tables.filter(({ rows }) => rows.length > 0),
    holds: [...paths, ...tries(expectation, observed.pods, of)],
  };
}
