import { type Finding, orderFindings } from "../../lib/findings";
import { type KubeObject, titleOf } from "../../lib/objects";
import { apiOf, type TrafficContext } from "../context";
import { checked, type Place } from "../faults";
import { type HostHandle, hostOf, mesh } from "../handles";
import { dnsLabel, host } from "../values";
import { catchAllFindings, gatewayFindings, pairFindings, reporter } from "./findings";
import { gatewaysOf, httpRoutes } from "./http";
import { checkNamesOfHost, l4Routes } from "./l4";
import { l4Findings } from "./l4-findings";
import { annotationsOf } from "./suppressed";
import type { HttpFragment, RouteFragment, TcpFragment, TlsFragment } from "./types";

/** What of a host's VirtualService is no matter of single routes. */
export interface HostRouteSettings {
  /** Name of the object. Default: that of the Service, or the host with dashes. */
  readonly name?: string;
  /** Namespace of the object. Default: that of the Service; has to be given for other hosts. */
  readonly namespace?: string;
  /** More names of the same host, as the one under which clients come to a gateway. */
  readonly alsoHosts?: readonly HostHandle[];
  /** What happens to what no route takes: a finding, or 404 without one. Default `refuse`. */
  readonly unmatched?: "refuse" | "notFound";
  /** Namespaces that see the routes: `.` for its own, `*` for all. Default: as the mesh says, all. */
  readonly exportTo?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface MergedRoutes {
  /** A VirtualService for each host, in the order of their names. */
  readonly objects: readonly KubeObject[];
  /** MP0451 and following, about these objects. */
  readonly findings: readonly Finding[];
}

/** Settings by host, each as `hostOf` writes it. */
export type SettingsByHost = Readonly<Record<string, HostRouteSettings>>;

/**
 * Puts the fragments of each host into one VirtualService. Nothing hangs on the order of the fragments: `compareRanked`
 * puts them into theirs. Throws a TrafficFault for arguments that cannot be rendered.
 */
export function mergeRoutes(
  fragments: readonly RouteFragment[],
  context: TrafficContext,
  settings: SettingsByHost = {},
): MergedRoutes {
  const hosts = new Map<string, RouteFragment[]>();
  for (const fragment of fragments) {
    const key = hostOf(fragment.host, context);
    hosts.set(key, [...(hosts.get(key) ?? []), fragment]);
  }
  const merged = [...hosts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => mergeHost(own, context, settings[key] ?? {}));
  return {
    objects: merged.flatMap(({ objects }) => objects),
    findings: orderFindings(merged.flatMap(({ findings }) => findings)),
  };
}

const isHttp = (fragment: RouteFragment): fragment is HttpFragment =>
  fragment.protocol === undefined || fragment.protocol === "http";
const isTcp = (fragment: RouteFragment): fragment is TcpFragment => fragment.protocol === "tcp";
const isTls = (fragment: RouteFragment): fragment is TlsFragment => fragment.protocol === "tls";

/** The object's name and namespace, from the settings or the Service. */
export function placeOf(handle: HostHandle, { name, namespace }: HostRouteSettings, at: Place) {
  const own = handle.kind === "service" ? handle : undefined;
  const text =
    handle.kind === "service" ? handle.name : handle.host.replace(/^\*\.?/, "wildcard-").replaceAll(".", "-");
  if (namespace === undefined && own === undefined) {
    at.in("namespace").fault(
      undefined,
      "a namespace, as the host is no Service",
      "say where the object stands",
    );
  }
  return {
    name: name ?? text.replace(/-$/, ""),
    namespace: dnsLabel(namespace ?? own?.namespace ?? "default", at.in("namespace")),
  };
}

/** One host's fragments as one VirtualService. */
export function mergeHost(
  fragments: readonly RouteFragment[],
  context: TrafficContext,
  settings: HostRouteSettings = {},
): MergedRoutes {
  const [first] = fragments;
  if (first === undefined) return { objects: [], findings: [] };
  return checked(`VirtualService for ${hostOf(first.host, context)}`, (at) => {
    const metadata = placeOf(first.host, settings, at);
    const hosts = hostsOf(first.host, settings, context, at);
    const gateways = [...new Set(fragments.flatMap(gatewaysOf))].sort();
    checkNames(fragments, at);
    if (hosts.includes("*") && gateways.includes(mesh)) {
      at.in("host").fault("*", "names of hosts in the mesh", "name the host, or drop the mesh from gateways");
    }
    checkNamesOfHost(fragments.filter(isTls), hosts, at.in("routes"));
    const http = httpRoutes(fragments.filter(isHttp), gateways, context, at.in("routes"));
    const tls = l4Routes(fragments.filter(isTls), gateways, context, at.in("routes"));
    const tcp = l4Routes(fragments.filter(isTcp), gateways, context, at.in("routes"));
    const object: KubeObject = {
      apiVersion: apiOf(context).networking,
      kind: "VirtualService",
      metadata: { ...metadata, ...annotationsOf(settings.annotations, fragments, http, gateways) },
      spec: {
        hosts,
        // Without gateways it holds in the mesh alone, which is how everybody writes it.
        ...(gateways.length === 1 && gateways[0] === mesh ? {} : { gateways }),
        ...(settings.exportTo === undefined ? {} : { exportTo: settings.exportTo }),
        ...specs("http", http),
        ...specs("tls", tls),
        ...specs("tcp", tcp),
      },
    };
    const report = reporter(titleOf(object));
    const open = gatewaysOfHttp(fragments);
    return {
      objects: [object],
      findings: orderFindings([
        ...pairFindings(http, report),
        ...l4Findings("tls", tls, report),
        ...l4Findings("tcp", tcp, report),
        ...gatewayFindings(fragments, hosts, context, report),
        ...(settings.unmatched === "notFound" ? [] : catchAllFindings(http, open, report)),
      ]),
    };
  });
}

const specs = (name: string, routes: readonly { readonly spec: object }[]) =>
  routes.length === 0 ? {} : { [name]: routes.map(({ spec }) => spec) };

const gatewaysOfHttp = (fragments: readonly RouteFragment[]) =>
  [...new Set(fragments.filter(isHttp).flatMap(gatewaysOf))].sort();

function hostsOf(
  handle: HostHandle,
  { alsoHosts = [] }: HostRouteSettings,
  context: TrafficContext,
  at: Place,
): string[] {
  const hosts = [handle, ...alsoHosts].map((one) => host(hostOf(one, context), at.in("host")));
  if (new Set(hosts).size < hosts.length)
    at.in("alsoHosts").fault(hosts, "each host once", "drop the second");
  return hosts;
}

/** Names tell routes apart, in findings as in metrics, and decide where nothing else does. */
export function checkNames(fragments: readonly RouteFragment[], at: Place): void {
  const seen = new Set<string>();
  for (const { name } of fragments) {
    if (!/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name)) {
      at.in("routes", name).fault(name, "letters, digits, -, _ and . as a name", "correct the spelling");
    }
    if (seen.has(name))
      at.in("routes", name).fault(name, "each name once for a host", "rename one of the routes");
    seen.add(name);
  }
}
