import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../components/lib/objects";
import {
  type SimulatedRequest,
  SimulationFault,
  Simulator,
  simulate,
} from "../../../../components/traffic/simulate";
import {
  app,
  authorization,
  bookinfo,
  deployment,
  destinationRule,
  door,
  gateway,
  ingress,
  namespace,
  peers,
  sidecar,
  to,
  versions,
  virtualService,
} from "./world";

const from = "bookinfo/productpage-v1";
const page: SimulatedRequest = { host: "reviews", from };
const reviews = (http: readonly object[], more: object = {}) =>
  virtualService("bookinfo", "reviews", { hosts: ["reviews"], http, ...more });
const ends = (objects: readonly KubeObject[], request: SimulatedRequest) =>
  simulate(objects, request).distribution();
const v = (version: string, status: number | string = 200) => ({
  [`reviews.bookinfo:9080 ${version} ${status}`]: 1,
});
const whole = { "reviews.bookinfo:9080 200": 1 };

describe("the choice of a route", () => {
  const cases: readonly (readonly [string, object, Partial<SimulatedRequest>, boolean])[] = [
    ["a prefix, byte for byte", { uri: { prefix: "/a" } }, { path: "/abc" }, true],
    ["an exact path without its query", { uri: { exact: "/a" } }, { path: "/a?b=c" }, true],
    ["no more than an exact path", { uri: { exact: "/a" } }, { path: "/a/" }, false],
    ["all of a regular path", { uri: { regex: "/a.*" } }, { path: "/abc" }, true],
    ["not a part of a regular path", { uri: { regex: "/a" } }, { path: "/abc" }, false],
    [
      "capitals where they do not count",
      { uri: { prefix: "/A" }, ignoreUriCase: true },
      { path: "/abc" },
      true,
    ],
    ["capitals where they count", { uri: { prefix: "/A" } }, { path: "/abc" }, false],
    ["a method", { method: { exact: "POST" } }, { method: "POST" }, true],
    [
      "a header by a name in any case",
      { headers: { "X-Tier": { prefix: "go" } } },
      { headers: { "x-tier": "gold" } },
      true,
    ],
    [
      "a header whose value has capitals",
      { headers: { "x-tier": { exact: "gold" } } },
      { headers: { "x-tier": "Gold" } },
      false,
    ],
    ["a header that is just there", { headers: { cookie: {} } }, { headers: { cookie: "" } }, true],
    ["a header that is missing", { headers: { cookie: { regex: ".*" } } }, {}, false],
    ["a header that must not be", { withoutHeaders: { cookie: {} } }, {}, true],
    [
      "a header that must not be so",
      { withoutHeaders: { cookie: { exact: "a" } } },
      { headers: { cookie: "a" } },
      false,
    ],
    ["a parameter", { queryParams: { q: { exact: "1" } } }, { query: { q: "1" } }, true],
    ["a parameter that is missing", { queryParams: { q: { regex: ".*" } } }, {}, false],
    ["the host as clients write it", { authority: { exact: "reviews:9080" } }, {}, true],
    ["labels of the source", { sourceLabels: { app: "productpage" } }, {}, true],
    ["labels of another source", { sourceLabels: { app: "cart" } }, {}, false],
    ["a namespace of the source", { sourceNamespace: "other" }, {}, false],
    ["a port", { port: 9080 }, {}, true],
    ["another port", { port: 80 }, {}, false],
    ["a gateway", { gateways: ["bookinfo/door"] }, {}, false],
    ["all of one list", { uri: { prefix: "/a" }, method: { exact: "POST" } }, { path: "/a" }, false],
  ];

  it.each(cases)("takes %s", (_name, match, request, taken) => {
    const objects = [
      ...bookinfo,
      reviews([{ match: [match], route: [to("reviews", "v2")] }, { route: [to("reviews", "v1")] }]),
    ];
    expect(ends(objects, { ...page, ...request })).toEqual(v(taken ? "v2" : "v1"));
  });

  it("answers 404 where no route fits, and keeps the Service's own where none is for this client", () => {
    const only = (match: object) => [
      ...bookinfo,
      reviews([{ match: [match], route: [to("reviews", "v2")] }]),
    ];
    expect(ends(only({ uri: { exact: "/a" } }), page)).toEqual({ "nowhere 404": 1 });
    expect(ends(only({ sourceLabels: { app: "cart" } }), page)).toEqual(whole);
  });

  it("takes no weight of 0, and shares by the sum", () => {
    const route = [to("reviews", "v1", 0), to("reviews", "v2", 30), to("reviews", "v3", 10)];
    expect(ends([...bookinfo, reviews([{ route }])], page)).toEqual({
      "reviews.bookinfo:9080 v2 200": 0.75,
      "reviews.bookinfo:9080 v3 200": 0.25,
    });
  });

  it("joins delegates with the routes that hand on to them", () => {
    const root = virtualService("bookinfo", "root", {
      hosts: ["reviews"],
      http: [
        { match: [{ uri: { prefix: "/a" } }], delegate: { name: "part" } },
        { route: [to("reviews", "v1")] },
      ],
    });
    const part = virtualService("bookinfo", "part", {
      http: [{ match: [{ uri: { prefix: "/a/b" } }], route: [to("reviews", "v3")] }],
    });
    expect(ends([...bookinfo, root, part], { ...page, path: "/a/b/c" })).toEqual(v("v3"));
    expect(ends([...bookinfo, root, part], { ...page, path: "/a/c" })).toEqual(v("v1"));
  });

  it("answers itself: redirect, direct response, preflight", () => {
    const one = (http: object) => [...bookinfo, reviews([http])];
    const redirect = simulate(one({ redirect: { uri: "/new", authority: "shop" } }), {
      ...page,
      path: "/a?b",
    });
    expect([redirect.distribution(), redirect.location]).toEqual([{ "nowhere 301": 1 }, "http://shop/new?b"]);
    expect(ends(one({ directResponse: { status: 418 } }), page)).toEqual({ "nowhere 418": 1 });
    const corsPolicy = { allowOrigins: [{ exact: "https://shop" }] };
    const ask = { origin: "https://shop", "access-control-request-method": "PUT" };
    const outcome = simulate(one({ corsPolicy, route: [to("reviews")] }), {
      ...page,
      method: "OPTIONS",
      headers: ask,
    });
    expect(outcome.share({ status: 200, reason: "CORS" })).toBe(1);
  });

  it("says which VirtualService counts only by chance", () => {
    const second = virtualService("bookinfo", "second", {
      hosts: ["reviews"],
      http: [{ route: [to("reviews", "v3")] }],
    });
    const outcome = simulate([...bookinfo, second, reviews([{ route: [to("reviews", "v1")] }])], page);
    expect(outcome.distribution()).toEqual(v("v1"));
    expect(outcome.open.map(({ text }) => text)).toContain(
      "reviews.bookinfo.svc.cluster.local is in two VirtualServices; the older one counts, which is not known: second was left out by its name",
    );
  });

  it("keeps to exportTo and to the most specific host", () => {
    const other = namespace("other");
    const client = { namespace: "other" };
    const hidden = reviews([{ route: [to("reviews", "v1")] }], { exportTo: ["."] });
    const request = { host: "reviews.bookinfo", port: 9080, from: client };
    expect(ends([...bookinfo, other, hidden], request)).toEqual(whole);
    const wild = virtualService("bookinfo", "wild", {
      hosts: ["*.bookinfo.svc.cluster.local"],
      http: [{ route: [to("reviews", "v3")] }],
    });
    expect(ends([...bookinfo, other, wild], request)).toEqual(v("v3"));
    expect(ends([...bookinfo, other, wild, reviews([{ route: [to("reviews", "v2")] }])], request)).toEqual(
      v("v2"),
    );
  });
});

