import { describe, expect, it } from "vitest";
import { renderTelemetry, type TelemetryArgs } from "../../../components/traffic/telemetry";
import { context, given, misfits } from "./destinations-support";

type Said = Omit<TelemetryArgs, "name" | "scope">;
const render = (args: Said, version = context.version, scope: TelemetryArgs["scope"] = { kind: "mesh" }) =>
  renderTelemetry({ name: "default", scope, ...args }, { version });
const telemetry = (spec: object) => [
  {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "default", namespace: "istio-system" },
    spec,
  },
];

describe("renderTelemetry", () => {
  it.each<[string, Said, object]>([
    [
      "logs of failures, from the server's side",
      { accessLogging: [{ providers: ["envoy"], mode: "SERVER", filter: "response.code >= 400" }] },
      {
        accessLogging: [
          {
            match: { mode: "SERVER" },
            providers: [{ name: "envoy" }],
            filter: { expression: "response.code >= 400" },
          },
        ],
      },
    ],
    ["no logs", { accessLogging: [{ disabled: true }] }, { accessLogging: [{ disabled: true }] }],
    [
      "other tags and fewer metrics",
      {
        metrics: [
          {
            providers: ["prometheus"],
            overrides: [
              {
                metric: "REQUEST_COUNT",
                mode: "CLIENT",
                tags: { host: "request.host", response_flags: null },
              },
              { disabled: true },
              { metric: { customMetric: "istio_build" }, disabled: false },
            ],
            reportingInterval: "500ms",
          },
        ],
      },
      {
        metrics: [
          {
            providers: [{ name: "prometheus" }],
            overrides: [
              {
                match: { metric: "REQUEST_COUNT", mode: "CLIENT" },
                tagOverrides: {
                  host: { operation: "UPSERT", value: "request.host" },
                  response_flags: { operation: "REMOVE" },
                },
              },
              { match: { metric: "ALL_METRICS" }, disabled: true },
              { match: { customMetric: "istio_build" }, disabled: false },
            ],
            reportingInterval: "500ms",
          },
        ],
      },
    ],
    [
      "spans with tags",
      {
        tracing: {
          providers: ["jaeger"],
          randomSamplingPercentage: 12.5,
          disableSpanReporting: false,
          customTags: {
            site: { literal: "lab" },
            node: { environment: "NODE", defaultValue: "none" },
            user: { header: "end-user" },
          },
          useRequestIdForTraceSampling: false,
        },
      },
      {
        tracing: [
          {
            providers: [{ name: "jaeger" }],
            randomSamplingPercentage: 12.5,
            disableSpanReporting: false,
            customTags: {
              site: { literal: { value: "lab" } },
              node: { environment: { name: "NODE", defaultValue: "none" } },
              user: { header: { name: "end-user" } },
            },
            useRequestIdForTraceSampling: false,
          },
        ],
      },
    ],
  ])("%s", (_, args, spec) => {
    expect(render(args)).toEqual(telemetry(spec));
    expect(misfits(render(args))).toEqual([]);
  });

  it("is for a namespace, for pods, or for what it is attached to", () => {
    const said: Said = { accessLogging: [{ disabled: true }] };
    const of = (scope: TelemetryArgs["scope"]) => {
      const [object] = render(said, "1.31.0", scope);
      return [object?.metadata.namespace, object?.spec];
    };
    expect(of({ kind: "namespace", namespace: "shop" })).toEqual([
      "shop",
      { accessLogging: [{ disabled: true }] },
    ]);
    expect(of({ kind: "workload", namespace: "shop", labels: { app: "cart" } })).toEqual([
      "shop",
      { selector: { matchLabels: { app: "cart" } }, accessLogging: [{ disabled: true }] },
    ]);
    const targetRefs = [{ kind: "Gateway", name: "waypoint" }] as const;
    expect(of({ kind: "attached", namespace: "shop", targetRefs })).toEqual([
      "shop",
      {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "waypoint" }],
        accessLogging: [{ disabled: true }],
      },
    ]);
  });

  it("has the API version of its Istio, and none before 1.13", () => {
    const said: Said = { accessLogging: [{ disabled: true }] };
    expect(["1.13.0", "1.22.0"].map((version) => render(said, version)[0]?.apiVersion)).toEqual([
      "telemetry.istio.io/v1alpha1",
      "telemetry.istio.io/v1",
    ]);
    expect(given(() => render(said, "1.12.0"))).toEqual(['name: "Istio 1.12.0"']);
  });

  it.each<[string, Said, readonly string[]]>([
    ["nothing", {}, [": {}"]],
    ["no provider in a list", { accessLogging: [{ providers: [] }] }, ["accessLogging[0].providers: []"]],
    ["a provider without a name", { metrics: [{ providers: [""] }] }, ['metrics[0].providers[0]: ""']],
    ["a filter of nothing", { accessLogging: [{ filter: "" }] }, ['accessLogging[0].filter: ""']],
    ["two places for spans", { tracing: { providers: ["a", "b"] } }, ['tracing.providers: ["a","b"]']],
    [
      "more than all",
      { tracing: { randomSamplingPercentage: 100.1 } },
      ["tracing.randomSamplingPercentage: 100.1"],
    ],
    [
      "tags of nothing",
      { tracing: { customTags: { a: { literal: "" }, b: { header: "x y" }, c: { environment: "" } } } },
      [
        'tracing.customTags.a.literal: ""',
        'tracing.customTags.b.header: "x y"',
        'tracing.customTags.c.environment: ""',
      ],
    ],
    [
      "overrides of nothing",
      { metrics: [{ overrides: [{}, { metric: "ALL" as "ALL_METRICS", tags: { a: "" } }] }] },
      [
        "metrics[0].overrides[0]: {}",
        'metrics[0].overrides[1].metric: "ALL"',
        'metrics[0].overrides[1].tags.a: ""',
      ],
    ],
    [
      "a mode",
      { accessLogging: [{ mode: "BOTH" as "CLIENT", disabled: true }] },
      ['accessLogging[0].mode: "BOTH"'],
    ],
  ])("refuses %s", (_, args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });
});
