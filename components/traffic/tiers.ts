import type { Place } from "./faults";

export type TierName = "dev" | "lab" | "production";

/** What a stack is for. It decides which dangerous things may be declared there. */
export interface Tier {
  readonly name: TierName;
}

/** Things that disturb whoever uses the platform. */
export type Hazard = "faultInjection" | "chaos" | "load";

/** Where each of them is allowed. A table and no branches, so that one line says all of it. */
export const hazards: Readonly<Record<Hazard, readonly TierName[]>> = {
  /** Delays and aborts in routes. */
  faultInjection: ["dev", "lab"],
  /** ChaosBlade: lost packets, full disks, killed pods. */
  chaos: ["dev", "lab"],
  /** Load that is meant to reach limits. */
  load: ["dev", "lab"],
};

/** Notes a fault where a stack's tier is not among the allowed ones. */
export function onlyInTiers(tier: Tier, allowed: readonly TierName[], at: Place): void {
  if (!allowed.includes(tier.name)) {
    at.fault(
      tier.name,
      `tier ${allowed.join(" or ")}`,
      "take it out of this stack, or declare it in another one",
    );
  }
}

/** The same for a thing of the table: `fence(tier, "chaos", at)`. */
export const fence = (tier: Tier, hazard: Hazard, at: Place): void => onlyInTiers(tier, hazards[hazard], at);
