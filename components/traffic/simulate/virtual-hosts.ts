import { isWild, mostSpecific, within } from "./hosts";
import { isCatchAll, routesAt, type Site, type SiteRoute } from "./match";
import { tied } from "./objects";
import type { Party } from "./proxies";
import type { Registry, Service } from "./registry";
import type { Scope } from "./scope";
import type { Open } from "./types";
import type { Rules, VirtualServices } from "./virtual-services";

/** What a proxy does with one host. */
export interface VirtualHost {
  /** The Service that the host is of. */
  readonly service: Service | undefined;
  /** The VirtualService; undefined for a Service's own route. */
  readonly rules: Rules | undefined;
  readonly routes: readonly SiteRoute[];
}

/** Hosts that a proxy knows at a port. */
export interface HostTable {
  readonly domains: ReadonlyMap<string, VirtualHost>;
  /** What is not certain, by host. */
  readonly open: ReadonlyMap<string, Open>;
}

/** Names under which a client finds a Service. */
function domainsOf(
  { host, namespace, headless, addresses }: Service,
  client: Party,
  domain: string,
): string[] {
  const suffix = `.${namespace}.svc.${domain}`;
  const names = [host, `${host}.`];
  if (host.endsWith(suffix)) {
    const name = host.slice(0, -suffix.length);
    const short = client.namespace === namespace ? [name] : [];
    names.push(...short, `${name}.${namespace}.svc`, `${name}.${namespace}`);
  }
  return [...names, ...(headless ? names.map((one) => `*.${one}`) : []), ...addresses];
}

/** VirtualServices for Services: by the very name, else by the longest wildcard. */
function ownersOf(all: readonly Rules[]): ReadonlyMap<string, Rules> {
  const owners = new Map<string, Rules>();
  for (const rules of all) for (const host of rules.hosts) if (!owners.has(host)) owners.set(host, rules);
  return owners;
}

const clashing = (host: string, one: Rules, other: Rules): Open => ({
  text: tied(one.object, other.object)
    ? `${host} is in two VirtualServices; the older one counts, which is not known: ${other.object.metadata.name} was left out by its name`
    : `${host} is also in a younger VirtualService ${other.object.metadata.name}, which does not count`,
});

interface Group {
  readonly rules: Rules;
  readonly routes: readonly SiteRoute[];
  readonly services: readonly Service[];
  readonly names: readonly string[];
}

/** What a VirtualService says at a port: for Services, and on port 80 for other names as well. */
function groupOf(
  rules: Rules,
  site: Site,
  services: ReadonlyMap<string, Service>,
  owners: ReadonlyMap<string, Rules>,
): Group | undefined {
  const names = rules.hosts.filter((host) => !isWild(host) && !services.has(host));
  const direct = rules.hosts.flatMap((host) => services.get(host) ?? []);
  const wild = rules.hosts.filter(isWild).map((host) => {
    const under = [...services.values()].filter((service) => within(service.host, host));
    if (under.length === 0) names.push(host);
    return under.filter((service) => mostSpecific(service.host, owners) === rules);
  });
  const found = [...direct, ...wild.flat()];
  const known = found.length > 0 || wild.some((list) => list.length > 0);
  if (site.port !== 80 && !known) return undefined;
  const web = found.filter(({ ports }) =>
    ports.some(({ number, protocol }) => number === site.port && protocol === "http"),
  );
  if (web.length === 0 && site.port !== 80) return undefined;
  const routes = routesAt(rules, site);
  // Where a proxy gets no route of it, the Service keeps its own.
  return routes.length === 0 ? undefined : { rules, routes, services: web, names };
}

/** The hosts of a sidecar at a port. */
export function sidecarHosts(
  site: Site,
  registry: Registry,
  virtualServices: VirtualServices,
  scope: Scope,
  dnsDomain: string,
): HostTable {
  const { party, port } = site;
  const visible = registry
    .visible(party.namespace)
    .filter((service) => scope.knows(service) && service.ports.some(({ number }) => number === port));
  const services = new Map(visible.map((service) => [service.host, service]));
  const bound = virtualServices.of("mesh", party.namespace).filter(scope.takes);
  const owners = ownersOf(bound);
  const domains = new Map<string, VirtualHost>();
  const open = new Map<string, Open>();
  const put = (names: readonly string[], entry: VirtualHost) => {
    for (const name of names) {
      const before = domains.get(name);
      if (before === undefined) domains.set(name, entry);
      else if (before.rules !== undefined && entry.rules !== undefined && before.rules !== entry.rules)
        open.set(name, clashing(entry.service?.host ?? name, before.rules, entry.rules));
    }
  };
  const taken = new Set<Service>();
  for (const rules of bound) {
    const group = groupOf(rules, site, services, owners);
    if (group === undefined) continue;
    const { routes } = group;
    for (const name of group.names) put([name], { service: undefined, rules, routes });
    for (const service of group.services) {
      put(domainsOf(service, party, dnsDomain), { service, rules, routes });
      taken.add(service);
    }
  }
  for (const service of visible)
    if (!taken.has(service))
      put(domainsOf(service, party, dnsDomain), { service, rules: undefined, routes: [] });
  return { domains, open };
}

/** Routes of several VirtualServices for one host of a gateway: those that take everything go last. */
export const lastCatchAll = (routes: readonly SiteRoute[]): SiteRoute[] => [
  ...routes.filter((route) => !isCatchAll(route)),
  ...routes.filter(isCatchAll),
];
