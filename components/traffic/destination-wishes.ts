import type { Blocks, DestinationPolicy } from "./destination-policy";
import type { Place } from "./faults";

/** What goes into a rule, and what comes out. */

/** A wish with its place in the arguments, and its port as a number. */
export interface PlacedWish {
  readonly policy: DestinationPolicy;
  readonly at: Place;
  readonly port: number | undefined;
}

/** What is wished for one host, from all modules. */
export interface HostWishes {
  /** Place of the host's arguments. */
  readonly at: Place;
  /** Whether the arguments are those of a single policy, so that its kind is not part of their paths. */
  readonly flat: boolean;
  readonly subsets: readonly string[];
  readonly wishes: readonly PlacedWish[];
  readonly endpoints: number | undefined;
  readonly subsetEndpoints: Readonly<Partial<Record<string, number>>>;
  readonly hasSelector: boolean;
  readonly portSettings: "complete" | "replace";
}

/** What holds for a host or a subset, and for ports of it. */
export interface Policies {
  readonly blocks: Blocks;
  readonly ports: ReadonlyMap<number, Blocks>;
}

/** What holds for a host and all its subsets. */
export interface RulePolicies {
  readonly host: Policies;
  readonly subsets: ReadonlyMap<string, Policies>;
}
