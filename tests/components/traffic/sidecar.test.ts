import { describe, expect, it } from "vitest";
import { external, service } from "../../../components/traffic/handles";
import { renderSidecar, type SidecarArgs } from "../../../components/traffic/sidecar";
import { leastScope, renderLeastScope } from "../../../components/traffic/sidecar-scope";
import { context, faultsOf, given, misfits } from "./destinations-support";

const base = { name: "default", namespace: "shop" };
const render = (args: Omit<SidecarArgs, "name" | "namespace">) =>
  renderSidecar({ ...base, ...args }, context);
const sidecar = (spec: object, name = "default") => [
  { apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name, namespace: "shop" }, spec },
];
const all = { hosts: ["./*", "istio-system/*"] };

describe("renderSidecar", () => {
  it("narrows what the proxies of a namespace know", () => {
    expect(render({ egress: [all], outboundTrafficPolicy: "REGISTRY_ONLY" })).toEqual(
      sidecar({ egress: [all], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } }),
    );
  });

  it("writes everything that it can say of a workload", () => {
    const rules = render({
      workloadSelector: { app: "cart" },
      ingress: [
        {
          port: { number: 8080, protocol: "HTTP", name: "http" },
          defaultEndpoint: "127.0.0.1:8081",
          connectionPool: { http: { http2MaxRequests: 10 } },
        },
        {
          port: { number: 9000, protocol: "TCP" },
          bind: "10.0.0.1",
          captureMode: "NONE",
          defaultEndpoint: "unix:///s",
        },
      ],
      egress: [
        {
          port: { number: 3306, protocol: "MySQL" },
          bind: "127.0.0.1",
          captureMode: "NONE",
          hosts: ["*/db.example.com"],
        },
        { hosts: ["istio-system/*", "shop/*", "~test/*", "*/*.example.com"] },
      ],
      inboundConnectionPool: { tcp: { maxConnections: 100 } },
    });
    expect(rules).toEqual(
      sidecar({
        workloadSelector: { labels: { app: "cart" } },
        ingress: [
          {
            port: { number: 8080, protocol: "HTTP", name: "http" },
            defaultEndpoint: "127.0.0.1:8081",
            connectionPool: { http: { http2MaxRequests: 10 } },
          },
          {
            port: { number: 9000, protocol: "TCP" },
            bind: "10.0.0.1",
            captureMode: "NONE",
            defaultEndpoint: "unix:///s",
          },
        ],
        egress: [
          {
            port: { number: 3306, protocol: "MySQL" },
            bind: "127.0.0.1",
            captureMode: "NONE",
            hosts: ["*/db.example.com"],
          },
          { hosts: ["istio-system/*", "shop/*", "~test/*", "*/*.example.com"] },
        ],
        inboundConnectionPool: { tcp: { maxConnections: 100 } },
      }),
    );
    expect(misfits(rules)).toEqual([]);
  });

  it.each<[string, Omit<SidecarArgs, "name" | "namespace">, readonly string[]]>([
    ["nothing", {}, ["egress: nothing"]],
    ["a selector alone", { workloadSelector: { app: "cart" } }, ["egress: nothing"]],
    ["hosts without the mesh's namespace", { egress: [{ hosts: ["./*"] }] }, ['egress: ["./*"]']],
    [
      "one Service of the mesh's namespace",
      { egress: [{ hosts: ["istio-system/istiod.istio-system.svc"] }] },
      ['egress: ["istio-system/istiod.istio-system.svc"]'],
    ],
    [
      "no hosts",
      { egress: [all, { hosts: [] }].reverse() },
      ["egress[0].hosts: []", "egress[0].port: nothing"],
    ],
    [
      "hosts of another form",
      { egress: [{ hosts: ["istio-system/*", "cart", "a/b/c", "shop/cart", "no_pe/*", "shop/*cart.com"] }] },
      [
        'egress[0].hosts[1]: "cart"',
        'egress[0].hosts[2]: "a/b/c"',
        'egress[0].hosts[3]: "cart"',
        'egress[0].hosts[4]: "no_pe"',
        'egress[0].hosts[5]: "shop/*cart.com"',
      ],
    ],
    [
      "hosts that others take in",
      {
        egress: [
          { hosts: ["istio-system/*", "shop/*", "./cart.shop.svc.cluster.local", "test/a.b", "test/a.b"] },
        ],
      },
      ['egress[0].hosts[2]: "./cart.shop.svc.cluster.local"', 'egress[0].hosts[4]: "test/a.b"'],
    ],
    ["more than all", { egress: [{ hosts: ["*/*", "shop/*"] }] }, ['egress[0].hosts[1]: "shop/*"']],
    [
      "a catch-all that is not the last",
      { egress: [all, { ...all, port: { number: 80, protocol: "HTTP" } }] },
      ["egress[0].port: nothing"],
    ],
    [
      "a port twice",
      {
        egress: [
          { ...all, port: { number: 80, protocol: "HTTP" } },
          { ...all, port: { number: 80, protocol: "HTTP" } },
        ],
        ingress: [{ port: { number: 80, protocol: "HTTP" } }, { port: { number: 80, protocol: "HTTP" } }],
      },
      ["ingress[1].port.number: 80", "egress[1].port.number: 80"],
    ],
    [
      "an endpoint elsewhere, and limits of HTTP for TCP",
      {
        ingress: [
          {
            port: { number: 80, protocol: "TCP" },
            bind: "localhost",
            defaultEndpoint: "10.0.0.1:80",
            connectionPool: { http: { maxRetries: 1 } },
          },
        ],
      },
      [
        'ingress[0].defaultEndpoint: "10.0.0.1:80"',
        'ingress[0].connectionPool.http: {"maxRetries":1}',
        'ingress[0].bind: "localhost"',
      ],
    ],
    [
      "a pool that contradicts itself",
      {
        inboundConnectionPool: { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: true } },
      },
      ['inboundConnectionPool.http: "h2UpgradePolicy UPGRADE and useClientProtocol"'],
    ],
  ])("refuses %s", (_, args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("says how a host is to be written", () => {
    expect(faultsOf(() => render({ egress: [{ hosts: ["cart", "*/*"] }] }))).toEqual([
      {
        path: "egress[0].hosts[0]",
        given: '"cart"',
        allowed: "namespace/host",
        change: "write ./cart for its own namespace, */cart for any",
      },
    ]);
  });

  it("knows the mesh's namespace by another name, and its own as a dot", () => {
    const egress = [{ hosts: ["./*"] }];
    expect(given(() => renderSidecar({ ...base, egress, meshNamespace: "shop" }, context))).toEqual([]);
    const workloadSelector = { app: "cart" };
    expect(
      given(() => renderSidecar({ ...base, egress, meshNamespace: "shop", workloadSelector }, context)),
    ).toEqual(['workloadSelector: {"app":"cart"}']);
  });
});

