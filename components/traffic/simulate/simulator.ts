import { nearest } from "../../lib/nearest";
import type { KubeObject } from "../../lib/objects";
import { listed } from "../analysis/define";
import { patienceOf } from "./answers";
import { arrive } from "./arrive";
import { enterGateway, followConnection } from "./enter";
import { gatewayBehind } from "./gateways";
import { domainFor, portOf, withoutPort } from "./hosts";
import { connectionRoute } from "./l4";
import { messageOf } from "./message";
import { Outcome } from "./outcome";
import { describedParty, outsider, type Party, partyOf, workloadNamed } from "./proxies";
import type { Service } from "./registry";
import { type Arrival, routeRequest } from "./route";
import { Trail } from "./trail";
import type { SimulatedRequest } from "./types";
import { didYouMean, unknownHost } from "./unknown-host";
import { type SimulatorOptions, World } from "./world";

/** A request that names what is not declared. */
export class SimulationFault extends Error {
  constructor(text: string) {
    super(text);
    this.name = "SimulationFault";
  }
}

/** What to write instead of a name that is not declared: the nearest one, and those that there are. */
function unnamed(what: string, given: string, names: readonly string[]): string {
  const near = nearest(given, names) ?? names.find((name) => name.split("/")[1] === given.split("/").at(-1));
  const there =
    names.length === 0
      ? "none is declared"
      : `write namespace/name of one that is declared: ${listed(names)}`;
  return `no such ${what}${didYouMean(near)}${near === undefined ? ";" : ""} ${there}`;
}

/** Tells what happens to requests, by the objects alone. */
export class Simulator {
  private readonly world: World;

  constructor(objects: readonly KubeObject[], options: SimulatorOptions = {}) {
    this.world = new World(objects, options);
  }

  simulate(request: SimulatedRequest): Outcome {
    const trail = new Trail();
    trail.unsure(this.world.unread());
    if (request.gateway === undefined) this.leave(request, this.clientOf(request), trail);
    else this.enter(request, request.gateway, trail);
    return new Outcome(trail);
  }

  private clientOf({ from }: SimulatedRequest): Party {
    if (from === undefined)
      throw new SimulationFault("a request needs from (namespace/workload) or gateway (namespace/name)");
    if (typeof from !== "string") return describedParty(from);
    const workload = workloadNamed(from, this.world.index);
    if (workload === undefined) {
      const { workloads } = this.world.index;
      const names = workloads.map((one) => `${one.namespace}/${one.object.metadata.name}`);
      throw new SimulationFault(`from ${from}: ${unnamed("workload", from, names)}`);
    }
    return partyOf(workload, this.world.index);
  }

  private enter(request: SimulatedRequest, name: string, trail: Trail): void {
    const { world } = this;
    const gateway = world.gateway(name);
    if (gateway === undefined)
      throw new SimulationFault(`gateway ${name}: ${unnamed("Gateway", name, world.gateways())}`);
    const site = gatewayBehind(gateway, world.index, world.settings.rootNamespace);
    trail.unsure(site.open);
    trail.step("source", `${outsider.title}, through ${site.party.title}`, {
      object: gateway,
      path: "spec.selector",
    });
    const port = request.port ?? portOf(request.host) ?? (request.scheme === "https" ? 443 : 80);
    const message = messageOf(request, port, "outside");
    enterGateway({ world, trail, request, client: site.party, probability: 1, delay: 0, message }, site);
  }

  /** The Service that a client's name or address stands for. */
  private named(host: string, client: Party): Service | undefined {
    const { registry, settings } = this.world;
    const tail = host.split(".svc")[0] ?? host;
    const full = [
      host,
      `${host}.${client.namespace}.svc.${settings.dnsDomain}`,
      `${tail}.svc.${settings.dnsDomain}`,
    ];
    const names = host.endsWith(".") ? [host.slice(0, -1)] : full;
    return (
      names.map((name) => registry.find(name, client.namespace)).find((one) => one !== undefined) ??
      registry.at(host)
    );
  }

