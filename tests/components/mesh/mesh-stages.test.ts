import { describe, expect, it } from "vitest";
import { type KubeObject, titleOf } from "../../../components/lib/objects";
import { gated, onHostPorts } from "../../../components/mesh/gates";
import { planInstall, type RenderedInstall, renderInstall } from "../../../components/mesh/install";
import { stageMesh, stagePolicies } from "../../../components/mesh/mesh-stages";
import { settingsOf } from "./settings";

const object = (kind: string, name: string, more: object = {}, apiVersion = "v1"): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const hook = (kind: "Mutating" | "Validating", name: string, policy = "Fail", labels?: object) =>
  object(`${kind}WebhookConfiguration`, name, {
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    webhooks: [{ name: "a", failurePolicy: policy }],
  });

/** What a chart might bring, in little. */
function chart(name: string): KubeObject[] {
  const gateway = [
    object("Service", name, { spec: { ports: [{ name: "http2", port: 80, targetPort: 8080 }] } }),
    object("Deployment", name, {
      spec: { template: { spec: { containers: [{ name: "istio-proxy", ports: [{ containerPort: 1 }] }] } } },
    }),
  ];
  if (name === "istio-base") {
    return [
      object("CustomResourceDefinition", "gateways.networking.istio.io"),
      object("ServiceAccount", "reader"),
      hook("Validating", "istiod-default-validator", "Ignore"),
    ];
  }
  if (!name.startsWith("istiod")) return gateway;
  return [
    object("ConfigMap", name),
    object("Deployment", name),
    hook("Mutating", `${name}-injector`),
    hook("Mutating", `${name}-tag`, "Fail", { "istio.io/tag": "default" }),
    object("EnvoyFilter", `${name}-stats`, {}, "networking.istio.io/v1alpha3"),
  ];
}

async function stagesOf(config: object) {
  const settings = settingsOf(config);
  const rendered = await renderInstall(planInstall(settings), async ({ name }) => chart(name));
  return stageMesh(settings, rendered);
}

const waitFor = ({ metadata }: KubeObject) => metadata.annotations?.["pulumi.com/waitFor"];

describe("stageMesh", () => {
  it("puts webhooks after their istiod, config after webhooks, gateways and policies last", async () => {
    const stages = await stagesOf({});
    expect(stages.map(({ name, objects, after }) => [name, objects.map(titleOf), after])).toEqual([
      ["namespaces", ["Namespace istio-system"], []],
      ["definitions", ["CustomResourceDefinition gateways.networking.istio.io"], []],
      ["base", ["ServiceAccount reader"], ["namespaces"]],
      ["istiod", ["ConfigMap istiod", "Deployment istiod"], ["namespaces", "definitions", "base"]],
      ["istiod-webhooks", ["MutatingWebhookConfiguration istiod-injector"], ["istiod"]],
      ["tags", ["MutatingWebhookConfiguration istiod-tag"], ["istiod"]],
      ["validator", ["ValidatingWebhookConfiguration istiod-default-validator"], ["istiod"]],
      ["istiod-config", ["EnvoyFilter istiod-stats"], ["istiod-webhooks", "validator"]],
      [
        "istio-ingressgateway",
        ["Service istio-ingressgateway", "Deployment istio-ingressgateway"],
        ["namespaces", "istiod-webhooks", "tags", "validator", "istiod-config"],
      ],
      ["policies", ["PeerAuthentication istio-system/default"], ["istiod-webhooks", "tags", "validator"]],
    ]);
  });

  it("has control planes side by side, tags apart from them, the validator after the default one", async () => {
    const stages = await stagesOf({
      profile: "minimal",
      mtls: "unset",
      revisions: [{ name: "blue" }, { name: "green" }],
      tags: { default: "green" },
    });
    const after = Object.fromEntries(stages.map((stage) => [stage.name, stage.after]));
    expect(after).toEqual({
      namespaces: [],
      definitions: [],
      base: ["namespaces"],
      "istiod-blue": ["namespaces", "definitions", "base"],
      "istiod-green": ["namespaces", "definitions", "base"],
      "istiod-blue-webhooks": ["istiod-blue"],
      "istiod-green-webhooks": ["istiod-green"],
      tags: ["istiod-blue", "istiod-green"],
      validator: ["istiod-green"],
      "istiod-blue-config": ["istiod-blue-webhooks", "validator"],
      "istiod-green-config": ["istiod-green-webhooks", "validator"],
    });
  });

  it("gives each gateway its namespace, and its Ingress where it stands behind a controller", async () => {
    const stages = await stagesOf({
      gateways: [
        { name: "edge", namespace: "edge" },
        { name: "inner", namespace: "edge", expose: { kind: "ingress", host: "mesh.example.com" } },
      ],
    });
    const titles = Object.fromEntries(stages.map(({ name, objects }) => [name, objects.map(titleOf)]));
    expect(titles.namespaces).toEqual(["Namespace istio-system", "Namespace edge"]);
    expect(titles.inner).toEqual(["Service inner", "Deployment inner", "Ingress edge/inner"]);
  });

  it("starts the proxies of nodes after cni and the default istiod", async () => {
    const stages = await stagesOf({ ambient: true, profile: "minimal" });
    expect(stages.find(({ name }) => name === "ztunnel")?.after).toEqual(["cni", "istiod"]);
  });

  it("is nothing for the profile empty, and the policies alone beside istioctl", async () => {
    expect(await stagesOf({ profile: "empty" })).toEqual([]);
    expect(
      stagePolicies(settingsOf({ version: "1.10.0" })).map(({ name, objects }) => [
        name,
        objects.map(titleOf),
      ]),
    ).toEqual([["policies", ["PeerAuthentication istio-system/default"]]]);
  });

  it("is the same for the same config", async () => {
    const config = { profile: "demo", tracing: {}, revisions: [{ name: "a" }], tags: { z: "a", b: "a" } };
    expect(JSON.stringify(await stagesOf(config))).toBe(JSON.stringify(await stagesOf(config)));
  });
});

