import { describe, expect, it } from "vitest";
import { GatewayAuthority } from "../../components/mesh/certificates";
import { renderGatewayRoute } from "../../components/mesh/gateway-route";
import { gatewayMode } from "../../stacks/config/exposure-schema";
import { issueClients, resolveGatewayMode } from "../../stacks/gateway-modes";
import { record } from "../support/recorder";

/** Objects of a mode as a config says it, and the certificates that are issued for it. */
async function objectsOf(config: object) {
  const recording = await record(() => {
    let authority: GatewayAuthority | undefined;
    const parsed = gatewayMode.parse(config);
    const sources = {
      name: "shop",
      hosts: ["shop.example.com"],
      backendHost: "web.store.svc.cluster.local",
      authority: () => {
        authority ??= new GatewayAuthority("gateways");
        return authority;
      },
    };
    const mode = resolveGatewayMode(parsed, sources);
    issueClients(parsed, sources);
    return renderGatewayRoute({
      name: "shop",
      namespace: "store",
      hosts: ["shop.example.com"],
      backend: { service: "web", port: 8443 },
      version: "1.28.0",
      mode,
    }).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
  });
  const issued = recording.names().filter((name) => name.endsWith("-request"));
  return { objects: await recording.result, issued };
}

const route = ["Gateway store/shop", "VirtualService store/shop"];

describe("resolveGatewayMode", () => {
  it.each([
    [{ kind: "http" }, [], []],
    [{ kind: "passthrough" }, [], []],
    [
      { kind: "passthrough", application: { kind: "generated" } },
      ["Secret store/shop-application-tls"],
      ["gateways-shop-application-request"],
    ],
    [{ kind: "terminate" }, ["Secret istio-system/shop-tls"], ["gateways-shop-request"]],
    [{ kind: "terminate", certificate: { kind: "secret", secretName: "own" } }, [], []],
    [
      { kind: "mutual", clients: { kind: "generated", names: ["phone"] } },
      ["Secret istio-system/shop-tls"],
      ["gateways-shop-phone-request", "gateways-shop-request"],
    ],
    [
      { kind: "reencrypt", inside: { mutual: true } },
      [
        "Secret istio-system/shop-tls",
        "Secret istio-system/shop-inside",
        "Secret store/shop-backend-tls",
        "DestinationRule istio-system/store-shop-inside",
      ],
      ["gateways-shop-backend-request", "gateways-shop-gateway-request", "gateways-shop-request"],
    ],
  ])("makes of %j the Secrets %j", async (config, secrets, issued) => {
    const found = await objectsOf(config);
    expect(found.objects).toEqual([...secrets, ...route]);
    expect([...found.issued].sort()).toEqual(issued);
  });

  it("refuses an entry that is not in the secret key", async () => {
    await expect(
      objectsOf({ kind: "terminate", certificate: { kind: "given", entry: "shop" } }),
    ).rejects.toThrow(
      "certificate.entry is shop; allowed: an entry of the secret key gatewayCertificates (none)",
    );
  });
});
