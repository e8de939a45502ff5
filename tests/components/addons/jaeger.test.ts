import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Jaeger, renderJaeger, tracingOf } from "../../../components/addons/jaeger";
import { record } from "../../support/recorder";
import { jaegerArgs, the, titles } from "./args";

const onNode = { kind: "hostPath", path: "/var/lib/data/jaeger", node: "worker1" } as const;
const ports = (version: string, service: string) =>
  the(renderJaeger({ ...jaegerArgs, version }), `Service istio-system/${service}`).spec.ports.map(
    ({ port, targetPort }: { port: number; targetPort: number }) => `${port}->${targetPort}`,
  );

describe("renderJaeger", () => {
  it("has the Services that proxies, Kiali and people ask for", () => {
    expect(titles(renderJaeger(jaegerArgs))).toEqual([
      "ConfigMap istio-system/jaeger",
      "Service istio-system/tracing",
      "Service istio-system/jaeger-collector",
      "Service istio-system/zipkin",
      "StatefulSet istio-system/jaeger",
    ]);
    expect(ports("2.13.0", "tracing")).toEqual(["80->16686", "16685->16685"]);
    expect(ports("2.13.0", "jaeger-collector")).toEqual([
      "14268->14268",
      "14250->14250",
      "9411->9411",
      "4317->4317",
      "4318->4318",
    ]);
    expect(ports("2.13.0", "zipkin")).toEqual(["9411->9411"]);
  });

  it("has the ports of its time where it is old", () => {
    expect(ports("1.20.0", "tracing")).toEqual(["80->16686"]);
    expect(ports("1.20.0", "jaeger-collector")).toEqual(["14268->14268", "14250->14250", "9411->9411"]);
  });

  it("writes traces to a volume, or keeps them in memory", () => {
    const backends = (persistence: typeof onNode | { kind: "none" }) =>
      parse(
        the(renderJaeger({ ...jaegerArgs, persistence }), "ConfigMap istio-system/jaeger").data[
          "config.yaml"
        ],
      ).extensions.jaeger_storage.backends;
    expect(backends({ kind: "none" })).toEqual({ store: { memory: { max_traces: 50000 } } });
    expect(backends(onNode)).toEqual({
      store: {
        badger: {
          ephemeral: false,
          directories: { keys: "/badger/keys", values: "/badger/values" },
          ttl: { spans: "72h" },
        },
      },
    });
  });

  it("is told by variables in the first generation", () => {
    const objects = renderJaeger({ ...jaegerArgs, version: "1.58.0", persistence: onNode });
    expect(titles(objects)).not.toContain("ConfigMap istio-system/jaeger");
    const [container] = the(objects, "StatefulSet istio-system/jaeger").spec.template.spec.containers;
    expect(container.image).toBe("docker.io/jaegertracing/all-in-one:1.58.0");
    expect(container.env).toEqual([
      { name: "SPAN_STORAGE_TYPE", value: "badger" },
      { name: "BADGER_EPHEMERAL", value: "false" },
      { name: "BADGER_DIRECTORY_KEY", value: "/badger/keys" },
      { name: "BADGER_DIRECTORY_VALUE", value: "/badger/values" },
      { name: "BADGER_SPAN_STORE_TTL", value: "72h0m0s" },
      { name: "COLLECTOR_ZIPKIN_HOST_PORT", value: ":9411" },
      { name: "COLLECTOR_OTLP_ENABLED", value: "true" },
      { name: "QUERY_BASE_PATH", value: "/jaeger" },
    ]);
  });

  it("makes the Services of ours beside a chart", () => {
    const chart = [
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "jaeger", namespace: "istio-system" },
        spec: { selector: { app: "theirs" } },
      },
    ];
    expect(titles(renderJaeger({ ...jaegerArgs, chart }))).toEqual([
      "Service istio-system/jaeger",
      "Service istio-system/tracing",
      "Service istio-system/jaeger-collector",
      "Service istio-system/zipkin",
    ]);
    expect(() => renderJaeger({ ...jaegerArgs, chart: [] })).toThrow("the chart has no Service jaeger");
  });
});

describe("tracingOf", () => {
  it.each([
    ["2.13.0", "1.31.0", "jaeger", "jaeger-collector.istio-system.svc.cluster.local", 4317],
    ["1.29.0", "1.31.0", "zipkin", "zipkin.istio-system.svc.cluster.local", 9411],
    ["1.58.0", "1.13.2", "zipkin", "zipkin.istio-system.svc.cluster.local", 9411],
  ] as const)("tells a mesh where Jaeger %s is, for Istio %s", (version, istio, provider, service, port) => {
    const mesh = { istio, dnsDomain: "cluster.local", samplingPercent: 10 };
    expect(tracingOf({ namespace: "istio-system", version }, mesh)).toEqual({
      provider,
      service,
      port,
      samplingPercent: 10,
    });
  });
});

describe("Jaeger", () => {
  it("declares its objects", async () => {
    const recording = await record(() => new Jaeger("jaeger", jaegerArgs).objects.length);
    expect(recording.result).toBe(5);
  });
});
