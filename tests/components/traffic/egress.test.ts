import { describe, expect, it } from "vitest";
import { Egress, type EgressArgs, egressHost, renderEgress } from "../../../components/traffic/egress";
import { record } from "../../support/recorder";
import { context, given, misfits } from "./destinations-support";

const render = (args: Omit<EgressArgs, "namespace">) => renderEgress({ namespace: "shop", ...args }, context);
const apiVersion = "networking.istio.io/v1";
const entry = (name: string, spec: object, more: object = {}) => ({
  apiVersion,
  kind: "ServiceEntry",
  metadata: { name, namespace: "shop", ...more },
  spec: { location: "MESH_EXTERNAL", resolution: "DNS", exportTo: ["."], ...spec },
});

describe("renderEgress", () => {
  it("knows hosts outside by how they are reached", () => {
    const objects = render({
      hosts: [
        { host: "api.example.com", way: { kind: "https" } },
        { host: "*.example.org", way: { kind: "https", port: 8443 } },
        { host: "web.example.com", way: { kind: "http" }, name: "web" },
        { host: "db.example.com", way: { kind: "tcp", port: 5432, addresses: ["192.0.2.7"] } },
        { host: "mq.example.com", way: { kind: "tcp", port: 5672, addresses: "auto" } },
      ],
    });
    expect(objects).toEqual([
      entry("api-example-com", {
        hosts: ["api.example.com"],
        ports: [{ number: 443, name: "tls", protocol: "TLS" }],
      }),
      entry("all-example-org", {
        hosts: ["*.example.org"],
        ports: [{ number: 8443, name: "tls", protocol: "TLS" }],
        resolution: "NONE",
      }),
      entry("web", { hosts: ["web.example.com"], ports: [{ number: 80, name: "http", protocol: "HTTP" }] }),
      entry("db-example-com", {
        hosts: ["db.example.com"],
        addresses: ["192.0.2.7"],
        ports: [{ number: 5432, name: "tcp", protocol: "TCP" }],
      }),
      entry(
        "mq-example-com",
        { hosts: ["mq.example.com"], ports: [{ number: 5672, name: "tcp", protocol: "TCP" }] },
        { labels: { "networking.istio.io/enable-autoallocate-ip": "true" } },
      ),
    ]);
    expect(misfits(objects)).toEqual([]);
  });

  it("lets proxies begin TLS, so that the port stays plain HTTP inside", () => {
    const objects = render({ hosts: [{ host: "api.example.com", way: { kind: "tlsOrigination" } }] });
    expect(objects).toEqual([
      entry("api-example-com", {
        hosts: ["api.example.com"],
        ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 443 }],
      }),
      {
        apiVersion,
        kind: "DestinationRule",
        metadata: { name: "api-example-com", namespace: "shop" },
        spec: {
          host: "api.example.com",
          exportTo: ["."],
          trafficPolicy: {
            portLevelSettings: [
              {
                port: { number: 80 },
                tls: { mode: "SIMPLE", caCertificates: "system", sni: "api.example.com" },
              },
            ],
          },
        },
      },
    ]);
    expect(misfits(objects)).toEqual([]);
  });

  it("closes everything else outside, and leaves the mesh as it is", () => {
    expect(render({ hosts: [], registryOnly: true })).toEqual([
      {
        apiVersion,
        kind: "Sidecar",
        metadata: { name: "default", namespace: "shop" },
        spec: { egress: [{ hosts: ["*/*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
      },
    ]);
  });

  it.each<[string, EgressArgs["hosts"], readonly string[]]>([
    ["nothing", [], ["hosts: []"]],
    [
      "a wildcard to which TLS is begun",
      [{ host: "*.example.com", way: { kind: "tlsOrigination" } }],
      ['hosts[0].host: "*.example.com"'],
    ],
    [
      "a name twice",
      [
        { host: "a.example.com", way: { kind: "https" } },
        { host: "a.example.com", way: { kind: "http" } },
      ],
      ['hosts[1].name: "a-example-com"'],
    ],
    [
      "faults of all hosts at once, also of the rules",
      [
        { host: "a b", way: { kind: "https", port: 0 } },
        {
          host: "b.example.com",
          way: { kind: "tlsOrigination", tls: { mode: "MUTUAL", caCertificates: "system" } },
        },
      ],
      [
        'hosts[0].hosts[0]: "a b"',
        'hosts[0].name: "a b"',
        "hosts[0].ports[0].number: 0",
        "hosts[1].way.tls.clientCertificate: nothing",
        "hosts[1].way.tls.privateKey: nothing",
      ],
    ],
  ])("refuses %s", (_, hosts, faults) => {
    expect(given(() => render({ hosts }))).toEqual(faults);
  });
});

describe("Egress", () => {
  it("declares the bundle, whose hosts routes can name", async () => {
    const hosts = [{ host: "api.example.com", way: { kind: "tlsOrigination" } }] as const;
    const made = await record(
      () => new Egress("outside", { namespace: "shop", hosts, registryOnly: true, ...context }),
    );
    expect(made.names()).toEqual(["outside", "shop/api-example-com", "shop/api-example-com", "shop/default"]);
    expect(egressHost(hosts[0])).toEqual({ kind: "external", host: "api.example.com", ports: { http: 80 } });
  });
});
