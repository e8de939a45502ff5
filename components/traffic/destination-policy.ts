import type { Block, Site } from "./destination-site";
import type { HostHandle, PortChoice } from "./handles";

/** Where a wish holds. Default: for the whole host. */
export interface PolicyScope {
  /** Name of a subset of the host. */
  readonly subset?: string;
  /** One port of the host or of the subset, by name or number. */
  readonly port?: PortChoice;
}

/** The parts of a traffic policy, by Istio's names. */
export type BlockName =
  | "loadBalancer"
  | "connectionPool"
  | "outlierDetection"
  | "tls"
  | "tunnel"
  | "proxyProtocol"
  | "retryBudget";

/** The parts that can be said for one port. */
export const portBlocks = ["loadBalancer", "connectionPool", "outlierDetection", "tls"] as const;

export const canBeOfPort = (name: BlockName): boolean => (portBlocks as readonly BlockName[]).includes(name);

/** What holds at some level. */
export type Blocks = { readonly [Name in BlockName]?: Block };

/** The endpoints that a proxy chooses from, and all that holds for them. */
export interface Level {
  readonly blocks: Blocks;
  /** How many there are. Default: not known, and nothing that depends on it is checked. */
  readonly endpoints?: number | undefined;
  /** Whether they are a subset. */
  readonly isSubset: boolean;
  /** Whether sidecars of some pods alone use the rule, by its workloadSelector. */
  readonly hasSelector: boolean;
}

/** What is to be known about a part when wishes for it are put together. */
export interface BlockKind {
  readonly name: BlockName;
  /** Adds what is always written. Comes after all wishes, so that a default never stands against one. */
  readonly complete?: (block: Block) => Block;
  /** What its fields have to do with each other. */
  readonly check?: (block: Block, site: Site) => void;
  /** What it has to do with the rest of what holds for some endpoints. */
  readonly checkLevel?: (block: Block, level: Level, site: Site) => void;
}

/** One wish for a part of the traffic policy of a host. Made by `connectionPool(…)`, `outlierDetection(…)` and their like. */
export interface DestinationPolicy {
  readonly kind: BlockKind;
  readonly scope: PolicyScope;
  readonly render: (site: Site) => Block;
}

/** One wish, or some that belong together. */
export type PolicyWish = DestinationPolicy | readonly DestinationPolicy[];

/** Which pods use a rule, instead of all that see it; they are of the rule's own namespace. */
export type PodLabels = Readonly<Record<string, string>>;

/** What the DestinationRule of a single policy is for. */
export interface PolicyTarget {
  readonly host: HostHandle;
  /** The port that it is for, by name or number. Default: all. */
  readonly port?: PortChoice;
  /** Name of the DestinationRule. Default: the Service's, or the host's with `-` for dots. */
  readonly name?: string;
  /** Namespace of the DestinationRule. Default: the Service's; a host that is no Service needs one. */
  readonly namespace?: string;
  /** Namespaces that see it: names, `.` for its own, `*` for all. Default: all. */
  readonly exportTo?: readonly string[];
  /** Pods of its namespace that use it. Default: all pods that see it, and gateways. */
  readonly workloadSelector?: PodLabels;
  /** How many endpoints the host has, for checks that depend on it. Default: not known. */
  readonly endpoints?: number;
}
