import { describe, expect, it } from "vitest";
import {
  defaultTracingPort,
  renderMeshConfig,
  renderMeshPolicies,
} from "../../../components/mesh/mesh-config";
import { settingsOf } from "./settings";

const render = (config: object, version = "1.30.5") =>
  renderMeshConfig(settingsOf({ version, ...config }), version);

describe("renderMeshConfig", () => {
  it("says everything that a config can say", () => {
    expect(
      render({
        accessLog: { encoding: "json", format: "%PROTOCOL%" },
        tracing: { provider: "zipkin", samplingPercent: 5 },
        outboundTrafficPolicy: "registryOnly",
        holdApplicationUntilProxyStarts: true,
        trustDomain: "td.example.com",
        proxy: { statsMatcher: { inclusionRegexps: [".*"] } },
        extensionProviders: [{ name: "ext", envoyExtAuthzHttp: { service: "auth.default.svc", port: 80 } }],
      }),
    ).toEqual({
      accessLogFile: "/dev/stdout",
      accessLogEncoding: "JSON",
      accessLogFormat: "%PROTOCOL%",
      enableTracing: true,
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      trustDomain: "td.example.com",
      defaultConfig: {
        holdApplicationUntilProxyStarts: true,
        proxyStatsMatcher: { inclusionRegexps: [".*"] },
      },
      extensionProviders: [
        { name: "mesh-tracing", zipkin: { service: "zipkin.istio-system.svc.cluster.local", port: 9411 } },
        { name: "ext", envoyExtAuthzHttp: { service: "auth.default.svc", port: 80 } },
      ],
    });
  });

  it.each([
    [
      "1.12.9",
      { provider: "jaeger" },
      { sampling: 1, zipkin: { address: "zipkin.istio-system.svc.cluster.local:9411" } },
      undefined,
    ],
    [
      "1.13.2",
      { provider: "jaeger" },
      undefined,
      { zipkin: { service: "zipkin.istio-system.svc.cluster.local", port: 9411 } },
    ],
    [
      "1.30.5",
      { provider: "jaeger" },
      undefined,
      { opentelemetry: { service: "jaeger-collector.istio-system.svc.cluster.local", port: 4317 } },
    ],
    [
      "1.30.5",
      { provider: "opentelemetry", service: "otel.tracing.svc", port: 14317 },
      undefined,
      { opentelemetry: { service: "otel.tracing.svc", port: 14317 } },
    ],
  ])("sends spans of Istio %s as it knows to: %o", (version, tracing, own, provider) => {
    const { defaultConfig, extensionProviders } = render({ tracing }, version) as {
      defaultConfig?: { tracing?: object };
      extensionProviders?: object[];
    };
    expect(defaultConfig?.tracing).toEqual(own);
    expect(extensionProviders).toEqual(
      provider === undefined ? undefined : [{ name: "mesh-tracing", ...provider }],
    );
  });

  it("knows the collector's port by its protocol", () => {
    expect(defaultTracingPort("zipkin", "1.30.5")).toBe(9411);
    expect(defaultTracingPort("jaeger", "1.10.0")).toBe(9411);
    expect(defaultTracingPort("jaeger", "1.16.0")).toBe(4317);
  });
});

describe("renderMeshPolicies", () => {
  const policies = (config: object, version = "1.30.5") => renderMeshPolicies(settingsOf(config), version);

  it("hold for the whole mesh from its root namespace", () => {
    expect(policies({ mtls: "strict", tracing: { samplingPercent: 0.5 }, namespace: "mesh" })).toEqual([
      {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name: "default", namespace: "mesh" },
        spec: { mtls: { mode: "STRICT" } },
      },
      {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "default", namespace: "mesh" },
        spec: { tracing: [{ providers: [{ name: "mesh-tracing" }], randomSamplingPercentage: 0.5 }] },
      },
    ]);
  });

  it.each([
    ["1.7.4", ["security.istio.io/v1beta1"]],
    ["1.13.2", ["security.istio.io/v1beta1", "telemetry.istio.io/v1alpha1"]],
    ["1.22.0", ["security.istio.io/v1", "telemetry.istio.io/v1"]],
  ])("speak the words of Istio %s", (version, apiVersions) => {
    expect(policies({ tracing: {} }, version).map(({ apiVersion }) => apiVersion)).toEqual(apiVersions);
  });

  it("are none where nothing is asked for", () => {
    expect(policies({ mtls: "unset" })).toEqual([]);
  });
});
