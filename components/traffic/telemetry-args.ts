import type { Scope } from "./security/scope";

/** Whose traffic: what a workload sends, what it gets, or both. */
export type WorkloadMode = "CLIENT" | "SERVER" | "CLIENT_AND_SERVER";

/** What goes to providers. */
export interface Provided {
  /** Names of meshConfig's extensionProviders. Default: those of the level above. */
  readonly providers?: readonly string[];
}

export interface AccessLoggingArgs extends Provided {
  /** Default CLIENT_AND_SERVER. */
  readonly mode?: WorkloadMode;
  /** Default false. */
  readonly disabled?: boolean;
  /** Which requests, in CEL: `response.code >= 400`. Default: all. */
  readonly filter?: string;
}

export const istioMetrics = [
  ...(["ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE"] as const),
  ...(["TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS", "TCP_SENT_BYTES", "TCP_RECEIVED_BYTES"] as const),
  ...(["GRPC_REQUEST_MESSAGES", "GRPC_RESPONSE_MESSAGES"] as const),
] as const;

export interface MetricsOverride {
  /** One of Istio's, or the name of another one. Default ALL_METRICS. */
  readonly metric?: (typeof istioMetrics)[number] | { readonly customMetric: string };
  /** Default CLIENT_AND_SERVER. */
  readonly mode?: WorkloadMode;
  /** Default false. */
  readonly disabled?: boolean;
  /** By tag: its value in CEL, such as `request.host`; `null` takes the tag away. Default: as they are. */
  readonly tags?: Readonly<Record<string, string | null>>;
}

export interface MetricsArgs extends Provided {
  /** Later ones win. */
  readonly overrides?: readonly MetricsOverride[];
  /** How often proxies hand over what they have of TCP connections. Default: Istio's, `5s`. */
  readonly reportingInterval?: string;
}

/** Where the value of a span's tag comes from. */
export type CustomTag =
  | { readonly literal: string }
  | { readonly environment: string; readonly defaultValue?: string }
  | { readonly header: string; readonly defaultValue?: string };

export interface TracingArgs extends Provided {
  /** Default CLIENT_AND_SERVER. */
  readonly mode?: WorkloadMode;
  /** Percent of the requests, with at most two decimals. Default: the level above, at the top 1. */
  readonly randomSamplingPercentage?: number;
  /** No spans are sent; headers are handed on all the same. Default false. */
  readonly disableSpanReporting?: boolean;
  /** By tag. Default none. */
  readonly customTags?: Readonly<Record<string, CustomTag>>;
  /** Whether x-request-id tells if a request is traced. Default true. */
  readonly useRequestIdForTraceSampling?: boolean;
}

/** What proxies tell about the traffic. One for the mesh, one for a namespace, and one for each workload, at most. */
export interface TelemetryArgs {
  readonly name: string;
  readonly scope: Scope;
  /** Istio 1.13 or later, as are `tracing` and `metrics`. */
  readonly accessLogging?: readonly AccessLoggingArgs[];
  readonly metrics?: readonly MetricsArgs[];
  /** One: proxies send spans to one place. */
  readonly tracing?: TracingArgs;
}