  private leave(request: SimulatedRequest, client: Party, trail: Trail): void {
    const { world } = this;
    const sidecar = client.kind === "sidecar" ? "with a sidecar" : "without a sidecar";
    trail.step("source", `${client.title}, ${sidecar}: ${client.because}`);
    const service = this.named(withoutPort(request.host), client);
    const only = service?.ports.length === 1 ? service.ports[0]?.number : undefined;
    const port = request.port ?? portOf(request.host) ?? only ?? (request.scheme === "https" ? 443 : 80);
    const message = messageOf(request, port, client.kind);
    const arrival: Arrival = { world, trail, request, client, probability: 1, delay: 0, message };
    if (client.kind !== "sidecar") {
      this.leavePlainly(arrival, service);
      return;
    }
    trail.unsure(world.filters(client));
    const site = { party: client, gateway: "mesh", port };
    const protocol = service?.ports.find(({ number }) => number === port)?.protocol;
    if (
      service !== undefined &&
      (request.scheme === "https" || (protocol !== undefined && protocol !== "http"))
    ) {
      const sni =
        request.scheme === "https" ? (request.sni ?? withoutPort(request.host)).toLowerCase() : undefined;
      const route = connectionRoute(
        world.virtualServices.of("mesh", client.namespace),
        service.host,
        site,
        sni,
      );
      if (route !== undefined) {
        followConnection(arrival, route);
        return;
      }
      trail.step("route", "the Service's own, to all its pods", { object: service.object });
      arrive({
        ...arrival,
        host: service.host,
        subset: undefined,
        port,
        patience: patienceOf({}),
        tcp: true,
      });
      return;
    }
    const { domains, open } = world.hosts(site);
    const found = domainFor(withoutPort(message.authority), domains);
    if (found === undefined) {
      this.leaveMesh(arrival, service, domains.size > 0);
      return;
    }
    const [domain, entry] = found;
    trail.unsure([open.get(domain)].filter((one) => one !== undefined));
    const object = entry.rules?.object ?? entry.service?.object;
    const path = entry.rules === undefined ? "metadata.name" : "spec.hosts";
    trail.step("host", `${domain} on port ${port}`, { object, path });
    routeRequest(arrival, entry, site);
  }

  /** Without a sidecar no route counts: kube-proxy takes any pod of the Service. */
  private leavePlainly(arrival: Arrival, service: Service | undefined): void {
    const { trail, message, client } = arrival;
    if (service === undefined) {
      if (this.unresolved(arrival)) return;
      const { hint } = unknownHost(withoutPort(message.authority), client.namespace, this.world);
      trail.step("host", `${message.authority} is no Service: the request leaves the cluster${hint}`);
      trail.end(1, { status: "connected", reason: "outside the mesh" });
      return;
    }
    trail.step("host", "the Service, without any route", { object: service.object });
    const to = { host: service.host, subset: undefined, port: message.port, patience: patienceOf({}) };
    arrive({ ...arrival, client, ...to, tcp: false });
  }

  /** Ends a request to a name that only the cluster could know, and does not. */
  private unresolved({ trail, client, message }: Arrival): boolean {
    const name = withoutPort(message.authority);
    const { inside, hint } = unknownHost(name, client.namespace, this.world);
    if (!inside) return false;
    trail.step(
      "host",
      `${name} is no name that is declared, and can be no other: it resolves to nothing here${hint}`,
    );
    if (!this.world.index.closed)
      trail.unsure([{ text: `whether ${name} is declared elsewhere is not known; taken as it is not` }]);
    trail.end(1, { status: "unresolved", reason: "unknown name" });
    return true;
  }

  /** A host that the sidecar does not know. */
  private leaveMesh(arrival: Arrival, service: Service | undefined, web: boolean): void {
    const { trail, client, message, request } = arrival;
    const { outbound, object } = this.world.scope(client);
    const by = object === undefined ? {} : { object, path: "spec.egress" };
    const name = withoutPort(message.authority);
    const unknown = service === undefined ? unknownHost(name, client.namespace, this.world) : undefined;
    if (outbound === "REGISTRY_ONLY") {
      const status = web ? 502 : "reset";
      trail.step(
        "host",
        `${name} is not known on port ${message.port}, and only known hosts are let out: ${status}${unknown?.hint ?? ""}`,
        by,
      );
      trail.end(1, { status, reason: "BlackHoleCluster" });
      return;
    }
    if (service !== undefined && !service.ports.some(({ number }) => number === message.port)) {
      trail.step("host", `the Service has no port ${message.port}`, {
        object: service.object,
        path: "spec.ports",
      });
      trail.end(1, { host: service.host, status: web ? 503 : "reset", reason: "no such port" });
      return;
    }
    if (unknown !== undefined && this.unresolved(arrival)) return;
    trail.step(
      "host",
      unknown !== undefined
        ? `${name} is not known to the mesh: ${unknown.fate}${unknown.hint}`
        : `${name} is not known to this sidecar: it goes where the client sends it`,
      by,
    );
    trail.unsure([{ text: `whether ${name} answers is not known; taken as it does` }]);
    trail.end(1, {
      host: name,
      port: message.port,
      status: request.answer ?? 200,
      attempts: 1,
      reason: "PassthroughCluster",
    });
  }
}

/** What happens to one request. For many requests make one Simulator. */
export const simulate = (
  objects: readonly KubeObject[],
  request: SimulatedRequest,
  options?: SimulatorOptions,
): Outcome => new Simulator(objects, options).simulate(request);
