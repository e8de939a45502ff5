import type { PodLabels, PolicyWish } from "./destination-policy";
import type { HostHandle } from "./handles";

/** The subsets of a host and all that is wished for it. Becomes one DestinationRule, however many wishes there are. */
export interface DestinationsArgs<Name extends string = string> {
  readonly host: HostHandle;
  /** Name of the DestinationRule. Default: the Service's, or the host's with `-` for dots. */
  readonly name?: string;
  /** Namespace of the DestinationRule. Default: the Service's; a host that is no Service needs one. */
  readonly namespace?: string;
  /** Labels of the pods of each subset, beside those of the Service: `{ v1: { version: "v1" } }`. Default: none. */
  readonly subsets?: Readonly<Record<Name, PodLabels>>;
  /** Wishes, such as `connectionPool({ tcp: { maxConnections: 10 } }, { subset: "v2" })`. Default: none. */
  readonly policies?: readonly PolicyWish[];
  /** Namespaces that see the rule: names, `.` for its own, `*` for all. Default: all. */
  readonly exportTo?: readonly string[];
  /** Pods of its namespace that use the rule. Default: all pods that see it, and gateways. */
  readonly workloadSelector?: PodLabels;
  /** How many endpoints the host has, for checks that depend on it. Default: not known. */
  readonly endpoints?: number;
  /** The same for subsets. Default: not known. */
  readonly subsetEndpoints?: Readonly<Partial<Record<Name, number>>>;
  /**
   * Settings of a port take the place of everything that the level above says of balancing, pool, outlier detection and
   * TLS. `complete` writes what they leave out into them, so that it goes on holding; `replace` lets it go, which is
   * Istio's own way. Default `complete`.
   */
  readonly portSettings?: "complete" | "replace";
}
