import { describe, expect, it } from "vitest";
import * as intents from "../../../../components/traffic/security/authorization-intents";
import {
  type AuthorizationPolicyArgs,
  renderAuthorizationPolicy,
} from "../../../../components/traffic/security/authorization-policy";
import { faultsOf, pathsOf } from "../security-faults";

const context = { version: "1.31.0" };
const scope = { kind: "workload", namespace: "shop", labels: { app: "cart" } } as const;
const wish = { name: "cart", scope };
const spec = (args: AuthorizationPolicyArgs) => renderAuthorizationPolicy(args, context).spec;
const selector = { matchLabels: { app: "cart" } };
const base = { ...wish, action: "ALLOW", rules: [{}] } as const;
const render = (more: Partial<AuthorizationPolicyArgs>) => () =>
  renderAuthorizationPolicy({ ...base, ...more }, context);

describe("wishes", () => {
  it.each<[string, AuthorizationPolicyArgs, object]>([
    [
      "lets callers in",
      intents.allowFrom({
        ...wish,
        from: [{ serviceAccounts: ["bank/teller"] }, { ipBlocks: ["10.0.0.0/8"] }],
      }),
      {
        action: "ALLOW",
        rules: [
          {
            from: [
              { source: { serviceAccounts: ["bank/teller"] } },
              { source: { ipBlocks: ["10.0.0.0/8"] } },
            ],
          },
        ],
      },
    ],
    [
      "allows operations",
      intents.allowTo({ ...wish, to: [{ methods: ["GET"], paths: ["/items*"], ports: [8080] }] }),
      {
        action: "ALLOW",
        rules: [{ to: [{ operation: { methods: ["GET"], paths: ["/items*"], ports: ["8080"] } }] }],
      },
    ],
    ["refuses everything", intents.denyAll(wish), { action: "DENY", rules: [{}] }],
    ["allows nothing", intents.allowNothing(wish), { action: "ALLOW" }],
    [
      "refuses all but some",
      intents.denyExcept({
        ...wish,
        except: { namespaces: ["shop"], ipBlocks: ["10.1.2.3"] },
        to: [{ paths: ["/admin*"] }],
      }),
      {
        action: "DENY",
        rules: [
          {
            from: [{ source: { notNamespaces: ["shop"] } }, { source: { notIpBlocks: ["10.1.2.3"] } }],
            to: [{ operation: { paths: ["/admin*"] } }],
          },
        ],
      },
    ],
    [
      "asks for claims",
      intents.jwtClaims({ ...wish, issuer: "me", claims: { "realm.roles": ["admin"] } }),
      {
        action: "ALLOW",
        rules: [
          {
            from: [{ source: { requestPrincipals: ["me/*"] } }],
            when: [{ key: "request.auth.claims[realm][roles]", values: ["admin"] }],
          },
        ],
      },
    ],
    [
      "asks a provider",
      intents.askProvider({ ...wish, provider: "opa", knownProviders: ["opa"] }),
      { action: "CUSTOM", provider: { name: "opa" }, rules: [{}] },
    ],
  ])("%s", (_, args, expected) => {
    expect(spec(args)).toEqual({ selector, ...expected });
  });

  it("only reports in a dry run", () => {
    expect(renderAuthorizationPolicy(intents.denyAll({ ...wish, dryRun: true }), context).metadata).toEqual({
      name: "cart",
      namespace: "shop",
      annotations: { "istio.io/dry-run": "true" },
    });
  });

  it("lets addresses in at the ingress gateway, also where the port is written", () => {
    const args = intents.ingressIpAllow({
      name: "office",
      addresses: ["192.0.2.0/24"],
      by: "client",
      hosts: ["a.example.com"],
      httpPorts: [8080],
    });
    expect(renderAuthorizationPolicy(args, context)).toEqual({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "office", namespace: "istio-system" },
      spec: {
        selector: { matchLabels: { istio: "ingressgateway" } },
        action: "DENY",
        rules: [
          {
            from: [{ source: { notRemoteIpBlocks: ["192.0.2.0/24"] } }],
            to: [{ operation: { hosts: ["a.example.com", "a.example.com:*"], ports: ["8080"] } }],
          },
        ],
      },
    });
  });
});

