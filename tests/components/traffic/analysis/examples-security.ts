import { renderInjector } from "../../../../components/mesh/injection-objects";
import {
  deployment,
  gateway,
  ingress,
  plainShop,
  server,
  service,
  shop,
  space,
} from "../../../support/mesh-objects";
import {
  account,
  authorization,
  canary,
  cartRule,
  chaos,
  config,
  type Example,
  envoy,
  grant,
  httpRoute,
  kubeGateway,
  mesh,
  peer,
  proxyConfig,
  request,
  rollout,
  rule,
  telemetry,
  virtual,
  wasm,
  world,
} from "./objects";

const policy = "AuthorizationPolicy shop/cart spec";
const cart = { selector: { matchLabels: { app: "cart" } } };
const allow = (source: unknown, operation?: unknown) =>
  authorization({
    ...cart,
    rules: [
      {
        ...(source === undefined ? {} : { from: [{ source }] }),
        ...(operation === undefined ? {} : { to: [{ operation }] }),
      },
    ],
  });
const from = `${policy}.rules[0].from[0].source`;
const to = `${policy}.rules[0].to[0].operation`;
const strict = peer({ mtls: { mode: "STRICT" } });
const token = request({ ...cart, jwtRules: [{ issuer: "a" }] });
const patch = (
  applyTo: string,
  operation: string,
  more: Readonly<Record<string, unknown>> = {},
  priority = 1,
) =>
  envoy({
    ...cart2,
    priority,
    configPatches: [
      {
        applyTo,
        match: { context: "SIDECAR_INBOUND", proxy: { proxyVersion: "^1\\.31.*" } },
        patch: { operation, value: { name: "own" } },
        ...more,
      },
    ],
  });
const cart2 = { workloadSelector: { labels: { app: "cart" } } };
const at = "EnvoyFilter shop/cart spec.configPatches[0]";
const bucket = (token_bucket: unknown) =>
  patch("HTTP_FILTER", "INSERT_BEFORE", {
    patch: {
      operation: "INSERT_BEFORE",
      value: {
        name: "envoy.filters.http.local_ratelimit",
        typed_config: {
          "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
          type_url: "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
          value: { stat_prefix: "cart", token_bucket },
        },
      },
    },
  });
const limit = (domain: string) =>
  patch("HTTP_FILTER", "INSERT_BEFORE", {
    patch: {
      operation: "INSERT_BEFORE",
      value: {
        name: "envoy.filters.http.ratelimit",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
          domain,
          rate_limit_service: {
            grpc_service: { envoy_grpc: { cluster_name: "limits" } },
            transport_api_version: "V3",
          },
        },
      },
    },
  });
const domains = config({ "config.yaml": "domain: shop\ndescriptors: []\n" }, "ratelimit", "shop");
const tcp = [shop, deployment(), service({ ports: [{ name: "tcp", port: 80, targetPort: 8080 }] })];
const ambient = (more: Readonly<Record<string, string>> = {}) =>
  space("shop", { "istio.io/dataplane-mode": "ambient", ...more });
const waypoint = { "istio.io/use-waypoint": "waypoint" };
const bare = [service(), deployment()];
const target = { targetRefs: [{ group: "", kind: "Service", name: "cart" }] };
const get = { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] };
const http = { name: "http", port: 80, protocol: "HTTP" };
const edge = (spec: Readonly<Record<string, unknown>> = {}, name = "edge") =>
  kubeGateway({ gatewayClassName: "istio", listeners: [http], ...spec }, name);
const route = (spec: Readonly<Record<string, unknown>> = {}) =>
  httpRoute({
    parentRefs: [{ name: "edge" }],
    rules: [{ backendRefs: [{ name: "cart", port: 80 }] }],
    ...spec,
  });
const flagger = (analysis: unknown, name = "cart") =>
  canary({ targetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, service: { port: 80 }, analysis });
const steps = { interval: "1m", threshold: 5, stepWeight: 10, maxWeight: 50 };
const argo = (canaryOf: unknown) =>
  rollout({ strategy: { canary: { trafficRouting: { istio: canaryOf } } } });
const primary = virtual({
  hosts: ["cart"],
  http: [{ name: "primary", route: [{ destination: { host: "cart" } }] }],
});
const blade = (...matchers: readonly (readonly [string, ...string[]])[]) => ({
  ...chaos({
    experiments: [
      {
        scope: "pod",
        target: "network",
        action: "loss",
        matchers: matchers.map(([name, ...value]) => ({ name, value })),
      },
    ],
  }),
  metadata: { name: "loss" },
});
const wifi = ["interface", "eth0"] as const;
const hook = (clientConfig: unknown) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "istio-validator-istio-system" },
  webhooks: [{ name: "a", clientConfig }],
});
const istiod = (env: readonly unknown[]) =>
  deployment({ name: "istiod", namespace: "istio-system", ownLabels: { app: "istiod" }, container: { env } });
