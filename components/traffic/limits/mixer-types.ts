import type { Labels } from "../../lib/fields";
import type { Entry, HeaderCondition } from "./entries";
import type { Limit } from "./rules";

/** What a dimension of a Mixer quota was read from. */
export type Dimension =
  /** A header, or the default where it is absent. */
  | { readonly from: "header"; readonly header: string; readonly default: string }
  /** The name of the service that is called. */
  | { readonly from: "service" }
  /** The label `version` of the pod that is called. */
  | { readonly from: "version" };

/** Other amounts for single values of dimensions. The first that fits counts. */
export interface QuotaOverride {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly maxAmount: number;
  /** Default: that of the quota. redisquota knows no other. */
  readonly validDuration?: string;
}

/** What a QuotaSpecBinding names, and where it runs. */
export interface QuotaService {
  /** The value of the service dimension. */
  readonly name: string;
  readonly namespace: string;
  /** Labels of its pods. */
  readonly labels: Labels;
  /** The label `version`, where pods of one version are meant. Default: all versions. */
  readonly version?: string;
  /** Pods that share what it may take, where each proxy counts by itself. Default 1. */
  readonly pods?: number;
}

/** One quota of Mixer, with everything that stood around it in four kinds of objects. */
export interface MixerQuota {
  /** Becomes the domain, and a part of the objects' names. */
  readonly name: string;
  readonly adapter: "memquota" | "redisquota";
  readonly dimensions: Readonly<Record<string, Dimension>>;
  readonly maxAmount: number;
  readonly validDuration: string;
  readonly overrides: readonly QuotaOverride[];
  /** The rule's `match`, for one header. Default: all requests. */
  readonly match?: { readonly header: HeaderCondition /** Default true. */; readonly fits?: boolean };
  /** What a request costs. Default 1. */
  readonly charge?: number;
  /** Of redisquota. Default `FIXED_WINDOW`. */
  readonly rateLimitAlgorithm?: "FIXED_WINDOW" | "ROLLING_WINDOW";
  /** Of redisquota with rolling windows. */
  readonly bucketDuration?: string;
  /** Of redisquota: `HOST:PORT`. */
  readonly redisServerUrl?: string;
  /** Of redisquota. */
  readonly connectionPoolSize?: number;
  /** Bound services; for `*` of the binding, all there are. */
  readonly services: readonly QuotaService[];
}

/** Something that does not come over, or not quite. */
export interface MappingNote {
  /** The field of the quota, such as `overrides[3].validDuration`. */
  readonly path: string;
  /** What is different from now on. */
  readonly difference: string;
}

/** A line of a quota's table, for one service. */
export interface MappedRule {
  /** `overrides[1]`, or `default` for the quota's own amount. */
  readonly line: string;
  readonly entries: readonly Entry[];
  readonly maxAmount: number;
  readonly validDuration: string;
  /** Set where the rate limit service can count it. */
  readonly limit?: Limit;
}

export interface MappedQuota {
  readonly services: readonly { readonly service: QuotaService; readonly rules: readonly MappedRule[] }[];
  readonly notes: readonly MappingNote[];
}
