import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../components/lib/declared";
import { declaredOnce } from "../../../components/lib/duplicates";
import { external } from "../../../components/lib/object-index";
import { annotated, type KubeObject, patchAnnotation } from "../../../components/lib/objects";

const object = (apiVersion: string, kind: string, name: unknown, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: name as string, ...(namespace === undefined ? {} : { namespace }) },
});
const cart = object("v1", "Service", "cart", "shop");

describe("an object of a program", () => {
  it("is declared once", () => {
    const routes = ["v1", "v1beta1"].map((version) =>
      object(`networking.istio.io/${version}`, "VirtualService", "cart", "shop"),
    );
    expect(
      declaredOnce([cart, ...routes, cart]).map(({ code, object: title }) => `${code} ${title}`),
    ).toEqual(["MP0004 VirtualService shop/cart", "MP0004 Service shop/cart"]);
  });

  it("may have its name elsewhere, a patch, a description, and a name that is not known yet", () => {
    const gateways = ["networking.istio.io/v1", "gateway.networking.k8s.io/v1"].map((version) =>
      object(version, "Gateway", "shop", "shop"),
    );
    expect(
      declaredOnce([
        cart,
        object("v1", "Service", "cart", "store"),
        annotated(cart, { [patchAnnotation]: "true" }),
        external(cart),
        ...gateways,
        object("v1", "Namespace", UNKNOWN),
        object("v1", "Namespace", UNKNOWN),
      ]),
    ).toEqual([]);
  });
});