const definition = (version: string) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "grpcroutes.gateway.networking.k8s.io",
    annotations: { "gateway.networking.k8s.io/bundle-version": version },
  },
});

export const securityExamples: readonly Example[] = [
  {
    code: "IST0106",
    name: "DENY without rules, CUSTOM without provider",
    bad: [
      ...world,
      authorization({ ...cart, action: "DENY" }),
      authorization({ ...cart, action: "CUSTOM", rules: [{}] }, "other"),
    ],
    at: [policy, "AuthorizationPolicy shop/other spec"],
    good: [
      ...world,
      authorization({ ...cart, action: "DENY", rules: [{}] }),
      authorization({ ...cart, action: "CUSTOM", provider: { name: "ask" }, rules: [{}] }, "other"),
    ],
  },
  {
    code: "IST0106",
    name: "an empty source, and a condition that is none",
    bad: [
      ...world,
      authorization({
        ...cart,
        rules: [{ from: [{ source: {} }], when: [{ key: "request.header[a]", values: ["b"] }] }],
      }),
    ],
    at: [from, `${policy}.rules[0].when[0].key`],
    good: [
      ...world,
      authorization({
        ...cart,
        rules: [
          {
            from: [{ source: { ipBlocks: ["10.0.0.0/8"] } }],
            when: [{ key: "request.headers[a]", values: ["b"] }],
          },
        ],
      }),
    ],
  },
  {
    code: "IST0106",
    name: "accounts beside principals",
    bad: [
      ...world,
      account("client"),
      allow({ serviceAccounts: ["shop/client"], principals: ["cluster.local/ns/shop/sa/client"] }),
    ],
    at: from,
    good: [...world, account("client"), allow({ serviceAccounts: ["shop/client"] })],
  },
  {
    code: "IST0133",
    name: "DENY by what only HTTP has",
    bad: [
      ...world,
      authorization({ ...cart, action: "DENY", rules: [{ to: [{ operation: { methods: ["PUT"] } }] }] }),
    ],
    at: `${policy}.rules[0]`,
    good: [
      ...world,
      authorization({
        ...cart,
        action: "DENY",
        rules: [{ to: [{ operation: { methods: ["PUT"], ports: ["8080"] } }] }],
      }),
    ],
  },
  {
    code: "IST0127",
    name: "a policy for nobody",
    bad: [...world, authorization({ selector: { matchLabels: { app: "card" } }, rules: [{}] })],
    at: `${policy}.selector.matchLabels`,
    good: [...world, authorization({ ...cart, rules: [{}] })],
  },
  {
    code: "IST0127",
    name: "a policy for pods without proxy",
    bad: [plainShop, ...bare, authorization({ ...cart, rules: [{}] })],
    at: `${policy}.selector.matchLabels`,
    good: [shop, ...bare, authorization({ ...cart, rules: [{}] })],
  },
  {
    code: "IST0101",
    name: "a namespace that is not there",
    closed: true,
    bad: [...world, allow({ namespaces: ["blog"] })],
    at: `${from}.namespaces[0]`,
    good: [...world, space("blog"), allow({ namespaces: ["blog", "sh*"] })],
  },
  {
    code: "KIA0102",
    name: "a method in small letters",
    bad: [...world, allow(undefined, { methods: ["get"] })],
    at: `${to}.methods[0]`,
    good: [...world, allow(undefined, { methods: ["GET", "P*"] })],
  },
  {
    code: "KIA0104",
    name: "a Service that does not exist",
    bad: [...world, allow(undefined, { hosts: ["card.shop.svc.cluster.local"] })],
    at: `${to}.hosts[0]`,
    good: [...world, allow(undefined, { hosts: ["cart.shop.svc.cluster.local", "shop.example.com"] })],
  },
  {
    code: "KIA0105",
    name: "identities without mutual TLS",
    bad: [...world, peer({ mtls: { mode: "DISABLE" } }), allow({ namespaces: ["shop"] })],
    at: `${from}.namespaces`,
    good: [...world, peer({ mtls: { mode: "DISABLE" } }), allow({ ipBlocks: ["10.0.0.0/8"] })],
  },
  {
    code: "KIA0106",
    name: "an account that does not exist",
    bad: [...world, allow({ principals: ["cluster.local/ns/shop/sa/client"] })],
    at: `${from}.principals[0]`,
    good: [...world, account("client"), allow({ principals: ["cluster.local/ns/shop/sa/client"] })],
  },
  {
    code: "KIA0107",
    name: "an alias of the trust domain",
    bad: [
      ...world,
      mesh("trustDomain: shop.example\ntrustDomainAliases: [old.example]"),
      allow({ principals: ["old.example/ns/shop/sa/default"] }),
    ],
    at: `${from}.principals[0]`,
    good: [
      ...world,
      mesh("trustDomain: shop.example\ntrustDomainAliases: [old.example]"),
      allow({ principals: ["shop.example/ns/shop/sa/default"] }),
    ],
  },
  {
    code: "KIA0108",
    name: "another trust domain",
    bad: [
      ...world,
      mesh("trustDomain: shop.example"),
      allow({ principals: ["old.example/ns/shop/sa/default"] }),
    ],
    at: `${from}.principals[0]`,
    good: [
      ...world,
      mesh("trustDomain: old.example"),
      allow({ principals: ["old.example/ns/shop/sa/default"] }),
    ],
  },
  {
    code: "MP0608",
    name: "a principal with its scheme",
    bad: [...world, allow({ principals: ["spiffe://cluster.local/ns/shop/sa/default"] })],
    at: `${from}.principals[0]`,
    good: [...world, allow({ principals: ["cluster.local/ns/shop/sa/default", "*/sa/default"] })],
  },
  {
    code: "MP0604",
    name: "no rules",
    bad: [...world, authorization({ ...cart })],
    at: `${policy}.rules`,
    good: [...world, authorization({ ...cart, rules: [{}] })],
  },
  {
    code: "MP0605",
    name: "methods at a TCP port",
    bad: [...tcp, allow(undefined, { methods: ["GET"] })],
    at: to,
    good: [...tcp, allow(undefined, { ports: ["8080"] })],
  },
  {
    code: "MP0606",
    name: "a provider that the mesh has not",
    bad: [
      ...world,
      mesh("extensionProviders: [{name: ask}]"),
      authorization({ ...cart, action: "CUSTOM", provider: { name: "asc" }, rules: [{}] }),
    ],
    at: `${policy}.provider.name`,
    good: [
      ...world,
      mesh("extensionProviders: [{name: ask}]"),
      authorization({ ...cart, action: "CUSTOM", provider: { name: "ask" }, rules: [{}] }),
    ],
  },
  {
    code: "KIA1301",
    name: "one that was forgotten",
    bad: [...world, authorization({ selector: { matchLabels: { version: "v1" } }, rules: [{}] })],
    at: "Deployment shop/cart-v2 metadata.name",
    good: [...world, authorization({ rules: [{}] })],
  },
  {
    code: "IST0106",
    name: "ports of a whole namespace",
    bad: [peer({ portLevelMtls: { 8080: { mode: "DISABLE" } } })],
    at: "PeerAuthentication shop/cart spec",
    good: [...world, peer({ ...cart, portLevelMtls: { 8080: { mode: "DISABLE" } } })],
  },
  {
    code: "KIA0002",
    name: "two for one namespace",
    bad: [strict, peer({ mtls: { mode: "DISABLE" } }, "other")],
    at: [
      "PeerAuthentication shop/cart metadata.namespace",
      "PeerAuthentication shop/other metadata.namespace",
    ],
    good: [strict, peer({ mtls: { mode: "DISABLE" } }, "other", "blog")],
  },
  {
    code: "KIA0002",
    name: "two configs of proxies, and one issuer twice",
    bad: [
      proxyConfig({ concurrency: 1 }),
      proxyConfig({ concurrency: 2 }, "other"),
      request({ jwtRules: [{ issuer: "a" }] }),
      request({ jwtRules: [{ issuer: "a" }] }, "other"),
    ],
    at: [
      "ProxyConfig shop/cart metadata.namespace",
      "ProxyConfig shop/other metadata.namespace",
      "RequestAuthentication shop/cart spec.jwtRules",
      "RequestAuthentication shop/other spec.jwtRules",
    ],
    good: [
      proxyConfig({ concurrency: 1 }),
      request({ jwtRules: [{ issuer: "a" }] }),
      request({ jwtRules: [{ issuer: "b" }] }, "other"),
    ],
  },
  {
    code: "KIA0003",
    name: "two for one workload",
    bad: [
      ...world,
      peer({ ...cart, mtls: { mode: "STRICT" } }),
      peer({ selector: { matchLabels: { version: "v1" } }, mtls: { mode: "DISABLE" } }, "other"),
    ],
    at: [
      "PeerAuthentication shop/cart spec.selector.matchLabels",
      "PeerAuthentication shop/other spec.selector.matchLabels",
    ],
    good: [
      ...world,
      peer({ selector: { matchLabels: { version: "v2" } } }),
      peer({ selector: { matchLabels: { version: "v1" } } }, "other"),
    ],
  },
  {
    code: "KIA0004",
    name: "a selector without pods",
    bad: [...world, peer({ selector: { matchLabels: { app: "card" } } })],
    at: "PeerAuthentication shop/cart spec.selector.matchLabels",
    good: [...world, peer({ ...cart })],
  },
  {
    code: "KIA0401",
    name: "a strict mesh that encrypts nothing",
    bad: [mesh("enableAutoMtls: false"), peer({ mtls: { mode: "STRICT" } }, "default", "istio-system")],
    at: "PeerAuthentication istio-system/default spec.mtls.mode",
    good: [
      mesh("enableAutoMtls: false"),
      peer({ mtls: { mode: "STRICT" } }, "default", "istio-system"),
      rule({ host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }),
    ],
  },
  {
    code: "KIA0501",
    name: "a strict namespace that encrypts nothing",
    bad: [mesh("enableAutoMtls: false"), strict],
    at: "PeerAuthentication shop/cart spec.mtls.mode",
    good: [mesh("enableAutoMtls: true"), strict],
  },
  {
    code: "MP0601",
    name: "a caller without proxy",
    bad: [
      ...world,
      deployment({
        name: "old",
        annotations: {},
        labels: { app: "old", "sidecar.istio.io/inject": "false" },
      }),
      strict,
    ],
    at: "PeerAuthentication shop/cart spec.mtls.mode",
    good: [...world, deployment({ name: "old" }), strict],
  },
  {
    code: "MP0602",
    name: "the port of the Service",
    bad: [...world, peer({ ...cart, portLevelMtls: { 80: { mode: "DISABLE" } } })],
    at: "PeerAuthentication shop/cart spec.portLevelMtls.80",
    good: [...world, peer({ ...cart, portLevelMtls: { 8080: { mode: "DISABLE" } } })],
  },
  {
    code: "MP0607",
    name: "a node port of strict pods",
    bad: [shop, deployment(), service({ type: "NodePort" }), strict],
    at: "Service shop/cart spec.ports[0]",
    good: [
      shop,
      deployment(),
      service({ type: "NodePort" }),
      peer({ ...cart, mtls: { mode: "STRICT" }, portLevelMtls: { 8080: { mode: "PERMISSIVE" } } }),
    ],
  },
  {
    code: "IST0106",
    name: "a rule for nobody's tokens, and two sources of keys",
    bad: [
      ...world,
      request({ ...cart, jwtRules: [{}] }),
      request({ jwtRules: [{ issuer: "a", jwks: '{"keys":[]}', jwksUri: "https://a/k" }] }, "other"),
    ],
    at: [
      "RequestAuthentication shop/cart spec.jwtRules[0]",
      "RequestAuthentication shop/other spec.jwtRules[0]",
    ],
    good: [...world, request({ ...cart, jwtRules: [{ issuer: "a", jwksUri: "https://a/k" }] })],
  },
  {
    code: "MP0603",
    name: "tokens that nobody asks for",
    bad: [...world, token],
    at: "RequestAuthentication shop/cart spec.jwtRules",
    good: [...world, token, allow({ requestPrincipals: ["*"] })],
  },
  {
    code: "IST0175",
    name: "keys from anywhere",
    bad: [istiod([]), token],
    at: "Deployment istio-system/istiod spec.template.spec.containers",
    good: [istiod([{ name: "BLOCKED_CIDRS_IN_JWKS_URIS", value: "10.0.0.0/8" }]), token],
  },

  {
    code: "IST0157",
    name: "logs to nowhere",
    bad: [telemetry({ accessLogging: [{}] })],
    at: "Telemetry shop/cart spec.accessLogging[0]",
    good: [telemetry({ accessLogging: [{ providers: [{ name: "envoy" }] }] })],
  },
  {
    code: "IST0159",
    name: "two for one workload",
    bad: [
      ...world,
      telemetry({ ...cart }),
      telemetry({ selector: { matchLabels: { version: "v1" } } }, "other"),
    ],
    at: ["Telemetry shop/cart spec.selector.matchLabels", "Telemetry shop/other spec.selector.matchLabels"],
    good: [...world, telemetry({ ...cart }), telemetry({}, "other")],
  },
  {
    code: "IST0160",
    name: "two for one namespace",
    bad: [telemetry({}), telemetry({}, "other")],
    at: ["Telemetry shop/cart metadata.namespace", "Telemetry shop/other metadata.namespace"],
    good: [telemetry({}), telemetry({}, "other", "blog")],
  },
  {
    code: "IST0106",
    name: "a tag without value",
    bad: [telemetry({ metrics: [{ overrides: [{ tagOverrides: { a: { operation: "UPSERT" } } }] }] })],
    at: "Telemetry shop/cart spec.metrics[0].overrides[0].tagOverrides.a",
    good: [
      telemetry({
        metrics: [{ overrides: [{ tagOverrides: { a: { operation: "UPSERT", value: "'b'" } } }] }],
      }),
    ],
  },
  {
    code: "IST0106",
    name: "a Gateway for MUTUAL without authority",
    bad: [
      gateway([
        server({
          port: { number: 443, name: "https", protocol: "HTTPS" },
          tls: { mode: "MUTUAL", serverCertificate: "/c", privateKey: "/k" },
        }),
      ]),
      ...ingress,
    ],
    at: "Gateway shop/shop spec.servers[0].tls",
    good: [
      gateway([
        server({
          port: { number: 443, name: "https", protocol: "HTTPS" },
          tls: { mode: "MUTUAL", credentialName: "shop-tls" },
        }),
      ]),
      ...ingress,
    ],
  },
  {
    code: "IST0133",
    name: "a Gateway that passes through, with a certificate",
    bad: [
      gateway([
        server({
          port: { number: 443, name: "tls", protocol: "TLS" },
          tls: { mode: "PASSTHROUGH", credentialName: "shop-tls" },
        }),
      ]),
      ...ingress,
    ],
    at: "Gateway shop/shop spec.servers[0].tls",
    good: [
      gateway([
        server({ port: { number: 443, name: "tls", protocol: "TLS" }, tls: { mode: "PASSTHROUGH" } }),
      ]),
      ...ingress,
    ],
  },

  {
    code: "IST0106",
    name: "a patch without value, and a match that says nothing of it",
    bad: [
      ...world,
      patch("HTTP_FILTER", "ADD", { patch: { operation: "ADD" } }),
      envoy(
        {
          configPatches: [
            { applyTo: "CLUSTER", match: { listener: {} }, patch: { operation: "MERGE", value: {} } },
          ],
        },
        "other",
      ),
    ],
    at: [`${at}.patch`, "EnvoyFilter shop/other spec.configPatches[0].match.listener"],
    good: [...world, patch("HTTP_FILTER", "ADD")],
  },
  {
    code: "IST0151",
    name: "relative to whatever is there",
    bad: [...world, patch("HTTP_FILTER", "INSERT_BEFORE", {}, 0)],
    at: `${at}.patch.operation`,
    good: [...world, patch("HTTP_FILTER", "INSERT_BEFORE", {}, 10)],
  },
  {
    code: "IST0152",
    name: "a cluster to replace",
    bad: [...world, patch("CLUSTER", "REPLACE")],
    at: `${at}.patch.operation`,
    good: [...world, patch("HTTP_FILTER", "REPLACE")],
  },
  {
    code: "IST0153",
    name: "a route to add",
    bad: [...world, patch("HTTP_ROUTE", "ADD")],
    at: `${at}.patch.operation`,
    good: [...world, patch("HTTP_ROUTE", "MERGE")],
  },
  {
    code: "IST0154",
    name: "a route to remove",
    bad: [...world, patch("HTTP_ROUTE", "REMOVE")],
    at: `${at}.patch.operation`,
    good: [...world, patch("VIRTUAL_HOST", "REMOVE")],
  },
  {
    code: "IST0155",
    name: "relative to what some versions have",
    bad: [
      ...world,
      patch("HTTP_FILTER", "INSERT_AFTER", {}, 0),
      envoy(
        {
          priority: 1,
          configPatches: [
            {
              applyTo: "HTTP_FILTER",
              match: { proxy: { proxyVersion: "^1\\.30.*" } },
              patch: { operation: "ADD", value: { name: "own" } },
            },
          ],
        },
        "other",
      ),
    ],
    at: `${at}.patch.operation`,
    good: [
      ...world,
      patch("HTTP_FILTER", "INSERT_AFTER", {}, 0),
      envoy(
        {
          priority: 1,
          configPatches: [
            {
              applyTo: "HTTP_FILTER",
              match: { proxy: { proxyVersion: "^1\\.30.*" } },
              patch: { operation: "ADD", value: { name: "another" } },
            },
          ],
        },
        "other",
      ),
    ],
  },
  {
    code: "MP0702",
    name: "a patch for every version",
    bad: [...world, patch("HTTP_FILTER", "ADD", { match: { context: "SIDECAR_INBOUND" } })],
    at,
    good: [...world, patch("HTTP_FILTER", "ADD")],
  },
  {
    code: "MP0703",
    name: "a name of before",
    bad: [
      ...world,
      patch("HTTP_FILTER", "ADD", { patch: { operation: "ADD", value: { name: "envoy.lua" } } }),
    ],
    at: `${at}.patch.value.name`,
    good: [
      ...world,
      patch("HTTP_FILTER", "ADD", { patch: { operation: "ADD", value: { name: "envoy.filters.http.lua" } } }),
    ],
  },
  {
    code: "MP0704",
    name: "a bucket that is filled too often",
    bad: [...world, bucket({ max_tokens: 10, tokens_per_fill: 10, fill_interval: "0.01s" })],
    at: `${at}.patch.value.typed_config.value.token_bucket.fill_interval`,
    good: [...world, bucket({ max_tokens: 10, tokens_per_fill: 10, fill_interval: "60s" })],
  },
  {
    code: "MP0705",
    name: "a domain that nobody limits",
    bad: [...world, domains, limit("shap")],
    at: `${at}.patch.value.typed_config.domain`,
    good: [...world, domains, limit("shop")],
  },
  {
    code: "MP0701",
    name: "an HTTP filter at a TCP port",
    bad: [...tcp, patch("HTTP_FILTER", "ADD")],
    at,
    good: [...world, patch("HTTP_FILTER", "ADD")],
  },
  {
    code: "IST0106",
    name: "a module from nowhere, with a sum that is none",
    bad: [...world, wasm({ ...cart, url: "ftp://a/b.wasm", sha256: "abc" })],
    at: [
      "WasmPlugin shop/cart spec.sha256",
      "WasmPlugin shop/cart spec.sha256",
      "WasmPlugin shop/cart spec.url",
    ],
    good: [...world, wasm({ ...cart, url: "oci://a/b:1" })],
  },

  {
    code: "KIA1401",
    name: "a Gateway that is not there, and one that takes no routes of this namespace",
    bad: [
      ...world,
      route(),
      httpRoute({ parentRefs: [{ name: "edge", namespace: "ingress" }], rules: [] }, "other"),
      kubeGateway({ gatewayClassName: "istio", listeners: [http] }, "edge", "ingress"),
    ],
    at: ["HTTPRoute shop/cart spec.parentRefs[0]", "HTTPRoute shop/other spec.parentRefs[0]"],
    good: [...world, edge(), route()],
  },
  {
    code: "KIA1402",
    name: "a port that the Service has not, and a Service of another namespace",
    bad: [
      ...world,
      space("blog"),
      edge(),
      route({
        rules: [
          {
            backendRefs: [
              { name: "cart", port: 81 },
              { name: "card", port: 80 },
            ],
          },
        ],
      }),
    ],
    at: [
      "HTTPRoute shop/cart spec.rules[0].backendRefs[0].port",
      "HTTPRoute shop/cart spec.rules[0].backendRefs[1]",
    ],
    good: [...world, edge(), route()],
  },
  {
    code: "KIA1402",
    name: "another namespace that grants nothing",
    bad: [
      ...world,
      space("blog"),
      service({}, "post", "blog"),
      edge(),
      route({ rules: [{ backendRefs: [{ name: "post", namespace: "blog", port: 80 }] }] }),
    ],
    at: "HTTPRoute shop/cart spec.rules[0].backendRefs[0]",
    good: [
      ...world,
      space("blog"),
      service({}, "post", "blog"),
      edge(),
      grant(
        {
          from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop" }],
          to: [{ group: "", kind: "Service" }],
        },
        "shop",
        "blog",
      ),
      route({ rules: [{ backendRefs: [{ name: "post", namespace: "blog", port: 80 }] }] }),
    ],
  },
  {
    code: "KIA1501",
    name: "one listener at one address twice",
    bad: [
      edge({ addresses: [{ value: "10.0.0.1" }] }),
      edge({ addresses: [{ value: "10.0.0.1" }] }, "other"),
    ],
    at: ["Gateway shop/edge spec.listeners[0]", "Gateway shop/other spec.listeners[0]"],
    good: [
      edge({ addresses: [{ value: "10.0.0.1" }] }),
      edge({ addresses: [{ value: "10.0.0.2" }] }, "other"),
    ],
  },
  {
    code: "KIA1502",
    name: "one address twice",
    bad: [
      edge({ addresses: [{ value: "10.0.0.1" }] }),
      edge({ addresses: [{ value: "10.0.0.1" }], listeners: [{ ...http, port: 81 }] }, "other"),
    ],
    at: ["Gateway shop/edge spec.addresses", "Gateway shop/other spec.addresses"],
    good: [
      edge({ addresses: [{ value: "10.0.0.1" }] }),
      edge({ addresses: [{ value: "10.0.0.2" }] }, "other"),
    ],
  },
  {
    code: "KIA1503",
    name: "two listeners alike",
    bad: [edge({ listeners: [http, { ...http, name: "other" }] })],
    at: "Gateway shop/edge spec.listeners[1]",
    good: [edge({ listeners: [http, { ...http, name: "other", hostname: "a.example.com" }] })],
  },
  {
    code: "KIA1504",
    name: "a class that nobody has",
    closed: true,
    bad: [edge({ gatewayClassName: "nginx" })],
    at: "Gateway shop/edge spec.gatewayClassName",
    good: [edge()],
  },
  {
    code: "KIA1601",
    name: "a grant for nobody",
    closed: true,
    bad: [
      shop,
      grant({
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "blog" }],
        to: [{ group: "", kind: "Service" }],
      }),
    ],
    at: "ReferenceGrant shop/cart spec.from[0].namespace",
    good: [
      shop,
      space("blog"),
      grant({
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "blog" }],
        to: [{ group: "", kind: "Service" }],
      }),
    ],
  },
  {
    code: "IST0166",
    name: "labels of a gateway that goes by name",
    bad: [
      authorization({
        selector: { matchLabels: { "gateway.networking.k8s.io/gateway-name": "edge" } },
        rules: [{}],
      }),
    ],
    at: `${policy}.selector.matchLabels`,
    good: [
      authorization({
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }],
        rules: [{}],
      }),
    ],
  },
  {
    code: "IST0176",
    name: "a definition of before",
    bad: [definition("v1.0.0")],
    at: "CustomResourceDefinition grpcroutes.gateway.networking.k8s.io metadata.annotations",
    good: [definition("v1.1.0-rc1")],
  },

  {
    code: "KIA0109",
    name: "methods without waypoint",
    bad: [ambient(), ...bare, authorization(get)],
    at: `${policy.replace(" spec", " spec")}`,
    good: [ambient(waypoint), ...bare, authorization({ ...target, ...get })],
  },
  {
    code: "KIA0110",
    name: "methods by selector",
    bad: [ambient(waypoint), ...bare, authorization({ ...cart, ...get })],
    at: `${policy}.selector.matchLabels`,
    good: [
      ambient(waypoint),
      ...bare,
      authorization({ ...cart, rules: [{ from: [{ source: { namespaces: ["shop"] } }] }] }),
    ],
  },
  {
    code: "KIA0210",
    name: "a breaker without waypoint",
    bad: [
      ambient(),
      ...bare,
      rule({ host: "cart", trafficPolicy: { connectionPool: { http: { maxRetries: 1 } } } }),
    ],
    at: "DestinationRule shop/cart spec.host",
    good: [
      ambient(waypoint),
      ...bare,
      rule({ host: "cart", trafficPolicy: { connectionPool: { http: { maxRetries: 1 } } } }),
    ],
  },
  {
    code: "KIA0212",
    name: "a breaker in another namespace",
    bad: [
      ambient(waypoint),
      ...bare,
      rule(
        {
          host: "cart.shop.svc.cluster.local",
          trafficPolicy: { connectionPool: { http: { maxRetries: 1 } } },
        },
        "cart",
        "blog",
      ),
    ],
    at: "DestinationRule blog/cart spec.host",
    good: [
      ambient(waypoint),
      ...bare,
      rule(
        {
          host: "cart.shop.svc.cluster.local",
          trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } },
        },
        "cart",
        "blog",
      ),
    ],
  },
  {
    code: "KIA1109",
    name: "routes without waypoint",
    bad: [ambient(), ...bare, primary],
    at: "VirtualService shop/cart spec.hosts",
    good: [ambient(waypoint), ...bare, primary],
  },
  {
    code: "KIA1114",
    name: "routes in another namespace",
    bad: [
      ambient(waypoint),
      ...bare,
      virtual(
        {
          hosts: ["cart.shop.svc.cluster.local"],
          http: [{ route: [{ destination: { host: "cart.shop.svc.cluster.local" } }] }],
        },
        "cart",
        "blog",
      ),
    ],
    at: "VirtualService blog/cart spec.hosts",
    good: [ambient(waypoint), ...bare, primary],
  },
  {
    code: "KIA1110",
    name: "tokens without waypoint",
    bad: [ambient(), ...bare, request({ jwtRules: [{ issuer: "a" }] })],
    at: "RequestAuthentication shop/cart spec",
    good: [ambient(waypoint), ...bare, request({ ...target, jwtRules: [{ issuer: "a" }] })],
  },
  {
    code: "KIA1115",
    name: "tokens by selector",
    bad: [ambient(waypoint), ...bare, token],
    at: "RequestAuthentication shop/cart spec.selector.matchLabels",
    good: [shop, ...bare, token],
  },
  {
    code: "KIA1111",
    name: "a module without waypoint",
    bad: [ambient(), ...bare, wasm({ url: "oci://a/b:1" })],
    at: "WasmPlugin shop/cart spec",
    good: [ambient(waypoint), ...bare, wasm({ ...target, url: "oci://a/b:1" })],
  },
  {
    code: "KIA1116",
    name: "a module by selector",
    bad: [ambient(waypoint), ...bare, wasm({ ...cart, url: "oci://a/b:1" })],
    at: "WasmPlugin shop/cart spec.selector.matchLabels",
    good: [shop, ...bare, wasm({ ...cart, url: "oci://a/b:1" })],
  },
  {
    code: "KIA1112",
    name: "traces without waypoint",
    bad: [ambient(), ...bare, telemetry({ tracing: [{ randomSamplingPercentage: 1 }] })],
    at: "Telemetry shop/cart spec",
    good: [ambient(waypoint), ...bare, telemetry({ ...target, tracing: [{ randomSamplingPercentage: 1 }] })],
  },
  {
    code: "KIA1117",
    name: "traces by selector",
    bad: [ambient(waypoint), ...bare, telemetry({ ...cart, tracing: [{ randomSamplingPercentage: 1 }] })],
    at: "Telemetry shop/cart spec.selector.matchLabels",
    good: [shop, ...bare, telemetry({ ...cart, tracing: [{ randomSamplingPercentage: 1 }] })],
  },

  {
    code: "MP0802",
    name: "a Deployment that is not there",
    bad: [...world, flagger(steps)],
    at: "Canary shop/cart spec.targetRef",
    good: [...world, flagger(steps, "cart-v1")],
  },
  {
    code: "MP0803",
    name: "a first step beyond the last",
    bad: [...world, flagger({ ...steps, stepWeight: 60 }, "cart-v1")],
    at: "Canary shop/cart spec.analysis.stepWeight",
    good: [...world, flagger({ ...steps, stepWeight: 50 }, "cart-v1")],
  },
  {
    code: "MP0804",
    name: "a rule and a subset that are not there",
    bad: [
      ...world,
      primary,
      cartRule,
      argo({
        virtualService: { name: "cart", routes: ["main"] },
        destinationRule: { name: "cart", canarySubsetName: "v3", stableSubsetName: "v1" },
      }),
    ],
    at: [
      "Rollout shop/cart spec.strategy.canary.trafficRouting.istio.destinationRule.canarySubsetName",
      "Rollout shop/cart spec.strategy.canary.trafficRouting.istio.virtualService.routes[0]",
    ],
    good: [
      ...world,
      primary,
      cartRule,
      argo({
        virtualService: { name: "cart", routes: ["primary"] },
        destinationRule: { name: "cart", canarySubsetName: "v2", stableSubsetName: "v1" },
      }),
    ],
  },
  {
    code: "MP0805",
    name: "a pod that nobody makes",
    bad: [...world, blade(["namespace", "shop"], ["names", "card-7d9f-x"], wifi)],
    at: "ChaosBlade loss spec.experiments[0].matchers[1].value[0]",
    good: [...world, blade(["namespace", "shop"], ["names", "cart-v1-7d9f-x"], wifi)],
  },
  {
    code: "MP0806",
    name: "no victims, no namespace, no interface",
    bad: [...world, blade(["percent", "60"])],
    at: Array.from({ length: 3 }, () => "ChaosBlade loss spec.experiments[0].matchers"),
    good: [...world, blade(["namespace", "shop"], ["labels", "app=cart"], wifi, ["percent", "60"])],
  },
  {
    code: "IST0126",
    name: "a registry that no cluster has",
    bad: [config({ mesh: "{}", meshNetworks: "networks: {a: {endpoints: [{fromRegistry: east}]}}" })],
    at: "ConfigMap istio-system/istio data.meshNetworks",
    good: [config({ mesh: "{}", meshNetworks: "networks: {a: {endpoints: [{fromRegistry: Kubernetes}]}}" })],
  },
  {
    code: "IST0136",
    name: "an annotation that is alpha",
    bad: [deployment({ annotations: { "sidecar.istio.io/logLevel": "debug" } })],
    at: "Deployment shop/cart spec.template.metadata.annotations.sidecar.istio.io/logLevel",
    good: [deployment({ annotations: { "sidecar.istio.io/inject": "true" } })],
  },
  {
    code: "IST0148",
    name: "a namespace that says nothing",
    bad: [...renderInjector({ revision: "", everyNamespace: true }), space("shop")],
    at: "Namespace shop metadata.labels",
    good: [...renderInjector({ revision: "", everyNamespace: true }), shop],
  },
  {
    code: "IST0163",
    name: "a webhook that asks nobody",
    bad: [hook({})],
    at: "ValidatingWebhookConfiguration istio-validator-istio-system webhooks[0]",
    good: [hook({ url: "https://istiod.example.com:15017/validate" })],
  },
  {
    code: "IST0164",
    name: "a webhook at an address",
    bad: [hook({ url: "https://10.0.0.1:15017/validate" })],
    at: "ValidatingWebhookConfiguration istio-validator-istio-system webhooks[0].clientConfig.url",
    good: [hook({ url: "https://istiod.example.com:15017/validate" })],
  },
];
