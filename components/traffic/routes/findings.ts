import type { Finding } from "../../lib/findings";
import { hostsMeet } from "../../lib/mesh-hosts";
import type { TrafficContext } from "../context";
import { hostOf, mesh } from "../handles";
import { type RouteCode, routeCodes } from "./codes";
import { covers, meet } from "./cover";
import { type Entry, type HttpRoute, titleOfFragment } from "./http";
import { takesAll } from "./order";
import type { RouteFragment } from "./types";

export type Report = (code: RouteCode, path: string, message: string, change: string) => Finding;

/** Makes findings of one object. */
export const reporter =
  (object: string): Report =>
  (code, path, message, change) => ({
    code,
    severity: routeCodes[code].severity,
    object,
    path,
    message,
    change,
  });

interface Placed {
  readonly entry: Entry;
  readonly path: string;
}

const places = (routes: readonly HttpRoute[]): Placed[] =>
  routes.flatMap(({ entries, spec }, route) =>
    entries.map((entry, match) => ({
      entry,
      path: spec.match === undefined ? `spec.http[${route}]` : `spec.http[${route}].match[${match}]`,
    })),
  );

const named = ({ entry }: Placed) => `route ${titleOfFragment(entry.fragment)}`;
const sameResult = (a: Entry, b: Entry) =>
  a.fragment === b.fragment || JSON.stringify(a.result) === JSON.stringify(b.result);
const shared = (a: Entry, b: Entry) => a.gateways.filter((gateway) => b.gateways.includes(gateway));

/** What routes do to each other: hide, repeat, contradict, overlap. */
export function pairFindings(routes: readonly HttpRoute[], report: Report): Finding[] {
  const all = places(routes);
  return all.flatMap((later, index) =>
    all.slice(0, index).flatMap((earlier) => {
      if (shared(earlier.entry, later.entry).length === 0) return [];
      if (covers(earlier.entry.conditions, later.entry.conditions)) return [hiding(earlier, later, report)];
      return overlap(earlier, later, report);
    }),
  );
}

function hiding(earlier: Placed, later: Placed, report: Report): Finding {
  const where = shared(earlier.entry, later.entry).join(", ");
  if (sameResult(earlier.entry, later.entry)) {
    return report(
      "MP0453",
      later.path,
      `${named(earlier)} takes these requests already (at ${where}) and does the same`,
      `drop this match of ${titleOfFragment(later.entry.fragment)}`,
    );
  }
  const equal = covers(later.entry.conditions, earlier.entry.conditions);
  const message = equal
    ? `${named(earlier)} and ${named(later)} take the same requests (at ${where}); only the first would ever act`
    : `${named(later)} never acts at ${where}: ${named(earlier)}, which has the higher priority, takes all its requests`;
  return report(
    equal ? "MP0451" : "MP0452",
    later.path,
    message,
    equal ? "drop one, or put a condition to one of them" : "give it the higher priority, or drop it",
  );
}

function overlap(earlier: Placed, later: Placed, report: Report): Finding[] {
  const [a, b] = [earlier.entry, later.entry];
  const apart = a.fragment.module !== b.fragment.module && a.priority === b.priority;
  if (!apart || sameResult(a, b)) return [];
  if (covers(b.conditions, a.conditions) || !meet(a.conditions, b.conditions)) return [];
  return [
    report(
      "MP0455",
      later.path,
      `some requests fit ${named(earlier)} and ${named(later)}; the first takes them, by the general order`,
      "nothing if that is meant; else give one a priority, or a condition that parts them",
    ),
  ];
}

/** Gateways at which no route takes what nothing else took. */
export function catchAllFindings(
  routes: readonly HttpRoute[],
  gateways: readonly string[],
  report: Report,
): Finding[] {
  const open = routes.flatMap(({ entries }) => entries).filter(({ conditions }) => takesAll(conditions));
  const missing = gateways.filter((gateway) => !open.some((entry) => entry.gateways.includes(gateway)));
  if (routes.length === 0 || missing.length === 0) return [];
  return [
    report(
      "MP0454",
      "spec.http",
      `no route takes what matches nothing (at ${missing.join(", ")}): clients get 404`,
      'add a route without match, or say unmatched: "notFound" where that is meant',
    ),
  ];
}

/** Gateways that do not take the host, so that no request for it ever comes from there. */
export function gatewayFindings(
  fragments: readonly RouteFragment[],
  hosts: readonly string[],
  context: TrafficContext,
  report: Report,
): Finding[] {
  return fragments.flatMap((fragment) =>
    (fragment.gateways ?? [mesh]).flatMap((gateway) => {
      if (gateway === mesh) return [];
      const taken = gateway.hosts.map((host) => host.slice(host.indexOf("/") + 1));
      if (hosts.some((host) => taken.some((pattern) => hostsMeet(pattern, host)))) return [];
      return [
        report(
          "MP0456",
          "spec.gateways",
          `gateway ${gateway.namespace}/${gateway.name} takes ${taken.join(", ")} and not ${hostOf(fragment.host, context)}, so that route ${titleOfFragment(fragment)} gets nothing from it`,
          "add the host to the gateway's server, or the gateway's host to the routes",
        ),
      ];
    }),
  );
}
