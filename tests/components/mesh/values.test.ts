import { describe, expect, it } from "vitest";
import { planInstall } from "../../../components/mesh/install";
import { istiodValues, overlay } from "../../../components/mesh/values";
import { settingsOf } from "./settings";

const big = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2000m", memory: "1024Mi" } };
const small = { requests: { cpu: "10m", memory: "40Mi" } };

/** Values by release of a config. */
function valuesOf(config: object) {
  const { base, cni, controlPlanes, ztunnel, gateways } = planInstall(settingsOf(config));
  const releases = [base, cni, ...controlPlanes, ztunnel, ...gateways].filter((one) => one !== undefined);
  return Object.fromEntries(releases.map(({ name, values }) => [name, values]));
}

const istiod = (config: object) => valuesOf(config).istiod as Record<string, Record<string, unknown>>;

describe("values of the profiles", () => {
  it("are those of a production mesh by default", () => {
    expect(valuesOf({})).toEqual({
      "istio-base": {
        defaultRevision: "default",
        global: { istioNamespace: "istio-system" },
        base: { validationFailurePolicy: "Fail" },
      },
      istiod: {
        global: {
          hub: "docker.io/istio",
          tag: "1.30.5",
          istioNamespace: "istio-system",
          proxy: { clusterDomain: "cluster.local", resources: big },
          defaultPodDisruptionBudget: { enabled: false },
        },
        pilot: {
          resources: { requests: { cpu: "500m", memory: "2048Mi" } },
          autoscaleEnabled: true,
          autoscaleMin: 1,
          autoscaleMax: 5,
          cpu: { targetAverageUtilization: 80 },
        },
        base: { validationFailurePolicy: "Fail" },
        meshConfig: {
          accessLogFile: "",
          enableTracing: false,
          outboundTrafficPolicy: { mode: "ALLOW_ANY" },
          trustDomain: "cluster.local",
        },
      },
      "istio-ingressgateway": {
        resources: big,
        autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 80 },
        podAnnotations: { "mesh-platform/control-plane": "1.30.5" },
        service: {
          type: "NodePort",
          ports: [
            { name: "status-port", port: 15021, protocol: "TCP", targetPort: 15021 },
            { name: "http2", port: 80, protocol: "TCP", targetPort: 80 },
            { name: "https", port: 443, protocol: "TCP", targetPort: 443 },
          ],
        },
      },
    });
  });

  it("of demo are small, log and trace everything, and have a way out", () => {
    const values = valuesOf({ profile: "demo", tracing: {} });
    expect(values.istiod).toMatchObject({
      profile: "demo",
      global: { proxy: { resources: small } },
      pilot: {
        resources: { requests: { cpu: "10m", memory: "100Mi" } },
        autoscaleEnabled: false,
        replicaCount: 1,
        traceSampling: 100,
      },
      meshConfig: { accessLogFile: "/dev/stdout", accessLogEncoding: "TEXT", enableTracing: true },
    });
    expect(Object.keys(values)).toEqual([
      "istio-base",
      "istiod",
      "istio-ingressgateway",
      "istio-egressgateway",
    ]);
    expect(values["istio-egressgateway"]).toMatchObject({
      resources: small,
      replicaCount: 1,
      autoscaling: { enabled: false },
      service: { type: "ClusterIP" },
    });
  });

  it.each([
    ["minimal", ["istio-base", "istiod"]],
    ["empty", []],
  ])("of %s have these parts alone", (profile, parts) => {
    expect(Object.keys(valuesOf({ profile }))).toEqual(parts);
  });

  it.each([
    ["1.20.8", undefined],
    ["1.21.0", "demo"],
    ["1.31.0-rc.20260827", "demo"],
  ])("name the chart's profile to Istio %s only where it knows any", (version, profile) => {
    expect(istiod({ version, profile: "demo" }).profile).toBe(profile);
  });
});

