import { deployment, gateway, ingress, service, shop, space } from "../../../support/mesh-objects";
import {
  all,
  canary,
  cartRule,
  type Example,
  entry,
  match,
  request,
  routes,
  rule,
  sidecar,
  to,
  virtual,
  world,
} from "./objects";

const spec = "VirtualService shop/cart spec";
const on = (
  gateways: readonly string[],
  name: string,
  http: readonly unknown[] = [all],
  hosts = ["shop.example.com"],
) => virtual({ hosts, gateways, http }, name);
const http = "VirtualService shop/cart spec.http[0]";
const claim = { match: [{ headers: { "@request.auth.claims.group": { exact: "beta" } } }], ...all };
const retrying = (host: string, attempts: number) =>
  virtual({ hosts: [host], http: [{ route: [{ destination: { host } }], retries: { attempts } }] }, host);
const callee = (name: string) => [service({ selector: { app: name } }, name), deployment({ name })];
const calls = (name: string, host: string) =>
  sidecar(
    {
      workloadSelector: { labels: { app: name } },
      egress: [{ hosts: [`./${host}.shop.svc.cluster.local`] }],
    },
    name,
  );
const chain = (...attempts: readonly [number, number, number]) => [
  ...[shop, ...callee("a"), ...callee("b"), ...callee("c")],
  ...[calls("a", "b"), calls("b", "c")],
  ...[retrying("a", attempts[0]), retrying("b", attempts[1]), retrying("c", attempts[2])],
];

