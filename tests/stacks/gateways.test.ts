import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../stacks/config/faults";
import { loadPlatform, resolvePlatform } from "../../stacks/config/load";
import { urlsOf } from "../../stacks/gateways";
import { hideSecrets } from "../support/markers";
import { capableComputer, inventory, recordPlatform } from "../support/platforms";
import { record } from "../support/recorder";
import { input } from "../support/recording";

const backend = { service: "web", port: 8000 };
const route = (name: string, mode: object, more: object = {}) => ({
  name,
  namespace: "store",
  hosts: [`${name}.example.com`],
  backend,
  mode,
  ...more,
});
const pems = {
  certificate: "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n",
  privateKey: pulumi.secret("a key"),
};

/** Paths of what is wrong with a config, each with what was given. */
function faultsOf(gateways: object, more: object = {}, certificates: Record<string, typeof pems> = {}) {
  const raw = { hosts: { kind: "sandbox" }, artifacts: { kind: "sandbox" }, mesh: {}, gateways, ...more };
  try {
    resolvePlatform(raw, "unit", capableComputer, { gatewayCertificates: certificates });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path, given }) => `${path}: ${given}`);
    throw error;
  }
  return [];
}

describe("faults of the section gateways", () => {
  it("are none for a route in each mode, and an edge", () => {
    const routes = [
      route("plain", { kind: "http" }, { hosts: ["*"] }),
      route("pass", { kind: "passthrough" }),
      route("term", { kind: "terminate" }),
      route("given", { kind: "terminate", certificate: { kind: "given", entry: "shop" } }),
      route("mutual", { kind: "mutual", clients: { kind: "generated", names: ["phone"] } }),
      route("inside", { kind: "reencrypt", inside: {} }, { backend: { service: "tls", port: 8443 } }),
    ];
    const servers = [{ name: "shop", hosts: ["shop.example.com"], tls: {} }];
    expect(faultsOf({ routes, edge: { servers } }, {}, { shop: pems })).toEqual([]);
  });

  const http = { kind: "http" };
  it.each([
    ["no mesh", { routes: [route("a", http)] }, { mesh: false }, "gateways.routes[0]: a"],
    [
      "no ingress gateway",
      { edge: { servers: [{ name: "a", hosts: ["a"] }] } },
      { mesh: { profile: "minimal" } },
      "gateways.edge.servers[0]: a",
    ],
    ["a name twice", { routes: [route("a", http), route("a", http)] }, {}, "gateways.routes[1].name: a"],
    [
      "an application's name",
      { routes: [route("bookinfo", http, { namespace: "bookinfo" })] },
      { apps: { bookinfo: {} } },
      "gateways.routes[0].name: bookinfo",
    ],
    [
      "a reserved name",
      { edge: { servers: [{ name: "default", hosts: ["a"] }] } },
      {},
      "gateways.edge.servers[0].name: default",
    ],
    [
      "an unknown entry",
      { routes: [route("a", { kind: "terminate", certificate: { kind: "given", entry: "shop" } })] },
      {},
      "gateways.routes[0].mode.certificate.entry: shop",
    ],
    [
      "a certificate for every name",
      { routes: [route("a", { kind: "terminate" }, { hosts: ["*"] })] },
      {},
      "gateways.routes[0].hosts: *",
    ],
    [
      "half a Secret",
      {
        routes: [
          route("a", {
            kind: "mutual",
            certificate: { kind: "secret", secretName: "own" },
            clients: { kind: "generated", names: ["phone"] },
          }),
        ],
      },
      {},
      "gateways.routes[0].mode.clients.kind: generated",
    ],
    [
      "TLS inside for one of two routes to a Service",
      { routes: [route("a", { kind: "passthrough" }), route("b", { kind: "reencrypt", inside: {} })] },
      {},
      "gateways.routes[1].backend: store/web:8000",
    ],
    [
      "gRPC on port 80",
      { edge: { servers: [{ name: "a", hosts: ["a"], protocol: "grpc" }] } },
      {},
      "gateways.edge.servers[0].protocol: grpc",
    ],
    [
      "lives that do not nest",
      { authority: { validityHours: 700 } },
      {},
      "gateways.authority.validityHours: 700",
    ],
    ["no host", { routes: [route("a", http, { hosts: [] })] }, {}, "gateways.routes[0].hosts: []"],
    [
      "a mode that there is not",
      { routes: [route("a", { kind: "tls" })] },
      {},
      'gateways.routes[0].mode.kind: "tls"',
    ],
  ])("are told for %s", (_, gateways, more, expected) => {
    expect(faultsOf(gateways, more)).toEqual([expected]);
  });
});

