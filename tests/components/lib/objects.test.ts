import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { declareObjects, tokenOf } from "../../../components/lib/declare";
import { collectDeclared, objectOf, UNKNOWN } from "../../../components/lib/declared";
import { type KubeObject, nameOf, notWaiting, titleOf, waitingFor } from "../../../components/lib/objects";
import { mark } from "../../support/markers";
import { record } from "../../support/recorder";

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
  more = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: namespace === undefined ? { name } : { name, namespace },
  ...more,
});
const namespace = object("v1", "Namespace", "shop");
const patched = {
  ...object("v1", "Namespace", "default"),
  metadata: { name: "default", annotations: { "pulumi.com/patchForce": "true" } },
};
const definition = object(
  "apiextensions.k8s.io/v1",
  "CustomResourceDefinition",
  "widgets.example.com",
  undefined,
  {
    spec: { group: "example.com", names: { kind: "Widget" } },
  },
);

describe("objects", () => {
  it.each([
    [object("v1", "Service", "cart", "shop"), "kubernetes:core/v1:Service", "shop/cart", "Service shop/cart"],
    [object("apps/v1", "Deployment", "a", "b"), "kubernetes:apps/v1:Deployment", "b/a", "Deployment b/a"],
    [namespace, "kubernetes:core/v1:Namespace", "shop", "Namespace shop"],
    [patched, "kubernetes:core/v1:NamespacePatch", "default", "Namespace default"],
    [
      object("networking.istio.io/v1", "VirtualService", "cart", "shop"),
      "kubernetes:networking.istio.io/v1:VirtualService",
      "shop/cart",
      "VirtualService shop/cart",
    ],
  ])("have the provider's type, a name and a title: %#", (each, token, name, title) => {
    expect([tokenOf(each), nameOf(each), titleOf(each)]).toEqual([token, name, title]);
  });

  it("say what they wait for beside what they say already", () => {
    const labelled = { ...definition, metadata: { name: "x", annotations: { mine: "1" } } };
    expect(waitingFor(labelled, "condition=Established").metadata.annotations).toEqual({
      mine: "1",
      "pulumi.com/waitFor": "condition=Established",
    });
    expect(waitingFor(labelled, "condition=A", "jsonpath={.b}").metadata.annotations).toEqual({
      mine: "1",
      "pulumi.com/waitFor": '["condition=A","jsonpath={.b}"]',
    });
    expect(notWaiting(namespace).metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
  });
});

describe("declareObjects", () => {
  const deployment = object("apps/v1", "Deployment", "cart", "shop", { spec: { replicas: 1 } });
  const account = object("v1", "ServiceAccount", "cart", "shop");
  const foreign = object("v1", "ServiceAccount", "other", "elsewhere");
  const widget = object("example.com/v1", "Widget", "one", "shop");

  const declare = (objects: readonly KubeObject[]) =>
    record(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      declareObjects(objects, { provider });
    });
  const before = async (objects: readonly KubeObject[]) => {
    const recording = await declare(objects);
    return Object.fromEntries(
      recording.resources
        .filter(({ type }) => /^kubernetes:/.test(type))
        .map(({ name, type, dependencies }) => [
          `${type.split(":").at(-1)} ${name}`,
          dependencies.map((urn) => recording.nameOf(urn)).sort(),
        ]),
    );
  };

  it("makes what an object needs before it, whatever the order", async () => {
    expect(await before([deployment, widget, foreign, account, definition, namespace])).toEqual({
      "Deployment shop/cart": ["shop", "shop/cart"],
      "Widget shop/one": ["shop", "widgets.example.com"],
      "ServiceAccount elsewhere/other": [],
      "ServiceAccount shop/cart": ["shop"],
      "CustomResourceDefinition widgets.example.com": [],
      "Namespace shop": [],
    });
  });

  it("registers the fields as they are, with the provider that it is given", async () => {
    const recording = await declare([deployment]);
    const found = recording.find("shop/cart", "kubernetes:apps/v1:Deployment");
    expect(found.inputs).toEqual(deployment);
    expect(found.provider).toContain("::cluster::");
  });

  it("takes another version of the same API for the same object", async () => {
    const service = object("networking.istio.io/v1", "VirtualService", "cart", "shop");
    const recording = await declare([service, account]);
    expect(recording.find("shop/cart", "kubernetes:networking.istio.io/v1:VirtualService").aliases).toBe(2);
    expect(recording.find("shop/cart", "kubernetes:core/v1:ServiceAccount").aliases).toBe(0);
  });

  it("marks each value of a Secret, and shows its keys", async () => {
    const plain = object("v1", "Secret", "keys", "shop", { stringData: { user: "admin" }, type: "Opaque" });
    const computed = object("v1", "Secret", "more", "shop", { data: pulumi.output({ user: "YWRtaW4=" }) });
    const recording = await declare([plain, computed]);
    const secret = (name: string) => recording.find(name, "kubernetes:core/v1:Secret");
    expect(secret("shop/keys").inputs).toEqual({ ...plain, stringData: { user: mark("admin") } });
    expect(secret("shop/more").inputs).toEqual({ ...computed, data: mark({ user: "YWRtaW4=" }) });
    expect(secret("shop/keys").additionalSecretOutputs).toEqual(["data", "stringData"]);
  });
});

describe("collectDeclared", () => {
  it("sees objects of any class, and outputs as unknown", async () => {
    const { result } = await record(() => {
      const declared = collectDeclared();
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      declareObjects([namespace, patched], { provider });
      new k8s.core.v1.ConfigMap(
        "map",
        { metadata: { name: "map" }, data: { known: "1", later: pulumi.output("2") } },
        { provider },
      );
      new k8s.apps.v1.DeploymentPatch(
        "dns",
        { metadata: { name: "coredns" }, spec: { replicas: 2 } },
        { provider },
      );
      return declared.objects();
    });
    expect(result).toEqual([
      namespace,
      patched,
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "map" },
        data: { known: "1", later: UNKNOWN },
      },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "coredns", annotations: { "pulumi.com/patchForce": "true" } },
        spec: { replicas: 2 },
      },
    ]);
  });

  it("passes by what is no object", () => {
    expect(objectOf("kubernetes:helm.sh/v3:Release", { chart: "istiod" })).toBeUndefined();
    expect(objectOf("pulumi:providers:kubernetes", { kubeconfig: "{}" })).toBeUndefined();
    expect(objectOf("tls:index/privateKey:PrivateKey", { kind: "x", apiVersion: "v1" })).toBeUndefined();
  });
});

describe("a Service", () => {
  const service = (spec: object, annotations = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", namespace: "n", annotations },
    spec,
  });
  const annotationsOf = async (object: KubeObject) => {
    const recording = await record(() => void declareObjects([object], {}));
    const { metadata } = recording.find("n/s").inputs as { metadata: { annotations?: object } };
    return metadata.annotations;
  };

  it("does not wait for the pods behind it, which would be a deadlock with as many as the engine has hands", async () => {
    expect(await annotationsOf(service({ type: "NodePort" }))).toEqual({ "pulumi.com/skipAwait": "true" });
  });

  it("waits for an address, and for what it was told to wait for", async () => {
    expect(await annotationsOf(service({ type: "LoadBalancer" }))).toBeUndefined();
    const told = { "pulumi.com/waitFor": "jsonpath={.spec.clusterIP}" };
    expect(await annotationsOf(service({}, told))).toEqual(told);
  });
});
