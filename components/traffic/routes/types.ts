import type { HostHandle, PortChoice, RouteGateway, Target } from "../handles";
import type { HttpMatch } from "./match-types";
import type { HeaderChanges, HttpModifiers } from "./modifier-types";

export type * from "./match-types";
export type * from "./modifier-types";

/** A part of the requests, and where it goes. */
export interface WeightedTarget {
  readonly to: Target;
  /** Name or number of the port. Default: the one of the request, or the only one of the Service. */
  readonly port?: PortChoice;
  /** Per cent of the requests. Default 100, which suits one target alone. */
  readonly weight?: number;
}

export interface HttpTarget extends WeightedTarget {
  /** For this part alone. */
  readonly headers?: HeaderChanges;
}

/** To one or more targets, by weight. */
export interface ForwardAction<T extends WeightedTarget = HttpTarget> {
  readonly kind: "forward";
  readonly targets: readonly T[];
  /** Take weights as parts of their sum, whatever it is. Default false: they have to sum to 100. */
  readonly relativeWeights?: boolean;
}

/** Sends the client elsewhere. */
export interface RedirectAction {
  readonly kind: "redirect";
  /** The whole new path. Default: the path stays. */
  readonly uri?: string;
  /** Instead of `uri`: what comes in place of the prefix that matched. */
  readonly prefixRewrite?: string;
  /** New host. Default: stays. */
  readonly authority?: string;
  /** Default: stays. */
  readonly scheme?: "http" | "https";
  /** New port, or where it comes from. Default: that of the scheme. */
  readonly port?: number | "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
  /** Default 301. Istio takes any 3xx, but makes proxies drop requests for others than these. */
  readonly redirectCode?: 301 | 302 | 303 | 307 | 308;
}

/** Answers by itself. */
export interface DirectResponseAction {
  readonly kind: "directResponse";
  /** 200 to 599. */
  readonly status: number;
  /** Text, or bytes in base64. At most 100 KiB, from where Istio warns. Default: empty. */
  readonly body?: { readonly string: string } | { readonly bytes: string };
}

/** Routes of their own object. */
export interface DelegateHandle {
  readonly kind: "delegate";
  readonly name: string;
  readonly namespace: string;
}

export type HttpAction = ForwardAction | RedirectAction | DirectResponseAction | DelegateHandle;

/** What every part of a host's routes has. */
export interface FragmentBase {
  /** Names the route in findings, in metrics and in the log of proxies. One of a host has it. */
  readonly name: string;
  /** Who adds it, as findings name it. Default: nobody in particular. */
  readonly module?: string;
  /** What the requests are for. */
  readonly host: HostHandle;
  /** Where it holds. Default: in sidecars, `["mesh"]`. */
  readonly gateways?: readonly RouteGateway[];
  /** The higher, the earlier, whatever the conditions are. Default 0. */
  readonly priority?: number;
  /** Among those that conditions do not put in order: the lower, the earlier. Default 0. */
  readonly order?: number;
}

/** Some routes of a host: what is matched, and what happens to it. */
export interface HttpFragment extends FragmentBase, HttpModifiers {
  readonly protocol?: "http";
  /** One of these has to hold. Default: takes every request. */
  readonly match?: HttpMatch | readonly HttpMatch[];
  readonly action: HttpAction;
}

/** Conditions on a connection. */
export interface TcpMatch {
  /** Addresses that were asked for: `10.1.0.0/16`. */
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
}

export interface TlsMatch extends TcpMatch {
  /** Names that clients ask for; each has to be one of the host's. */
  readonly sniHosts: readonly string[];
}

export interface TcpFragment extends FragmentBase {
  readonly protocol: "tcp";
  readonly match?: TcpMatch | readonly TcpMatch[];
  readonly action: ForwardAction<WeightedTarget>;
}

/** Routes TLS that is not opened. */
export interface TlsFragment extends FragmentBase {
  readonly protocol: "tls";
  readonly match: TlsMatch | readonly TlsMatch[];
  readonly action: ForwardAction<WeightedTarget>;
}

export type RouteFragment = HttpFragment | TcpFragment | TlsFragment;
