import type { KubeObject } from "../../lib/objects";
import type { TrafficContext } from "../context";
import { checked, type Place } from "../faults";
import { hostOf, mesh } from "../handles";
import { duration } from "../values";
import { actionSpec } from "./actions";
import { httpRouteFilters, httpRouteRedirect } from "./gateway-api-filters";
import { grpcRouteMatch, httpRouteMatch } from "./gateway-api-matches";
import { disorder } from "./gateway-api-order";
import { backendRefs, headerFilters, mirrorFilters, parentRef, refuseFields } from "./gateway-api-parts";
import { gatewaysOf, httpRoutes, listOf, titleOfFragment } from "./http";
import { checkNames, type HostRouteSettings, placeOf } from "./merge";
import type { HttpFragment, HttpMatch } from "./types";

/** The kinds of Gateway API that routes can be written as. */
export type RouteKind = "HTTPRoute" | "GRPCRoute";

const filled = (field: string, list: readonly object[]) => (list.length === 0 ? {} : { [field]: list });

interface Rule {
  readonly fragment: HttpFragment;
  readonly namespace: string;
  readonly context: TrafficContext;
  readonly at: Place;
}

const never = {
  fault: "keep to a VirtualService",
  retries: "keep to a VirtualService; without them the mesh's default of 2 holds",
};

function matchesOf({ fragment, at }: Rule, render: (match: HttpMatch, at: Place) => object) {
  const matches = listOf<HttpMatch>(fragment.match);
  const list = Array.isArray(fragment.match);
  const made = matches.map((match, index) => render(match, list ? at.in("match", index) : at.in("match")));
  return filled("matches", made);
}

function refsOf({ fragment: { action }, namespace, context, at }: Rule): object {
  if (action.kind === "forward") {
    actionSpec(action, context, at.in("action"));
    return { backendRefs: backendRefs(action.targets, namespace, at.in("action", "targets")) };
  }
  if (action.kind !== "redirect") {
    at.in("action").fault(action.kind, "forward or redirect", "keep to a VirtualService");
  }
  return {};
}

function httpRule(rule: Rule): object {
  const { fragment, namespace, at } = rule;
  const { name, timeout, headers, mirrors, action } = fragment;
  refuseFields(fragment, never, at);
  const filters = [
    ...(action.kind === "redirect" ? [httpRouteRedirect(action, fragment, at.in("action"))] : []),
    ...httpRouteFilters(fragment, at),
    ...headerFilters(headers, at.in("headers")),
    ...mirrorFilters(mirrors, namespace, at.in("mirrors")),
  ];
  return {
    name,
    ...matchesOf(rule, httpRouteMatch),
    ...filled("filters", filters),
    ...refsOf(rule),
    // Five digits are what Gateway API takes.
    ...(timeout === undefined
      ? {}
      : { timeouts: { request: duration(timeout, at.in("timeout"), { max: "99999s" }) } }),
  };
}

function grpcRule(rule: Rule): object {
  const { fragment, namespace, at } = rule;
  const change = "keep to a VirtualService";
  refuseFields(fragment, { ...never, timeout: change, rewrite: change, corsPolicy: change }, at);
  if (fragment.action.kind === "redirect") at.in("action").fault("redirect", "forward", change);
  const filters = [
    ...headerFilters(fragment.headers, at.in("headers")),
    ...mirrorFilters(fragment.mirrors, namespace, at.in("mirrors")),
  ];
  return {
    name: fragment.name,
    ...matchesOf(rule, grpcRouteMatch),
    ...filled("filters", filters),
    ...refsOf(rule),
  };
}

/**
 * The fragments of one host as an object of Gateway API: the twin of their VirtualService. What it cannot say, or would
 * do in another order, is a fault with the name of the field.
 */
export function renderGatewayApi(
  kind: RouteKind,
  fragments: readonly HttpFragment[],
  context: TrafficContext,
  settings: HostRouteSettings = {},
): KubeObject[] {
  const [first] = fragments;
  if (first === undefined) return [];
  return checked(`${kind} for ${hostOf(first.host, context)}`, (at) => {
    const metadata = placeOf(first.host, settings, at);
    const routes = at.in("routes");
    checkNames(fragments, at);
    const gateways = [...new Set(fragments.flatMap(gatewaysOf))].sort();
    checkWhole(fragments, gateways, settings, context, routes);
    const entries = httpRoutes(fragments, gateways, context, routes).flatMap((route) => route.entries);
    checkOrder(entries, routes);
    const ordered = [...new Set(entries.map(({ fragment }) => fragment))];
    const { annotations } = settings;
    const parents = first.gateways ?? [mesh];
    const hosts = [first.host, ...(settings.alsoHosts ?? [])].map((host) => hostOf(host, context));
    return [
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind,
        metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
        spec: {
          parentRefs: parents.map((parent) => parentRef(parent, first.host, metadata.namespace, at)),
          // In the mesh the Service says for which host.
          ...(gateways.includes(mesh) || hosts.includes("*") ? {} : { hostnames: hosts }),
          rules: ordered.map((fragment) => {
            const rule = { fragment, context, namespace: metadata.namespace, at: routes.in(fragment.name) };
            return kind === "HTTPRoute" ? httpRule(rule) : grpcRule(rule);
          }),
        },
      },
    ];
  });
}

const MOST_RULES = 16;

function checkWhole(
  fragments: readonly HttpFragment[],
  gateways: readonly string[],
  { exportTo }: HostRouteSettings,
  context: TrafficContext,
  at: Place,
): void {
  for (const fragment of fragments) {
    const place = at.in(fragment.name);
    const own = gatewaysOf(fragment);
    if (own.length !== gateways.length)
      place.in("gateways").fault(own, gateways.join(", "), "make an object for each");
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(fragment.name)) {
      place.in("name").fault(fragment.name, "small letters, digits, - and .", "write it so");
    }
    if (hostOf(fragment.host, context) !== hostOf(fragments[0]?.host ?? fragment.host, context)) {
      place.in("host").fault(hostOf(fragment.host, context), "one host", "make an object for each");
    }
  }
  if (gateways.length > 1 && gateways.includes(mesh)) {
    at.in("gateways").fault(gateways, "gateways, or the mesh", "make an object for each");
  }
  if (exportTo !== undefined)
    at.in("exportTo").fault(exportTo, "nothing: Gateway API cannot say it", "drop it");
  if (fragments.length > MOST_RULES)
    at.fault(`${fragments.length} routes`, `at most ${MOST_RULES}`, "split the host");
}

function checkOrder(entries: Parameters<typeof disorder>[0], at: Place): void {
  const pair = disorder(entries);
  if (pair === undefined) return;
  const [earlier, later] = pair.map(({ fragment }) => fragment);
  if (earlier === undefined || later === undefined) return;
  at.in(earlier.name, earlier.priority === undefined ? "match" : "priority").fault(
    `before ${titleOfFragment(later)}`,
    "the order of Gateway API: path, method, headers, parameters",
    "add conditions that part the two, or keep to a VirtualService",
  );
}
