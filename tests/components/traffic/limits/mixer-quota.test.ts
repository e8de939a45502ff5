import { describe, expect, it } from "vitest";
import { domainOfQuota, renderMixerQuota } from "../../../../components/traffic/limits/mixer-objects";
import { mapMixerQuota } from "../../../../components/traffic/limits/mixer-quota";
import type { MixerQuota } from "../../../../components/traffic/limits/mixer-types";
import * as seed from "../../../../components/traffic/limits/seed-quotas";
import { faultsOf } from "../security-faults";

const context = { version: "1.31.0" };
const handle = { name: "ratelimit", namespace: "istio-system", port: 8081 };
const destination = (value: string) => ({ by: "constant", key: "destination", value });
const from = "x-forwarded-for";
const ofClient = {
  by: "match",
  key: "source",
  value: "10.28.11.20",
  headers: [{ name: from, exact: "10.28.11.20" }],
  fits: true,
};
const notOfClient = {
  by: "match",
  key: "except-1",
  value: "true",
  headers: [{ name: from, exact: "10.28.11.20" }],
  fits: false,
};
const table = (quota: MixerQuota, choice = {}) =>
  mapMixerQuota(quota, choice, context).services.map(({ service, rules }) => [service.name, rules]);

/** Name, and what the filter that all requests pass through says. */
const filtersOf = (quota: MixerQuota, choice = {}) =>
  renderMixerQuota({ quota, service: handle, ...choice }, context).map(({ metadata, spec }) => {
    const { configPatches } = spec as {
      configPatches: { patch: { value: { typed_config?: object; rate_limits?: object } } }[];
    };
    return [metadata.name, configPatches.map(({ patch }) => patch.value)] as const;
  });

describe("the quota in memory of document 004", () => {
  it("comes over line by line", () => {
    const second = (line: string, maxAmount: number) => ({
      line,
      maxAmount,
      validDuration: "1s",
      limit: { requestsPerUnit: maxAmount, unit: "second" },
    });
    expect(table(seed.memoryQuota)).toEqual([
      ["service-go", [{ ...second("overrides[0]", 50), entries: [destination("service-go")] }]],
      [
        "service-node",
        [
          { ...second("overrides[1]", 50), entries: [destination("service-node"), ofClient] },
          { ...second("overrides[2]", 20), entries: [destination("service-node"), notOfClient] },
        ],
      ],
      [
        "service-python",
        [
          {
            line: "overrides[3]",
            maxAmount: 2,
            validDuration: "5s",
            entries: [destination("service-python")],
          },
        ],
      ],
    ]);
  });

  it("says what is different", () => {
    expect(mapMixerQuota(seed.memoryQuota, {}, context).notes).toEqual([
      {
        path: "adapter",
        difference:
          "a rolling window becomes a bucket that may be full: at most twice the amount within one duration",
      },
      { path: "default", difference: "dropped: earlier lines take every request of the bound services" },
    ]);
  });

  it("becomes buckets of proxies: 50 per second, 50 and 20 per second, 2 per five seconds", () => {
    const bucket = (max_tokens: number, fill_interval: string) => ({
      max_tokens,
      tokens_per_fill: max_tokens,
      fill_interval,
    });
    const found = filtersOf(seed.memoryQuota);
    expect(found.map(([name]) => name)).toEqual([
      "requestcount-service-go-local",
      "requestcount-service-node-local",
      "requestcount-service-python-local",
    ]);
    expect(found.map(([, [filter]]) => filter?.typed_config)).toMatchObject([
      { token_bucket: bucket(50, "1s") },
      {
        token_bucket: { max_tokens: 4_294_967_295 },
        always_consume_default_token_bucket: false,
        descriptors: [
          {
            entries: [
              { key: "destination", value: "service-node" },
              { key: "source", value: "10.28.11.20" },
            ],
            token_bucket: bucket(50, "1s"),
          },
          {
            entries: [
              { key: "destination", value: "service-node" },
              { key: "except-1", value: "true" },
            ],
            token_bucket: bucket(20, "1s"),
          },
        ],
      },
      { token_bucket: bucket(2, "5s") },
    ]);
  });

  it("is shared out where several pods count", () => {
    const pods = {
      ...seed.memoryQuota,
      services: seed.memoryQuota.services.map((one) => ({ ...one, pods: 4 })),
    };
    const { notes } = mapMixerQuota(pods, {}, context);
    expect(notes.slice(1, 5)).toEqual([
      { path: "overrides[0]", difference: "service-go: 50 cannot be shared out to 4 pods; each gets 13" },
      { path: "overrides[1]", difference: "service-node: 50 cannot be shared out to 4 pods; each gets 13" },
      {
        path: "overrides[2]",
        difference: "service-node: shared out to 4 pods, 5 each; even load is assumed",
      },
      { path: "overrides[3]", difference: "service-python: 2 cannot be shared out to 4 pods; each gets 1" },
    ]);
    expect(filtersOf(pods)[0]?.[1][0]?.typed_config).toMatchObject({ token_bucket: { max_tokens: 13 } });
  });

  it("can be counted together, but for the line with five seconds", () => {
    expect(filtersOf(seed.memoryQuota, { onto: "global" }).map(([name]) => name)).toEqual([
      "requestcount-service-go-global",
      "requestcount-service-node-global",
      "requestcount-service-python-local",
    ]);
    expect(mapMixerQuota(seed.memoryQuota, { onto: "global" }, context).notes[1]).toEqual({
      path: "overrides[3].validDuration",
      difference: "2 per 5s is no window of the rate limit service: each proxy counts it by itself",
    });
  });
});