describe("gated", () => {
  it("waits for definitions to be served", () => {
    expect(waitFor(gated(object("CustomResourceDefinition", "a")))).toBe("condition=Established");
  });

  it("waits for the authority in webhooks, and lets the validating one fail closed as istiod does", () => {
    const authority = "jsonpath={.webhooks[0].clientConfig.caBundle}";
    const validating = gated(hook("Validating", "a", "Ignore"));
    expect(waitFor(gated(hook("Mutating", "a")))).toBe(authority);
    expect(waitFor(validating)).toBe(
      JSON.stringify([authority, "jsonpath={.webhooks[0].failurePolicy}=Fail"]),
    );
    expect(validating.webhooks).toEqual([{ name: "a", failurePolicy: "Fail" }]);
  });

  it("leaves everything else as it is", () => {
    const deployment = object("Deployment", "a");
    expect(gated(deployment)).toBe(deployment);
  });
});

describe("onHostPorts", () => {
  const gateway = settingsOf({ gateways: [{ name: "edge", expose: { kind: "hostNetwork" } }] }).gateways[0];
  const other = settingsOf().gateways[0];
  if (gateway === undefined || other === undefined) throw new Error("no gateway");

  it("gives the gateway's container a port of the host for each port of its Service", () => {
    const [service, deployment] = onHostPorts(chart("edge"), gateway);
    expect(service).toEqual(chart("edge")[0]);
    expect(deployment?.spec).toEqual({
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: {
        spec: {
          containers: [
            {
              name: "istio-proxy",
              ports: [
                { containerPort: 1 },
                { name: "http2", containerPort: 8080, hostPort: 80, protocol: "TCP" },
              ],
            },
          ],
        },
      },
    });
  });

  it("does nothing for any other way in", () => {
    expect(onHostPorts(chart("edge"), other)).toEqual(chart("edge"));
  });
});

describe("renderInstall", () => {
  it("renders each chart once, the base first", async () => {
    const rendered: string[] = [];
    const settings = settingsOf({
      profile: "demo",
      ambient: true,
      revisions: [{ name: "a" }, { name: "b" }],
    });
    const result: RenderedInstall = await renderInstall(planInstall(settings), async ({ name }) => {
      rendered.push(name);
      return [object("ConfigMap", name)];
    });
    expect(rendered).toEqual([
      ...["istio-base", "istio-cni", "istiod-a", "istiod-b", "ztunnel"],
      ...["istio-ingressgateway", "istio-egressgateway"],
    ]);
    expect(result.controlPlanes.map(({ revision, objects }) => [revision, objects.map(titleOf)])).toEqual([
      ["a", ["ConfigMap istiod-a"]],
      ["b", ["ConfigMap istiod-b"]],
    ]);
  });
});
