import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../components/lib/objects";
import { describeMesh } from "../components/mesh/mesh";
import type { IngressHandle } from "../components/mesh/mesh-handle";
import type { TrafficContext } from "../components/traffic/context";
import { type GatewayHandle, gateway, type HostHandle, service } from "../components/traffic/handles";
import type { TierName } from "../components/traffic/tiers";
import { planApps } from "./app-plan";
import type { AppsConfig } from "./config/apps-schema";
import type { GatewaysConfig } from "./config/gateways-schema";
import type { Platform } from "./config/load";
import { resolveMesh } from "./mesh-settings";

/** What the rest of the config says that matters to traffic. */
export interface TrafficSurroundings {
  /** Default: no mesh. */
  readonly mesh:
    | { readonly version: string; readonly namespace: string; readonly ingress?: IngressHandle }
    | undefined;
  readonly dnsDomain: string;
  readonly tier: TierName;
  /** Names of the nodes. */
  readonly nodes: readonly string[];
  readonly apps: AppsConfig;
  readonly gateways: GatewaysConfig;
  /** Percent of the requests that the canary of the scenario for newcomers gets. */
  readonly canaryWeight: number;
  /** Password of the Redis that the config names, from the key of that name. Default: none. */
  readonly redisPassword?: pulumi.Output<string> | undefined;
}

/** What a platform says of it. */
export function trafficSurroundings(platform: Platform) {
  const { config, members, tier } = platform;
  const { dnsDomain } = config.kubernetes;
  const running = members.filter(({ gone, roles }) => !gone && roles.some((role) => role !== "etcd"));
  return {
    mesh: config.mesh === false ? undefined : describeMesh(resolveMesh(config.mesh, { dnsDomain })),
    dnsDomain,
    tier,
    nodes: running.map(({ name }) => name),
    apps: config.apps,
    gateways: config.gateways,
    canaryWeight: config.traffic.canaryWeight,
    redisPassword: platform.rateLimitRedisPassword,
  } satisfies TrafficSurroundings;
}

/** The same, with all that is to be known of what the applications declare. */
export interface TrafficSite extends TrafficSurroundings {
  readonly context: TrafficContext;
  /** Namespaces of the applications. */
  readonly namespaces: readonly string[];
  /** What the applications themselves say about routes and policies, by their path in the config. */
  readonly routing: readonly { readonly path: string; readonly objects: readonly KubeObject[] }[];
  /** Services of the applications, as `name.namespace`. */
  readonly services: ReadonlyMap<string, HostHandle>;
  /** Gateways of applications and routes, as `namespace/name`. */
  readonly knownGateways: ReadonlyMap<string, GatewayHandle>;
}

interface Server {
  readonly hosts: readonly string[];
  readonly port: { readonly number: number };
}

const placeOf = ({ metadata }: KubeObject) => [metadata.name, metadata.namespace ?? "default"] as const;

function gatewayOf(object: KubeObject): GatewayHandle {
  const { servers } = object.spec as { readonly servers: readonly Server[] };
  const hosts = servers.flatMap((server) => server.hosts);
  return gateway(
    ...placeOf(object),
    [...new Set(hosts)],
    servers.map(({ port }) => port.number),
  );
}

function serviceOf(object: KubeObject): HostHandle {
  const { ports = [] } = object.spec as { readonly ports?: readonly { name?: string; port: number }[] };
  return service(
    ...placeOf(object),
    Object.fromEntries(ports.map(({ name, port }) => [name ?? String(port), port])),
  );
}

/** Only names, hosts and ports matter here, and those are the same in every mesh. */
const anyMesh = {
  version: "1.22.0",
  ingress: { namespace: "", selector: { istio: "ingressgateway" }, service: "" },
};

export function trafficSite(around: TrafficSurroundings): TrafficSite {
  const plans = planApps(around.apps);
  const rendered = plans.map((plan) => ({ plan, objects: plan.render({ mesh: anyMesh }) }));
  const objects = rendered.flatMap((one) => one.objects);
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const gateways = [
    ...ofKind("Gateway").map(gatewayOf),
    ...around.gateways.routes.map(({ name, namespace, hosts }) => gateway(name, namespace, hosts)),
  ];
  return {
    ...around,
    context: { version: around.mesh?.version ?? "", dnsDomain: around.dnsDomain },
    namespaces: [...new Set(plans.map(({ namespace }) => namespace))],
    routing: rendered.map(({ plan, objects: own }) => ({
      path: `apps.${plan.path}`,
      objects: own.filter(({ kind }) => kind === "VirtualService" || kind === "DestinationRule"),
    })),
    services: new Map(ofKind("Service").map((object) => [placeOf(object).join("."), serviceOf(object)])),
    knownGateways: new Map(gateways.map((one) => [`${one.namespace}/${one.name}`, one])),
  };
}
