import { listed } from "../analysis/define";
import { patienceOf } from "./answers";
import { arrive } from "./arrive";
import { authorize } from "./authorization";
import { type GatewaySite, gatewayHosts, isHttp, isPlain, type Server, serverForName } from "./gateways";
import { domainFor, withoutPort } from "./hosts";
import { connectionRoute, weighted } from "./l4";
import type { Site } from "./match";
import type { Message } from "./message";
import { type Arrival, routeRequest } from "./route";
import type { Answer } from "./types";
import { hintFor } from "./unknown-host";

const ends = ({ trail, probability, delay }: Arrival, status: Answer, reason: string) =>
  trail.end(probability, { status, delay, reason });

/** The servers that take a connection; a sentence where none does. */
function take(
  { servers }: GatewaySite,
  { port, scheme }: Message,
  name: string,
): readonly Server[] | [Answer, string] {
  const here = servers.filter((server) => server.port === port);
  if (here.length === 0) return ["refused", `no server has port ${port}`];
  const plain = here.filter(isPlain);
  if (plain.length > 0) return scheme === "http" ? plain : ["reset", `port ${port} speaks no TLS`];
  if (scheme === "http") return ["reset", `port ${port} speaks TLS only`];
  const server = serverForName(here, name);
  return server === undefined ? ["reset", `no server is for the name ${name}`] : [server];
}

/** A request from outside at a gateway. */
export function enterGateway(arrival: Arrival, site: GatewaySite): void {
  const { trail, message, request, world, client } = arrival;
  const name = (request.sni ?? withoutPort(request.host)).toLowerCase();
  const taken = take(site, message, name);
  const [server] = taken;
  if (typeof server !== "object") {
    const [status, why] = taken as [Answer, string];
    trail.step("gateway", `${why}: ${status}`);
    ends(arrival, status, why);
    return;
  }
  const servers = taken as readonly Server[];
  const tls = message.scheme === "https" ? `TLS for ${name}` : "plain HTTP";
  for (const { object, path, hosts } of servers)
    trail.step("gateway", `port ${message.port}, ${tls}, hosts ${hosts.map(({ host }) => host).join(", ")}`, {
      object,
      path,
    });
  if (server.tls?.mode === "MUTUAL" && request.clientCertificate !== true) {
    trail.step("gateway", "the client shows no certificate: reset", {
      object: server.object,
      path: `${server.path}.tls.mode`,
    });
    ends(arrival, "reset", "no client certificate");
    return;
  }
  trail.unsure(world.filters(client));
  const tcp = !isHttp(server);
  const subject = {
    message,
    principal: undefined,
    ip: request.ip,
    remoteIp: request.ip,
    port: message.port,
    sni: name,
    token: undefined,
    tcp,
  };
  const verdict = authorize(client, subject, world.security);
  trail.unsure(verdict.open);
  trail.step("authorization", verdict.text, { ...verdict, about: client.title });
  if (!verdict.allowed) {
    ends(arrival, tcp ? "reset" : (verdict.status ?? 403), "authorization");
    return;
  }
  const at: Site = { party: client, gateway: server.gateway, port: message.port };
  if (tcp) connectThrough(arrival, server, at, name);
  else routeThrough(arrival, servers, at);
}

function connectThrough(arrival: Arrival, server: Server, at: Site, name: string): void {
  const { trail, world, client, message } = arrival;
  const bound = world.virtualServices.of(server.gateway, client.namespace);
  const sni = message.scheme === "https" ? name : undefined;
  const host = sni ?? withoutPort(message.authority);
  const route = connectionRoute(bound, host, at, sni);
  if (route === undefined) {
    trail.step("route", "no route for this connection: reset");
    ends(arrival, "reset", "no route");
    return;
  }
  followConnection(arrival, route);
}

/** Sends a connection to the destinations of its route. */
export function followConnection(
  arrival: Arrival,
  route: NonNullable<ReturnType<typeof connectionRoute>>,
): void {
  const { trail, world, probability } = arrival;
  const { rules, path, fields } = route;
  trail.step("route", "route of connections", { object: rules.object, path });
  for (const one of weighted(fields.route, path, rules.namespace, world.settings.dnsDomain)) {
    const { host, subset, port } = one;
    trail.step("destination", `${Math.round(one.probability * 1e6) / 1e4} % to ${host}`, {
      object: rules.object,
      path: one.path,
    });
    const part = probability * one.probability;
    arrive({ ...arrival, probability: part, host, subset, port, patience: patienceOf({}), tcp: true });
  }
}

function routeThrough(arrival: Arrival, servers: readonly Server[], at: Site): void {
  const { trail, message, world, client } = arrival;
  const { domains, redirecting } = gatewayHosts(servers, client, world.virtualServices);
  const host = withoutPort(message.authority);
  const found = domainFor(host, domains);
  if (found === undefined) {
    const known = [...domains.keys()];
    const there = known.length === 0 ? "it has no hosts" : `it has ${listed(known)}`;
    trail.step(
      "host",
      `no VirtualService of this gateway is for ${host}: 404; ${there}${hintFor(host, known)}`,
    );
    ends(arrival, 404, "unknown host");
    return;
  }
  const [domain, entry] = found;
  const redirect = redirecting.get(domain);
  if (redirect !== undefined && message.scheme === "http") {
    const query = message.query === "" ? "" : `?${message.query}`;
    trail.location = `https://${message.authority}${message.path}${query}`;
    trail.step("gateway", `redirect 301 to ${trail.location}`, {
      object: redirect.object,
      path: `${redirect.path}.tls.httpsRedirect`,
    });
    ends(arrival, 301, "redirect");
    return;
  }
  trail.step("host", `${host} is taken by ${domain}`, { object: entry.rules?.object, path: "spec.hosts" });
  routeRequest(arrival, entry, at);
}
