import { describe, expect, it } from "vitest";
import {
  type LocalRateLimitArgs,
  renderLocalRateLimit,
} from "../../../../components/traffic/limits/local-rate-limit";
import { rateOf } from "../../../../components/traffic/limits/token-bucket";
import { faultsOf, pathsOf } from "../security-faults";

const context = { version: "1.31.0" };
const base: LocalRateLimitArgs = {
  name: "cart-limit",
  scope: { kind: "workload", namespace: "shop", labels: { app: "cart" } },
  bucket: { maxTokens: 50, fillInterval: "1s" },
};
const { bucket: _, ...bare } = base;
const render = (more: Partial<LocalRateLimitArgs>, version = context.version) =>
  renderLocalRateLimit({ ...base, ...more }, { version });

interface Patch {
  readonly match: object;
  readonly patch: { readonly value: Record<string, unknown> };
}
const patchesOf = (args: LocalRateLimitArgs) =>
  (renderLocalRateLimit(args, context).spec as { configPatches: readonly Patch[] }).configPatches;
const filterOf = (args: LocalRateLimitArgs) => patchesOf(args)[0]?.patch.value.typed_config;

const type = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
const common = {
  stat_prefix: "cart_limit",
  filter_enabled: {
    runtime_key: "cart_limit_enabled",
    default_value: { numerator: 1_000_000, denominator: "MILLION" },
  },
  filter_enforced: {
    runtime_key: "cart_limit_enforced",
    default_value: { numerator: 1_000_000, denominator: "MILLION" },
  },
  response_headers_to_add: [
    { append_action: "OVERWRITE_IF_EXISTS_OR_ADD", header: { key: "x-local-rate-limit", value: "true" } },
  ],
};
const fifty = { max_tokens: 50, tokens_per_fill: 50, fill_interval: "1s" };

describe("LocalRateLimit", () => {
  it("puts a bucket before the router of a workload's proxies", () => {
    expect(render({})).toEqual({
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: {
        name: "cart-limit",
        namespace: "shop",
        annotations: {
          "mesh-platform/because": "Istio has no kind of its own for limits that a proxy keeps by itself",
        },
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
              listener: {
                filterChain: {
                  filter: {
                    name: "envoy.filters.network.http_connection_manager",
                    subFilter: { name: "envoy.filters.http.router" },
                  },
                },
              },
            },
            patch: {
              operation: "INSERT_BEFORE",
              value: {
                name: "envoy.filters.http.local_ratelimit",
                typed_config: { "@type": type, ...common, token_bucket: fifty },
              },
            },
          },
        ],
      },
    });
  });

  it("has buckets for single routes, each with all of its settings", () => {
    const routes = [
      {
        virtualHost: "reviews.shop.svc.cluster.local:9080",
        route: "slow",
        bucket: { maxTokens: 2, tokensPerFill: 1, fillInterval: "500ms" },
      },
    ];
    const [filter, route] = patchesOf({ ...bare, side: "outbound", routes });
    expect(filter?.patch.value.typed_config).toEqual({ "@type": type, ...common });
    expect(route).toEqual({
      applyTo: "HTTP_ROUTE",
      match: {
        context: "SIDECAR_OUTBOUND",
        proxy: { proxyVersion: "^1\\.31\\..*" },
        routeConfiguration: {
          vhost: { name: "reviews.shop.svc.cluster.local:9080", route: { name: "slow" } },
        },
      },
      patch: {
        operation: "MERGE",
        value: {
          typed_per_filter_config: {
            "envoy.filters.http.local_ratelimit": {
              "@type": type,
              ...common,
              token_bucket: { max_tokens: 2, tokens_per_fill: 1, fill_interval: "0.5s" },
            },
          },
        },
      },
    });
  });

  it("has buckets for some requests, and none for the others where no general one is given", () => {
    const rules = [
      {
        entries: [
          {
            by: "match",
            key: "who",
            value: "guest",
            headers: [{ name: "cookie", prefix: "user=" }],
            fits: false,
          },
        ],
        bucket: { maxTokens: 5, fillInterval: "2s" },
      },
      {
        entries: [{ by: "header", key: "tenant", header: "x-tenant" }],
        bucket: { maxTokens: 7, fillInterval: "1s" },
      },
    ] as const;
    expect(filterOf({ ...bare, rules })).toEqual({
      "@type": type,
      ...common,
      token_bucket: { max_tokens: 4_294_967_295, tokens_per_fill: 4_294_967_295, fill_interval: "1s" },
      always_consume_default_token_bucket: false,
      rate_limits: [
        {
          actions: [
            {
              header_value_match: {
                descriptor_key: "who",
                descriptor_value: "guest",
                expect_match: false,
                headers: [{ name: "cookie", string_match: { prefix: "user=" } }],
              },
            },
          ],
        },
        { actions: [{ request_headers: { header_name: "x-tenant", descriptor_key: "tenant" } }] },
      ],
      descriptors: [
        {
          entries: [{ key: "who", value: "guest" }],
          token_bucket: { max_tokens: 5, tokens_per_fill: 5, fill_interval: "2s" },
        },
        {
          entries: [{ key: "tenant", value: "" }],
          token_bucket: { max_tokens: 7, tokens_per_fill: 7, fill_interval: "1s" },
        },
      ],
    });
  });

  it("can count without refusing, and answer otherwise", () => {
    expect(
      filterOf({ ...base, enforcedPercent: 0, status: 503, perConnection: true, rateLimitHeaders: true }),
    ).toMatchObject({
      filter_enforced: { default_value: { numerator: 0 } },
      status: { code: 503 },
      local_rate_limit_per_downstream_connection: true,
      enable_x_ratelimit_headers: "DRAFT_VERSION_03",
    });
  });

  it("tells all faults at once", () => {
    const wrong: LocalRateLimitArgs = {
      ...base,
      bucket: { maxTokens: 0, tokensPerFill: 5, fillInterval: "10ms" },
      enabledPercent: 101,
      status: 200,
      responseHeaders: { host: "x" },
      routes: [{ virtualHost: "", bucket: { maxTokens: 1.5, fillInterval: "1" } }],
    };
    expect([...new Set(pathsOf(() => renderLocalRateLimit(wrong, context)))]).toEqual([
      "responseHeaders.host",
      "status",
      "enabledPercent",
      "bucket.maxTokens",
      "bucket.tokensPerFill",
      "bucket.fillInterval",
      "routes[0].virtualHost",
      "routes[0].bucket.maxTokens",
      "routes[0].bucket.fillInterval",
    ]);
    expect(pathsOf(() => renderLocalRateLimit(bare, context))).toEqual(["bucket"]);
  });

  it("refuses what Envoy or an older Istio would refuse", () => {
    const rules = [
      {
        entries: [{ by: "header", key: "a", header: "x-a" }],
        bucket: { maxTokens: 1, fillInterval: "1500ms" },
      },
    ] as const;
    expect(faultsOf(() => render({ rules }))).toEqual([
      "rules[0].bucket.fillInterval: change one of the two: Envoy refuses it",
    ]);
    const whole = [{ ...rules[0], bucket: { maxTokens: 1, fillInterval: "2s" } }];
    expect(faultsOf(() => render({ rules: whole }, "1.25.0"))).toEqual([
      "rules[0]: use routes, or a global limit",
    ]);
  });

  it("tells the rate of a bucket", () => {
    expect(rateOf({ maxTokens: 2, fillInterval: "5s" })).toBe(0.4);
    expect(rateOf({ maxTokens: 100, tokensPerFill: 10, fillInterval: "500ms" })).toBe(20);
  });
});
