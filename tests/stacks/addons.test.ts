import { describe, expect, it } from "vitest";
import { renderGrafana } from "../../components/addons/grafana";
import { renderKiali } from "../../components/addons/kiali";
import { renderPrometheus } from "../../components/addons/prometheus";
import type { KubeObject } from "../../components/lib/objects";
import { exposurePresets } from "../../components/mesh/exposure-presets";
import { buildAddons } from "../../stacks/addons";
import { type AddonContext, planAddons, tracingOfAddons } from "../../stacks/addons-plan";
import { addons as schema } from "../../stacks/config/addons-schema";
import { the } from "../components/addons/args";
import { record } from "../support/recorder";

const mesh = { version: "1.31.1", namespace: "istio-system", dnsDomain: "cluster.local" };
const context: AddonContext = {
  mesh,
  kubernetesVersion: "1.36.3",
  nodeAddresses: ["172.16.8.241"],
  metrics: "istio",
  logFormat: "cri",
  renderChart: async () => {
    throw new Error("no chart was asked for");
  },
};
const all = { prometheus: {}, grafana: {}, jaeger: {}, kiali: {} };

describe("planAddons", () => {
  it("plans nothing where nothing is asked for", async () => {
    expect(await planAddons(schema.parse({}), context)).toMatchObject({ namespaces: [] });
    expect(Object.keys(await planAddons(schema.parse({}), context))).toEqual(["namespaces", "urls"]);
  });

  it("tells each of the others", async () => {
    const plan = await planAddons(schema.parse(all), context);
    expect(plan.grafana).toMatchObject({
      version: "12.0.1",
      prometheusUrl: "http://prometheus.istio-system:9090",
      jaegerUrl: "http://tracing.istio-system:80/jaeger",
    });
    expect(plan.kiali).toMatchObject({
      version: "2.27.0",
      grafana: { insideUrl: "http://grafana.istio-system:3000", outsideUrl: undefined },
      tracing: { insideUrl: "http://tracing.istio-system:80/jaeger", outsideUrl: undefined },
    });
  });

  it("takes the doors of the source documents, and links to them", async () => {
    const { grafana, kiali, tracing } = exposurePresets.seed000;
    const config = schema.parse({
      prometheus: {},
      grafana: { expose: grafana },
      kiali: { expose: kiali },
      jaeger: { expose: tracing },
    });
    const plan = await planAddons(config, context);
    expect(plan.urls).toEqual({
      prometheus: undefined,
      grafana: ["http://172.16.8.241:30300/"],
      tracing: ["http://172.16.8.241:30686/jaeger"],
      kiali: ["http://172.16.8.241:30201/kiali"],
      kibana: undefined,
    });
    expect(plan.kiali?.tracing?.outsideUrl).toBe("http://172.16.8.241:30686/jaeger");
    if (plan.kiali === undefined || plan.grafana === undefined) throw new Error("they are planned");
    const grafanaPorts = the(
      renderGrafana({ ...plan.grafana, adminPassword: "x" }),
      "Service istio-system/grafana",
    ).spec.ports;
    expect(grafanaPorts).toMatchObject([{ port: 3000, nodePort: 30300 }]);
    const kialiPorts = the(renderKiali({ ...plan.kiali, signingKey: "x" }), "Service istio-system/kiali").spec
      .ports;
    expect(kialiPorts).toMatchObject([{ port: 20001, nodePort: 30201 }, { port: 9090 }]);
  });

  it("takes the host names of source document 003", async () => {
    const { prometheus, grafana, kiali, tracing } = exposurePresets.seed003;
    const config = schema.parse({
      prometheus: { expose: prometheus },
      grafana: { expose: grafana },
      kiali: { expose: kiali },
      jaeger: { expose: tracing },
    });
    const plan = await planAddons(config, context);
    expect(plan.urls).toMatchObject({
      prometheus: ["http://prometheus.istio.com/"],
      grafana: ["http://grafana.istio.com/"],
      tracing: ["http://jaeger.istio.com/jaeger"],
      kiali: ["http://kiali.istio.com/kiali"],
    });
    if (plan.prometheus === undefined) throw new Error("it is planned");
    const { backend } = the(renderPrometheus(plan.prometheus), "Ingress istio-system/prometheus").spec
      .rules[0].http.paths[0];
    expect(backend).toEqual({ service: { name: "prometheus", port: { number: 9090 } } });
  });

  it("asks for the official chart with values made from the same settings", async () => {
    const asked: unknown[] = [];
    const chart: KubeObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kiali", namespace: "istio-system" },
      spec: { selector: { app: "kiali" } },
    };
    const config = schema.parse({ prometheus: {}, kiali: { source: { chart: "2.27.0" } } });
    const plan = await planAddons(config, {
      ...context,
      renderChart: async (args) => {
        asked.push(args);
        return [chart];
      },
    });
    expect(asked).toMatchObject([
      {
        chart: { repo: "https://kiali.org/helm-charts", name: "kiali-server", version: "2.27.0" },
        releaseName: "kiali",
        namespace: "istio-system",
        kubeVersion: "1.36.3",
        values: {
          auth: { strategy: "token" },
          deployment: { view_only_mode: true, image_version: "v2.27.0" },
          login_token: { signing_key: "secret:kiali-signing-key:value.txt" },
        },
      },
    ]);
    expect(plan.kiali?.chart).toEqual([chart]);
    expect(plan.prometheus).not.toHaveProperty("chart");
  });

  it("counts as the hosts' proxies do, unless told otherwise", async () => {
    const metrics = async (config: object) =>
      (await planAddons(schema.parse({ prometheus: {}, ...config }), { ...context, metrics: "envoy" }))
        .prometheus?.metrics;
    expect(await metrics({})).toBe("envoy");
    expect(await metrics({ metrics: "istio" })).toBe("istio");
  });
});

