import { describe, expect, it } from "vitest";
import { type Around, faultsOf, objectsOf, planned } from "./support";

const shop = { kind: "workload", namespace: "bookinfo", labels: { app: "ratings" } };
const security = (section: object) => ({ security: section });

describe("security of the config", () => {
  it("is what the policies of the same names make", () => {
    const objects = objectsOf(
      security({
        peerAuthentications: [
          { scope: { kind: "namespace", namespace: "bookinfo" }, mode: "STRICT" },
          { name: "ratings", scope: shop, mode: "STRICT", portLevelMtls: { 9080: "PERMISSIVE" } },
        ],
        authorizationPolicies: [
          {
            name: "only-reviews",
            scope: shop,
            action: "ALLOW",
            rules: [
              {
                from: [{ principals: ["cluster.local/ns/bookinfo/sa/bookinfo-reviews"] }],
                to: [{ methods: ["GET"], ports: [9080] }],
                when: [{ key: "request.headers[x-id]", values: ["a"] }],
              },
            ],
          },
          { name: "nothing", scope: { kind: "mesh" }, action: "ALLOW", rules: [], allowNothing: true },
        ],
        requestAuthentications: [
          {
            name: "tokens",
            scope: shop,
            jwtRules: [
              { issuer: "https://id.example.com", keys: { jwksUri: "https://id.example.com/keys" } },
            ],
            anonymous: "refused",
          },
        ],
      }),
    );
    const selector = { matchLabels: { app: "ratings" } };
    expect(objects).toMatchObject([
      {
        kind: "PeerAuthentication",
        metadata: { name: "default", namespace: "bookinfo" },
        spec: { mtls: { mode: "STRICT" } },
      },
      {
        kind: "PeerAuthentication",
        metadata: { name: "ratings" },
        spec: { selector, portLevelMtls: { 9080: { mode: "PERMISSIVE" } } },
      },
      {
        kind: "AuthorizationPolicy",
        metadata: { name: "only-reviews", namespace: "bookinfo" },
        spec: {
          selector,
          action: "ALLOW",
          rules: [
            {
              from: [{ source: { principals: ["cluster.local/ns/bookinfo/sa/bookinfo-reviews"] } }],
              to: [{ operation: { methods: ["GET"], ports: ["9080"] } }],
              when: [{ key: "request.headers[x-id]", values: ["a"] }],
            },
          ],
        },
      },
      {
        kind: "AuthorizationPolicy",
        metadata: { name: "nothing", namespace: "istio-system" },
        spec: { action: "ALLOW" },
      },
      {
        kind: "RequestAuthentication",
        metadata: { name: "tokens" },
        spec: {
          selector,
          jwtRules: [{ issuer: "https://id.example.com", jwksUri: "https://id.example.com/keys" }],
        },
      },
      { kind: "AuthorizationPolicy", metadata: { name: "tokens" }, spec: { selector, action: "DENY" } },
    ]);
  });
});

const canary = {
  name: "cart",
  namespace: "shop",
  target: { kind: "Deployment", name: "cart" },
  port: 80,
  plan: { kind: "steps", stepWeight: 10, maxWeight: 50 },
  threshold: 3,
  metrics: [{ kind: "successRate", min: 99 }],
};
const loss = (victims: object) => ({
  name: "loss",
  experiments: [
    { action: "network loss", victims, with: { percent: 60, interface: "eth0" }, timeout: "300s" },
  ],
});

describe("lists of the config", () => {
  it("are components, each with a name of its own", () => {
    const { parts, faults } = planned({
      rateLimits: { local: [{ name: "ten", scope: shop, bucket: { maxTokens: 10, fillInterval: "1s" } }] },
      egress: [
        {
          namespace: "bookinfo",
          registryOnly: true,
          hosts: [
            { host: "*.example.com", way: { kind: "https" } },
            { host: "api.example.org", way: { kind: "tlsOrigination" } },
          ],
        },
      ],
      canaries: [canary],
      chaos: [loss({ scope: "node", names: ["worker1"] })],
    });
    expect(faults).toEqual([]);
    expect(
      parts.map(({ name, objects }) => [
        name,
        ...objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ]),
    ).toEqual([
      ["local-bookinfo-ten", "EnvoyFilter ten"],
      [
        "egress-bookinfo",
        "ServiceEntry all-example-com",
        "ServiceEntry api-example-org",
        "DestinationRule api-example-org",
        "Sidecar default",
      ],
      ["canaries-shop-cart", "Canary cart"],
      ["chaos-loss", "ChaosBlade loss"],
    ]);
  });

  it.each<[string, object, string[], Around?]>([
    [
      "a node that is none",
      { chaos: [loss({ scope: "node", names: ["172.16.8.1"] })] },
      ['traffic.chaos[0].experiments[0].victims.names[0]: "172.16.8.1" -> cp1, worker1; name one of these'],
    ],
    [
      "a namespace of no application",
      { chaos: [loss({ scope: "pod", namespace: "kube-system", labels: { app: "x" } })] },
      ['traffic.chaos[0].experiments[0].victims.namespace: "kube-system" -> bookinfo; name one of these'],
    ],
    [
      "chaos in production",
      { chaos: [loss({ scope: "node", names: ["worker1"] })] },
      [
        'traffic.chaos[0].tier: "production" -> tier dev or lab; take it out of this stack, or declare it in another one',
      ],
      { tier: "production" },
    ],
    [
      "a fault in a route in production",
      { hosts: { "details.bookinfo": { routes: [{ to: {}, fault: { abort: { httpStatus: 500 } } }] } } },
      [
        'traffic.hosts.details.bookinfo.routes[0].fault: "production" -> tier dev or lab; take it out of this stack, or declare it in another one',
      ],
      { tier: "production" },
    ],
    [
      "steps that lead nowhere",
      { canaries: [{ ...canary, plan: { kind: "steps", stepWeight: 60, maxWeight: 50 } }] },
      [
        "traffic.canaries[0].plan.stepWeight: 60 -> at most maxWeight, 50; lower it: the first step would be past the end",
      ],
    ],
    [
      "one object twice",
      security({
        peerAuthentications: [
          { scope: { kind: "namespace", namespace: "a" }, mode: "STRICT" },
          { scope: { kind: "namespace", namespace: "a" }, mode: "DISABLE" },
        ],
      }),
      [
        'traffic.security.peerAuthentications[1]: "PeerAuthentication a/default" -> what traffic.security.peerAuthentications[0] leaves alone; take one of the two away',
      ],
    ],
    [
      "rules that allow nothing",
      security({ authorizationPolicies: [{ name: "x", scope: shop, action: "ALLOW", rules: [] }] }),
      [
        "traffic.security.authorizationPolicies[0].rules: [] -> one or more: without rules ALLOW refuses every request; add a rule, or say allowNothing",
      ],
    ],
  ])("name %s", (_name, section, found, more) => {
    expect(faultsOf(section, more)).toEqual(found);
  });
});
