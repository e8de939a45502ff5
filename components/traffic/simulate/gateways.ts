import type { Labels } from "../../lib/fields";
import { gatewayHost } from "../../lib/mesh-hosts";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { gatewayKind } from "../analysis/kinds";
import { meeting, mostSpecific } from "./hosts";
import { routesAt, type SiteRoute } from "./match";
import {
  type Fields,
  fieldsIn,
  fieldsOf,
  mapOf,
  numberOf,
  readable,
  specOf,
  textOf,
  textsOf,
} from "./objects";
import { assumedGateway, chooses, type Party, partyOf } from "./proxies";
import type { Open } from "./types";
import { lastCatchAll, type VirtualHost } from "./virtual-hosts";
import type { VirtualServices } from "./virtual-services";

/** One server of a Gateway. */
export interface Server {
  readonly object: KubeObject;
  /** `spec.servers[0]`. */
  readonly path: string;
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  readonly port: number;
  readonly protocol: string;
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
  readonly tls: Fields | undefined;
}

const selectorOf = (object: KubeObject): Labels => mapOf(specOf(object).selector);

const serversOf = (object: KubeObject): Server[] =>
  fieldsIn(specOf(object).servers).map((server, place) => {
    const port = fieldsOf(server.port);
    const namespace = namespaceOf(object);
    return {
      object,
      path: `spec.servers[${place}]`,
      gateway: `${namespace}/${object.metadata.name}`,
      port: numberOf(port.number) ?? 0,
      protocol: (textOf(port.protocol) ?? "").toUpperCase(),
      hosts: textsOf(server.hosts).map((host) => gatewayHost(host.toLowerCase(), namespace)),
      tls: server.tls === undefined ? undefined : fieldsOf(server.tls),
    };
  });

export const isHttp = ({ protocol, tls }: Server): boolean =>
  ["HTTP", "HTTP2", "GRPC", "GRPC-WEB"].includes(protocol) ||
  (protocol === "HTTPS" && !["PASSTHROUGH", "AUTO_PASSTHROUGH"].includes(String(tls?.mode)));
export const isPlain = ({ protocol }: Server): boolean => !["HTTPS", "TLS"].includes(protocol);

/** A gateway's pods with everything that their Gateways ask of them. */
export interface GatewaySite {
  readonly party: Party;
  readonly servers: readonly Server[];
  readonly open: readonly Open[];
}

/** The pods behind a Gateway, and all other Gateways for the same pods. */
export function gatewayBehind(named: KubeObject, index: ObjectIndex, rootNamespace: string): GatewaySite {
  const { objects, open } = readable(index, gatewayKind);
  const selector = selectorOf(named);
  const found = Object.keys(selector).length === 0 ? [] : index.selected(selector);
  const [workload] = found;
  const party =
    workload === undefined ? assumedGateway(selector, rootNamespace) : partyOf(workload, index, true);
  const assumed =
    workload === undefined
      ? [{ text: `no workload has the labels of the Gateway; pods in ${rootNamespace} are assumed` }]
      : found.length > 1
        ? [{ text: `several workloads have the labels of the Gateway; the request comes to ${party.title}` }]
        : [];
  const servers = objects.filter((object) => chooses(selectorOf(object), party)).flatMap(serversOf);
  return { party, servers, open: [...open, ...assumed] };
}

/** Hosts of an HTTP server, or of all plain ones at a port together. */
export function gatewayHosts(
  servers: readonly Server[],
  party: Party,
  virtualServices: VirtualServices,
): { readonly domains: ReadonlyMap<string, VirtualHost>; readonly redirecting: ReadonlyMap<string, Server> } {
  const domains = new Map<string, { routes: SiteRoute[]; rules: VirtualHost["rules"] }>();
  const redirecting = new Map<string, Server>();
  for (const server of servers) {
    const site = { party, gateway: server.gateway, port: server.port };
    for (const rules of virtualServices.of(server.gateway, party.namespace)) {
      const own = server.hosts.filter(({ namespace }) => namespace === "*" || namespace === rules.namespace);
      const names = own.flatMap(({ host }) => rules.hosts.map((other) => meeting(other, host) ?? ""));
      const routes = names.some((name) => name !== "") ? routesAt(rules, site) : [];
      if (routes.length === 0) continue;
      for (const name of new Set(names.filter((one) => one !== ""))) {
        const entry = domains.get(name) ?? { routes: [], rules };
        entry.routes.push(...routes);
        domains.set(name, entry);
        if (server.tls?.httpsRedirect === true) redirecting.set(name, server);
      }
    }
    if (server.tls?.httpsRedirect === true)
      for (const { host } of server.hosts) {
        redirecting.set(host, server);
        if (!domains.has(host)) domains.set(host, { routes: [], rules: undefined });
      }
  }
  const sorted = [...domains].map(([name, { routes, rules }]): [string, VirtualHost] => [
    name,
    { service: undefined, rules, routes: lastCatchAll(routes) },
  ]);
  return { domains: new Map(sorted), redirecting };
}

/** The TLS server of a name in the hello. */
export function serverForName(servers: readonly Server[], name: string): Server | undefined {
  const byHost = new Map<string, Server>();
  for (const server of servers)
    for (const { host } of server.hosts) if (!byHost.has(host)) byHost.set(host, server);
  return mostSpecific(name, byHost);
}
