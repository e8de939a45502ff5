import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { type ClientTlsArgs, clientTls } from "./client-tls";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { planDestinations } from "./destination-plan";
import type { DestinationsArgs } from "./destinations-args";
import { checked, type Place } from "./faults";
import { type ExternalHandle, external } from "./handles";
import { type EntryPort, type ServiceEntryArgs, serviceEntryAt } from "./service-entry";
import { renderSidecar } from "./sidecar";
import { oneOf } from "./values";

/** How a host outside is reached. */
export type EgressWay =
  /** The application speaks TLS; the proxy goes by the name that it asks for. Port 443 by default. */
  | { readonly kind: "https"; readonly port?: number }
  /** Plain HTTP. Port 80 by default. */
  | { readonly kind: "http"; readonly port?: number }
  /** Bytes to a port. Callers are told apart by the addresses, or by one that istiod assigns. */
  | { readonly kind: "tcp"; readonly port: number; readonly addresses: readonly string[] | "auto" }
  /**
   * The application speaks plain HTTP to `port` (80 by default), the proxy TLS to `targetPort` (443 by default). So
   * routes, retries, timeouts and telemetry work, which they cannot inside TLS.
   */
  | {
      readonly kind: "tlsOrigination";
      readonly port?: number;
      readonly targetPort?: number;
      /** What the proxy expects and shows. Default SIMPLE by the authorities of the proxy's image, asking for the host. */
      readonly tls?: Extract<ClientTlsArgs, { readonly mode: "SIMPLE" | "MUTUAL" }>;
    };

export interface EgressHost {
  /** In full; with the ways `https` and `http` also `*.example.com`. */
  readonly host: string;
  readonly way: EgressWay;
  /** Name of its objects. Default: the host's with `-` for dots. */
  readonly name?: string;
}

/** Hosts outside that a namespace reaches. */
export interface EgressArgs {
  /** Namespace of the callers. The objects are there, and hold for it alone unless `exportTo` says more. */
  readonly namespace: string;
  readonly hosts: readonly EgressHost[];
  /**
   * Nothing else outside is reached. Makes the namespace's Sidecar, of which there is one; what it calls inside goes on
   * as it is. Default false.
   */
  readonly registryOnly?: boolean;
  /** Name of the Sidecar. Default `default`. */
  readonly sidecarName?: string;
  /** Default `["."]`: the namespace alone. */
  readonly exportTo?: readonly string[];
}

const nameOf = ({ name, host }: EgressHost) => name ?? host.replaceAll("*", "all").replaceAll(".", "-");

function portsOf(way: EgressWay): readonly EntryPort[] {
  switch (way.kind) {
    case "https":
      return [{ number: way.port ?? 443, name: "tls", protocol: "TLS" }];
    case "http":
      return [{ number: way.port ?? 80, name: "http", protocol: "HTTP" }];
    case "tcp":
      return [{ number: way.port, name: "tcp", protocol: "TCP" }];
    case "tlsOrigination":
      return [{ number: way.port ?? 80, name: "http", protocol: "HTTP", targetPort: way.targetPort ?? 443 }];
  }
}

const kinds = ["https", "http", "tcp", "tlsOrigination"] as const;

function entryOf(one: EgressHost, { namespace, exportTo = ["."] }: EgressArgs): ServiceEntryArgs {
  const { host, way } = one;
  return {
    name: nameOf(one),
    namespace,
    hosts: [host],
    ports: portsOf(way),
    // Nobody can ask DNS for a wildcard; the application has done so for the name that it wants.
    resolution: host.includes("*") ? "NONE" : "DNS",
    exportTo,
    ...(way.kind === "tcp" ? { addresses: way.addresses } : {}),
  };
}

function ruleOf(one: EgressHost, { namespace, exportTo = ["."] }: EgressArgs): DestinationsArgs[] {
  const { host, way } = one;
  if (way.kind !== "tlsOrigination" || host.includes("*")) return [];
  const { tls = { mode: "SIMPLE", caCertificates: "system", sni: host } } = way;
  const [{ number }] = portsOf(way) as readonly [EntryPort];
  const handle = external(host, { http: number });
  return [
    { host: handle, name: nameOf(one), namespace, exportTo, policies: [clientTls(tls, { port: "http" })] },
  ];
}

function checkHosts({ hosts, registryOnly = false }: EgressArgs, at: Place): void {
  if (hosts.length === 0 && !registryOnly) at.fault([], "one host or more, or registryOnly", "name one");
  hosts.forEach((one, index) => {
    const { host, way } = one;
    const here = at.in(index);
    oneOf(way.kind, kinds, here.in("way", "kind"));
    if (host.includes("*") && (way.kind === "tlsOrigination" || way.kind === "tcp")) {
      here.in("host").fault(host, `a name in full, with ${way.kind}`, "name each host, or use https");
    }
    if (hosts.findIndex((other) => nameOf(other) === nameOf(one)) < index) {
      here.in("name").fault(nameOf(one), "each name once", "give another one");
    }
  });
}

/** The only Sidecar of a namespace: all of the mesh, and of the outside only what is declared. */
const fence = ({ namespace, sidecarName = "default" }: EgressArgs, context: TrafficContext) =>
  renderSidecar(
    { name: sidecarName, namespace, egress: [{ hosts: ["*/*"] }], outboundTrafficPolicy: "REGISTRY_ONLY" },
    context,
  );

/** ServiceEntries, DestinationRules for TLS that the proxies begin, and a Sidecar where nothing else is to be reached. */
export const renderEgress = (args: EgressArgs, context: TrafficContext): KubeObject[] =>
  checked(`Egress ${args.namespace}`, (at) => {
    checkHosts(args, at.in("hosts"));
    const entries = args.hosts.map((one, index) =>
      serviceEntryAt(entryOf(one, args), context, at.in("hosts", index)),
    );
    const rules = args.hosts.flatMap((one, index) =>
      ruleOf(one, args).map((rule) => ({ args: rule, at: at.in("hosts", index, "way", "tls"), flat: true })),
    );
    const { objects } = planDestinations(rules, context);
    return [...entries, ...objects, ...(args.registryOnly === true ? fence(args, context) : [])];
  });

/** A host of the bundle, for routes and policies. */
export const egressHost = ({ host, way }: EgressHost): ExternalHandle =>
  external(host, Object.fromEntries(portsOf(way).map(({ name = "", number }) => [name, number])));

/** Hosts outside that a namespace reaches, and perhaps nothing else. */
export class Egress extends DeclaredPolicy {
  constructor(name: string, args: EgressArgs & TrafficContext, options?: pulumi.ComponentResourceOptions) {
    super("Egress", name, renderEgress(args, args), options);
  }
}
