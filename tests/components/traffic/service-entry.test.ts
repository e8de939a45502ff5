import { describe, expect, it } from "vitest";
import {
  entryHost,
  renderServiceEntry,
  ServiceEntry,
  type ServiceEntryArgs,
} from "../../../components/traffic/service-entry";
import { record } from "../../support/recorder";
import { context, faultsOf, given, misfits } from "./destinations-support";

const base: ServiceEntryArgs = {
  name: "outside",
  namespace: "shop",
  hosts: ["api.example.com"],
  ports: [{ number: 443, protocol: "TLS" }],
  resolution: "DNS",
};
const render = (args: Partial<ServiceEntryArgs>, version = context.version) =>
  renderServiceEntry({ ...base, ...args }, { version });
const entry = (spec: object, labels?: object) => [
  {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "outside", namespace: "shop", ...(labels === undefined ? {} : { labels }) },
    spec,
  },
];
const tls = [{ number: 443, name: "tls-443", protocol: "TLS" }];
const tcp = [{ number: 5432, protocol: "TCP" }] as const;

describe("renderServiceEntry", () => {
  it.each<[string, Partial<ServiceEntryArgs>, object]>([
    [
      "a name outside",
      {},
      { hosts: ["api.example.com"], ports: tls, location: "MESH_EXTERNAL", resolution: "DNS" },
    ],
    [
      "a wildcard that the caller has resolved",
      { hosts: ["*.example.com"], resolution: "NONE" },
      { hosts: ["*.example.com"], ports: tls, location: "MESH_EXTERNAL", resolution: "NONE" },
    ],
    [
      "a wildcard of which each name is asked for",
      { hosts: ["*.example.com"], resolution: "DYNAMIC_DNS" },
      { hosts: ["*.example.com"], ports: tls, location: "MESH_EXTERNAL", resolution: "DYNAMIC_DNS" },
    ],
    [
      "addresses and networks for TCP",
      { addresses: ["10.1.2.3", "10.2.0.0/16", "fd00::/8"], ports: tcp, resolution: "NONE" },
      {
        hosts: ["api.example.com"],
        addresses: ["10.1.2.3", "10.2.0.0/16", "fd00::/8"],
        ports: [{ number: 5432, name: "tcp-5432", protocol: "TCP" }],
        location: "MESH_EXTERNAL",
        resolution: "NONE",
      },
    ],
    [
      "endpoints with addresses",
      {
        resolution: "STATIC",
        location: "MESH_INTERNAL",
        ports: [{ number: 80, name: "web", protocol: "HTTP", targetPort: 8080 }],
        endpoints: [
          {
            address: "10.0.0.1",
            ports: { web: 8080 },
            labels: { version: "v1" },
            locality: "eu/a",
            weight: 3,
          },
          { network: "vm", serviceAccount: "cart" },
        ],
        subjectAltNames: ["api.example.com"],
        exportTo: ["."],
      },
      {
        hosts: ["api.example.com"],
        ports: [{ number: 80, name: "web", protocol: "HTTP", targetPort: 8080 }],
        location: "MESH_INTERNAL",
        resolution: "STATIC",
        endpoints: [
          {
            address: "10.0.0.1",
            ports: { web: 8080 },
            labels: { version: "v1" },
            locality: "eu/a",
            weight: 3,
          },
          { network: "vm", serviceAccount: "cart" },
        ],
        exportTo: ["."],
        subjectAltNames: ["api.example.com"],
      },
    ],
    [
      "one other name",
      { hosts: ["*.example.com"], resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "lb.example.net" }] },
      {
        hosts: ["*.example.com"],
        ports: tls,
        location: "MESH_EXTERNAL",
        resolution: "DNS_ROUND_ROBIN",
        endpoints: [{ address: "lb.example.net" }],
      },
    ],
    [
      "a socket",
      { resolution: "STATIC", endpoints: [{ address: "unix:///run/cart.sock" }] },
      {
        hosts: ["api.example.com"],
        ports: tls,
        location: "MESH_EXTERNAL",
        resolution: "STATIC",
        endpoints: [{ address: "unix:///run/cart.sock" }],
      },
    ],
    [
      "machines by their labels",
      { resolution: "STATIC", workloadSelector: { app: "edge" } },
      {
        hosts: ["api.example.com"],
        ports: tls,
        location: "MESH_EXTERNAL",
        resolution: "STATIC",
        workloadSelector: { labels: { app: "edge" } },
      },
    ],
  ])("%s", (_, args, spec) => {
    expect(render(args)).toEqual(entry(spec));
    expect(misfits(render(args))).toEqual([]);
  });

  it("lets istiod assign an address, which its label says", () => {
    expect(render({ addresses: "auto", ports: tcp })).toEqual(
      entry(
        {
          hosts: ["api.example.com"],
          ports: [{ number: 5432, name: "tcp-5432", protocol: "TCP" }],
          location: "MESH_EXTERNAL",
          resolution: "DNS",
        },
        { "networking.istio.io/enable-autoallocate-ip": "true" },
      ),
    );
    expect(given(() => render({ addresses: "auto", ports: tcp }, "1.24.0"))).toEqual(['addresses: "auto"']);
    expect(given(() => render({ addresses: "auto", ports: tcp, resolution: "NONE" }))).toEqual([
      'addresses: "auto"',
    ]);
  });

  it.each<[string, Partial<ServiceEntryArgs>, readonly string[]]>([
    ["no hosts", { hosts: [] }, ["hosts: []"]],
    ["any host", { hosts: ["*"], resolution: "NONE" }, ['hosts[0]: "*"']],
    ["a host twice", { hosts: ["a.com", "a.com"] }, ['hosts[1]: "a.com"']],
    ["a wildcard for DNS", { hosts: ["*.example.com"] }, ['hosts[0]: "*.example.com"']],
    ["a short name for DNS", { hosts: ["api"] }, ['hosts[0]: "api"']],
    ["half a wildcard", { hosts: ["*api.com"], resolution: "NONE" }, ['hosts[0]: "*api.com"']],
    ["one name with DYNAMIC_DNS", { resolution: "DYNAMIC_DNS" }, ['hosts[0]: "api.example.com"']],
    ["TCP without addresses", { ports: tcp }, ["addresses: nothing"]],
    [
      "hosts that TCP cannot tell apart",
      { hosts: ["a.com", "b.com"], ports: [{ number: 3306, protocol: "MySQL" }] },
      ['hosts: ["a.com","b.com"]'],
    ],
    ["a network with DNS", { addresses: ["10.0.0.0/8"] }, ['addresses[0]: "10.0.0.0/8"']],
    ["an address that is none", { addresses: ["10.0.0.256"] }, ['addresses[0]: "10.0.0.256"']],
    ["no ports", { ports: [] }, ["ports: []"]],
    [
      "ports and names twice",
      {
        ports: [
          { number: 443, protocol: "TLS" },
          { number: 443, protocol: "HTTP", name: "tls-443" },
        ],
      },
      ["ports[1].number: 443", 'ports[1].name: "tls-443"'],
    ],
    [
      "a protocol, a number, a name",
      { ports: [{ number: 0, protocol: "UDP" as "TCP", name: "a_b", targetPort: 70_000 }] },
      [
        'ports[0].protocol: "UDP"',
        "ports[0].number: 0",
        'ports[0].name: "a_b"',
        "ports[0].targetPort: 70000",
      ],
    ],
    [
      "endpoints with NONE",
      { resolution: "NONE", endpoints: [{ address: "10.0.0.1" }] },
      ['endpoints: [{"address":"10.0.0.1"}]'],
    ],
    ["nothing with STATIC", { resolution: "STATIC" }, ["endpoints: nothing"]],
    ["no endpoints in a list", { resolution: "STATIC", endpoints: [] }, ["endpoints: []"]],
    [
      "endpoints and machines",
      { resolution: "STATIC", endpoints: [{ address: "10.0.0.1" }], workloadSelector: { app: "edge" } },
      ['endpoints: "endpoints and workloadSelector"'],
    ],
    [
      "several with DNS_ROUND_ROBIN",
      { resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.com" }, { address: "b.com" }] },
      ['endpoints: "2 endpoints"'],
    ],
    [
      "a name with STATIC",
      { resolution: "STATIC", endpoints: [{ address: "a.com" }] },
      ['endpoints[0].address: "a.com"'],
    ],
    [
      "a port that the entry has not",
      { endpoints: [{ address: "a.com", ports: { http: 80 } }] },
      ['endpoints[0].ports.http: "http"'],
    ],
    [
      "a socket with ports, or for two",
      {
        resolution: "STATIC",
        ports: [
          { number: 443, protocol: "TLS" },
          { number: 444, protocol: "TLS" },
        ],
        endpoints: [{ address: "unix://run/", ports: { "tls-443": 1 } }],
      },
      [
        'endpoints[0].address: "unix://run/"',
        'endpoints[0].address: "unix://run/"',
        'endpoints[0].ports: {"tls-443":1}',
      ],
    ],
    ["an endpoint of nothing", { resolution: "STATIC", endpoints: [{}] }, ["endpoints[0].address: nothing"]],
    ["no one and someone", { exportTo: ["~", "shop"] }, ['exportTo[0]: ["~","shop"]']],
    ["a way that there is not", { resolution: "MAGIC" as "DNS" }, ['resolution: "MAGIC"']],
  ])("refuses %s", (_, args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("says what a port of TCP needs", () => {
    expect(faultsOf(() => render({ ports: tcp }))).toEqual([
      {
        path: "addresses",
        given: "nothing",
        allowed: "an address for port 5432 of TCP",
        change: 'name one, or say "auto": else the port takes all traffic to this number',
      },
    ]);
  });
});

describe("ServiceEntry", () => {
  it("declares the entry, and is a host for routes and policies", async () => {
    const made = await record(() => new ServiceEntry("outside", { ...base, ...context }));
    expect(made.names()).toEqual(["outside", "shop/outside"]);
    const handle = { kind: "external", host: "api.example.com", ports: { "tls-443": 443 } };
    expect(made.result.host).toEqual(handle);
    expect(entryHost(base)).toEqual(handle);
  });
});
