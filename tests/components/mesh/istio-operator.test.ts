import { describe, expect, it } from "vitest";
import { renderIstioOperator } from "../../../components/mesh/istio-operator";
import { settingsOf } from "./settings";

const spec = (config: object) =>
  renderIstioOperator(settingsOf(config)).spec as Record<string, Record<string, unknown>>;

const port = (name: string, number: number, targetPort = number, more: object = {}) => ({
  name,
  port: number,
  protocol: "TCP",
  targetPort,
  ...more,
});

describe("renderIstioOperator", () => {
  it("says the default profile of 1.10.0 in full", () => {
    const resources = {
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "2000m", memory: "1024Mi" },
    };
    const hpaSpec = (name: string) => ({
      minReplicas: 1,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      metrics: [{ type: "Resource", resource: { name: "cpu", targetAverageUtilization: 80 } }],
    });
    expect(renderIstioOperator(settingsOf({ version: "1.10.0" }))).toEqual({
      apiVersion: "install.istio.io/v1alpha1",
      kind: "IstioOperator",
      metadata: { name: "mesh", namespace: "istio-system" },
      spec: {
        profile: "default",
        hub: "docker.io/istio",
        tag: "1.10.0",
        meshConfig: {
          accessLogFile: "",
          enableTracing: false,
          outboundTrafficPolicy: { mode: "ALLOW_ANY" },
          trustDomain: "cluster.local",
        },
        components: {
          base: { enabled: true },
          pilot: {
            enabled: true,
            k8s: { resources: { requests: { cpu: "500m", memory: "2048Mi" } }, hpaSpec: hpaSpec("istiod") },
          },
          ingressGateways: [
            {
              name: "istio-ingressgateway",
              namespace: "istio-system",
              enabled: true,
              k8s: {
                service: {
                  type: "NodePort",
                  ports: [port("status-port", 15021), port("http2", 80, 8080), port("https", 443, 8443)],
                },
                resources,
                hpaSpec: hpaSpec("istio-ingressgateway"),
              },
            },
          ],
          egressGateways: [],
        },
        values: {
          global: {
            istioNamespace: "istio-system",
            proxy: { clusterDomain: "cluster.local", resources },
            defaultPodDisruptionBudget: { enabled: false },
          },
          pilot: {
            autoscaleEnabled: true,
            autoscaleMin: 1,
            autoscaleMax: 5,
            cpu: { targetAverageUtilization: 80 },
          },
          gateways: { "istio-ingressgateway": { autoscaleEnabled: true } },
        },
      },
    });
  });

  it.each([
    ["1.7.0", true, undefined],
    ["1.7.4", true, undefined],
    ["1.10.0", undefined, true],
    ["1.13.2", undefined, true],
  ])("holds containers back as Istio %s knows to", (version, byValue, byConfig) => {
    const { values, meshConfig } = spec({ version, holdApplicationUntilProxyStarts: true });
    const { proxy } = (values?.global ?? {}) as { readonly proxy?: Record<string, unknown> };
    const defaultConfig = meshConfig?.defaultConfig as Record<string, unknown> | undefined;
    expect(proxy?.holdApplicationUntilProxyStarts).toBe(byValue);
    expect(defaultConfig?.holdApplicationUntilProxyStarts).toBe(byConfig);
  });

  it("sends spans of 1.7 by the proxies' own config, with the profile demo all of them", () => {
    const { meshConfig, values, components } = spec({ version: "1.7.4", profile: "demo", tracing: {} });
    expect(meshConfig).toMatchObject({
      accessLogFile: "/dev/stdout",
      enableTracing: true,
      defaultConfig: {
        tracing: { sampling: 100, zipkin: { address: "zipkin.istio-system.svc.cluster.local:9411" } },
      },
    });
    expect(values?.pilot).toEqual({ autoscaleEnabled: false, replicaCount: 1, traceSampling: 100 });
    expect(components?.egressGateways).toMatchObject([{ name: "istio-egressgateway", enabled: true }]);
  });

  it("turns off the gateways of the profile that the config does without", () => {
    const { components } = spec({ version: "1.10.0", profile: "demo", gateways: [] });
    expect([components?.ingressGateways, components?.egressGateways]).toEqual([
      [{ name: "istio-ingressgateway", enabled: false }],
      [{ name: "istio-egressgateway", enabled: false }],
    ]);
  });

  it("reaches the gateway as source document 000 does", () => {
    const expose = {
      kind: "aliyunSlb",
      id: "lb-1",
      addressType: "intranet",
      forceOverrideListeners: true,
      nodePorts: { "status-port": 32045, http2: 30080, https: 30443 },
      annotations: "alicloud",
    };
    const { components } = spec({
      version: "1.10.0",
      gateways: [{ name: "istio-ingressgateway", expose }],
    });
    const [gateway] = (components?.ingressGateways ?? []) as {
      k8s: { service: object; serviceAnnotations: object };
    }[];
    expect(gateway?.k8s.service).toMatchObject({
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      ports: [
        port("status-port", 15021, 15021, { nodePort: 32045 }),
        port("http2", 80, 8080, { nodePort: 30080 }),
        port("https", 443, 8443, { nodePort: 30443 }),
      ],
    });
    expect(Object.keys(gateway?.k8s.serviceAnnotations ?? {}).length).toBeGreaterThan(2);
  });

  it("brings cni and raw values of istiod's chart", () => {
    const { components, values } = spec({
      version: "1.10.0",
      cni: true,
      values: { istiod: { global: { logging: { level: "debug" } } } },
    });
    expect(components?.cni).toEqual({ enabled: true });
    expect(values).toMatchObject({ istio_cni: { enabled: true }, global: { logging: { level: "debug" } } });
  });
});