export const routeExamples: readonly Example[] = [
  {
    code: "IST0106",
    name: "a field that does not exist",
    bad: [...world, routes({ ...all, retry: { attempts: 2 } })],
    at: `${http}.retry`,
    good: [...world, routes({ ...all, retries: { attempts: 2 } })],
  },
  {
    code: "IST0106",
    name: "a value of another type",
    bad: [...world, routes({ ...all, timeout: 3 })],
    at: `${http}.timeout`,
    good: [...world, routes({ ...all, timeout: "3s" })],
  },
  {
    code: "IST0106",
    name: "a duration without unit, and one below 1ms",
    bad: [...world, routes({ ...all, timeout: "3", retries: { attempts: 1, perTryTimeout: "10us" } })],
    at: [`${http}.retries.perTryTimeout`, `${http}.timeout`],
    good: [...world, routes({ ...all, timeout: "1h30m", retries: { attempts: 1, perTryTimeout: "1ms" } })],
  },
  {
    code: "IST0106",
    name: "two ways to match at once",
    bad: [...world, routes({ match: [{ uri: { exact: "/a", prefix: "/b" } }], ...all })],
    at: `${http}.match[0].uri`,
    good: [...world, routes({ match: [{ uri: { exact: "/a" } }, { uri: { prefix: "/b" } }], ...all })],
  },
  {
    code: "IST0106",
    name: "a regular expression that RE2 has not",
    bad: [...world, routes(match("/a(?=b)", "regex"))],
    at: `${http}.match[0].uri.regex`,
    good: [...world, routes(match("/a(?:b)", "regex"))],
  },
  {
    code: "IST0106",
    name: "route beside redirect",
    bad: [...world, routes({ ...all, redirect: { uri: "/new" } })],
    at: `${http}.route`,
    good: [...world, routes({ redirect: { uri: "/new" } })],
  },
  {
    code: "IST0106",
    name: "a rule that does nothing",
    bad: [...world, routes({ match: [{ uri: { exact: "/a" } }] })],
    at: http,
    good: [...world, routes({ directResponse: { status: 503 } })],
  },
  {
    code: "IST0106",
    name: "mirror beside mirrors",
    bad: [
      ...world,
      routes({
        ...all,
        mirror: { host: "cart", subset: "v1" },
        mirrors: [{ destination: { host: "cart", subset: "v1" } }],
      }),
      cartRule,
    ],
    at: `${http}.mirror`,
    good: [
      ...world,
      cartRule,
      routes({ ...all, mirrors: [{ destination: { host: "cart", subset: "v1" } }] }),
    ],
  },
  {
    code: "IST0106",
    name: "retries without attempts",
    bad: [...world, routes({ ...all, retries: { attempts: 0, retryOn: "5xx" } })],
    at: `${http}.retries`,
    good: [...world, routes({ ...all, retries: { attempts: 0 } })],
  },
  {
    code: "IST0106",
    name: "a condition that nobody knows",
    bad: [...world, routes({ ...all, retries: { attempts: 1, retryOn: "5xx,timeout" } })],
    at: `${http}.retries.retryOn`,
    good: [...world, routes({ ...all, retries: { attempts: 1, retryOn: "5xx,503,reset" } })],
  },
  {
    code: "IST0106",
    name: "a fault below what can be counted, and a status that is none",
    bad: [...world, routes({ ...all, fault: { abort: { httpStatus: 99, percentage: { value: 0.00001 } } } })],
    at: [`${http}.fault.abort.httpStatus`, `${http}.fault.abort.percentage.value`],
    good: [
      ...world,
      routes({ ...all, fault: { abort: { httpStatus: 503, percentage: { value: 0.0001 } } } }),
    ],
  },
  {
    code: "IST0106",
    name: "every host for sidecars",
    bad: [...world, on(["mesh", "shop"], "cart", [all], ["*"]), gateway()],
    at: `${spec}.hosts[0]`,
    good: [...world, on(["shop"], "cart", [all], ["*"]), gateway()],
  },
  {
    code: "IST0106",
    name: "weights that are all 0",
    bad: [...world, cartRule, routes({ route: [to("v1", 0), to("v2", 0)] })],
    at: `${http}.route`,
    good: [...world, cartRule, routes({ route: [to("v1", 100), to("v2", 0)] })],
  },
  {
    code: "IST0106",
    name: "SNI of another host",
    bad: [
      ...world,
      virtual({
        hosts: ["a.example.com"],
        tls: [{ match: [{ sniHosts: ["b.example.com"] }], route: [to()] }],
      }),
    ],
    at: `${spec}.tls[0].match[0].sniHosts[0]`,
    good: [
      ...world,
      virtual({
        hosts: ["*.example.com"],
        tls: [{ match: [{ sniHosts: ["b.example.com"] }], route: [to()] }],
      }),
    ],
  },
  {
    code: "IST0106",
    name: "claims for sidecars",
    bad: [...world, routes(claim, all)],
    at: `${http}.match[0].headers.@request.auth.claims.group`,
    good: [...world, on(["shop"], "cart", [claim])],
  },
  {
    code: "IST0106",
    name: "a header that is no header, and the host",
    bad: [
      ...world,
      routes({
        ...all,
        headers: { response: { set: { host: "a" } } },
        match: [{ headers: { "x user": { exact: "a" } } }],
      }),
    ],
    at: [`${http}.headers.response.set.host`, `${http}.match[0].headers.x user`],
    good: [
      ...world,
      routes({
        ...all,
        headers: { request: { set: { host: "a" } } },
        match: [{ headers: { "x-user": { exact: "a" } } }],
      }),
    ],
  },
  {
    code: "IST0133",
    name: "mirrorPercent",
    bad: [
      ...world,
      cartRule,
      routes({ route: [to("v1")], mirror: { host: "cart", subset: "v2" }, mirrorPercent: 50 }),
    ],
    at: `${http}.mirrorPercent`,
    good: [
      ...world,
      cartRule,
      routes({ route: [to("v1")], mirror: { host: "cart", subset: "v2" }, mirrorPercentage: { value: 50 } }),
    ],
  },
  {
    code: "IST0109",
    name: "two for one host",
    bad: [...world, routes(all), virtual({ hosts: ["cart.shop.svc.cluster.local"], http: [all] }, "other")],
    at: [`${spec}.hosts[0]`, "VirtualService shop/other spec.hosts[0]"],
    good: [...world, routes(all), virtual({ hosts: ["cart"], gateways: ["shop"], http: [all] }, "other")],
  },
  {
    code: "IST0109",
    name: "one seen from its namespace alone, and one from everywhere",
    bad: [
      ...world,
      virtual({ hosts: ["*.example.com"], exportTo: ["."], http: [all] }),
      virtual({ hosts: ["a.example.com"], http: [all] }, "other", "blog"),
    ],
    at: [`${spec}.hosts[0]`, "VirtualService blog/other spec.hosts[0]"],
    good: [
      ...world,
      virtual({ hosts: ["a.example.com"], exportTo: ["."], http: [all] }),
      virtual({ hosts: ["a.example.com"], exportTo: ["."], http: [all] }, "other", "blog"),
    ],
  },
  {
    code: "MP0401",
    name: "the same match on one gateway",
    bad: [
      gateway(),
      ...world,
      on(["shop"], "cart", [match("/a")]),
      on(["shop/shop"], "other", [match("/a")]),
    ],
    at: [`${http}.match[0]`, "VirtualService shop/other spec.http[0].match[0]"],
    good: [
      gateway(),
      ...world,
      on(["shop"], "cart", [match("/a")]),
      on(["shop/shop"], "other", [match("/b")]),
    ],
  },
  {
    code: "MP0406",
    name: "a short host without its Service",
    bad: [space("blog"), ...world, virtual({ hosts: ["cart"], http: [all] }, "cart", "blog")],
    at: "VirtualService blog/cart spec.hosts[0]",
    good: [
      space("blog"),
      ...world,
      virtual({ hosts: ["cart.shop.svc.cluster.local"], http: [all] }, "cart", "blog"),
    ],
  },
  {
    code: "IST0130",
    name: "a rule after the one for everything",
    bad: [...world, routes(all, match("/a"))],
    at: "VirtualService shop/cart spec.http[1]",
    good: [...world, routes(match("/a"), all)],
  },
  {
    code: "IST0130",
    name: "a rule with nothing but repeated matches",
    bad: [...world, routes(match("/a"), match("/a"), all)],
    at: "VirtualService shop/cart spec.http[1]",
    good: [...world, routes(match("/a"), match("/b"), all)],
  },
  {
    code: "IST0131",
    name: "a match twice",
    bad: [
      ...world,
      routes(match("/a"), { match: [{ uri: { prefix: "/a" } }, { uri: { prefix: "/b" } }], ...all }, all),
    ],
    at: "VirtualService shop/cart spec.http[1].match[0]",
    good: [
      ...world,
      routes(match("/a"), { match: [{ uri: { prefix: "/c" } }, { uri: { prefix: "/b" } }], ...all }, all),
    ],
  },
  {
    code: "IST0131",
    name: "the shorter prefix first",
    bad: [...world, routes(match("/a"), match("/a/b"), all)],
    at: "VirtualService shop/cart spec.http[1].match[0]",
    good: [...world, routes(match("/a/b"), match("/a"), all)],
  },
  {
    code: "MP0409",
    name: "an exact path behind its prefix",
    bad: [...world, routes(match("/a"), match("/a/b", "exact"), all)],
    at: "VirtualService shop/cart spec.http[1].match[0]",
    good: [
      ...world,
      routes(
        { match: [{ uri: { prefix: "/a" }, method: { exact: "GET" } }], ...all },
        match("/a/b", "exact"),
        all,
      ),
    ],
  },
  {
    code: "MP0410",
    name: "nothing for all other requests",
    bad: [...world, routes(match("/a"))],
    at: http,
    good: [...world, routes(match("/a"), match("/"))],
  },
  {
    code: "IST0101",
    name: "a host of another namespace, by its short name",
    bad: [space("blog"), ...world, virtual({ hosts: ["b.example.com"], http: [all] }, "cart", "blog")],
    at: "VirtualService blog/cart spec.http[0].route[0].destination.host",
    good: [
      space("blog"),
      ...world,
      virtual(
        {
          hosts: ["b.example.com"],
          http: [{ route: [{ destination: { host: "cart.shop.svc.cluster.local" } }] }],
        },
        "cart",
        "blog",
      ),
    ],
  },
  {
    code: "IST0101",
    name: "a port that the Service has not",
    bad: [...world, routes({ route: [{ destination: { host: "cart", port: { number: 8080 } } }] })],
    at: `${http}.route[0].destination.port.number`,
    good: [...world, routes({ route: [{ destination: { host: "cart", port: { number: 80 } } }] })],
  },
  {
    code: "IST0101",
    name: "a subset that no rule has, in a route and a mirror",
    bad: [...world, cartRule, routes({ route: [to("v3")], mirror: { host: "cart", subset: "v4" } })],
    at: [`${http}.mirror.subset`, `${http}.route[0].destination.subset`],
    good: [...world, cartRule, routes({ route: [to("v1")], mirror: { host: "cart", subset: "v2" } })],
  },
  {
    code: "IST0101",
    name: "an external host that nobody declares",
    closed: true,
    bad: [...world, routes({ route: [{ destination: { host: "api.example.com" } }] })],
    at: `${http}.route[0].destination.host`,
    good: [
      ...world,
      routes({ route: [{ destination: { host: "api.example.com" } }] }),
      entry({
        hosts: ["*.example.com"],
        location: "MESH_EXTERNAL",
        ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      }),
    ],
  },
  {
    code: "IST0112",
    name: "one of several ports, but which",
    bad: [
      shop,
      deployment(),
      service({
        ports: [
          { name: "http", port: 80 },
          { name: "http-2", port: 81 },
        ],
      }),
      routes(all),
    ],
    at: `${http}.route[0].destination`,
    good: [
      shop,
      deployment(),
      service({
        ports: [
          { name: "http", port: 80 },
          { name: "http-2", port: 81 },
        ],
      }),
      routes({ route: [{ destination: { host: "cart", port: { number: 81 } } }] }),
    ],
  },
  {
    code: "KIA0005",
    name: "a namespace that does not exist",
    closed: true,
    bad: [...world, virtual({ hosts: ["cart"], exportTo: [".", "blog"], http: [all] })],
    at: `${spec}.exportTo[1]`,
    good: [...world, space("blog"), virtual({ hosts: ["cart"], exportTo: [".", "blog"], http: [all] })],
  },
  {
    code: "MP0402",
    name: "90 and 20",
    bad: [...world, cartRule, routes({ route: [to("v1", 90), to("v2", 20)] })],
    at: `${http}.route`,
    good: [...world, cartRule, routes({ route: [to("v1", 90), to("v2", 10)] })],
  },
  {
    code: "KIA1104",
    name: "half of one",
    bad: [...world, routes({ route: [to(undefined, 50)] })],
    at: `${http}.route[0].weight`,
    good: [...world, routes({ route: [to(undefined, 100)] })],
  },
  {
    code: "KIA1105",
    name: "one subset twice",
    bad: [...world, cartRule, routes({ route: [to("v1", 50), to("v1", 50)] })],
    at: `${http}.route[1].destination`,
    good: [...world, cartRule, routes({ route: [to("v1", 50), to("v2", 50)] })],
  },
  {
    code: "MP0411",
    name: "a mirror to the same subset",
    bad: [...world, cartRule, routes({ route: [to("v1")], mirror: { host: "cart", subset: "v1" } })],
    at: `${http}.mirror`,
    good: [...world, cartRule, routes({ route: [to("v1")], mirror: { host: "cart", subset: "v2" } })],
  },
  {
    code: "MP0403",
    name: "6 s for four tries of 2 s",
    bad: [...world, routes({ ...all, timeout: "6s", retries: { attempts: 3, perTryTimeout: "2s" } })],
    at: `${http}.timeout`,
    good: [...world, routes({ ...all, timeout: "9s", retries: { attempts: 3, perTryTimeout: "2s" } })],
  },
  {
    code: "MP0404",
    name: "no end to all tries together",
    bad: [...world, routes({ ...all, retries: { attempts: 3, perTryTimeout: "2s" } })],
    at: `${http}.retries.perTryTimeout`,
    good: [...world, routes({ ...all, timeout: "10s", retries: { attempts: 3, perTryTimeout: "2s" } })],
  },
  {
    code: "MP0407",
    name: "an abort that is to be retried",
    bad: [
      ...world,
      routes({
        ...all,
        fault: { abort: { httpStatus: 503, percentage: { value: 20 } } },
        retries: { attempts: 3 },
      }),
    ],
    at: `${http}.fault.abort`,
    good: [
      ...world,
      routes({
        ...all,
        fault: { delay: { fixedDelay: "2s", percentage: { value: 20 } } },
        retries: { attempts: 3 },
      }),
    ],
  },
  {
    code: "MP0507",
    name: "more retries than the breaker allows",
    bad: [
      ...world,
      rule({ host: "cart", trafficPolicy: { connectionPool: { http: { maxRetries: 1 } } } }),
      routes({ ...all, retries: { attempts: 3 } }),
    ],
    at: `${http}.retries.attempts`,
    good: [
      ...world,
      rule({ host: "cart", trafficPolicy: { connectionPool: { http: { maxRetries: 3 } } } }),
      routes({ ...all, retries: { attempts: 3 } }),
    ],
  },
  {
    code: "MP0405",
    name: "three services that all retry",
    bad: chain(2, 2, 2),
    at: "VirtualService shop/a spec.http[0].retries.attempts",
    good: chain(0, 2, 2),
  },
  {
    code: "MP0408",
    name: "a prefix that becomes /",
    bad: [...world, routes({ ...match("/api"), rewrite: { uri: "/" } }, all)],
    at: `${http}.rewrite.uri`,
    good: [
      ...world,
      routes(
        { match: [{ uri: { prefix: "/api/" } }, { uri: { prefix: "/api" } }], rewrite: { uri: "/" }, ...all },
        all,
      ),
    ],
  },
  {
    code: "MP0412",
    name: "a delegate that is not there",
    bad: [...world, routes({ match: [{ uri: { prefix: "/a" } }], delegate: { name: "a" } }, all)],
    at: `${http}.delegate`,
    good: [
      ...world,
      virtual({ http: [all] }, "a"),
      routes({ match: [{ uri: { prefix: "/a" } }], delegate: { name: "a" } }, all),
    ],
  },
  {
    code: "MP0412",
    name: "a delegate with hosts",
    bad: [
      ...world,
      virtual({ hosts: ["a.example.com"], http: [all] }, "a"),
      routes({ delegate: { name: "a" } }),
    ],
    at: `${http}.delegate`,
    good: [...world, virtual({ http: [all] }, "a"), routes({ delegate: { name: "a" } })],
  },
  {
    code: "MP0413",
    name: "a match for a gateway that it is not on",
    bad: [...world, routes({ match: [{ gateways: ["shop"] }], ...all }, all)],
    at: `${http}.match[0].gateways[0]`,
    good: [
      ...world,
      virtual({
        hosts: ["cart"],
        gateways: ["mesh", "shop"],
        http: [{ match: [{ gateways: ["shop"] }], ...all }, all],
      }),
      gateway(),
    ],
  },
  {
    code: "IST0002",
    name: "percent of a delay",
    bad: [...world, routes({ ...all, fault: { delay: { percent: 10, fixedDelay: "1s" } } })],
    at: `${http}.fault.delay.percent`,
    good: [...world, routes({ ...all, fault: { delay: { percentage: { value: 10 }, fixedDelay: "1s" } } })],
  },
  {
    code: "IST0002",
    name: "LEAST_CONN",
    bad: [...world, rule({ host: "cart", trafficPolicy: { loadBalancer: { simple: "LEAST_CONN" } } })],
    at: "DestinationRule shop/cart spec.trafficPolicy.loadBalancer.simple",
    good: [...world, rule({ host: "cart", trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } } })],
  },
  {
    code: "IST0140",
    name: "subsets in the mesh, none at the gateway",
    bad: [...world, gateway(), cartRule, routes({ route: [to("v1")] }), on(["shop"], "edge")],
    at: "VirtualService shop/edge spec.http[0].route[0].destination",
    good: [
      ...world,
      gateway(),
      cartRule,
      routes({ route: [to("v1")] }),
      on(["shop"], "edge", [{ route: [to("v1")] }]),
    ],
  },
  {
    code: "IST0149",
    name: "claims where nobody checks tokens",
    bad: [...ingress, ...world, gateway(), on(["shop"], "cart", [claim])],
    at: `${http}.match[0].headers.@request.auth.claims.group`,
    good: [
      ...ingress,
      ...world,
      gateway(),
      on(["shop"], "cart", [claim]),
      request(
        { selector: { matchLabels: { istio: "ingressgateway" } }, jwtRules: [{ issuer: "a" }] },
        "edge",
        "ingress",
      ),
    ],
  },
  {
    code: "MP0801",
    name: "routes for what Flagger routes",
    bad: [
      ...world,
      canary({
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
        service: { port: 80 },
      }),
      routes(all),
      rule({ host: "cart-primary" }),
    ],
    at: ["DestinationRule shop/cart spec.host", `${spec}.hosts[0]`],
    good: [
      ...world,
      canary({
        provider: "kubernetes",
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" },
        service: { port: 80 },
      }),
      routes(all),
    ],
  },
];
