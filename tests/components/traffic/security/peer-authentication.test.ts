import { describe, expect, it } from "vitest";
import {
  type PeerAuthenticationArgs,
  renderMtlsMigration,
  renderPeerAuthentication,
} from "../../../../components/traffic/security/peer-authentication";
import { faultsOf, pathsOf } from "../security-faults";

const context = { version: "1.31.0" };
const workload = { kind: "workload", namespace: "shop", labels: { app: "cart" } } as const;
const render = (args: PeerAuthenticationArgs) => renderPeerAuthentication(args, context);

describe("PeerAuthentication", () => {
  it("is called default for a mesh and for a namespace", () => {
    expect(render({ scope: { kind: "mesh" }, mode: "STRICT" })).toEqual({
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "default", namespace: "istio-system" },
      spec: { mtls: { mode: "STRICT" } },
    });
    expect(
      pathsOf(() =>
        render({ name: "second", scope: { kind: "namespace", namespace: "shop" }, mode: "STRICT" }),
      ),
    ).toEqual(["name"]);
  });

  it("has other modes for single ports of a workload", () => {
    const args = {
      name: "cart",
      scope: workload,
      mode: "STRICT",
      portLevelMtls: { 8080: "DISABLE" },
    } as const;
    expect(renderPeerAuthentication(args, { version: "1.20.0" })).toEqual({
      apiVersion: "security.istio.io/v1beta1",
      kind: "PeerAuthentication",
      metadata: { name: "cart", namespace: "shop" },
      spec: {
        selector: { matchLabels: { app: "cart" } },
        mtls: { mode: "STRICT" },
        portLevelMtls: { 8080: { mode: "DISABLE" } },
      },
    });
  });

  it("tells all faults at once", () => {
    const wrong: PeerAuthenticationArgs = {
      scope: { kind: "namespace", namespace: "Shop!" },
      mode: "strict" as "STRICT",
      portLevelMtls: { 80: "STRICT", 70000: "on" as "STRICT" },
      containerPorts: [8080],
    };
    expect(pathsOf(() => render(wrong))).toEqual([
      "scope.namespace",
      "mode",
      "portLevelMtls",
      "portLevelMtls.80",
      "portLevelMtls.70000",
      "portLevelMtls.70000",
      "portLevelMtls.70000",
    ]);
  });

  it("refuses a port of the Service where the pods have others", () => {
    const args = {
      name: "cart",
      scope: workload,
      mode: "STRICT",
      portLevelMtls: { 80: "DISABLE" },
      containerPorts: [8080],
    } as const;
    expect(faultsOf(() => render(args))).toEqual([
      "portLevelMtls.80: name a port of the pods: it is not that of the Service",
    ]);
  });

  it("refuses a workload without labels", () => {
    const args = { name: "cart", scope: { ...workload, labels: {} }, mode: "STRICT" } as const;
    expect(pathsOf(() => render(args))).toEqual(["scope.labels"]);
  });
});

describe("a move to mutual TLS", () => {
  const modes = (args: Parameters<typeof renderMtlsMigration>[0]) =>
    renderMtlsMigration(args, context).map(({ metadata, spec }) => [
      metadata.namespace,
      (spec as { mtls: { mode: string } }).mtls.mode,
    ]);

  it("goes namespace by namespace, the mesh last", () => {
    const namespaces = ["shop", "bank"];
    expect(modes({ namespaces })).toEqual([
      ["istio-system", "PERMISSIVE"],
      ["shop", "PERMISSIVE"],
      ["bank", "PERMISSIVE"],
    ]);
    expect(modes({ namespaces, strict: ["bank"] })).toEqual([
      ["istio-system", "PERMISSIVE"],
      ["shop", "PERMISSIVE"],
      ["bank", "STRICT"],
    ]);
    expect(modes({ namespaces, strict: namespaces, finished: true })).toEqual([
      ["istio-system", "STRICT"],
      ["shop", "STRICT"],
      ["bank", "STRICT"],
    ]);
  });

  it("cannot end while a namespace is permissive", () => {
    expect(
      faultsOf(() => renderMtlsMigration({ namespaces: ["a"], strict: ["b"], finished: true }, context)),
    ).toEqual(["strict[0]: name it in namespaces too", "finished: put a into strict"]);
  });
});
