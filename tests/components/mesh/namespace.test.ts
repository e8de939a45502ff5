import { describe, expect, it } from "vitest";
import { isPatch } from "../../../components/lib/objects";
import { type Injection, renderNamespace } from "../../../components/mesh/namespace";

describe("a namespace", () => {
  it.each<[Injection | undefined, object]>([
    [undefined, { name: "shop" }],
    ["enabled", { name: "shop", labels: { "istio-injection": "enabled" } }],
    ["disabled", { name: "shop", labels: { "istio-injection": "disabled" } }],
    ["ambient", { name: "shop", labels: { "istio.io/dataplane-mode": "ambient" } }],
    [{ revision: "1-31" }, { name: "shop", labels: { "istio.io/rev": "1-31" } }],
  ])("has one label for injection: %j", (injection, metadata) => {
    expect(renderNamespace({ name: "shop", injection })).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata,
    });
  });

  it("takes other labels and annotations", () => {
    const { metadata } = renderNamespace({
      name: "shop",
      injection: "enabled",
      labels: { team: "cart" },
      annotations: { note: "x" },
    });
    expect(metadata).toEqual({
      name: "shop",
      labels: { "istio-injection": "enabled", team: "cart" },
      annotations: { note: "x" },
    });
  });

  it("that the cluster has already is patched", () => {
    const space = renderNamespace({ name: "default", injection: "enabled" });
    expect(isPatch(space)).toBe(true);
    expect(space.metadata.labels).toEqual({ "istio-injection": "enabled" });
    expect(isPatch(renderNamespace({ name: "shop" }))).toBe(false);
  });

  it.each(["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"])(
    "refuses the label %s from elsewhere",
    (label) => {
      expect(() => renderNamespace({ name: "shop", labels: { [label]: "enabled" } })).toThrow(
        `namespace shop: labels has ${label}; allowed are others; say it by injection instead`,
      );
    },
  );

  it("refuses injection where Istio never injects", () => {
    expect(() => renderNamespace({ name: "kube-system", injection: { revision: "1-31" } })).toThrow(
      "namespace kube-system: injection is 1-31; Istio never injects this one; put the pods into a namespace of their own",
    );
    expect(renderNamespace({ name: "kube-system", injection: "disabled" }).metadata.labels).toEqual({
      "istio-injection": "disabled",
    });
  });
});