describe("destinations", () => {
  it("answers 503 for a subset, a host or pods that are not there", () => {
    const one = (destination: object) => [...bookinfo, reviews([{ route: [destination] }])];
    expect(ends(one(to("reviews", "v9")), page)).toEqual(v("v9", 503));
    expect(ends(one(to("nobody")), page)).toEqual({ "nobody.bookinfo:9080 503": 1 });
    const empty = [
      ...one(to("ghost", "v1")),
      ...app("bookinfo", "ghost", 9080),
      versions("bookinfo", "ghost", "v1"),
    ];
    expect(ends(empty, page)).toEqual({ "ghost.bookinfo:9080 v1 503": 1 });
  });

  it("takes subsets of the client's namespace first", () => {
    const own = destinationRule("other", "mine", {
      host: "reviews.bookinfo.svc.cluster.local",
      subsets: [{ name: "mine", labels: { version: "v3" } }],
    });
    const route = reviews([{ route: [to("reviews", "v1")] }]);
    const request = { host: "reviews.bookinfo", port: 9080, from: { namespace: "other" } };
    expect(ends([...bookinfo, route, own], request)).toEqual(v("v1", 503));
    expect(ends([...bookinfo, route], request)).toEqual(v("v1"));
  });

  it.each([
    ["exact *", [{ exact: "*" }], {}, "CORS"],
    ["the origin itself", [{ exact: "https://ui" }], {}, "CORS"],
    ["another origin", [{ exact: "https://other" }], {}, "answered"],
    ["other letters", [{ exact: "https://UI" }], {}, "answered"],
    ["a prefix", [{ prefix: "https://" }], {}, "CORS"],
    ["a regular expression", [{ regex: "https://u." }], {}, "CORS"],
    ["one for a part only", [{ regex: "https://u" }], {}, "answered"],
    ["one of two", [{ exact: "https://other" }, { exact: "https://ui" }], {}, "CORS"],
    ["nothing", [{}], {}, "answered"],
    ["another one that is ignored", [{ exact: "https://other" }], { unmatchedPreflights: "IGNORE" }, "CORS"],
    [
      "another one that is forwarded",
      [{ exact: "https://other" }],
      { unmatchedPreflights: "FORWARD" },
      "answered",
    ],
  ])("lets CORS decide on a preflight by %s", (_, allowOrigins, more, reason) => {
    const rules = reviews([{ corsPolicy: { allowOrigins, ...more }, route: [to("reviews")] }]);
    const headers = { origin: "https://ui", "access-control-request-method": "PUT" };
    const request = { host: "reviews", from, method: "OPTIONS", headers };
    expect(simulate([...bookinfo, rules], request).share({ reason })).toBe(1);
  });

  it("takes for a preflight only what asks for a method, and leaves redirects alone", () => {
    const corsPolicy = { allowOrigins: [{ exact: "*" }] };
    const headers = { origin: "https://ui", "access-control-request-method": "PUT" };
    const send = (http: object, more: object) =>
      simulate([...bookinfo, reviews([{ corsPolicy, ...http }])], {
        ...{ host: "reviews", from, method: "OPTIONS", headers },
        ...more,
      }).results[0]?.reason;
    const route = { route: [to("reviews")] };
    expect(send(route, {})).toBe("CORS");
    expect(send(route, { headers: { origin: "https://ui" } })).toBe("answered");
    expect(send(route, { headers: { ...headers, origin: "" } })).toBe("answered");
    expect(send(route, { method: "GET" })).toBe("answered");
    expect(send({ redirect: { uri: "/new" } }, {})).toBe("redirect");
    expect(send({ directResponse: { status: 403 } }, {})).toBe("direct response");
  });

  const meant = "did you mean reviews.bookinfo.svc.cluster.local?";
  it.each([
    ["a typing error", "reviws", "unresolved", `it resolves to nothing here, ${meant}`],
    ["one in the namespace", "reviews.bokinfo", "unresolved", `it resolves to nothing here, ${meant}`],
    ["one in the full name", "reviws.bookinfo.svc.cluster.local", "unresolved", `nothing here, ${meant}`],
    ["a name that is like none", "nothing", "unresolved", "it resolves to nothing here"],
    ["a Service of another namespace", "reviews.shop", 200, `it passes through if DNS knows it, ${meant}`],
    [
      "a name from outside",
      "example.com",
      200,
      "example.com is not known to the mesh: it passes through if DNS knows it",
    ],
    ["an address", "10.1.2.3", 200, "10.1.2.3 is not known to the mesh: it passes through to that address"],
  ])("says of %s that nobody declares it", (_, host, status, text) => {
    const outcome = simulate(bookinfo, { host, port: 9080, from });
    expect(outcome.results).toMatchObject([{ status, probability: 1 }]);
    expect(outcome.steps.at(-1)?.text.endsWith(text)).toBe(true);
  });

  it("says so of a client without a sidecar, and where only known hosts are let out", () => {
    const plain = { namespace: "bookinfo", injected: false };
    expect(simulate(bookinfo, { host: "reviws", from: plain }).share({ status: "unresolved" })).toBe(1);
    const closed = sidecar("bookinfo", "default", { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
    const outcome = simulate([...bookinfo, closed], { host: "reviws", port: 9080, from });
    expect(outcome.share({ reason: "BlackHoleCluster", status: 502 })).toBe(1);
    expect(outcome.steps.at(-1)?.text).toMatch(new RegExp(`${meant.replace("?", "\\?")}$`));
  });

  it("names what is near a client or a Gateway that is not declared", () => {
    const send = (request: object) => () => simulate(bookinfo, { host: "reviews", ...request });
    expect(send({ from: "bokinfo/productpage-v1" })).toThrow(
      "from bokinfo/productpage-v1: no such workload, did you mean bookinfo/productpage-v1? write namespace/name",
    );
    expect(send({ gateway: "bookinfo/front" })).toThrow(
      "gateway bookinfo/front: no such Gateway; none is declared",
    );
  });

  it("lets unknown hosts out, or not", () => {
    const request = { host: "example.com", port: 9080, from };
    expect(simulate(bookinfo, request).share({ reason: "PassthroughCluster" })).toBe(1);
    const closed = sidecar("bookinfo", "default", {
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      egress: [{ hosts: ["./*"] }],
    });
    expect(ends([...bookinfo, closed], request)).toEqual({ "nowhere 502": 1 });
  });
});

describe("security", () => {
  const strict = peers("bookinfo", "default", { mtls: { mode: "STRICT" } });
  const plain: SimulatedRequest = {
    host: "reviews.bookinfo",
    port: 9080,
    from: { namespace: "legacy", injected: false },
  };

  it("cuts plain clients where mutual TLS is demanded", () => {
    expect(ends(bookinfo, plain)).toEqual(whole);
    const outcome = simulate([...bookinfo, strict], plain);
    expect(outcome.distribution()).toEqual({ "reviews.bookinfo:9080 reset": 1 });
    expect(outcome.steps.find(({ stage }) => stage === "mtls")).toMatchObject({
      object: "PeerAuthentication bookinfo/default",
      path: "spec.mtls.mode",
    });
    expect(ends([...bookinfo, strict], page)).toEqual(whole);
  });

  it("fails where a DestinationRule and the pods do not agree", () => {
    const tls = (mode: string) =>
      destinationRule("bookinfo", "tls", { host: "details", trafficPolicy: { tls: { mode } } });
    const request = { host: "details", from };
    expect(ends([...bookinfo, strict, tls("DISABLE")], request)).toEqual({ "details.bookinfo:9080 503": 1 });
    const bare = [namespace("bookinfo", {}), ...app("bookinfo", "details", 9080, "v1"), tls("ISTIO_MUTUAL")];
    const client = { namespace: "other", injected: true };
    expect(ends(bare, { host: "details.bookinfo", port: 9080, from: client })).toEqual({
      "details.bookinfo:9080 503": 1,
    });
  });

  const only = (name: string, spec: object) =>
    authorization("bookinfo", name, { selector: { matchLabels: { app: "reviews" } }, ...spec });
  const pageAccount = "cluster.local/ns/bookinfo/sa/default";
  const cases: readonly (readonly [string, readonly KubeObject[], Partial<SimulatedRequest>, number])[] = [
    ["nothing by an empty ALLOW", [only("none", {})], {}, 403],
    ["everything by an empty rule", [only("all", { rules: [{}] })], {}, 200],
    ["a principal", [only("a", { rules: [{ from: [{ source: { principals: [pageAccount] } }] }] })], {}, 200],
    [
      "another principal",
      [only("a", { rules: [{ from: [{ source: { principals: ["*/sa/cart"] } }] }] })],
      {},
      403,
    ],
    ["a namespace", [only("a", { rules: [{ from: [{ source: { namespaces: ["book*"] } }] }] })], {}, 200],
    [
      "all but a namespace",
      [only("a", { rules: [{ from: [{ source: { notNamespaces: ["bookinfo"] } }] }] })],
      {},
      403,
    ],
    [
      "a method",
      [only("a", { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] })],
      { method: "POST" },
      403,
    ],
    [
      "paths",
      [only("a", { rules: [{ to: [{ operation: { paths: ["/a/*", "*.css"] } }] }] })],
      { path: "/x.css?1" },
      200,
    ],
    [
      "path templates",
      [only("a", { rules: [{ to: [{ operation: { paths: ["/a/{*}/c"] } }] }] })],
      { path: "/a/b/d/c" },
      403,
    ],
    [
      "hosts in any case",
      [only("a", { rules: [{ to: [{ operation: { hosts: ["REVIEWS:*"] } }] }] })],
      {},
      200,
    ],
    ["a port of the pods", [only("a", { rules: [{ to: [{ operation: { ports: ["9080"] } }] }] })], {}, 200],
    [
      "a header",
      [only("a", { rules: [{ when: [{ key: "request.headers[x-a]", values: ["b"] }] }] })],
      { headers: { "X-A": "b" } },
      200,
    ],
    [
      "not what is denied",
      [
        only("a", { rules: [{}] }),
        only("d", { action: "DENY", rules: [{ to: [{ operation: { paths: ["/x"] } }] }] }),
      ],
      { path: "/x" },
      403,
    ],
    [
      "what a root policy denies",
      [authorization("istio-system", "d", { action: "DENY", rules: [{}] })],
      {},
      403,
    ],
    [
      "all by a policy that is dry",
      [
        {
          ...only("none", {}),
          metadata: { name: "none", namespace: "bookinfo", annotations: { "istio.io/dry-run": "true" } },
        },
      ],
      {},
      200,
    ],
  ];

  it.each(cases)("allows %s", (_name, policies, request, status) => {
    expect(ends([...bookinfo, ...policies], { ...page, ...request })).toEqual({
      [`reviews.bookinfo:9080 ${status}`]: 1,
    });
  });

  it("names the rule that decided, and what it cannot decide", () => {
    const deny = only("deny", {
      action: "DENY",
      rules: [
        { to: [{ operation: { paths: ["/a"] } }] },
        { from: [{ source: { ipBlocks: ["10.0.0.0/8"] } }] },
      ],
    });
    const unknown = simulate([...bookinfo, deny], page);
    expect(unknown.distribution()).toEqual(whole);
    expect(unknown.open).toEqual([
      {
        object: "AuthorizationPolicy bookinfo/deny",
        text: "a rule asks for what is not known of the request; taken as not met",
      },
    ]);
    const known = simulate([...bookinfo, deny], { ...page, ip: "10.1.2.3" });
    expect(known.steps.find(({ stage }) => stage === "authorization")).toEqual({
      stage: "authorization",
      about: "Deployment bookinfo/reviews-v1",
      text: "denied",
      object: "AuthorizationPolicy bookinfo/deny",
      path: "spec.rules[1]",
    });
  });
});

describe("gateways", () => {
  const route = virtualService("bookinfo", "in", {
    hosts: ["shop.example.com"],
    gateways: ["door"],
    http: [{ route: [to("reviews")] }],
  });
  const base = [...bookinfo, ingress, route];
  const request = { host: "shop.example.com", gateway: "bookinfo/door" };
  const secure = (more: object) =>
    gateway("bookinfo", "door", {
      selector: { istio: "ingressgateway" },
      servers: [
        {
          port: { number: 80, name: "http", protocol: "HTTP" },
          hosts: ["*.example.com"],
          tls: { httpsRedirect: true },
        },
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: ["*.example.com"],
          tls: { mode: "SIMPLE", credentialName: "c", ...more },
        },
      ],
    });

  it("refuses ports without a server and hosts of other namespaces", () => {
    expect(ends([...base, door("bookinfo", "door", "*")], { ...request, port: 81 })).toEqual({
      "nowhere refused": 1,
    });
    expect(ends([...base, door("bookinfo", "door", "other/*")], request)).toEqual({ "nowhere 404": 1 });
    expect(ends([...base, door("bookinfo", "door", "./*")], request)).toEqual(whole);
  });

  it("redirects to TLS, and chooses the server by name there", () => {
    const plain = simulate([...base, secure({})], { ...request, path: "/a" });
    expect([plain.distribution(), plain.location]).toEqual([
      { "nowhere 301": 1 },
      "https://shop.example.com/a",
    ]);
    expect(ends([...base, secure({})], { ...request, scheme: "https" })).toEqual(whole);
    expect(ends([...base, secure({})], { ...request, scheme: "https", sni: "shop.org" })).toEqual({
      "nowhere reset": 1,
    });
    expect(ends([...base, secure({ mode: "MUTUAL" })], { ...request, scheme: "https" })).toEqual({
      "nowhere reset": 1,
    });
  });

  it("says what is not declared", () => {
    expect(() => simulate(base, request)).toThrow(SimulationFault);
    expect(() => simulate(base, { host: "reviews", from: "bookinfo/nobody" })).toThrow(
      "from bookinfo/nobody: no such workload; write namespace/name of one that is declared",
    );
  });
});

it("leaves out what is known only after up, and says so", () => {
  const vague = virtualService("bookinfo", "reviews", { hosts: ["reviews"], http: Symbol("unknown") });
  const outcome = simulate([...bookinfo, vague], page);
  expect(outcome.distribution()).toEqual(whole);
  expect(outcome.open).toEqual([
    {
      object: "VirtualService bookinfo/reviews",
      text: "spec.http is known only after up; the object is left out",
    },
  ]);
});

it("answers many requests of one Simulator", () => {
  const many = Array.from({ length: 300 }, (_, place) => [
    ...app("bookinfo", `s${place}`, 9080, "v1"),
    virtualService("bookinfo", `s${place}`, { hosts: [`s${place}`], http: [{ route: [to(`s${place}`)] }] }),
  ]).flat();
  const simulator = new Simulator([
    ...bookinfo,
    ...many,
    deployment("bookinfo", "client", { app: "client" }),
  ]);
  const answers = many
    .slice(0, 300)
    .map((_, place) => simulator.simulate({ host: `s${place}`, from: "bookinfo/client" }));
  expect(answers.every((outcome) => outcome.share({ status: 200 }) === 1)).toBe(true);
});