describe("AuthorizationPolicy", () => {
  it("is attached to what is served, from Istio 1.22 on", () => {
    const attached = {
      kind: "attached",
      namespace: "shop",
      targetRefs: [{ kind: "Gateway", name: "web" }],
    } as const;
    expect(spec({ ...base, scope: attached })).toEqual({
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "web" }],
      action: "ALLOW",
      rules: [{}],
    });
    const old = () => renderAuthorizationPolicy({ ...base, scope: attached }, { version: "1.21.0" });
    expect(pathsOf(old)).toEqual(["scope.targetRefs"]);
  });

  it.each<[string, Partial<AuthorizationPolicyArgs>, string[]]>([
    ["ALLOW without rules", { rules: [] }, ["rules: add a rule, or say allowNothing"]],
    ["DENY without rules", { action: "DENY", rules: [] }, ["rules: add {} to fit every request"]],
    [
      "CUSTOM without rules",
      { action: "CUSTOM", provider: "opa", rules: [] },
      ["rules: add {} to fit every request"],
    ],
    ["allowNothing beside rules", { allowNothing: true }, ["allowNothing: remove it"]],
    ["CUSTOM without a provider", { action: "CUSTOM" }, ["provider: name whom to ask"]],
    [
      "a provider that the mesh does not have",
      { action: "CUSTOM", provider: "opa", knownProviders: ["authz"] },
      ["provider: add it to extensionProviders of the mesh: istiod would refuse all requests"],
    ],
    ["a provider for DENY", { action: "DENY", provider: "opa" }, ["provider: remove it"]],
    ["a dry run of CUSTOM", { action: "CUSTOM", provider: "opa", dryRun: true }, ["dryRun: remove it"]],
    ["an empty from", { rules: [{ from: [] }] }, ["rules[0].from: leave the field out: empty fits nothing"]],
    ["an empty source", { rules: [{ from: [{}] }] }, ["rules[0].from[0]: fill it, or leave it out"]],
    [
      "accounts beside principals",
      { rules: [{ from: [{ serviceAccounts: ["teller"], principals: ["*"] }] }] },
      ["rules[0].from[0].serviceAccounts: remove the others"],
    ],
    [
      "accounts with a wildcard",
      { rules: [{ from: [{ serviceAccounts: ["bank/*"] }] }] },
      ["rules[0].from[0].serviceAccounts[0]: write it in full"],
    ],
    [
      "methods that are not HTTP's",
      { rules: [{ to: [{ methods: ["get", "FETCH", "/bank.Bank/Pay", "P*"] }] }] },
      [
        "rules[0].to[0].methods[0]: write one of these, in capitals",
        "rules[0].to[0].methods[1]: write one of these, in capitals",
        "rules[0].to[0].methods[2]: write a gRPC call as a path",
      ],
    ],
    [
      "paths with templates in the wrong place",
      { rules: [{ to: [{ paths: ["/a/{**}/{*}", "/a/x{*}", "/a/{*}/b", "/a/{**}", "/a?b"] }] }] },
      [
        "rules[0].to[0].paths[0]: move it to the end",
        "rules[0].to[0].paths[1]: let the template be all of a part",
        "rules[0].to[0].paths[4]: remove what stands from ? on",
      ],
    ],
    [
      "an address that is none",
      { rules: [{ from: [{ ipBlocks: ["10.0.0.0/40"] }] }] },
      ["rules[0].from[0].ipBlocks[0]: correct the spelling"],
    ],
    [
      "conditions that do not exist any more, or have no name",
      {
        rules: [
          {
            when: [
              { key: "destination.labels[app]", values: ["a"] },
              { key: "request.headers", values: ["a"] },
              { key: "source.ip" },
            ],
          },
        ],
      },
      [
        "rules[0].when[0].key: choose the workload by scope",
        "rules[0].when[1].key: add the name in brackets",
        "rules[0].when[2]: say what it has to be",
      ],
    ],
    [
      "identities with CUSTOM",
      {
        action: "CUSTOM",
        provider: "opa",
        rules: [{ from: [{ namespaces: ["a"] }], when: [{ key: "request.auth.claims[a]", values: ["b"] }] }],
      },
      [
        "rules[0].from[0].namespaces: let the provider judge identities",
        "rules[0].when[0].key: let the provider judge them",
      ],
    ],
  ])("refuses %s", (_, more, faults) => {
    expect(faultsOf(render(more))).toEqual(faults);
  });

  it("refuses what only HTTP has on a TCP port", () => {
    const ports = { 8080: "HTTP", 3306: "TCP" } as const;
    const rules = [
      { to: [{ methods: ["GET"] }, { methods: ["GET"], ports: [8080] }, { ports: [3306, 9999] }] },
    ];
    expect(faultsOf(render({ ports, rules }))).toEqual([
      "rules[0].to[2].ports[1]: name a port of the pods: it is not that of the Service",
      "rules[0].to[0]: name the HTTP ports in to.ports",
    ]);
    const tokens = [{ from: [{ requestPrincipals: ["*"] }], to: [{ ports: [3306] }] }];
    expect(pathsOf(render({ ports, action: "DENY", rules: tokens }))).toEqual(["rules[0].from[0]"]);
    expect(render({ ports, rules: [{ to: [{ paths: ["/"], notPorts: [3306] }] }] })).not.toThrow();
  });
});
