import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { renderGatewayRoute } from "../../../components/mesh/gateway-route";
import { gatewayRouteCheck } from "../../../components/mesh/gateway-route-checks";

const route = renderGatewayRoute({
  name: "shop",
  namespace: "store",
  hosts: ["shop.example.com"],
  backend: { service: "web", port: 8443 },
  version: "1.28.0",
  mode: {
    kind: "reencrypt",
    credential: { secretName: "shop-tls" },
    inside: { secretName: "shop-inside" },
  },
});

const policy = (namespace: string, spec: object): KubeObject => ({
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name: "default", namespace },
  spec,
});
const strict = { mtls: { mode: "STRICT" } };
const codes = (...policies: KubeObject[]) =>
  gatewayRouteCheck()([...route, ...policies]).map(({ code }) => code);

describe("gatewayRouteCheck", () => {
  it("warns of HTTPS inside where sidecars take the mesh's TLS alone", () => {
    expect(gatewayRouteCheck()([...route, policy("store", strict)])).toEqual([
      {
        code: "MP0341",
        severity: "warning",
        object: "DestinationRule istio-system/store-shop-inside",
        path: "spec.trafficPolicy.portLevelSettings[0].tls",
        message:
          "PeerAuthentication store/default lets sidecars of store take mutual TLS of the mesh alone: they close connections with another TLS, and clients get 503",
        change:
          "let the application's HTTPS port out by portLevelMtls DISABLE in a PeerAuthentication with a selector, or drop the TLS of the rule",
      },
    ]);
    expect(codes(policy("istio-system", strict))).toEqual(["MP0341"]);
  });

  it("finds nothing wrong where plain TLS is taken too", () => {
    expect(codes()).toEqual([]);
    expect(codes(policy("other", strict))).toEqual([]);
    expect(codes(policy("istio-system", strict), policy("store", { mtls: { mode: "PERMISSIVE" } }))).toEqual(
      [],
    );
    expect(codes(policy("store", { ...strict, portLevelMtls: { 8443: { mode: "DISABLE" } } }))).toEqual([]);
  });
});
