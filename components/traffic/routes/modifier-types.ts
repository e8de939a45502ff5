import type { PortChoice, Target } from "../handles";
import type { TextMatch } from "./match-types";

/** Changes of headers. `set` replaces, `add` puts one more, `remove` takes all of a name. */
export interface HeaderChanges {
  readonly request?: HeaderOperations;
  readonly response?: HeaderOperations;
}

export interface HeaderOperations {
  /** A `%` has to be `%%`, unless it is around a variable such as `%REQ(x-id)%`. */
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** Changes of the request on its way. */
export interface RewriteModifier {
  /** In place of what the path matched: the whole of `exact` and `regex`, the start for `prefix` and `segments`. */
  readonly uri?: string;
  /** Instead of `uri`: RE2 and what comes in its place, with `\1` for the first group. */
  readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string };
  /** New host. Default: stays. */
  readonly authority?: string;
}

/** When proxies try again. What stands here replaces the mesh's default, which is 2 attempts. */
export interface RetryModifier {
  /** How often again, after the first time. 0 switches retries off. */
  readonly attempts: number;
  /** Time for each try. Default: that of the whole request. */
  readonly perTryTimeout?: string;
  /**
   * What counts as failed: Envoy's conditions and HTTP statuses. Default: Istio's
   * `connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes`.
   */
  readonly retryOn?: readonly RetryCondition[];
  /** Try other places too. Default false. */
  readonly retryRemoteLocalities?: boolean;
  /** Not again where it just failed. Default true, but with a consistent hash. */
  readonly retryIgnorePreviousHosts?: boolean;
  /** Pause before the first retry; it grows. Default 25ms. From Istio 1.27 on. */
  readonly backoff?: string;
}

export const retryConditions = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "envoy-ratelimited",
  "http3-post-connect-failure",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

/** A condition of Envoy, or an HTTP status. */
export type RetryCondition = (typeof retryConditions)[number] | number;

/** Failures that are made on purpose. Some requests may get both. */
export interface FaultModifier {
  readonly delay?: {
    readonly fixedDelay: string;
    /** Per cent of the requests, to four decimals. Default 100; Istio's own would be 0. */
    readonly percentage?: number;
  };
  readonly abort?: (
    | { readonly httpStatus: number; readonly grpcStatus?: never }
    | { readonly grpcStatus: GrpcStatus; readonly httpStatus?: never }
  ) & {
    /** Per cent of the requests, to four decimals. Default 100; Istio's own would be 0. */
    readonly percentage?: number;
  };
}

export const grpcStatuses = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export type GrpcStatus = (typeof grpcStatuses)[number];

/** Where copies go. Nobody waits for their answers. */
export interface MirrorModifier {
  readonly to: Target;
  readonly port?: PortChoice;
  /** Per cent of the requests, to four decimals. Default 100. */
  readonly percentage?: number;
}

/** What browsers may do from pages of other origins. */
export interface CorsModifier {
  /** `https://shop.example.com`, or `*` for all. */
  readonly allowOrigins: readonly TextMatch[];
  /** Default: none is told. */
  readonly allowMethods?: readonly (HttpMethod | "*")[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  /** How long browsers remember the answer, in whole seconds. Default: the browser's own. */
  readonly maxAge?: string;
  /** Default false. */
  readonly allowCredentials?: boolean;
  /** What to do with a preflight of another origin. Default FORWARD. */
  readonly unmatchedPreflights?: "FORWARD" | "IGNORE";
}

export const httpMethods = [
  ...(["GET", "HEAD", "POST", "PUT", "PATCH"] as const),
  ...(["DELETE", "CONNECT", "OPTIONS", "TRACE"] as const),
];

export type HttpMethod = (typeof httpMethods)[number];

/** What else happens to a request that a route takes. */
export interface HttpModifiers {
  readonly rewrite?: RewriteModifier;
  /** For the request with all its tries. Default: none. */
  readonly timeout?: string;
  readonly retries?: RetryModifier;
  readonly fault?: FaultModifier;
  readonly mirrors?: readonly MirrorModifier[];
  readonly corsPolicy?: CorsModifier;
  readonly headers?: HeaderChanges;
}
