import type { EnvoyPatch, RouteMatch } from "../envoy-filter-types";

/** Where a limit is kept: before the application, in its callers, or at a gateway. */
export type Side = "inbound" | "outbound" | "gateway";

export const contexts = {
  inbound: "SIDECAR_INBOUND",
  outbound: "SIDECAR_OUTBOUND",
  gateway: "GATEWAY",
} as const satisfies Readonly<Record<Side, EnvoyPatch["context"]>>;

/** istiod's name of the virtual host of a Service's port, in front of the application. */
export const inboundHost = (servicePort: number): string => `inbound|http|${servicePort}`;

/**
 * Puts a filter right before the router: behind authorization, so that refused requests take no tokens. Only listeners
 * for HTTP have this chain; ports whose name tells no HTTP get nothing.
 */
export const beforeRouter = (side: Side, value: Readonly<Record<string, unknown>>): EnvoyPatch => ({
  applyTo: "HTTP_FILTER",
  context: contexts[side],
  match: {
    listener: {
      filterChain: {
        filter: {
          name: "envoy.filters.network.http_connection_manager",
          subFilter: { name: "envoy.filters.http.router" },
        },
      },
    },
  },
  operation: "INSERT_BEFORE",
  value,
});

/** Puts something into virtual hosts by their name, or into all of them. */
export const inVirtualHost = (
  side: Side,
  name: string | undefined,
  value: Readonly<Record<string, unknown>>,
): EnvoyPatch => ({
  applyTo: "VIRTUAL_HOST",
  context: contexts[side],
  ...(name === undefined ? {} : { match: { routeConfiguration: { vhost: { name } } } }),
  operation: "MERGE",
  value,
});

/** Puts the settings of a filter into routes. They are put beside the route's action, which therefore may be any. */
export const inRoute = (
  side: Side,
  match: RouteMatch["vhost"],
  filter: string,
  settings: object,
): EnvoyPatch => ({
  applyTo: "HTTP_ROUTE",
  context: contexts[side],
  match: { routeConfiguration: { vhost: match ?? {} } },
  operation: "MERGE",
  value: { typed_per_filter_config: { [filter]: settings } },
});

/** A share of requests by Envoy's runtime, in percent. */
export const share = (key: string, percent: number): object => ({
  runtime_key: key,
  default_value: { numerator: Math.round(percent * 10_000), denominator: "MILLION" },
});

/** A header that is set in answers, in place of one that is there. */
export const responseHeader = (key: string, value: string): object => ({
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
  header: { key, value },
});
