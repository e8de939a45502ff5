import type { TrafficContext } from "../context";
import type { Place } from "../faults";
import { mesh } from "../handles";
import { cidr, dnsLabel, host, labelMap, port } from "../values";
import { destinationsSpec } from "./actions";
import { checkPorts } from "./combinations";
import { gatewaysOf, listOf } from "./http";
import type { TcpFragment, TcpMatch, TlsFragment, TlsMatch } from "./types";

type L4Fragment = TcpFragment | TlsFragment;
type L4Match = TcpMatch | TlsMatch;

/** A route for connections, with the fragment that it is from. */
export interface L4Route {
  readonly spec: { readonly match?: readonly object[]; readonly route: readonly object[] };
  readonly fragment: L4Fragment;
}

const bySource = ({ sourceLabels, sourceNamespace }: L4Match) =>
  sourceLabels !== undefined || sourceNamespace !== undefined;

function matchSpec(match: L4Match, gateways: readonly string[] | undefined, at: Place): object {
  const { destinationSubnets, port: number, sourceLabels, sourceNamespace } = match;
  const names = "sniHosts" in match ? match.sniHosts : undefined;
  names?.forEach((name, index) => {
    host(name, at.in("sniHosts", index), { short: false });
  });
  if (names?.length === 0) at.in("sniHosts").fault([], "one name or more", "name one");
  destinationSubnets?.forEach((subnet, index) => {
    cidr(subnet, at.in("destinationSubnets", index));
  });
  if (number !== undefined) port(number, at.in("port"));
  if (sourceLabels !== undefined) labelMap(sourceLabels, at.in("sourceLabels"));
  if (sourceNamespace !== undefined) dnsLabel(sourceNamespace, at.in("sourceNamespace"));
  return { ...match, ...(gateways === undefined || bySource(match) ? {} : { gateways }) };
}

/** Wildcards after names, and short ones after long ones. */
const sniRank = (match: L4Match) => {
  const names = "sniHosts" in match ? match.sniHosts : [];
  const widest = names.map((name) => (name.startsWith("*") ? 1000 - name.length : 0));
  return Math.max(0, ...widest);
};

const countOf = ({ destinationSubnets, port: number, sourceLabels, sourceNamespace }: L4Match) =>
  Object.keys(sourceLabels ?? {}).length +
  [destinationSubnets, number, sourceNamespace].filter((value) => value !== undefined).length;

/** What decides on the place of a fragment: its widest match. */
function rank(fragment: L4Fragment): (number | string)[] {
  const matches = listOf<L4Match>(fragment.match);
  const count = matches.length === 0 ? 0 : Math.min(...matches.map(countOf));
  return [
    matches.length === 0 ? 1 : 0,
    -(fragment.priority ?? 0),
    Math.max(0, ...matches.map(sniRank)),
    -count,
    fragment.order ?? 0,
    fragment.module ?? "",
    fragment.name,
  ];
}

function compare(a: L4Fragment, b: L4Fragment): number {
  const others = rank(b);
  for (const [index, value] of rank(a).entries()) {
    const other = others[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** Routes of TCP or TLS in order: narrower names first, more conditions first, what takes everything last. */
export function l4Routes(
  fragments: readonly L4Fragment[],
  all: readonly string[],
  context: TrafficContext,
  at: Place,
): L4Route[] {
  return [...fragments].sort(compare).map((fragment) => {
    const place = at.in(fragment.name);
    checkPorts(fragment, place);
    const own = gatewaysOf(fragment);
    const gateways = own.length === all.length ? undefined : own;
    const matches = listOf<L4Match>(fragment.match);
    if (matches.some(bySource) && !own.includes(mesh)) {
      place
        .in("match")
        .fault(own, "conditions on the source in the mesh alone", "drop them, or add the mesh to gateways");
    }
    const given = matches.length === 0 && gateways !== undefined ? [{}] : matches;
    const match = given.map((one, index) => matchSpec(one, gateways, place.in("match", index)));
    const route = destinationsSpec(fragment.action, context, place.in("action"));
    return { fragment, spec: { ...(match.length === 0 ? {} : { match }), route } };
  });
}

/** Whether a name is one of those that a host, perhaps with a wildcard, stands for. */
export const standsFor = (host: string, name: string): boolean =>
  host === "*" || host === name || (host.startsWith("*") && name.endsWith(host.slice(1)));

/** Istio refuses names that are not the hosts' own. */
export function checkNamesOfHost(
  fragments: readonly TlsFragment[],
  hosts: readonly string[],
  at: Place,
): void {
  for (const { name, match } of fragments) {
    const list = Array.isArray(match);
    listOf<TlsMatch>(match).forEach(({ sniHosts }, index) => {
      const place = list ? at.in(name, "match", index) : at.in(name, "match");
      sniHosts.forEach((sni, number) => {
        if (hosts.some((host) => standsFor(host, sni))) return;
        place
          .in("sniHosts", number)
          .fault(sni, hosts.join(", "), "name the host, or add this one to alsoHosts");
      });
    });
  }
}
