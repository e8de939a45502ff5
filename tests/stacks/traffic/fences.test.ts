import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import { analyse } from "../../../components/lib/checks";
import type { KubeObject } from "../../../components/lib/objects";
import { renderingCodes, tierCodes, trafficChecksFor } from "../../../components/traffic/analysis";
import { renderCanary } from "../../../components/traffic/delivery/canary";
import { canariesAmong, refuseSecondOwners } from "../../../components/traffic/delivery/ownership";
import type { TierName } from "../../../components/traffic/tiers";
import { analysed } from "../../../stacks/analysis";
import { resolvePlatform } from "../../../stacks/config/load";
import { capableComputer, inventory, lab, sandbox } from "../../support/platforms";
import { record } from "../../support/recorder";
import { readProjectFile } from "../../support/rendered";

const platformOf = (config: object) => resolvePlatform(config, "unit", capableComputer);

describe("the tier of a stack", () => {
  it.each<[string, object, TierName]>([
    ["the composition dev on a sandbox", sandbox(), "dev"],
    ["machines of one's own", inventory(), "production"],
    ["the composition lab", lab(undefined, { composition: "lab" }), "lab"],
    ["what the stack says", { ...inventory(), tier: "lab" }, "lab"],
    ["what the stack says, on a sandbox too", { ...sandbox(), tier: "production" }, "production"],
    ["another composition on a sandbox", sandbox(1, { composition: "machines" }), "production"],
  ])("follows %s", (_name, config, tier) => {
    expect(platformOf(config).tier).toBe(tier);
  });

  it("is one of three", () => {
    expect(() => platformOf({ ...sandbox(), tier: "test" })).toThrow(
      /tier\n.*"test"\n.*dev, lab, production/,
    );
  });
});

const object = (kind: string, group: string, spec: object): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name: "x", ...(kind === "ChaosBlade" ? {} : { namespace: "shop" }) },
  spec,
});
const route = { route: [{ destination: { host: "cart.shop.svc.cluster.local" } }] };
const withFault = object("VirtualService", "networking.istio.io", {
  hosts: ["cart.shop.svc.cluster.local"],
  http: [route, { ...route, fault: { abort: { httpStatus: 500, percentage: { value: 1 } } } }],
});
const byFilter = object("EnvoyFilter", "networking.istio.io", {
  configPatches: [
    {
      applyTo: "HTTP_FILTER",
      patch: { operation: "INSERT_BEFORE", value: { name: "envoy.filters.http.fault" } },
    },
  ],
});
const blade = object("ChaosBlade", "chaosblade.io", { experiments: [] });
const harmless = [
  object("VirtualService", "networking.istio.io", { hosts: ["a.b"], http: [route] }),
  object("EnvoyFilter", "networking.istio.io", {
    configPatches: [{ patch: { value: { name: "envoy.filters.http.lua" } } }],
  }),
];

describe("what a tier does not allow", () => {
  const found = (name: TierName, ...objects: readonly KubeObject[]) =>
    analyse(objects, trafficChecksFor({ tier: { name } }))
      .filter(({ code }) => code in tierCodes)
      .map(({ code, object: title, path, message }) => `${code} ${title}, ${path}: ${message}`);

  it("is found in every declared object", () => {
    expect(found("production", withFault, byFilter, blade, ...harmless)).toEqual([
      "MP0807 ChaosBlade x, spec: nodes or pods are disturbed in a stack of tier production; allowed: tier dev or lab",
      "MP0414 EnvoyFilter shop/x, spec.configPatches[0].patch.value: a fault is made by Envoy's filter in a stack of tier production; allowed: tier dev or lab",
      "MP0414 VirtualService shop/x, spec.http[1].fault: a fault is made in a stack of tier production; allowed: tier dev or lab",
    ]);
  });

  it("is allowed elsewhere, and where there is no stack", () => {
    expect(found("dev", withFault, byFilter, blade)).toEqual([]);
    expect(found("lab", withFault, byFilter, blade)).toEqual([]);
    expect(analyse([withFault], trafficChecksFor()).filter(({ code }) => code in tierCodes)).toEqual([]);
  });

  const preview = (tier: TierName) =>
    record(
      () =>
        analysed(platformOf({ ...sandbox(), tier }), async () => {
          const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
          new k8s.apiextensions.CustomResource("by-hand", withFault as never, { provider });
        }),
      { preview: true },
    );

  it("ends the preview, also where somebody wrote it by hand", async () => {
    await expect(preview("production")).rejects.toThrow(
      /MP0414 VirtualService shop\/x, spec\.http\[1\]\.fault/,
    );
    await expect(preview("dev")).resolves.toBeDefined();
  });
});

describe("codes of what is put together", () => {
  it("have a line each in docs/analysis.md", () => {
    const page = readProjectFile("docs/analysis.md");
    const codes = Object.keys({ ...renderingCodes, ...tierCodes });
    expect(codes.length).toBe(15);
    expect(codes.filter((code) => !page.includes(`| ${code} |`))).toEqual([]);
  });

  it("can be suppressed without being called unused", () => {
    const suppressed = (code: string): KubeObject => ({
      ...harmless[0],
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "x", namespace: "shop", annotations: { "mesh-platform/suppress": `${code}=meant` } },
    });
    const unused = (code: string) =>
      analyse([suppressed(code)], trafficChecksFor(), { elsewhere: Object.keys(renderingCodes) }).filter(
        (finding) => finding.code === "MP0003",
      ).length;
    expect([unused("MP0455"), unused("MP0402")]).toEqual([0, 1]);
  });
});

describe("a Canary among declared objects", () => {
  const canary = renderCanary({
    name: "cart",
    namespace: "shop",
    target: { kind: "Deployment", name: "cart" },
    port: 80,
    threshold: 3,
    plan: { kind: "steps", stepWeight: 10, maxWeight: 50 },
    metrics: [{ kind: "successRate", min: 99 }],
  });
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "cart", namespace: "shop" },
    spec: {},
  };

  it("owns its host, whoever declares it", () => {
    expect(canariesAmong([canary, service])).toEqual([{ name: "cart", namespace: "shop", hosts: [] }]);
    expect(() => refuseSecondOwners(canariesAmong([canary, service]), [canary, service])).toThrow(
      /Service shop\/cart\n.*Canary shop\/cart has it made/,
    );
  });

  it("ends the preview of a program that makes its Service too", async () => {
    const program = (more: readonly KubeObject[]) =>
      record(
        () =>
          analysed(platformOf(sandbox()), async () => {
            const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
            const target = {
              apiVersion: "apps/v1",
              kind: "Deployment",
              metadata: { name: "cart", namespace: "shop" },
              spec: {},
            };
            for (const one of [canary, target, ...more])
              new k8s.apiextensions.CustomResource(`${one.kind}`, one as never, { provider });
          }),
        { preview: true },
      );
    await expect(program([service])).rejects.toThrow(/Objects with two owners/);
    await expect(program([])).resolves.toBeDefined();
  });
});
