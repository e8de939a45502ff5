import { describe, expect, it } from "vitest";
import { simulate } from "../../../../components/traffic/simulate";
import { bookinfo, door, ingress, namespace, to, virtualService } from "./world";

// What random routes on real proxies (tests/proxies/routes) have shown, each as a case of its own.

const page = { host: "reviews", port: 9080, from: { namespace: "bookinfo" } };
const reviews = (http: object, name = "reviews") =>
  virtualService("bookinfo", name, { hosts: ["reviews"], http: [http].flat() });
const asked = (http: object, request: object = {}) =>
  simulate([...bookinfo, reviews(http)], { ...page, ...request });
const delivered = (http: object, request: object = {}) => asked(http, request).delivered[0];
const location = (redirect: object, request: object = {}) => asked({ redirect }, request).location;

describe("a request, as real proxies treat it", () => {
  it("has the route's headers changed together with those of its only destination", () => {
    const destination = { ...to("reviews"), headers: { request: { set: { a: "own" }, remove: ["b"] } } };
    const headers = { request: { set: { b: "route" }, add: { a: "route" } } };
    expect(delivered({ headers, route: [destination] })?.headers).toEqual({ a: "own,route", b: "route" });
  });

  it("has the headers of one destination among several changed before the route's", () => {
    const one = { ...to("reviews", "v1", 100), headers: { request: { set: { a: "own", b: "own" } } } };
    const headers = { request: { remove: ["a"], add: { b: "route" } } };
    const route = [one, to("reviews", "v2", 0)];
    expect(delivered({ headers, route })?.headers).toEqual({ b: "own,route" });
  });

  it("keeps the whole match of an expression where the new path asks for it", () => {
    const rewrite = { uriRegexRewrite: { match: "(.)/(.)", rewrite: "\\2\\0\\1" } };
    expect(delivered({ rewrite, route: [to("reviews")] }, { path: "/a/b" })?.path).toBe("/ba/ba");
  });

  it("is matched by parameters as they are written", () => {
    const routes = [
      { match: [{ queryParams: { q: { prefix: "x" } } }], route: [to("reviews", "v1")] },
      { route: [to("reviews", "v2")] },
    ];
    const subset = (path: string) => asked(routes, { path }).results[0]?.subset;
    expect(["/?q=x+y", "/?q=%78", "/?q=x=1", "/?q=y&q=x"].map(subset)).toEqual(["v1", "v2", "v1", "v2"]);
  });

  it("is redirected with the port that is asked for, behind one that the new host has already", () => {
    expect(location({ authority: "away:81", port: 8443, scheme: "https" })).toBe("https://away:81:8443/");
    expect(location({ authority: "away:81" })).toBe("http://away:81/");
    expect(location({ scheme: "https" })).toBe("https://reviews:9080/");
    expect(location({ scheme: "https" }, { headers: { host: "reviews:80" } })).toBe("https://reviews/");
    expect(location({ port: 443, scheme: "https" })).toBe("https://reviews:9080/");
    expect(location({ port: 81 })).toBe("http://reviews:81/");
  });

  it("is redirected below another prefix", () => {
    const http = { match: [{ uri: { prefix: "/a" } }], redirect: { prefixRewrite: "/b" } };
    expect(asked(http, { path: "/a/c?d" }).location).toBe("http://reviews:9080/b/c?d");
  });
});

describe("a delegate, as real proxies have it", () => {
  const other = namespace("other");
  const handing = (root: object, own: object) => {
    const delegate = { name: "part", namespace: "other" };
    return simulate(
      [
        ...bookinfo,
        other,
        reviews([{ ...root, delegate }, { route: [to("reviews", "v1")] }]),
        virtualService("other", "part", { http: [own] }),
      ],
      page,
    ).distribution();
  };
  const rest = { "reviews.bookinfo:9080 v1 200": 1 };
  const taken = { route: [to("reviews.bookinfo.svc.cluster.local", "v3")] };

  it("means Services of its own namespace by short names", () => {
    expect(handing({}, { route: [to("reviews")] })).toEqual({ "reviews.other:9080 503": 1 });
    expect(handing({}, taken)).toEqual({ "reviews.bookinfo:9080 v3 200": 1 });
  });

  it.each([
    ["minds case otherwise", {}, { ignoreUriCase: true }],
    ["has the same expression", { uri: { regex: "/.*" } }, { uri: { regex: "/.*" } }],
    ["asks for mere presence as well", { headers: { a: {} } }, { headers: { a: {} } }],
    [
      "does not repeat the namespace of the source",
      { sourceNamespace: "bookinfo" },
      { method: { exact: "GET" } },
    ],
  ])("is void where it %s", (_, root, own) => {
    expect(handing({ match: [root] }, { match: [own], ...taken })).toEqual(rest);
  });
});

describe("what the simulator knows of", () => {
  it("counts WorkloadEntries among the pods of a Service", () => {
    const machine = {
      apiVersion: "networking.istio.io/v1",
      kind: "WorkloadEntry",
      metadata: { name: "machine", namespace: "bookinfo" },
      spec: { address: "192.0.2.1", labels: { app: "ratings" } },
    };
    const { results } = simulate([...bookinfo, machine], { ...page, host: "ratings" });
    expect(results.map(({ workload, probability }) => [workload, probability])).toEqual([
      ["Deployment bookinfo/ratings-v1", 0.5],
      [undefined, 0.5],
    ]);
  });

  it("says that programs in a proxy may change everything", () => {
    const lua = {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "TrafficExtension",
      metadata: { name: "lua", namespace: "istio-system" },
      spec: { selector: { matchLabels: { istio: "ingressgateway" } }, lua: { inlineCode: "" } },
    };
    const objects = [...bookinfo, namespace("istio-system"), ingress, door("bookinfo", "front", "*"), lua];
    const { open } = simulate(objects, { host: "shop", gateway: "bookinfo/front" });
    expect(open.map(({ object }) => object)).toEqual(["TrafficExtension istio-system/lua"]);
  });
});
