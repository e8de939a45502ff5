import { serviceHost, type TrafficContext } from "./context";
import type { Place } from "./faults";
import { port as portNumber } from "./values";

/** A Service of the cluster, as routes and policies refer to it. */
export interface ServiceHandle {
  readonly kind: "service";
  readonly name: string;
  readonly namespace: string;
  /** Number by name, as in the Service: `{ http: 9080 }`. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A Service of this program or of others: `service("reviews", "default", { http: 9080 })`. */
export const service = (
  name: string,
  namespace: string,
  ports: Readonly<Record<string, number>>,
): ServiceHandle => ({ kind: "service", name, namespace, ports });

/** A host that is no Service known here: of a ServiceEntry, of another cluster, or one that somebody else makes. */
export interface ExternalHandle {
  readonly kind: "external";
  readonly host: string;
  /** Number by name. Empty where nothing is known of them. */
  readonly ports: Readonly<Record<string, number>>;
}

/** A raw host. It is written as it is, so a short name belongs to the namespace of the object that names it. */
export const external = (host: string, ports: Readonly<Record<string, number>> = {}): ExternalHandle => ({
  kind: "external",
  host,
  ports,
});

/** Whatever a DestinationRule or a route can be for. */
export type HostHandle = ServiceHandle | ExternalHandle;

/**
 * A subset that a destination policy declares. Policies alone make them, so a route cannot name one that does not exist.
 */
export class SubsetHandle {
  readonly kind = "subset";
  readonly service: HostHandle;
  readonly name: string;
  /** Makes the type nominal: an object that only looks like one is refused by the compiler. */
  readonly #declared = true;

  constructor(service: HostHandle, name: string) {
    this.service = service;
    this.name = name;
  }

  static isOne(value: object): value is SubsetHandle {
    return #declared in value;
  }
}

/** A Gateway, as routes refer to it. */
export interface GatewayHandle {
  readonly kind: "gateway";
  readonly name: string;
  readonly namespace: string;
  /** What its servers take, as it stands there: `shop.example.com`, `*.example.com`, `*`. */
  readonly hosts: readonly string[];
  /** Ports of its servers. Default: not known. */
  readonly ports?: readonly number[];
}

/** A Gateway of this program or of others. */
export const gateway = (
  name: string,
  namespace: string,
  hosts: readonly string[],
  ports?: readonly number[],
): GatewayHandle => ({ kind: "gateway", name, namespace, hosts, ...(ports === undefined ? {} : { ports }) });

/** All sidecars of the mesh, as a place where routes hold. */
export const mesh = "mesh";

/** Where routes hold: at a Gateway, or in all sidecars. */
export type RouteGateway = GatewayHandle | typeof mesh;

/** How a VirtualService names it: `namespace/name`, or `mesh`. */
export const gatewayText = (handle: RouteGateway): string =>
  handle === mesh ? mesh : `${handle.namespace}/${handle.name}`;

/** How objects name a host: a Service in full, anything else as it is. */
export const hostOf = (handle: HostHandle, context: TrafficContext): string =>
  handle.kind === "service" ? serviceHost(handle.name, handle.namespace, context) : handle.host;

/** What traffic can be sent to. */
export type Target = HostHandle | SubsetHandle;

/** A port of a target: its name in the handle, or its number. */
export type PortChoice = string | number;

/** A destination as Istio's objects have it. */
export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number: number };
}

/** The number of a port of a host. A number is believed where the handle tells no ports. */
export function portOf({ ports }: HostHandle, choice: PortChoice, at: Place): number {
  const numbers = Object.values(ports);
  const found = typeof choice === "number" ? choice : ports[choice];
  if (found === undefined || (numbers.length > 0 && !numbers.includes(found))) {
    const known = Object.entries(ports).map(([name, number]) => `${name} (${number})`);
    at.fault(
      choice,
      known.join(", ") || "a number: no ports are known of this host",
      "name one of its ports",
    );
    return typeof choice === "number" ? choice : 0;
  }
  return portNumber(found, at);
}

/** The destination of a target. The port is left out where none was chosen: Istio then takes that of the request. */
export function destinationOf(
  target: Target,
  choice: PortChoice | undefined,
  context: TrafficContext,
  at: Place,
): Destination {
  const handle = target.kind === "subset" ? target.service : target;
  return {
    host: hostOf(handle, context),
    ...(target.kind === "subset" ? { subset: target.name } : {}),
    ...(choice === undefined ? {} : { port: { number: portOf(handle, choice, at.in("port")) } }),
  };
}