describe("values of the options", () => {
  it("bring cni by the name that the version knows", () => {
    const of = (version: string) => {
      const { pilot, istio_cni } = istiod({ version, cni: true });
      return { cni: pilot?.cni, istio_cni };
    };
    expect(of("1.20.8")).toEqual({ cni: undefined, istio_cni: { enabled: true } });
    expect(of("1.30.5")).toEqual({ cni: { enabled: true }, istio_cni: undefined });
    expect(valuesOf({ cni: true })["istio-cni"]).toEqual({
      global: { hub: "docker.io/istio", tag: "1.30.5" },
      cni: { hub: "docker.io/istio", tag: "1.30.5" },
    });
  });

  it("make an ambient mesh of profile, cni and ztunnel", () => {
    const values = valuesOf({ ambient: true, profile: "minimal" });
    expect([values.istiod?.profile, values["istio-cni"]]).toEqual([
      "ambient",
      {
        profile: "ambient",
        global: { hub: "docker.io/istio", tag: "1.30.5" },
        cni: { hub: "docker.io/istio", tag: "1.30.5", ambient: { enabled: true } },
      },
    ]);
    expect(values.ztunnel).toEqual({ hub: "docker.io/istio", tag: "1.30.5", istioNamespace: "istio-system" });
  });

  it("keep an istiod through drains only where there are two", () => {
    const budget = (scaling: object) => istiod({ istiod: { scaling } }).global?.defaultPodDisruptionBudget;
    expect(budget({ replicas: 1 })).toEqual({ enabled: false });
    expect(budget({ replicas: 2 })).toEqual({ enabled: true });
    expect(budget({ minReplicas: 2, maxReplicas: 4 })).toEqual({ enabled: true });
  });

  it("name revision and tags to their control planes, and the default one to base and gateway", () => {
    const values = valuesOf({
      revisions: [{ name: "blue" }, { name: "green", version: "1.31.1" }],
      tags: { stable: "blue", canary: "green" },
    });
    expect(values["istio-base"]).toMatchObject({ defaultRevision: "blue" });
    expect(values["istiod-blue"]).toMatchObject({ revision: "blue", revisionTags: ["default", "stable"] });
    expect(values["istiod-green"]).toMatchObject({
      revision: "green",
      revisionTags: ["canary"],
      global: { tag: "1.31.1" },
    });
    expect(values["istio-ingressgateway"]).toMatchObject({
      revision: "default",
      podAnnotations: { "mesh-platform/control-plane": "1.30.5 blue" },
    });
  });

  it("let a gateway follow a tag, and change its pods when the tag moves", () => {
    const gateway = { name: "istio-ingressgateway", revision: "canary" };
    const revisions = [{ name: "blue" }, { name: "green", version: "1.31.1" }];
    const annotation = (canary: string) =>
      valuesOf({ revisions, tags: { canary }, gateways: [gateway] })["istio-ingressgateway"]?.podAnnotations;
    expect(annotation("blue")).toEqual({ "mesh-platform/control-plane": "1.30.5 blue" });
    expect(annotation("green")).toEqual({ "mesh-platform/control-plane": "1.31.1 green" });
  });

  it("keep a gateway at ports of its hosts out of their network", () => {
    const expose = { kind: "hostNetwork", nodeSelector: { edge: "yes" } };
    const values = valuesOf({ gateways: [{ name: "edge", expose }] }).edge;
    expect(values).toMatchObject({ service: { type: "ClusterIP" }, nodeSelector: { edge: "yes" } });
    expect(Object.keys(values ?? {}).sort()).toEqual([
      "autoscaling",
      "nodeSelector",
      "podAnnotations",
      "resources",
      "service",
    ]);
  });

  it("are laid over each other: hosts below, config above, a gateway's own on top", () => {
    const config = {
      values: {
        istiod: { pilot: { env: { A: "config" } } },
        gateway: { env: { A: "1" }, labels: { a: "b" } },
      },
      gateways: [{ name: "edge", values: { env: { A: "2" } } }],
    };
    const below = { istiod: { telemetry: { enabled: false }, pilot: { env: { A: "host", B: "host" } } } };
    const settings = settingsOf(config, below);
    expect(istiodValues(settings, settings.controlPlanes[0])).toMatchObject({
      telemetry: { enabled: false },
      pilot: { env: { A: "config", B: "host" }, autoscaleEnabled: true },
    });
    expect(planInstall(settings).gateways[0]?.values).toMatchObject({ env: { A: "2" }, labels: { a: "b" } });
  });
});

describe("raw values of istiod", () => {
  it("count with and without pilot before them", () => {
    const values = { istiod: { resources: { requests: { cpu: "2" } }, pilot: { env: { A: "1" } } } };
    expect(istiod({ values }).pilot).toMatchObject({
      resources: { requests: { cpu: "2", memory: "2048Mi" } },
      env: { A: "1" },
    });
  });
});

describe("overlay", () => {
  it("joins maps and replaces lists, as Helm does, and keeps a null that takes a default away", () => {
    expect(overlay({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: null })).toEqual({
      a: { b: 1, c: [3] },
      d: null,
    });
  });
});
