/** What a patch is put to. Later ones of a group lie within earlier ones. */
export type ApplyTo =
  | "LISTENER"
  | "LISTENER_FILTER"
  | "FILTER_CHAIN"
  | "NETWORK_FILTER"
  | "HTTP_FILTER"
  | "ROUTE_CONFIGURATION"
  | "VIRTUAL_HOST"
  | "HTTP_ROUTE"
  | "CLUSTER"
  | "EXTENSION_CONFIG"
  | "BOOTSTRAP";

export type PatchOperation =
  | "MERGE"
  | "ADD"
  | "REMOVE"
  | "REPLACE"
  | "INSERT_BEFORE"
  | "INSERT_AFTER"
  | "INSERT_FIRST";

/** Which listener, and which filter in it. */
export interface ListenerMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly filterChain?: {
    readonly name?: string;
    readonly sni?: string;
    readonly applicationProtocols?: string;
    readonly destinationPort?: number;
    readonly filter?: { readonly name: string; readonly subFilter?: { readonly name: string } };
  };
}

/** Which virtual host, and which route in it. */
export interface RouteMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly gateway?: string;
  readonly vhost?: {
    readonly name?: string;
    readonly domainName?: string;
    readonly route?: {
      readonly name?: string;
      readonly action?: "ANY" | "ROUTE" | "REDIRECT" | "DIRECT_RESPONSE";
    };
  };
}

/** Which cluster. */
export interface ClusterMatch {
  readonly service?: string;
  readonly subset?: string;
  readonly portNumber?: number;
  readonly name?: string;
}

/** One patch of the config that istiod makes for proxies. */
export interface EnvoyPatch {
  readonly applyTo: ApplyTo;
  /** Which side of which proxies: `ANY` also means gateways. */
  readonly context: "ANY" | "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY";
  /** Default: all of that kind. */
  readonly match?: {
    readonly listener?: ListenerMatch;
    readonly routeConfiguration?: RouteMatch;
    readonly cluster?: ClusterMatch;
  };
  readonly operation: PatchOperation;
  /** The piece of Envoy's config, as it writes it: `snake_case`, `@type`, durations such as `0.5s`. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** A place among Istio's own filters. Only with ADD of an HTTP or network filter. Default: as `operation` says. */
  readonly filterClass?: "AUTHN" | "AUTHZ" | "STATS";
}
