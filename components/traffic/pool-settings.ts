import { filled } from "../mesh/exposure-fields";
import type { Block } from "./destination-site";
import type { Place } from "./faults";
import { duration, integer, oneOf } from "./values";

/** Probes on idle connections. What is left out is the operating system's. */
export interface TcpKeepalive {
  /** Unanswered ones until the connection counts as dead. Linux: 9. */
  readonly probes?: number;
  /** Silence before the first, in whole seconds. Linux: `7200s`. */
  readonly time?: string;
  /** Between two, in whole seconds. Linux: `75s`. */
  readonly interval?: string;
}

/** Limits of connections, for HTTP too. */
export interface TcpPool {
  /** Connections that one proxy has to the host at a time; for HTTP/1 also the requests under way. Default: no limit. */
  readonly maxConnections?: number;
  /** Default: the mesh's, `10s`. */
  readonly connectTimeout?: string;
  readonly tcpKeepalive?: TcpKeepalive;
  /** Age at which a connection is closed. Default: none. */
  readonly maxConnectionDuration?: string;
  /** Silence after which a connection is closed; `0s` for never. Default `1h`. */
  readonly idleTimeout?: string;
}

/** Limits of requests, over HTTP/1, HTTP/2 and gRPC. */
export interface HttpPool {
  /** Requests of one proxy that wait for a connection; those beyond get 503 at once. Default: no limit. */
  readonly http1MaxPendingRequests?: number;
  /** Requests of one proxy under way, over HTTP/1 too. Default: no limit. */
  readonly http2MaxRequests?: number;
  /** Requests after which a connection is closed; 1 for no keep-alive. Default 0, no limit. */
  readonly maxRequestsPerConnection?: number;
  /** Retries of one proxy under way, for all requests together. Default: no limit. */
  readonly maxRetries?: number;
  /** Time without requests after which a connection is closed. Default `1h`. */
  readonly idleTimeout?: string;
  /** Whether HTTP/1 becomes HTTP/2 on the way to the host. Default: the mesh's. Not with `useClientProtocol`. */
  readonly h2UpgradePolicy?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
  /** Speak to the host what the caller speaks. Default false. */
  readonly useClientProtocol?: boolean;
  /** Requests at a time on one connection of HTTP/2. Default 2147483647. */
  readonly maxConcurrentStreams?: number;
  /** Pings on connections of HTTP/2. Default: none. */
  readonly http2KeepAlive?: { readonly interval: string; readonly timeout: string };
}

/** How much one proxy puts on a host at a time. Each proxy counts for itself. */
export interface ConnectionPoolArgs {
  readonly tcp?: TcpPool;
  readonly http?: HttpPool;
  /**
   * What holds for limits that are left out: `istio`, none; `envoy`, what Envoy has by itself and many texts take for
   * Istio's: 1024 connections, 1024 pending, 1024 under way, 3 retries. They are written out. Default `istio`.
   */
  readonly otherLimits?: "istio" | "envoy";
}

/** What Envoy has where nobody says anything. Istio raises all of them to 4294967295. */
export const envoyLimits = {
  tcp: { maxConnections: 1024 },
  http: { http1MaxPendingRequests: 1024, http2MaxRequests: 1024, maxRetries: 3 },
} as const;

const MAX = 2 ** 31 - 1;

/** Istio cannot tell 0 from nothing, and takes both for no limit: whoever writes 0 wants the contrary. */
function limit(value: number | undefined, at: Place): number | undefined {
  if (value === 0) at.fault(0, `1 to ${MAX}`, "leave it out for no limit, which is what Istio makes of 0");
  else if (value !== undefined) integer(value, at, { min: 1, max: MAX });
  return value;
}

const time = (text: string | undefined, at: Place, limits = {}) =>
  text === undefined ? undefined : duration(text, at, limits);

