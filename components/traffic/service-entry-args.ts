import type { PodLabels } from "./destination-policy";
import type { Endpoint } from "./endpoint";
import type { Named } from "./metadata";

export const entryProtocols = [
  ...(["HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-Web", "TLS", "TCP"] as const),
  ...(["Mongo", "MySQL", "Redis"] as const),
] as const;

export type EntryProtocol = (typeof entryProtocols)[number];

export interface EntryPort {
  readonly number: number;
  readonly protocol: EntryProtocol;
  /** Default: protocol and number, as `https-443`. */
  readonly name?: string;
  /** Port of the endpoints. Default: the same. */
  readonly targetPort?: number;
}

/**
 * How endpoints are found.
 *
 * - `NONE`: the caller has resolved the name; it goes where he wants to.
 * - `STATIC`: the addresses of `endpoints`, or of WorkloadEntries by `workloadSelector`.
 * - `DNS`: each proxy asks for the hosts (or the names of `endpoints`) and balances over all answers.
 * - `DNS_ROUND_ROBIN`: the same, and a new connection takes the first answer alone.
 * - `DYNAMIC_DNS`: for wildcards; each request's own name is asked for.
 */
export type Resolution = "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS";

/** Hosts that are no Services of the cluster, as the mesh shall know them. */
export interface ServiceEntryArgs extends Named {
  /** Names in full, or `*.example.com`. Several only for protocols that tell the name: HTTP and TLS. */
  readonly hosts: readonly string[];
  /**
   * Addresses by which callers reach it, networks too (`10.1.0.0/16`) with NONE and STATIC. Ports of TCP need one to be
   * told apart. `auto`: istiod assigns one, which callers get from the proxy's DNS (Istio 1.25 or later). Default none.
   */
  readonly addresses?: readonly string[] | "auto";
  readonly ports: readonly EntryPort[];
  /** Whether it is part of the mesh, with proxies and mutual TLS. Default MESH_EXTERNAL. */
  readonly location?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  readonly resolution: Resolution;
  /** Default: for DNS the hosts themselves, for NONE and DYNAMIC_DNS there are none. Not with `workloadSelector`. */
  readonly endpoints?: readonly Endpoint[];
  /** Pods and WorkloadEntries of the namespace that are the endpoints. */
  readonly workloadSelector?: PodLabels;
  /** Namespaces that see it: names, `.` for its own, `*` for all, `~` for none. Default: all. */
  readonly exportTo?: readonly string[];
  /** Names of which the endpoints' certificates must have one. Default: not checked by this. */
  readonly subjectAltNames?: readonly string[];
}