describe("the quota in Redis of document 004", () => {
  it("becomes descriptors of the rate limit service", () => {
    expect(domainOfQuota({ quota: seed.redisQuota }, context)).toEqual({
      name: "requestcount",
      rules: [
        { entries: [destination("service-go")], limit: { requestsPerUnit: 50, unit: "second" } },
        { entries: [destination("service-node"), ofClient], limit: { requestsPerUnit: 50, unit: "second" } },
        {
          entries: [destination("service-node"), notOfClient],
          limit: { requestsPerUnit: 20, unit: "second" },
        },
        { entries: [destination("service-python")], limit: { requestsPerUnit: 2, unit: "second" } },
      ],
    });
  });

  it("has actions of which for each request exactly one set is complete", () => {
    const constant = { generic_key: { descriptor_key: "destination", descriptor_value: "service-node" } };
    const headers = [{ name: from, string_match: { exact: "10.28.11.20" } }];
    const host = filtersOf(seed.redisQuota)[1]?.[1][1];
    expect(host?.rate_limits).toEqual([
      {
        actions: [
          constant,
          {
            header_value_match: {
              descriptor_key: "source",
              descriptor_value: "10.28.11.20",
              expect_match: true,
              headers,
            },
          },
        ],
      },
      {
        actions: [
          constant,
          {
            header_value_match: {
              descriptor_key: "except-1",
              descriptor_value: "true",
              expect_match: false,
              headers,
            },
          },
        ],
      },
    ]);
  });

  it("says what is different", () => {
    expect(mapMixerQuota(seed.redisQuota, {}, context).notes).toEqual([
      {
        path: "rateLimitAlgorithm",
        difference:
          "a rolling window becomes windows that begin with the clock's unit: at most twice the amount around the turn of two",
      },
      { path: "bucketDuration", difference: "dropped: there are no parts of a window" },
      { path: "default", difference: "dropped: earlier lines take every request of the bound services" },
    ]);
  });

  it("needs somebody to ask", () => {
    expect(faultsOf(() => renderMixerQuota({ quota: seed.redisQuota }, context))).toEqual([
      "service: name it, or choose onto: local",
    ]);
  });
});

