import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../components/lib/declared";
import { external, ObjectIndex } from "../../../components/lib/object-index";
import { annotated, patchAnnotation } from "../../../components/lib/objects";
import { deployment, service, shop, space } from "../../support/mesh-objects";

const web = deployment({ name: "web", labels: { app: "web", version: "v1" } });
const cart = deployment();
const vague = deployment({ name: "vague", labels: { app: UNKNOWN } });
const patched = annotated(shop, { [patchAnnotation]: "true" });

describe("the index", () => {
  it("finds by kind with group, namespace and name; default where none is named", () => {
    const { namespace: _, ...metadata } = service().metadata;
    const homeless = { ...service(), metadata: { ...metadata, name: "web" } };
    const index = new ObjectIndex([shop, cart, service(), homeless]);
    expect(index.find("apps/Deployment", "shop", "cart")).toBe(cart);
    expect(index.find("Deployment", "shop", "cart")).toBeUndefined();
    expect(index.find("Service", "default", "web")).toBe(homeless);
    expect(index.inNamespace("Service", "shop")).toHaveLength(1);
    expect(index.ofKind("Service")).toHaveLength(2);
  });

  it("finds pods by all labels of a selector, in a namespace or anywhere", () => {
    const elsewhere = deployment({ namespace: "blog" });
    const index = new ObjectIndex([web, cart, elsewhere]);
    const objects = (found: readonly { readonly object: unknown }[]) => found.map(({ object }) => object);
    expect(objects(index.selected({ app: "web", version: "v1" }, "shop"))).toEqual([web]);
    expect(index.selected({ app: "web", version: "v2" }, "shop")).toEqual([]);
    expect(objects(index.selected({ app: "cart" }))).toEqual([cart, elsewhere]);
  });

  it("decides nothing where pods with unknown labels may be meant", () => {
    const index = new ObjectIndex([web, vague]);
    expect(index.selected({ app: "web" }, "shop")).toHaveLength(1);
    expect(() => index.selected({ app: "cart" }, "shop")).toThrow(
      "Deployment shop/vague: spec.template.metadata.labels is not known yet",
    );
    expect(index.selected({ app: "cart" }, "blog")).toEqual([]);
  });

  it("decides nothing where an object with an unknown name may be meant", () => {
    const index = new ObjectIndex([{ ...service(), metadata: { name: UNKNOWN as unknown as string } }]);
    expect(() => index.find("Service", "shop", "cart")).toThrow("metadata.name is not known yet");
    expect(index.find("Secret", "shop", "cart")).toBeUndefined();
  });

  it("finds the Services of pods", () => {
    const wide = service({ selector: { app: "web" } }, "wide");
    const narrow = service({ selector: { app: "web", version: "v2" } }, "narrow");
    const index = new ObjectIndex([web, wide, narrow, service({ selector: {} }, "none")]);
    expect(index.workloads.map((workload) => index.servicesOf(workload))).toEqual([[wide]]);
    expect(index.servicesAsking({ app: "web" })).toEqual([wide, narrow]);
    expect(index.servicesAsking({})).toEqual([]);
  });

  it.each([
    ["one that the program makes", [shop], {}, true],
    ["one that others make", [external(shop)], {}, false],
    ["one that is patched", [patched], {}, false],
    ["one that is not declared", [], {}, false],
    ["any in a world that is complete", [], { closed: true }, true],
  ])("owns a namespace or not: %s", (_, objects, options, owned) => {
    expect(new ObjectIndex(objects, options).owns("shop")).toBe(owned);
  });

  it("prefers a namespace to its patch", () => {
    const made = space("shop", { made: "here" });
    expect(new ObjectIndex([patched, made]).namespace("shop")).toBe(made);
    expect(new ObjectIndex([made, patched]).namespace("shop")).toBe(made);
  });

  it("keeps what is derived from all objects", () => {
    const index = new ObjectIndex([]);
    expect([index.once("x", () => 1), index.once("x", () => 2)]).toEqual([1, 1]);
  });

  it("sees the pods of every kind that makes some", () => {
    const cron = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "night", namespace: "shop" },
      spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: "night" } } } } } },
    };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "one", labels: { app: "one" } } };
    const seen = new ObjectIndex([cron, pod]).workloads.map(({ namespace, labels, spec }) => [
      namespace,
      labels,
      spec,
    ]);
    expect(seen).toEqual([
      ["shop", { app: "night" }, "spec.jobTemplate.spec.template.spec"],
      ["default", { app: "one" }, "spec"],
    ]);
  });
});
