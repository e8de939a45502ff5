import type { Finding } from "../components/lib/findings";
import type { KubeObject } from "../components/lib/objects";
import { clientTls } from "../components/traffic/client-tls";
import { connectionPool } from "../components/traffic/connection-pool";
import type { PolicyScope, PolicyWish } from "../components/traffic/destination-policy";
import { destinations, mergeDestinations } from "../components/traffic/destinations";
import { type HostHandle, mesh, type RouteGateway } from "../components/traffic/handles";
import { loadBalancing } from "../components/traffic/load-balancing";
import { outlierDetection } from "../components/traffic/outlier-detection";
import { plan } from "../components/traffic/routes/policy";
import type { PolicyConfig } from "./config/traffic-policies-schema";
import type { HostConfig } from "./config/traffic-schema";
import { type ConfigPlace, collecting, policyPaths, routePaths } from "./traffic-paths";
import { fragmentOf, routeName } from "./traffic-route";
import type { TrafficSite } from "./traffic-site";
import type { Hosts } from "./traffic-targets";

/** Objects that belong together, and what is to be said of them. */
export interface PlannedPart {
  readonly objects: readonly KubeObject[];
  readonly findings: readonly Finding[];
}

/** Which policy each field of a DestinationRule is. */
const wishes: {
  readonly [Name in keyof PolicyConfig]-?: (args: never, scope: PolicyScope) => PolicyWish;
} = { loadBalancer: loadBalancing, connectionPool, outlierDetection, tls: clientTls };

const blocks = Object.keys(wishes) as (keyof PolicyConfig)[];

interface PlacedWish {
  /** Path below the host. */
  readonly path: string;
  readonly wish: PolicyWish;
}

const wishesOf = (policy: PolicyConfig, path: string, scope: PolicyScope): PlacedWish[] =>
  blocks.flatMap((name) => {
    const args = policy[name];
    return args === undefined ? [] : [{ path: `${path}.${name}`, wish: wishes[name](args as never, scope) }];
  });

/** A port as the policies take it: by its name, or the number that the key of a map spells. */
const portChoice = (key: string) => (/^\d+$/.test(key) ? Number(key) : key);

const allWishes = ({ policy = {}, subsetPolicies, portPolicies }: HostConfig): PlacedWish[] => [
  ...wishesOf(policy, "policy", {}),
  ...Object.entries(subsetPolicies).flatMap(([subset, own]) =>
    wishesOf(own, `subsetPolicies.${subset}`, { subset }),
  ),
  ...Object.entries(portPolicies).flatMap(([port, own]) =>
    wishesOf(own, `portPolicies.${port}`, { port: portChoice(port) }),
  ),
];

/** The DestinationRule of a host; nothing where neither subsets nor policies are said. */
function planRule(host: HostHandle, config: HostConfig, site: TrafficSite, at: ConfigPlace): PlannedPart {
  const placed = allWishes(config);
  if (placed.length === 0 && Object.keys(config.subsets).length === 0) return { objects: [], findings: [] };
  const { subsets, namespace, exportTo, endpoints } = config;
  const given = Object.fromEntries(
    Object.entries({ namespace, exportTo, endpoints }).filter(([, value]) => value !== undefined),
  );
  const declared = destinations(host, { subsets, policies: placed.map(({ wish }) => wish), ...given });
  return collecting(at, policyPaths(placed.map(({ path }) => path)), () =>
    mergeDestinations([declared], site.context),
  );
}

function gatewaysOf(config: HostConfig, site: TrafficSite, at: ConfigPlace): RouteGateway[] {
  return config.gateways.flatMap((name, index): RouteGateway[] => {
    if (name === mesh) return [mesh];
    const known = site.knownGateways.get(name);
    if (known !== undefined) return [known];
    const allowed = ["mesh", ...site.knownGateways.keys()].join(", ");
    at.in("gateways", index).fault(name, allowed, "name one of these, or add it to gateways.routes");
    return [];
  });
}

/** The VirtualService of a host; nothing without routes. */
function planRoutes(
  name: string,
  host: HostHandle,
  config: HostConfig,
  hosts: Hosts,
  site: TrafficSite,
  at: ConfigPlace,
): PlannedPart {
  const { routes, namespace, exportTo, annotations, unmatched } = config;
  if (routes.length === 0) return { objects: [], findings: [] };
  const gateways = gatewaysOf(config, site, at);
  if (gateways.length === 0) return { objects: [], findings: [] };
  const fragments = routes.map((route, index) =>
    fragmentOf(route, { name, host, gateways, index, count: routes.length }, hosts, at.in("routes", index)),
  );
  const given = Object.fromEntries(
    Object.entries({ namespace, exportTo, annotations }).filter(([, value]) => value !== undefined),
  );
  const alsoHosts = config.alsoHosts.map((name) => hosts.handleOf(name));
  const names = routes.map(routeName);
  const planned = collecting(at, routePaths(names, routes), () =>
    plan(fragments, { ...given, alsoHosts, unmatched }, site.context),
  );
  for (const object of planned.objects) checkOrder(object, names, at);
  return { objects: planned.objects, findings: withoutErrors(planned.findings, at) };
}

/** What takes every request stands last in the object, wherever it is written. Here it has to be written there. */
function checkOrder({ spec }: KubeObject, names: readonly string[], at: ConfigPlace): void {
  const { http = [] } = spec as { readonly http?: readonly { readonly name: string }[] };
  const made = http.map(({ name }) => name).filter((name) => names.includes(name));
  const early = names.findIndex((name, index) => name !== made[index]);
  if (early < 0 || made.length !== names.length) return;
  at.in("routes", early).fault(
    `${names[early]} before ${names.slice(early + 1).join(", ")}`,
    "conditions that leave something over, in every route but the last",
    "write it last, or give it a condition",
  );
}

/** Errors among the findings become faults of the config, so that they are told with all the others. */
function withoutErrors(findings: readonly Finding[], at: ConfigPlace): Finding[] {
  return findings.filter(({ severity, code, path, message, change }) => {
    if (severity === "error") at.in("routes").fault(`${code}, ${path}`, message, change);
    return severity !== "error";
  });
}

const isEmpty = (config: HostConfig) =>
  config.routes.length + Object.keys(config.subsets).length + allWishes(config).length === 0;

/** All objects of one host of the config. Faults go to the place. */
export function planHost(
  name: string,
  config: HostConfig,
  hosts: Hosts,
  site: TrafficSite,
  at: ConfigPlace,
): PlannedPart {
  const host = hosts.handleOf(name);
  if (host.kind === "external" && config.namespace === undefined) {
    at.in("namespace").fault(
      undefined,
      "a namespace, as the host is no Service",
      "say where the objects stand",
    );
  }
  const rule = planRule(host, config, site, at);
  const routes = planRoutes(name, host, config, hosts, site, at);
  if (isEmpty(config)) {
    at.fault("neither routes, subsets nor policies", "one of them", "say what shall be, or take it away");
  }
  return {
    objects: [...rule.objects, ...routes.objects],
    findings: [...rule.findings, ...routes.findings],
  };
}