describe("conditions and bindings of document 004", () => {
  it("limits only requests without a user in their cookie", () => {
    const condition = {
      by: "match",
      key: "condition",
      value: "holds",
      headers: [{ name: "cookie", prefix: "user=" }],
      fits: false,
    };
    const rules = Object.fromEntries(table(seed.conditionalQuota)) as Record<string, { entries: object[] }[]>;
    expect(rules["service-go"]?.[0]?.entries).toEqual([destination("service-go"), condition]);
    expect(rules["service-node"]?.[1]?.entries).toEqual([
      destination("service-node"),
      condition,
      notOfClient,
    ]);
    // A limit for all requests would be one too many.
    expect(filtersOf(seed.conditionalQuota)[0]?.[1][0]?.typed_config).toMatchObject({
      token_bucket: { max_tokens: 4_294_967_295 },
      rate_limits: [
        {
          actions: [
            { generic_key: { descriptor_value: "service-go" } },
            {
              header_value_match: {
                expect_match: false,
                headers: [{ name: "cookie", string_match: { prefix: "user=" } }],
              },
            },
          ],
        },
      ],
    });
  });

  it("gives services without a line of their own the quota's amount", () => {
    expect(table(seed.allServicesQuota)[3]).toEqual([
      "service-lua",
      [
        {
          line: "default",
          entries: [destination("service-lua")],
          maxAmount: 500,
          validDuration: "1s",
          limit: { requestsPerUnit: 500, unit: "second" },
        },
      ],
    ]);
    expect(mapMixerQuota(seed.allServicesQuota, {}, context).notes).toHaveLength(1);
  });

  it("moves with the services", () => {
    expect(seed.quotaIn(seed.redisQuota, "istio-lab").services.map(({ namespace }) => namespace)).toEqual([
      "istio-lab",
      "istio-lab",
      "istio-lab",
    ]);
  });
});

describe("Mixer's rules", () => {
  it("takes the first line that fits, and says which are never reached", () => {
    const [go, client, node, python] = seed.redisQuota.overrides;
    if (go === undefined || client === undefined || node === undefined || python === undefined)
      throw new Error("four lines");
    const swapped = { ...seed.redisQuota, overrides: [go, node, client, python] };
    expect(table(swapped)[1]?.[1]).toMatchObject([{ line: "overrides[1]", maxAmount: 20 }]);
    expect(mapMixerQuota(swapped, {}, context).notes).toContainEqual({
      path: "overrides[2]",
      difference: "dropped: earlier lines take every request of the bound services",
    });
  });

  it("can count each combination of values, as its code did", () => {
    const perSource = { by: "header", key: "source", header: from, ifAbsent: "leaveOut" };
    const rules = Object.fromEntries(table(seed.redisQuota, { countPer: "dimensions" })) as Record<
      string,
      { entries: object[] }[]
    >;
    expect(rules["service-node"]?.map(({ entries }) => entries)).toEqual([
      [destination("service-node"), ofClient],
      [destination("service-node"), notOfClient, perSource],
    ]);
  });

  it("knows versions only where a binding names one, and absent headers by their default", () => {
    const overrides = [
      { dimensions: { destinationVersion: "v1" }, maxAmount: 3 },
      { dimensions: { source: "unknown" }, maxAmount: 4 },
    ];
    const services = [
      { name: "a", namespace: "n", labels: { app: "a" }, version: "v1" },
      { name: "a", namespace: "n", labels: { app: "a" }, version: "v2" },
    ];
    const quota = { ...seed.redisQuota, overrides, services };
    expect(
      mapMixerQuota(quota, {}, context).services.map(({ rules }) => rules.map(({ line }) => line)),
    ).toEqual([["overrides[0]"], ["overrides[1]", "default"]]);
    const [, second] = mapMixerQuota(quota, {}, context).services;
    expect(second?.rules[0]?.entries[2]).toMatchObject({
      headers: [{ name: from, present: false }],
      fits: true,
    });
    expect(
      renderMixerQuota({ quota, service: handle }, context).map(({ metadata, spec }) => [
        metadata.name,
        (spec as { workloadSelector: object }).workloadSelector,
      ]),
    ).toEqual([
      ["requestcount-a-v1-global", { labels: { app: "a", version: "v1" } }],
      ["requestcount-a-v2-global", { labels: { app: "a", version: "v2" } }],
    ]);
  });

  it("tells all faults at once", () => {
    const wrong = {
      ...seed.redisQuota,
      charge: 2,
      maxAmount: 0,
      validDuration: "soon",
      services: [],
      overrides: [{ dimensions: { color: "red" }, maxAmount: 1.5 }],
    };
    expect(faultsOf(() => mapMixerQuota(wrong, {}, context)).map((fault) => fault.split(":")[0])).toEqual([
      "maxAmount",
      "validDuration",
      "charge",
      "services",
      "overrides[0].maxAmount",
      "overrides[0].dimensions.color",
    ]);
  });
});