describe("the secret key gatewayCertificates", () => {
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
  });
  const load = (value: string) =>
    record(() => {
      pulumi.runtime.setAllConfig({ "mesh-platform:gatewayCertificates": value });
      return loadPlatform(capableComputer, async () => true);
    });
  const privateKey = "-----BEGIN EC PRIVATE KEY-----\nsongbird\n-----END EC PRIVATE KEY-----\n";

  it("is known by its names, and its keys are secret", async () => {
    const { certificate } = pems;
    const { result } = await load(JSON.stringify({ shop: { certificate, privateKey } }));
    const { shop } = result.gatewayCertificates;
    expect(shop?.certificate).toBe(certificate);
    expect(await pulumi.isSecret(pulumi.output(shop?.privateKey ?? ""))).toBe(true);
    expect(JSON.stringify(result.config)).not.toContain("songbird");
  });

  it("is refused by its path, without the key", async () => {
    const refused = await load(JSON.stringify({ shop: { certificate: "none", privateKey } })).catch(String);
    expect(refused).toContain("gatewayCertificates.shop.certificate");
    expect(refused).not.toContain("songbird");
  });
});

describe("urlsOf", () => {
  const addresses = { http: "10.0.0.7:30080", https: "10.0.0.7:30443" };
  it.each([
    ["http", ["shop.example.com", "*.example.com"], ["http://shop.example.com:30080/"]],
    ["http", ["*"], ["http://10.0.0.7:30080/"]],
    ["terminate", ["shop.example.com"], ["https://shop.example.com:30443/"]],
  ] as const)("says of %s for %j: %j", (kind, hosts, urls) => {
    expect(urlsOf({ hosts: [...hosts], mode: { kind } as never }, addresses)).toEqual(urls);
  });

  it("says nothing where the port is not known", () => {
    const none = { http: undefined, https: undefined };
    expect(urlsOf({ hosts: ["a.example.com"], mode: { kind: "http" } }, none)).toEqual([]);
  });
});

describe("the section gateways in a platform", async () => {
  const recording = await recordPlatform(
    inventory(1, {
      preset: "seed000",
      addons: { prometheus: false, grafana: false, jaeger: false, kiali: false },
      apps: { bookinfo: false, proxyCom: false, httpbin: {} },
      gateways: {
        routes: [
          route(
            "mutual",
            { kind: "mutual", clients: { kind: "generated", names: ["phone"] } },
            { namespace: "httpbin", backend: { service: "httpbin", port: 8000 } },
          ),
        ],
        edge: { servers: [{ name: "shop", hosts: ["shop.example.com"], tls: {} }] },
      },
    }),
  );

  it("has one authority for all certificates, and waits for mesh and namespaces", () => {
    expect(recording.all("mesh-platform:mesh:GatewayAuthority").map(({ name }) => name)).toEqual([
      "gateways",
    ]);
    expect(recording.path("istio-system/mutual-tls", "istio")).toBeDefined();
    expect(recording.path("istio-system/mutual-tls", "httpbin/httpbin-v1")).toBeDefined();
    expect(recording.path("istio-system/nginx-istio-shop-tls", "istio")).toBeDefined();
  });

  it("leads the edge to the mesh's ingress gateway", () => {
    const config = recording.find("istio-system/nginx-istio", "ConfigMap");
    expect(input(config, "data", "shop.conf")).toContain(
      "server istio-ingressgateway.istio-system.svc.cluster.local:80;",
    );
  });

  it("hands out clients' certificates with their keys as secrets", () => {
    const outputs = recording.stackOutputs() as { gateways: object };
    expect(JSON.stringify(outputs.gateways)).toContain("mutual/phone");
    expect(JSON.stringify(hideSecrets(outputs.gateways as never))).not.toContain("mutual/phone");
    expect(outputs.gateways).toMatchObject({ routes: { mutual: ["https://mutual.example.com:30032/"] } });
  });
});
