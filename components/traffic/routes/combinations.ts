import type { Place } from "../faults";
import { mesh, type Target } from "../handles";
import { type Conditions, isClaim } from "./conditions";
import { setsAuthority } from "./modifiers";
import type { HttpFragment, RouteFragment } from "./types";

/** Modifiers that an action makes meaningless, or that Istio refuses beside it. */
const meaningless = {
  forward: [],
  redirect: ["fault", "rewrite", "timeout", "retries", "mirrors"],
  directResponse: ["fault", "rewrite", "timeout", "retries", "mirrors"],
  delegate: ["fault", "rewrite", "timeout", "retries", "mirrors", "corsPolicy", "headers"],
} as const;

const instead = {
  forward: "",
  redirect: "no request goes on from a redirect",
  directResponse: "no request goes on from a direct response",
  delegate: "write it at the routes of the delegate",
} as const;

/** What fields of one fragment say about each other. */
export function checkFragment(fragment: HttpFragment, conditions: readonly Conditions[], at: Place): void {
  const { action, headers, rewrite } = fragment;
  for (const field of meaningless[action.kind]) {
    if (fragment[field] !== undefined) {
      at.in(field).fault(
        fragment[field],
        `nothing beside ${action.kind}`,
        `drop it: ${instead[action.kind]}`,
      );
    }
  }
  const hosts = [
    ...setsAuthority(headers),
    ...(rewrite?.authority === undefined ? [] : ["rewrite.authority"]),
  ];
  if (hosts.length > 1) at.fault(hosts.join(", "), "one way to set the host", "drop the others");
  if (action.kind === "redirect" && action.prefixRewrite !== undefined) {
    const other = conditions.find(({ uri }) => uri !== undefined && uri.how !== "prefix");
    if (other !== undefined) {
      at.in("action", "prefixRewrite").fault(
        other.uri,
        "matches by prefix alone",
        "match prefix, or use uri",
      );
    }
  }
  const claims = conditions.flatMap((one) =>
    Object.keys({ ...one.headers, ...one.withoutHeaders }).filter(isClaim),
  );
  if (claims.length > 0 && (fragment.gateways ?? [mesh]).includes(mesh)) {
    at.in("match").fault(
      claims.join(", "),
      "claims of tokens at gateways alone",
      "drop the mesh from gateways",
    );
  }
  checkPorts(fragment, at);
}

const portsOf = (to: Target) => Object.keys((to.kind === "subset" ? to.service : to).ports);

/** At a gateway the port of the request is the gateway's own, which says nothing about a Service with several. */
export function checkPorts({ action, gateways = [mesh] }: RouteFragment, at: Place): void {
  if (action.kind !== "forward" || gateways.every((gateway) => gateway === mesh)) return;
  action.targets.forEach(({ to, port }, index) => {
    if (port === undefined && portsOf(to).length > 1) {
      at.in("action", "targets", index, "port").fault(
        port,
        portsOf(to).join(", "),
        "name the port: there are several",
      );
    }
  });
}
