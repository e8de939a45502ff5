import type { StickyExpectation } from "../../../components/traffic/scenarios";
import type { PodCount } from "./answers";
import type { Held, StickyRow } from "./table";

/** The pods that the requests with one value of the header have met, or those without the header. */
export function stickyRow(
  { service }: StickyExpectation,
  value: string | undefined,
  counted: readonly PodCount[],
): StickyRow {
  const pods = counted.filter((pod) => pod.service === service);
  const met = pods.filter(({ count }) => count > 0).length;
  return { ...(value === undefined ? {} : { value }), pods, ok: value === undefined ? met > 1 : met === 1 };
}

/** In words: one line for each value. */
export const stickyHolds = ({ header, service }: StickyExpectation, rows: readonly StickyRow[]): Held[] =>
  rows.map(({ value, pods, ok }) => ({
    what:
      value === undefined
        ? `without ${header} requests meet several pods of ${service}`
        : `${header}: ${value} meets one pod of ${service}`,
    ok,
    found: pods.map(({ pod, count }) => `${pod} ${count}`).join(", ") || "none",
  }));