describe("tracingOfAddons", () => {
  it("sends spans to Jaeger where there is one", () => {
    expect(tracingOfAddons(schema.parse({ jaeger: {} }), mesh, 100)).toEqual({
      provider: "jaeger",
      service: "jaeger-collector.istio-system.svc.cluster.local",
      port: 4317,
      samplingPercent: 100,
    });
    expect(tracingOfAddons(schema.parse({}), mesh, 100)).toBeUndefined();
  });
});

describe("buildAddons", () => {
  it("makes every add-on with its objects, and tells where people look", async () => {
    const config = schema.parse({
      ...all,
      grafana: { expose: { kind: "nodePort", nodePorts: { service: 30300 } } },
      logging: {},
    });
    const plan = await planAddons(config, context);
    const recording = await record(() => {
      const { done, ...outputs } = buildAddons(plan, { after: [] }, {});
      return { count: done.length, dashboards: outputs.dashboards };
    });
    expect(recording.result).toEqual({
      count: 38,
      dashboards: { grafana: ["http://172.16.8.241:30300/"] },
    });
    const components = recording.resources.filter(({ type }) => type.startsWith("mesh-platform:addons:"));
    expect(components.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "mesh-platform:addons:Prometheus prometheus",
      "mesh-platform:addons:Jaeger jaeger",
      "mesh-platform:addons:Grafana grafana",
      "mesh-platform:addons:Kiali kiali",
      "mesh-platform:addons:Logging logging",
    ]);
  });

  it("makes a namespace of their own where one is named, before everything in it", async () => {
    const plan = await planAddons(schema.parse({ namespace: "monitoring", prometheus: {} }), context);
    const recording = await record(() => buildAddons(plan, { after: [] }, {}).done.length);
    const pod = recording.find("monitoring/prometheus", "kubernetes:apps/v1:StatefulSet");
    expect(pod.dependencies.join(" ")).toContain("kubernetes:core/v1:Namespace::monitoring");
  });
});
