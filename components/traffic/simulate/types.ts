import type { Labels } from "../../lib/fields";

/** A client that is described instead of declared. */
export interface PodSource {
  readonly namespace: string;
  /** Default none. */
  readonly labels?: Labels;
  /** Default `default`. */
  readonly serviceAccount?: string;
  /** Whether it has a sidecar. Default true. */
  readonly injected?: boolean;
}

/** What a token in the request says, once its signature is checked. */
export interface Token {
  readonly issuer: string;
  readonly subject?: string;
  readonly audiences?: readonly string[];
  /** The client that the token was issued to (`azp`). */
  readonly presenter?: string;
  /** More claims by name. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** False: expired or badly signed. Default true. */
  readonly valid?: boolean;
}

/** A request as its client sends it. */
export interface SimulatedRequest {
  /** Whom the client asks: `reviews`, `reviews.shop:9080`, `shop.example.com`. */
  readonly host: string;
  /** With or without a query. Default `/`. */
  readonly path?: string;
  /** Default `GET`. */
  readonly method?: string;
  /** Names in any case. `host` here replaces what the client would write into it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of the path. */
  readonly query?: Readonly<Record<string, string>>;
  /** Default: that of the host, the only one of the Service, or 80; through a gateway 443 for https. */
  readonly port?: number;
  /** Default `http`. */
  readonly scheme?: "http" | "https";
  /** Name in the TLS hello. Default for https: the host. */
  readonly sni?: string;
  /** A workload as `namespace/name`, or a pod that is not declared. Absent: from outside, through `gateway`. */
  readonly from?: string | PodSource;
  /** A Gateway as `namespace/name` through which the request comes in. */
  readonly gateway?: string;
  /** Address of the client, as the first proxy sees it. Default: not known. */
  readonly ip?: string;
  /** Whether the client shows a certificate to a gateway that asks for one. Default false. */
  readonly clientCertificate?: boolean;
  readonly token?: Token;
  /** Status that applications answer. Default 200. */
  readonly answer?: number;
  /** How long applications take, like `1s`. Default 0. */
  readonly takes?: string;
}

/** In the order in which a request passes them. */
export type Stage =
  | "source"
  | "gateway"
  | "host"
  | "route"
  | "action"
  | "destination"
  | "policy"
  | "endpoints"
  | "mtls"
  | "authorization";

/** One decision on the way. */
export interface Step {
  readonly stage: Stage;
  /** Whom it is about where there are several: the destination. */
  readonly about?: string;
  /** What was decided, in a sentence without a full stop. */
  readonly text: string;
  /** The object that decided; absent where Istio's default did. */
  readonly object?: string;
  /** The field that decided, from the object's root. */
  readonly path?: string;
}

/**
 * What a client gets: a status, `reset` for a connection that is cut, `refused` where nobody listens, `unresolved` where
 * its name resolves to nothing, `connected` for a connection that carries no HTTP that proxies can see.
 */
export type Answer = number | "reset" | "refused" | "unresolved" | "connected";

/** One way in which the request can end. All of them together have probability 1. */
export interface Result {
  /** `reviews.shop.svc.cluster.local`; absent where the request reaches no service. */
  readonly host?: string;
  readonly subset?: string;
  readonly port?: number;
  /** `Deployment shop/reviews-v2`, where the pods are declared. */
  readonly workload?: string;
  readonly status: Answer;
  readonly probability: number;
  /** Milliseconds that a fault holds the request back, summed up over proxies. */
  readonly delay: number;
  /** Requests that reach the application, with retries. 0 where none does. */
  readonly attempts: number;
  /** Why it ends so: `fault`, `authorization`, `no endpoints`, … */
  readonly reason: string;
}

export interface MirrorCopy {
  readonly host: string;
  readonly subset?: string;
  readonly port?: number;
  /** Share of requests that reach a route with this mirror and are copied. */
  readonly probability: number;
}

/** The request as an application sees it. */
export interface Delivered {
  readonly authority: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Something that the objects alone do not decide. What the outcome assumes instead is in the text. */
export interface Open {
  readonly text: string;
  readonly object?: string;
}

export type Labelled = Pick<Result, "host" | "subset" | "port">;

/** `reviews.shop:9080 v2`, for people. */
export const showTarget = ({ host, subset, port }: Labelled): string =>
  `${(host ?? "nowhere").replace(/\.svc\.[^:]*$/, "")}${port === undefined ? "" : `:${port}`}${subset === undefined ? "" : ` ${subset}`}`;
