import { describe, expect, it } from "vitest";
import { type EnvoyFilterArgs, renderEnvoyFilter } from "../../../components/traffic/envoy-filter";
import type { EnvoyPatch } from "../../../components/traffic/envoy-filter-types";
import { faultsOf } from "./security-faults";

const context = { version: "1.31.0-rc.20260827" };
const manager = "envoy.filters.network.http_connection_manager";
const router = { name: manager, subFilter: { name: "envoy.filters.http.router" } };
const typed = {
  name: "envoy.filters.http.lua",
  typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua" },
};
const insert: EnvoyPatch = {
  applyTo: "HTTP_FILTER",
  context: "SIDECAR_INBOUND",
  match: { listener: { filterChain: { filter: router } } },
  operation: "INSERT_BEFORE",
  value: typed,
};
const base: EnvoyFilterArgs = {
  name: "lua",
  scope: { kind: "workload", namespace: "shop", labels: { app: "cart" } },
  because: "no kind has it",
  priority: 10,
  patches: [insert],
};
const faults = (more: Partial<EnvoyFilterArgs>) =>
  faultsOf(() => renderEnvoyFilter({ ...base, ...more }, context));
const patchFaults = (...patches: readonly EnvoyPatch[]) => faults({ patches });

describe("EnvoyFilter", () => {
  it("is pinned to a version, ordered, and says why it is there", () => {
    expect(renderEnvoyFilter(base, context)).toEqual({
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: {
        name: "lua",
        namespace: "shop",
        annotations: { "mesh-platform/because": "no kind has it" },
      },
      spec: {
        workloadSelector: { labels: { app: "cart" } },
        priority: 10,
        configPatches: [
          {
            applyTo: "HTTP_FILTER",
            match: {
              context: "SIDECAR_INBOUND",
              proxy: { proxyVersion: "^1\\.31\\..*" },
              listener: { filterChain: { filter: router } },
            },
            patch: { operation: "INSERT_BEFORE", value: typed },
          },
        ],
      },
    });
  });

  it("is for several versions while one follows the other", () => {
    const { spec } = renderEnvoyFilter({ ...base, minors: ["1.30", "1.31"] }, context);
    expect(spec).toMatchObject({
      configPatches: [{ match: { proxy: { proxyVersion: "^1\\.(30|31)\\..*" } } }],
    });
    expect(/^1\.(30|31)\..*/.test(context.version)).toBe(true);
  });

  it("refuses the priority that all others have", () => {
    expect(faults({ priority: 0 })).toEqual(["priority: choose one, such as 10"]);
    expect(faults({ because: "", minors: ["1.31.0"], patches: [] })).toEqual([
      "because: write some",
      "patches: add one",
      "minors[0]: correct the spelling",
    ]);
  });

  it.each<[string, Partial<EnvoyPatch>, string[]]>([
    [
      "REPLACE of a cluster (IST0152)",
      { applyTo: "CLUSTER", match: {}, operation: "REPLACE" },
      ["patches[0].operation: take one of these: istiod would skip it"],
    ],
    [
      "ADD of a route (IST0153)",
      { applyTo: "HTTP_ROUTE", match: {}, operation: "ADD" },
      ["patches[0].operation: take one of these: istiod would skip it"],
    ],
    [
      "REMOVE of a route configuration, with a value (IST0154)",
      { applyTo: "ROUTE_CONFIGURATION", match: {}, operation: "REMOVE" },
      ["patches[0].operation: take one of these: istiod would skip it", "patches[0].value: leave it out"],
    ],
    ["a patch without a value", { value: {} }, ["patches[0].value: write what to put there"]],
    [
      "a match of another kind",
      { match: { cluster: { name: "a" }, listener: { filterChain: { filter: router } } } },
      ["patches[0].match.cluster: remove it: it says nothing to HTTP_FILTER"],
    ],
    [
      "an insertion before nothing",
      { match: {} },
      ["patches[0].match.listener.filterChain.filter: name it, or use INSERT_FIRST"],
    ],
    [
      "names of Envoy's first years",
      { match: { listener: { filterChain: { filter: { name: "envoy.http_connection_manager" } } } } },
      ["patches[0].match.listener.filterChain.filter: write envoy.filters.network… or envoy.filters.http…"],
    ],
    [
      "an HTTP filter in another network filter",
      {
        match: {
          listener: { filterChain: { filter: { ...router, name: "envoy.filters.network.tcp_proxy" } } },
        },
      },
      ["patches[0].match.listener.filterChain.filter.name: HTTP filters are inside of that one"],
    ],
    [
      "a type of Envoy's API v2",
      {
        value: {
          ...typed,
          typed_config: { "@type": "type.googleapis.com/envoy.config.filter.http.lua.v2.Lua" },
        },
      },
      ["patches[0].value.typed_config.@type: write the v3 type: proxies refuse all older ones"],
    ],
    [
      "a filter by its name alone",
      { value: { name: "envoy.filters.http.lua" } },
      ["patches[0].value: add it: proxies do not look filters up by their names"],
    ],
    [
      "a merge that would replace a redirect",
      { applyTo: "HTTP_ROUTE", operation: "MERGE", match: {}, value: { route: { timeout: "1s" } } },
      [
        "patches[0].match.routeConfiguration.vhost.route.action: write ROUTE: a redirect or direct response would be lost",
      ],
    ],
    ["a filter class beside INSERT_BEFORE", { filterClass: "AUTHZ" }, ["patches[0].filterClass: remove it"]],
  ])("refuses %s", (_, more, expected) => {
    expect(patchFaults({ ...insert, ...more })).toEqual(expected);
  });
});
