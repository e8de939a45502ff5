import { describe, expect, it } from "vitest";
import { meshProfileValues } from "../../components/sandbox/mesh-profile";
import { mesh as schema } from "../../stacks/config/mesh-schema";
import { istioSource } from "../../stacks/mesh";
import { installsByIstioctl } from "../../stacks/mesh-settings";
import { settingsOf } from "../components/mesh/settings";

const parse = (config: object = {}) => {
  const mesh = schema.parse(config);
  if (mesh === false) throw new Error("no mesh");
  return mesh;
};

describe("the section mesh", () => {
  it("is off by default, and complete when it is empty", () => {
    expect(schema.parse(undefined)).toBe(false);
    expect(parse()).toMatchObject({
      profile: "default",
      namespace: "istio-system",
      mtls: "permissive",
      tracing: false,
    });
  });

  it.each([
    [{ version: "v1.30.5" }],
    [{ profile: "preview" }],
    [{ mtls: "on" }],
    [{ tracing: { provider: "skywalking" } }],
    [{ tracing: { samplingPercent: 101 } }],
    [{ istiod: { scaling: { replicas: 0 } } }],
    [{ revisions: [{ name: "1.30" }] }],
    [{ gateways: [{ name: "edge", expose: { kind: "nodeport" } }] }],
    [{ unknown: true }],
  ])("refuses %o", (config) => {
    expect(schema.safeParse(config).success).toBe(false);
  });

  it.each([
    ["1.12.0", "auto", false],
    ["1.11.8", "auto", true],
    ["1.13.2", "istioctl", true],
    ["1.7.4", "auto", true],
    ["1.31.0-rc.20260827", "auto", false],
  ])("installs %s with %s by istioctl: %s", (version, install, expected) => {
    expect(installsByIstioctl(parse({ version, install }))).toBe(expected);
  });
});

describe("resolveMesh", () => {
  it("lets the config overrule its profile", () => {
    const settings = settingsOf({
      profile: "demo",
      accessLog: false,
      istiod: { scaling: { replicas: 3 }, resources: { requests: { cpu: "1" } } },
      proxy: { resources: { limits: { memory: "1Gi" } } },
    });
    expect([settings.accessLog, settings.istiod, settings.proxy.resources]).toEqual([
      false,
      { scaling: { replicas: 3 }, resources: { requests: { cpu: "1" } }, podDisruptionBudget: true },
      { limits: { memory: "1Gi" } },
    ]);
  });

  it("takes what the sandbox needs for the profile's, so that the config can still say otherwise", () => {
    const below = { istiod: meshProfileValues("istiod"), gateway: meshProfileValues("gateway") };
    const small = { cpu: "10m", memory: "40Mi" };
    const { istiod, proxy, gateways, values } = settingsOf({}, below);
    expect(istiod).toEqual({
      scaling: { replicas: 1 },
      resources: { requests: { cpu: "50m", memory: "128Mi" } },
      podDisruptionBudget: false,
    });
    expect([proxy.resources.requests, gateways[0]?.resources.requests, gateways[0]?.scaling]).toEqual([
      small,
      small,
      { replicas: 1 },
    ]);
    expect(values.gateway).toEqual({ imagePullPolicy: "IfNotPresent" });
    expect(values.istiod).toEqual({
      telemetry: { enabled: false },
      pilot: { env: { PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" } },
      meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [".*"] } } },
      global: { imagePullPolicy: "IfNotPresent" },
    });
    expect(settingsOf({ istiod: { scaling: { replicas: 2 } } }, below).istiod.scaling).toEqual({
      replicas: 2,
    });
  });

  it("has the ports that the gateway of the way to install listens on", () => {
    const targets = (version: string, profile = "default") =>
      settingsOf({ version, profile }).gateways[0]?.ports?.map(({ port, targetPort = port }) => targetPort);
    expect(targets("1.30.5")).toEqual([15021, 80, 443]);
    expect(targets("1.10.0")).toEqual([15021, 8080, 8443]);
    expect(targets("1.7.4", "demo")).toEqual([15021, 8080, 8443, 31400, 15443]);
  });
});

describe("istioSource", () => {
  const mirror = { folder: "/cache/mirror", files: "http://172.30.0.1:5000/files" };
  const own = {
    kind: "mirror" as const,
    files: "https://mirror.example.com",
    registry: "registry.example.com",
    registryScheme: "https" as const,
  };
  const hub = "docker.io/istio";
  it.each([
    [
      "upstream where public mirrors have no charts",
      { artifacts: { kind: "aliyun" } },
      {},
      { kind: "upstream", hub },
    ],
    ["one's own mirror", { artifacts: own }, {}, { kind: "files", files: own.files, hub }],
    [
      "the sandbox's folder",
      { artifacts: { kind: "auto" }, mirror },
      {},
      { kind: "folder", folder: "/cache/mirror/files/charts", files: mirror.files, hub },
    ],
    [
      "a folder that is named",
      { artifacts: { kind: "upstream" } },
      { charts: "/srv/charts" },
      { kind: "folder", folder: "/srv/charts", files: undefined, hub },
    ],
    [
      "a repository that is named",
      { artifacts: own },
      { charts: "oci://registry.example.com/charts", hub: "registry.example.com/istio" },
      {
        kind: "repository",
        repository: "oci://registry.example.com/charts",
        hub: "registry.example.com/istio",
      },
    ],
  ])("is %s", (_what, source, config, expected) => {
    expect(istioSource(parse(config), source as Parameters<typeof istioSource>[1])).toEqual(expected);
  });
});