function renderTcp(tcp: TcpPool, at: Place): Block {
  const { tcpKeepalive: alive } = tcp;
  const keep = at.in("tcpKeepalive");
  if (alive?.probes !== undefined) integer(alive.probes, keep.in("probes"), { min: 1, max: 2 ** 32 - 1 });
  return filled({
    maxConnections: limit(tcp.maxConnections, at.in("maxConnections")),
    connectTimeout: time(tcp.connectTimeout, at.in("connectTimeout")),
    tcpKeepalive:
      alive === undefined
        ? undefined
        : filled({
            probes: alive.probes,
            time: time(alive.time, keep.in("time"), { min: "1s", step: "1s" }),
            interval: time(alive.interval, keep.in("interval"), { min: "1s", step: "1s" }),
          }),
    maxConnectionDuration: time(tcp.maxConnectionDuration, at.in("maxConnectionDuration")),
    idleTimeout: time(tcp.idleTimeout, at.in("idleTimeout"), { min: "0s" }),
  });
}

const upgrades = ["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"] as const;

function renderHttp(http: HttpPool, at: Place): Block {
  const { http2KeepAlive: alive, h2UpgradePolicy: upgrade, maxRequestsPerConnection: perConnection } = http;
  const keep = at.in("http2KeepAlive");
  if (perConnection !== undefined)
    integer(perConnection, at.in("maxRequestsPerConnection"), { max: 2 ** 29 });
  return filled({
    http1MaxPendingRequests: limit(http.http1MaxPendingRequests, at.in("http1MaxPendingRequests")),
    http2MaxRequests: limit(http.http2MaxRequests, at.in("http2MaxRequests")),
    maxRequestsPerConnection: perConnection,
    maxRetries: limit(http.maxRetries, at.in("maxRetries")),
    idleTimeout: time(http.idleTimeout, at.in("idleTimeout")),
    h2UpgradePolicy: upgrade === undefined ? undefined : oneOf(upgrade, upgrades, at.in("h2UpgradePolicy")),
    useClientProtocol: http.useClientProtocol,
    maxConcurrentStreams: limit(http.maxConcurrentStreams, at.in("maxConcurrentStreams")),
    http2KeepAlive:
      alive === undefined
        ? undefined
        : {
            interval: duration(alive.interval, keep.in("interval")),
            timeout: duration(alive.timeout, keep.in("timeout")),
          },
  });
}

/** The block `connectionPool` of a DestinationRule. */
export function renderPool({ tcp, http, otherLimits = "istio" }: ConnectionPoolArgs, at: Place): Block {
  const given = otherLimits === "envoy" ? envoyLimits : {};
  const withLimits = { tcp, http, ...filledLimits({ tcp, http }, given) };
  const block = filled({
    tcp: withLimits.tcp === undefined ? undefined : renderTcp(withLimits.tcp, at.in("tcp")),
    http: withLimits.http === undefined ? undefined : renderHttp(withLimits.http, at.in("http")),
  });
  if (Object.keys(block).length === 0) at.fault({}, "a limit in tcp or http", "name one");
  return block;
}

/** The same where no other wish can add to it: the block of a Sidecar. */
export function renderWholePool(args: ConnectionPoolArgs, at: Place): Block {
  const block = renderPool(args, at);
  checkPool(block, at);
  return block;
}

/** Limits that are not among the given ones. */
function filledLimits(
  { tcp, http }: { readonly tcp: TcpPool | undefined; readonly http: HttpPool | undefined },
  limits: Partial<typeof envoyLimits>,
): { tcp?: TcpPool; http?: HttpPool } {
  return filled({
    tcp: limits.tcp === undefined ? undefined : { ...limits.tcp, ...tcp },
    http: limits.http === undefined ? undefined : { ...limits.http, ...http },
  });
}

/** Both would decide on the protocol. */
export function checkPool({ http }: { readonly http?: HttpPool }, at: Place): void {
  if (http?.h2UpgradePolicy !== "UPGRADE" || http.useClientProtocol !== true) return;
  at.in("http").fault("h2UpgradePolicy UPGRADE and useClientProtocol", "one of them", "choose one");
}
