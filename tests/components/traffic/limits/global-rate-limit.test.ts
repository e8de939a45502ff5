import { describe, expect, it } from "vitest";
import { checked } from "../../../../components/traffic/faults";
import {
  type GlobalRateLimitArgs,
  renderGlobalRateLimit,
} from "../../../../components/traffic/limits/global-rate-limit";
import { type LimitDomain, renderDomain, variantsOf } from "../../../../components/traffic/limits/rules";
import { faultsOf } from "../security-faults";

const context = { version: "1.31.0" };
const second = (requestsPerUnit: number) => ({ requestsPerUnit, unit: "second" }) as const;
const domain: LimitDomain = {
  name: "shop",
  rules: [
    {
      entries: [
        { by: "constant", key: "service", value: "cart" },
        { by: "header", key: "tenant", header: "x-tenant", ifAbsent: "leaveOut" },
      ],
      limit: second(10),
      overrides: [
        { values: { tenant: "gold" }, limit: second(100) },
        { values: { tenant: "self" }, limit: "unlimited" },
      ],
    },
    { entries: [{ by: "clientAddress" }], limit: { requestsPerUnit: 1000, unit: "hour" }, shadow: true },
  ],
};
const args: GlobalRateLimitArgs = {
  name: "cart",
  scope: { kind: "workload", namespace: "shop", labels: { app: "cart" } },
  domain,
  service: { name: "ratelimit", namespace: "limits", port: 8081 },
  virtualHosts: ["inbound|http|80"],
};
const fileOf = (wanted: LimitDomain) => checked("domain", (at) => renderDomain(wanted, at));
const faults = (...rules: LimitDomain["rules"]) => faultsOf(() => fileOf({ name: "shop", rules }));

describe("GlobalRateLimit", () => {
  it("asks the service, and tells it by what requests are counted", () => {
    const { spec } = renderGlobalRateLimit(args, context) as unknown as {
      spec: { priority: number; configPatches: object[] };
    };
    expect(spec.priority).toBe(20);
    expect(spec.configPatches).toMatchObject([
      {
        applyTo: "HTTP_FILTER",
        match: { context: "SIDECAR_INBOUND" },
        patch: {
          operation: "INSERT_BEFORE",
          value: {
            name: "envoy.filters.http.ratelimit",
            typed_config: {
              "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
              domain: "shop",
              failure_mode_deny: false,
              timeout: "0.1s",
              rate_limit_service: {
                grpc_service: {
                  envoy_grpc: {
                    cluster_name: "outbound|8081||ratelimit.limits.svc.cluster.local",
                    authority: "ratelimit.limits.svc.cluster.local",
                  },
                },
                transport_api_version: "V3",
              },
            },
          },
        },
      },
      {
        applyTo: "VIRTUAL_HOST",
        match: { context: "SIDECAR_INBOUND", routeConfiguration: { vhost: { name: "inbound|http|80" } } },
        patch: {
          operation: "MERGE",
          value: {
            rate_limits: [
              {
                actions: [
                  { generic_key: { descriptor_key: "service", descriptor_value: "cart" } },
                  {
                    request_headers: {
                      header_name: "x-tenant",
                      descriptor_key: "tenant",
                      skip_if_absent: true,
                    },
                  },
                ],
              },
              { actions: [{ remote_address: {} }] },
            ],
          },
        },
      },
    ]);
  });

  it("says what becomes of requests while nobody counts", () => {
    const { spec } = renderGlobalRateLimit(
      { ...args, whenUnavailable: "refuse", timeout: "1s", status: 503 },
      context,
    );
    expect(spec).toMatchObject({
      configPatches: [
        {
          patch: {
            value: {
              typed_config: { failure_mode_deny: true, timeout: "1s", rate_limited_status: { code: 503 } },
            },
          },
        },
        {},
      ],
    });
  });
});

describe("a domain", () => {
  it("is a tree in the service's file, with limits also for requests without an entry", () => {
    const limit = (requests_per_unit: number) => ({ unit: "second", requests_per_unit });
    expect(fileOf(domain)).toEqual({
      domain: "shop",
      descriptors: [
        {
          key: "service",
          value: "cart",
          rate_limit: limit(10),
          descriptors: [
            { key: "tenant", rate_limit: limit(10) },
            { key: "tenant", value: "gold", rate_limit: limit(100) },
            { key: "tenant", value: "self", rate_limit: { unlimited: true } },
          ],
        },
        { key: "remote_address", rate_limit: { unit: "hour", requests_per_unit: 1000 }, shadow_mode: true },
      ],
    });
  });

  it("has a place for each combination of entries that may be absent", () => {
    const optional = (key: string) =>
      ({ by: "header", key, header: `x-${key}`, ifAbsent: "leaveOut" }) as const;
    const fixed = { by: "constant", key: "c", value: "v" } as const;
    const keys = variantsOf([fixed, optional("a"), optional("b")]).map((variant) =>
      variant.map((entry) => ("key" in entry ? entry.key : "")),
    );
    expect(keys).toEqual([["c", "a", "b"], ["c", "b"], ["c", "a"], ["c"]]);
  });

  it("refuses rules that claim one place, and values that no entry has", () => {
    const cart = { by: "constant", key: "service", value: "cart" } as const;
    expect(faults({ entries: [cart], limit: second(1) }, { entries: [cart], limit: second(2) })).toEqual([
      "rules[1]: change one of them, or join the two",
    ]);
    expect(
      faults({
        entries: [cart, cart],
        limit: second(-1),
        overrides: [{ values: { service: "a" }, limit: second(1) }],
      }),
    ).toEqual([
      "rules[0].entries[1].key: rename it",
      "rules[0].limit.requestsPerUnit: write one of these",
      "rules[0].overrides[0].values.service: name the key of an entry",
      "rules[0].overrides[0]: change one of them, or join the two",
    ]);
    expect(faults({ entries: [], limit: { requestsPerUnit: 1, unit: "fortnight" as "day" } })).toEqual([
      "rules[0].entries: add a constant to count all requests",
      "rules[0].limit.unit: write one of these",
    ]);
  });
});
