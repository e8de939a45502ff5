import type { Place } from "../faults";
import { type HostHandle, mesh, type PortChoice, portOf, type RouteGateway, type Target } from "../handles";
import { headersSpec } from "./modifiers";
import type { HeaderChanges, HeaderOperations, MirrorModifier, WeightedTarget } from "./types";

/** Parts that HTTPRoute and GRPCRoute share. */

/** A Service of Gateway API. Subsets and other hosts have no place in it. */
export function backendRef(to: Target, choice: PortChoice | undefined, namespace: string, at: Place): object {
  if (to.kind === "subset") {
    at.in("to").fault(
      to.name,
      "a Service: Gateway API has no subsets",
      "make a Service of the version's pods",
    );
    return {};
  }
  if (to.kind === "external") {
    at.in("to").fault(
      to.host,
      "a Service of the cluster",
      "make a ServiceEntry's twin as a Service, or keep to Istio",
    );
    return {};
  }
  const only = Object.values(to.ports);
  if (choice === undefined && only.length !== 1) {
    at.in("port").fault(choice, "a port, which Gateway API always asks for", "name it");
    return {};
  }
  const port = choice === undefined ? only[0] : portOf(to, choice, at.in("port"));
  return { name: to.name, ...(to.namespace === namespace ? {} : { namespace: to.namespace }), port };
}

export function backendRefs(targets: readonly WeightedTarget[], namespace: string, at: Place): object[] {
  return targets.map(({ to, port, weight }, index) => ({
    ...backendRef(to, port, namespace, at.in(index)),
    ...(weight === undefined || targets.length === 1 ? {} : { weight }),
  }));
}

/** Where routes hold: at Gateways, or for all who ask for a Service in the mesh. */
export function parentRef(gateway: RouteGateway, host: HostHandle, namespace: string, at: Place): object {
  if (gateway !== mesh) {
    const own = gateway.namespace === namespace ? {} : { namespace: gateway.namespace };
    return { group: "gateway.networking.k8s.io", kind: "Gateway", name: gateway.name, ...own };
  }
  if (host.kind !== "service") {
    at.in("gateways").fault(host.host, "a Service for routes in the mesh", "name gateways, or keep to Istio");
    return {};
  }
  return {
    group: "",
    kind: "Service",
    name: host.name,
    ...(host.namespace === namespace ? {} : { namespace: host.namespace }),
  };
}

const pairs = (values: Readonly<Record<string, string>> | undefined) =>
  values === undefined ? undefined : Object.entries(values).map(([name, value]) => ({ name, value }));

const operations = ({ set, add, remove }: HeaderOperations, at: Place) => {
  const odd = Object.keys({ ...set, ...add }).find(
    (name) => name.startsWith(":") || name.toLowerCase() === "host",
  );
  if (odd !== undefined) at.fault(odd, "headers other than the host", "use rewrite.authority");
  const fields = { set: pairs(set), add: pairs(add), remove };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

export function headerFilters(changes: HeaderChanges | undefined, at: Place): object[] {
  if (changes === undefined) return [];
  headersSpec(changes, at);
  const { request, response } = changes;
  return [
    ...(request === undefined
      ? []
      : [{ type: "RequestHeaderModifier", requestHeaderModifier: operations(request, at.in("request")) }]),
    ...(response === undefined
      ? []
      : [
          { type: "ResponseHeaderModifier", responseHeaderModifier: operations(response, at.in("response")) },
        ]),
  ];
}

const MILLION = 1_000_000;

export const mirrorFilters = (
  mirrors: readonly MirrorModifier[] | undefined,
  namespace: string,
  at: Place,
): object[] =>
  (mirrors ?? []).map(({ to, port, percentage = 100 }, index) => ({
    type: "RequestMirror",
    requestMirror: {
      backendRef: backendRef(to, port, namespace, at.in(index)),
      ...(Number.isInteger(percentage)
        ? { percent: percentage }
        : { fraction: { numerator: Math.round(percentage * 10_000), denominator: MILLION } }),
    },
  }));

/** Refuses fields that have no counterpart, each by its name. */
export function refuseFields(given: object, fields: Readonly<Record<string, string>>, at: Place): void {
  for (const [field, change] of Object.entries(fields)) {
    const value = (given as Readonly<Record<string, unknown>>)[field];
    if (value !== undefined) at.in(field).fault(value, "nothing: Gateway API cannot say it", change);
  }
}
