import { z } from "zod";
import type { ClientTlsArgs } from "../../components/traffic/client-tls";
import type { ConsistentHashArgs, HttpCookie } from "../../components/traffic/hash-settings";
import type { LoadBalancingArgs } from "../../components/traffic/load-balancing";
import type {
  Distribution,
  Failover,
  LocalityArgs,
  ZoneAwareArgs,
} from "../../components/traffic/locality-settings";
import type { OutlierDetectionArgs } from "../../components/traffic/outlier-settings";
import type {
  ConnectionPoolArgs,
  HttpPool,
  TcpKeepalive,
  TcpPool,
} from "../../components/traffic/pool-settings";
import type { WarmupArgs } from "../../components/traffic/warmup";
import * as f from "./traffic-fields";

const cookie = f.of<HttpCookie>()(
  { name: f.text("Name of the cookie") },
  {
    path: f.text("Of a cookie that the proxy makes"),
    ttl: f.text("With it the proxy makes the cookie where it is missing; 0s for a session"),
    attributes: z.array(
      f.of<{ name: string; value?: string }>()({ name: z.string() }, { value: z.string() }),
    ),
  },
);

const hash = f.anyOf<ConsistentHashArgs>()(
  {},
  {
    httpHeaderName: f.text("Callers by a header"),
    httpCookie: cookie,
    useSourceIp: z.literal(true).meta({ description: "Callers by address" }),
    httpQueryParameterName: f.text("Callers by a parameter"),
    ringHash: f.of<{ minimumRingSize?: number }>()({}, { minimumRingSize: f.number("Default 1024") }),
    maglev: f.of<{ tableSize?: number }>()({}, { tableSize: f.number("A prime. Default 65537") }),
    minimumRingSize: f.number("The old name of ringHash.minimumRingSize"),
  },
);

const failover = z.array(f.of<Failover>()({ from: f.text("Region"), to: f.text("Region") }, {}));

const locality = f.of<LocalityArgs>()(
  {},
  {
    enabled: f.flag("Default true"),
    distribute: z.array(
      f.of<Distribution>()({ from: f.text("Place"), to: z.record(z.string(), z.number()) }, {}),
    ),
    failover,
    failoverPriority: f.texts("Labels by which endpoints are ordered"),
  },
);

const zoneAware = f.of<ZoneAwareArgs>()(
  {},
  {
    enabled: f.flag("Default true"),
    failover,
    failoverPriority: f.texts("Labels by which endpoints are ordered"),
    minClusterSize: f.number("With fewer endpoints zones do not count. Default 6"),
  },
);

const warmup = f.of<WarmupArgs>()(
  { duration: f.text("How long it takes") },
  { minimumPercent: f.number("Share to begin with. Default 10"), aggression: f.number("Default 1") },
);

const loadBalancer = f.of<LoadBalancingArgs>()(
  {},
  {
    simple: z
      .enum(["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH", "LEAST_CONN"])
      .meta({ description: "Default LEAST_REQUEST" }),
    consistentHash: hash.meta({ description: "The same endpoint for the same caller" }),
    localityLbSetting: locality,
    zoneAwareLbSetting: zoneAware,
    warmup,
  },
);

const keepalive = f.of<TcpKeepalive>()(
  {},
  {
    probes: f.number("Until it counts as dead"),
    time: f.text("Silence before"),
    interval: f.text("Between"),
  },
);

const tcp = f.of<TcpPool>()(
  {},
  {
    maxConnections: f.number("Of one proxy at a time. Default: no limit"),
    connectTimeout: f.text("Default: the mesh's, 10s"),
    tcpKeepalive: keepalive,
    maxConnectionDuration: f.text("Age at which a connection is closed"),
    idleTimeout: f.text("Default 1h"),
  },
);

const http = f.of<HttpPool>()(
  {},
  {
    http1MaxPendingRequests: f.number("Of one proxy, waiting for a connection. Default: no limit"),
    http2MaxRequests: f.number("Of one proxy, under way, over HTTP/1 too. Default: no limit"),
    maxRequestsPerConnection: f.number("1 for no keep-alive. Default 0, no limit"),
    maxRetries: f.number("Of one proxy, under way. Default: no limit"),
    idleTimeout: f.text("Default 1h"),
    h2UpgradePolicy: z.enum(["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"]),
    useClientProtocol: f.flag("Speak what the caller speaks. Default false"),
    maxConcurrentStreams: f.number("On one connection of HTTP/2"),
    http2KeepAlive: z.strictObject({ interval: z.string(), timeout: z.string() }),
  },
);

const pool = f.of<ConnectionPoolArgs>()({}, { tcp, http, otherLimits: z.enum(["istio", "envoy"]) });

const outlier = f.of<OutlierDetectionArgs>()(
  {},
  {
    consecutive5xxErrors: f.number("In a row; 0 for never. Default 5"),
    consecutiveGatewayErrors: f.number("502, 503, 504 in a row; 0 for never. Default 0"),
    consecutiveErrors: f.number("The old name of consecutive5xxErrors"),
    splitExternalLocalOriginErrors: f.flag("Count what goes wrong on the way apart. Default false"),
    consecutiveLocalOriginFailures: f.number("In a row. Default 5"),
    interval: f.text("Default 10s"),
    baseEjectionTime: f.text("Default 30s"),
    maxEjectionPercent: f.number("1 to 100. Default 10"),
    minHealthPercent: f.number("With fewer, all get requests again. Default 0"),
    outlierDetectionHttpErrorCodes: f.numbers("Statuses that count. Default: 500 and above"),
  },
);

export const tls = f.anyOf<ClientTlsArgs>()(
  { mode: z.enum(["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]) },
  {
    sni: f.text("Name to ask for"),
    subjectAltNames: f.texts("Names of which the certificate has one"),
    caCertificates: f.text("File in the proxy, or system"),
    caCrl: f.text("File in the proxy"),
    insecureSkipVerify: f.flag("Take any certificate. Default false"),
    credentialName: f.text("Secret beside the proxies, instead of files"),
    clientCertificate: f.text("File in the proxy"),
    privateKey: f.text("File in the proxy"),
  },
);

/** What holds for a host, a subset or a port, by the names of a DestinationRule. */
export interface PolicyConfig {
  readonly loadBalancer?: LoadBalancingArgs;
  readonly connectionPool?: ConnectionPoolArgs;
  readonly outlierDetection?: OutlierDetectionArgs;
  readonly tls?: ClientTlsArgs;
}

export const policy = f.of<PolicyConfig>()(
  {},
  {
    loadBalancer: loadBalancer.meta({ description: "How requests are spread over endpoints" }),
    connectionPool: pool.meta({ description: "Limits of each proxy towards the host" }),
    outlierDetection: outlier.meta({ description: "Endpoints that fail are left alone for a while" }),
    tls: tls.meta({ description: "How proxies speak to the host" }),
  },
);