describe("least scope", () => {
  const cart = service("cart", "shop", { http: 80 });
  const pay = service("pay", "bank", { http: 80 });
  const api = external("api.example.com", { tls: 443 });

  it("is what is called, in order and once, and the mesh's namespace", () => {
    expect(
      renderLeastScope(
        { ...base, name: "web", workloadSelector: { app: "web" }, calls: [pay, api, cart, pay] },
        context,
      ),
    ).toEqual(
      sidecar(
        {
          workloadSelector: { labels: { app: "web" } },
          egress: [
            {
              hosts: [
                "*/api.example.com",
                "./cart.shop.svc.cluster.local",
                "bank/pay.bank.svc.cluster.local",
                "istio-system/*",
              ],
            },
          ],
        },
        "web",
      ),
    );
  });

  it("of nothing is the mesh's namespace", () => {
    expect(leastScope({ ...base, calls: [] }, context)).toEqual([{ hosts: ["istio-system/*"] }]);
  });

  it("follows the cluster's domain, and takes entries from where they are", () => {
    const args = {
      ...base,
      calls: [cart, api],
      entriesFrom: "egress",
      outboundTrafficPolicy: "REGISTRY_ONLY",
    } as const;
    const rules = renderLeastScope(args, { version: "1.31.0", dnsDomain: "lab.internal" });
    expect(rules[0]?.spec).toEqual({
      egress: [{ hosts: ["./cart.shop.svc.lab.internal", "egress/api.example.com", "istio-system/*"] }],
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    });
    expect(misfits(rules)).toEqual([]);
  });

  it("does not repeat what is in the mesh's namespace", () => {
    const jaeger = service("jaeger", "istio-system", { http: 80 });
    expect(leastScope({ ...base, calls: [jaeger] }, context)).toEqual([{ hosts: ["istio-system/*"] }]);
  });
});
