import { titleOf } from "../../lib/objects";
import { answered, type Patience } from "./answers";
import { authorize } from "./authorization";
import { policiesOf, showPolicy } from "./cluster";
import { type EndpointGroup, endpointsOf, targetPort } from "./endpoints";
import type { Message } from "./message";
import { connect, connectBlindly, principalOf } from "./mutual-tls";
import { mapOf } from "./objects";
import { injectionAt, type Party, partyOf } from "./proxies";
import type { Service, ServicePort } from "./registry";
import type { Trail } from "./trail";
import { type SimulatedRequest, showTarget } from "./types";
import type { World } from "./world";

/** A request on its way to one destination. */
export interface Delivery {
  readonly world: World;
  readonly trail: Trail;
  readonly request: SimulatedRequest;
  readonly client: Party;
  /** Share of requests that come this way. */
  readonly probability: number;
  readonly delay: number;
  readonly message: Message;
  readonly host: string;
  readonly subset: string | undefined;
  /** Default: the Service's only port through a gateway, else that of the listener. */
  readonly port: number | undefined;
  readonly patience: Patience;
  /** Whether proxies see only a connection. */
  readonly tcp: boolean;
}

const isDirect = ({ kind }: Party): boolean => kind === "plain" || kind === "outside";

function portAt({ port, client, message }: Delivery, service: Service | undefined): number {
  const only = service?.ports.length === 1 ? service.ports[0]?.number : undefined;
  return port ?? (client.kind === "gateway" ? only : undefined) ?? message.port;
}

/** Follows a request from the choice of its destination to its end. */
export function arrive(delivery: Delivery): void {
  const { world, trail, client, host, subset, probability, delay } = delivery;
  const found = world.registry.find(host, client.namespace);
  const service = found !== undefined && world.scope(client).knows(found) ? found : undefined;
  const port = portAt(delivery, service);
  const target = { host, port, ...(subset === undefined ? {} : { subset }) };
  const about = showTarget(target);
  const fail = (reason: string) =>
    trail.end(probability, { ...target, status: delivery.tcp ? "reset" : 503, delay, reason });
  const known = service?.ports.find(({ number }) => number === port);
  if (service === undefined || known === undefined) {
    const why = service === undefined ? "no such host in the mesh" : `the host has no port ${port}`;
    trail.step("destination", `${why}: 503`, { about, object: service?.object });
    fail(why);
    return;
  }
  const rule = isDirect(client) ? undefined : world.destinationRules.find(service, client);
  const chosen = rule?.subsets.get(subset ?? "");
  if (subset !== undefined && chosen === undefined) {
    const why = `no DestinationRule has the subset ${subset}`;
    trail.step("destination", `${why}: 503`, { about, object: rule?.objects[0] });
    fail(why);
    return;
  }
  const labels = mapOf(chosen?.fields.labels);
  if (chosen !== undefined)
    trail.step("destination", `labels ${JSON.stringify(labels)}`, { about, ...chosen });
  const policies = policiesOf(rule, subset, port);
  for (const [kind, placed] of Object.entries(policies))
    if (kind !== "tls") trail.step("policy", `${kind}: ${showPolicy(placed)}`, { about, ...placed });
  const { groups, open } = endpointsOf(service, labels, world.index);
  trail.unsure(open);
  if (service.alias !== undefined) {
    trail.step("endpoints", `the name stands for ${service.alias}`, { about, object: service.object });
    trail.end(probability, { ...target, status: "connected", delay, reason: "outside the mesh" });
    return;
  }
  if (groups.length === 0) {
    trail.step("endpoints", "no pods: 503", { about, object: service.object, path: "spec.selector" });
    fail("no endpoints");
    return;
  }
  for (const group of groups) reach({ ...delivery, port }, service, known, group, policies, about);
}

function reach(
  delivery: Delivery,
  service: Service,
  port: ServicePort,
  { workload, replicas, share }: EndpointGroup,
  policies: ReturnType<typeof policiesOf>,
  about: string,
): void {
  const { world, trail, client, request, message, subset, delay, tcp } = delivery;
  const { settings, index } = world;
  const probability = delivery.probability * share;
  const title = workload === undefined ? undefined : titleOf(workload.object);
  const target = {
    host: service.host,
    port: port.number,
    delay,
    ...(subset === undefined ? {} : { subset }),
    ...(title === undefined ? {} : { workload: title }),
  };
  const pods = title ?? "endpoints that are not declared as workloads";
  const part = `${Math.round(share * 1e4) / 100} % to ${pods}, ${replicas} of them`;
  trail.step("endpoints", part, { about, object: service.object, path: "spec.selector" });
  const number = workload === undefined ? undefined : targetPort(port, workload);
  const injection = workload === undefined ? undefined : injectionAt(workload, index);
  if (injection?.known === false)
    trail.unsure([
      { text: `whether ${pods} has a sidecar is not known, taken as not: ${injection.because}` },
    ]);
  const connection =
    workload === undefined || injection === undefined
      ? connectBlindly(client, policies, settings)
      : connect(client, policies, workload, injection, number, settings, index);
  trail.step("mtls", connection.text, { ...connection, about: pods });
  if (!connection.works) {
    const status = isDirect(client) || tcp ? "reset" : 503;
    trail.end(probability, { ...target, status, reason: "mutual TLS" });
    return;
  }
  if (workload !== undefined && injection?.injected === true) {
    const party = partyOf(workload, index);
    trail.unsure(world.filters(party));
    const verdict = authorize(
      party,
      {
        message,
        principal: connection.mutual ? principalOf(client, settings) : undefined,
        ip: client.kind === "gateway" ? undefined : request.ip,
        remoteIp: request.ip,
        port: number,
        sni: undefined,
        token: undefined,
        tcp,
      },
      world.security,
    );
    trail.unsure(verdict.open);
    trail.step("authorization", verdict.text, { ...verdict, about: pods });
    if (!verdict.allowed) {
      const status = tcp ? "reset" : (verdict.status ?? 403);
      trail.end(probability, { ...target, status, reason: "authorization" });
      return;
    }
  }
  finish(delivery, target, probability);
}

/** The request is with the application. */
function finish(
  { trail, request, message, patience, tcp, client }: Delivery,
  target: { readonly host: string; readonly port: number; readonly delay: number },
  probability: number,
): void {
  const { authority, path, query, headers } = message;
  const seen = { authority, path: query === "" ? path : `${path}?${query}`, headers };
  if (!tcp && !trail.delivered.some((one) => JSON.stringify(one) === JSON.stringify(seen))) {
    trail.delivered.push(seen);
  }
  if (tcp) {
    trail.end(probability, { ...target, status: "connected", attempts: 1, reason: "connected" });
    return;
  }
  const alone: Patience = { timeout: undefined, perTry: undefined, retries: 0, retryOn: [] };
  trail.end(probability, { ...target, ...answered(request, isDirect(client) ? alone : patience) });
}
