import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { describeMesh, Mesh } from "../../../components/mesh/mesh";
import type { Stage } from "../../../components/mesh/mesh-stages";
import { record } from "../../support/recorder";
import { settingsOf } from "./settings";

const object = (kind: string, name: string, apiVersion = "v1"): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
});
const stages: readonly Stage[] = [
  {
    name: "definitions",
    objects: [
      {
        ...object("CustomResourceDefinition", "crd", "apiextensions.k8s.io/v1"),
        spec: { group: "example.com", names: { kind: "Thing" } },
      },
    ],
    after: [],
    gate: true,
  },
  { name: "base", objects: [object("ServiceAccount", "reader")], after: [], gate: false },
  {
    name: "istiod",
    objects: [object("ConfigMap", "config"), object("Deployment", "istiod", "apps/v1")],
    after: ["definitions", "base"],
    gate: true,
  },
  {
    name: "policies",
    objects: [object("PeerAuthentication", "default", "security.istio.io/v1")],
    after: ["istiod"],
    gate: true,
  },
];

const recordMesh = () =>
  record(() => {
    const cluster = new pulumi.ComponentResource("test:Step", "cluster");
    const nodes = new pulumi.ComponentResource("test:Step", "nodes");
    return new Mesh("mesh", { settings: settingsOf(), stages, cluster, after: [nodes] }).handle.ready.length;
  });

describe("Mesh", () => {
  it("declares each object below itself, after what its stage waits for", async () => {
    const recording = await recordMesh();
    const dependencies = (name: string) =>
      recording
        .find(name)
        .dependencies.map((urn) => urn.split("::").at(-1))
        .sort();
    expect(dependencies("crd")).not.toContain("reader");
    expect(dependencies("istiod")).toEqual(expect.arrayContaining(["config", "crd", "reader"]));
    expect(dependencies("default")).toEqual(expect.arrayContaining(["istiod"]));
    expect(dependencies("default")).not.toContain("config");
  });

  it("is ready with the nodes, and what others use: definitions, istiod, policies", async () => {
    expect((await recordMesh()).result).toBe(4);
  });
});

describe("describeMesh", () => {
  it("knows a default mesh before it exists", () => {
    expect(describeMesh(settingsOf())).toEqual({
      version: "1.30.5",
      namespace: "istio-system",
      controlPlanes: [{ revision: "", version: "1.30.5" }],
      tags: {},
      injectionLabels: { "istio-injection": "enabled" },
      dnsDomain: "cluster.local",
      ingress: {
        namespace: "istio-system",
        selector: { istio: "ingressgateway" },
        service: "istio-ingressgateway",
      },
    });
  });

  it("names the default one of several control planes", () => {
    const settings = settingsOf({
      profile: "minimal",
      revisions: [{ name: "old" }, { name: "new", version: "1.31.1" }],
      tags: { default: "new" },
    });
    expect(describeMesh(settings)).toMatchObject({
      version: "1.31.1",
      revision: "new",
      tags: { default: "new" },
    });
    expect(describeMesh(settings).ingress).toBeUndefined();
  });
});
