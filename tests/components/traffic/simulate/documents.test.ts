import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../components/lib/objects";
import { type SimulatedRequest, simulate } from "../../../../components/traffic/simulate";
import {
  app,
  bookinfo,
  deployment,
  destinationRule,
  door,
  ingress,
  namespace,
  service,
  to,
  user,
  versions,
  virtualService,
} from "./world";

const reviews = (http: readonly object[]) =>
  virtualService("bookinfo", "reviews", { hosts: ["reviews"], http });
const page: SimulatedRequest = { host: "reviews", from: "bookinfo/productpage-v1" };
const jason = { ...page, headers: { "End-User": "jason" } };
const shares = (objects: readonly KubeObject[], request: SimulatedRequest) =>
  simulate(objects, request).distribution();

describe("document 001 and 002: routes of reviews", () => {
  const rules = [
    ...bookinfo,
    reviews([
      {
        match: user("jason"),
        fault: {
          abort: { httpStatus: 500, percentage: { value: 30 } },
          delay: { percentage: { value: 30 }, fixedDelay: "5s" },
        },
        route: [to("reviews", "v2")],
      },
      { route: [to("reviews", "v1", 50), to("reviews", "v3", 50)] },
    ]),
  ];

  it("sends jason to v2, lets 30 % fail and 30 % wait, apart from each other", () => {
    const outcome = simulate(rules, jason);
    expect(outcome.distribution()).toEqual({ "nowhere 500": 0.3, "reviews.bookinfo:9080 v2 200": 0.7 });
    expect(outcome.share({ delay: 5000 })).toBe(0.3);
    expect(outcome.share({ delay: 5000, status: 500 })).toBe(0.09);
    expect(outcome.share({ delay: 0, status: 200 })).toBe(0.49);
    expect(outcome.steps.find(({ stage, text }) => stage === "route" && text.startsWith("route"))).toEqual({
      stage: "route",
      text: "route: end-user exact jason",
      object: "VirtualService bookinfo/reviews",
      path: "spec.http[0].match[0]",
    });
  });

  it("splits everybody else between v1 and v3", () => {
    expect(shares(rules, page)).toEqual({
      "reviews.bookinfo:9080 v1 200": 0.5,
      "reviews.bookinfo:9080 v3 200": 0.5,
    });
  });

  it("splits 80 to 20 between two Services, and evenly without a route", () => {
    const web: readonly KubeObject[] = [
      namespace("default"),
      deployment("default", "client", { app: "client" }),
      deployment("default", "httpd", { server: "httpd", app: "web" }),
      deployment("default", "tomcat", { server: "tomcat", app: "web" }),
      service("default", "web-svc", 8080, { selector: { app: "web" } }),
      service("default", "httpd-svc", 8080, { selector: { server: "httpd" } }),
      service("default", "tomcat-svc", 8080, { selector: { server: "tomcat" } }),
    ];
    const request = { host: "web-svc:8080", from: "default/client" };
    const even = simulate(web, request);
    expect(even.share({ workload: "Deployment default/httpd" })).toBe(0.5);
    const split = virtualService("default", "web-svc-vs", {
      hosts: ["web-svc"],
      http: [{ route: [to("tomcat-svc", undefined, 80), to("httpd-svc", undefined, 20)] }],
    });
    expect(shares([...web, split], request)).toEqual({
      "tomcat-svc.default:8080 200": 0.8,
      "httpd-svc.default:8080 200": 0.2,
    });
    const zyx = virtualService("default", "web-svc-vs", {
      hosts: ["web-svc"],
      http: [{ match: user("zyx"), route: [to("tomcat-svc")] }, { route: [to("httpd-svc")] }],
    });
    expect(shares([...web, zyx], request)).toEqual({ "httpd-svc.default:8080 200": 1 });
    expect(shares([...web, zyx], { ...request, headers: { "end-user": "zyx" } })).toEqual({
      "tomcat-svc.default:8080 200": 1,
    });
  });
});

describe("document 003: one request in the mesh and through the gateway", () => {
  const objects: readonly KubeObject[] = [
    namespace("istio-demo"),
    ingress,
    ...app("istio-demo", "front-tomcat", 8080, "v1", "v2"),
    versions("istio-demo", "front-tomcat", "v1", "v2"),
    door("istio-demo", "front-tomcat-gateway", "tomcat.istio-demo.com"),
    virtualService("istio-demo", "gateway-front-tomcat", {
      gateways: ["front-tomcat-gateway"],
      hosts: ["tomcat.istio-demo.com"],
      http: [
        { name: "front-tomcat-route", route: [to("front-tomcat", "v1", 90), to("front-tomcat", "v2", 10)] },
      ],
    }),
  ];
  const gateway = "istio-demo/front-tomcat-gateway";

  it("splits 90 to 10 through the gateway", () => {
    expect(shares(objects, { host: "tomcat.istio-demo.com", gateway })).toEqual({
      "front-tomcat.istio-demo:8080 v1 200": 0.9,
      "front-tomcat.istio-demo:8080 v2 200": 0.1,
    });
  });

  it("knows no other host there, and leaves requests within the mesh alone", () => {
    expect(shares(objects, { host: "other.example.com", gateway })).toEqual({ "nowhere 404": 1 });
    const inside = simulate(objects, { host: "front-tomcat", from: "istio-demo/front-tomcat-v1" });
    expect(inside.distribution()).toEqual({ "front-tomcat.istio-demo:8080 200": 1 });
    expect(inside.share({ workload: "Deployment istio-demo/front-tomcat-v2" })).toBe(0.5);
  });
});

describe("document 003: bookinfo", () => {
  const gateway = "bookinfo/productpage-gateway";
  const host = "bookinfo.luffy.com";
  const httpbin = app("bookinfo", "httpbin", 8000, "v1", "v2");
  const objects: readonly KubeObject[] = [
    ...bookinfo,
    ...httpbin,
    versions("bookinfo", "httpbin", "v1", "v2"),
    ingress,
    door("bookinfo", "productpage-gateway", host),
    virtualService("bookinfo", "vs-bookinfo", {
      gateways: ["productpage-gateway"],
      hosts: [host],
      http: [
        {
          name: "ratings-route",
          match: [{ uri: { prefix: "/rate" } }],
          rewrite: { uri: "/ratings" },
          route: [to("ratings")],
        },
        {
          name: "httpbin-route",
          match: [{ uri: { prefix: "/httpbin" } }],
          rewrite: { uri: "/" },
          mirror: { host: "httpbin", subset: "v2" },
          mirrorPercentage: { value: 100 },
          retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" },
          route: [to("httpbin", "v1")],
        },
        { route: [{ destination: { host: "productpage", port: { number: 9080 } } }] },
      ],
    }),
  ];

  it("rewrites /rate to /ratings, byte for byte", () => {
    const outcome = simulate(objects, { host, gateway, path: "/rate/1?stars=5" });
    expect(outcome.distribution()).toEqual({ "ratings.bookinfo:9080 200": 1 });
    expect(outcome.delivered).toEqual([{ authority: host, path: "/ratings/1?stars=5", headers: {} }]);
    expect(simulate(objects, { host, gateway, path: "/rated" }).delivered[0]?.path).toBe("/ratingsd");
  });

  it("mirrors httpbin from v1 to v2, whose path begins with two slashes then", () => {
    const outcome = simulate(objects, { host, gateway, path: "/httpbin/headers" });
    expect(outcome.distribution()).toEqual({ "httpbin.bookinfo:8000 v1 200": 1 });
    expect(outcome.mirrors).toEqual([
      { host: "httpbin.bookinfo.svc.cluster.local", subset: "v2", probability: 1 },
    ]);
    expect(outcome.delivered[0]?.path).toBe("//headers");
  });

  it("asks four times for a 502", () => {
    const [result] = simulate(objects, { host, gateway, path: "/httpbin/status/502", answer: 502 }).results;
    expect(result).toMatchObject({ status: 502, attempts: 4 });
  });

  it("sends luffy to v3 and others to v2, who wait no longer than half a second", () => {
    const header = [
      ...bookinfo,
      reviews([
        { match: user("luffy"), route: [to("reviews", "v3")] },
        { route: [to("reviews", "v2")], timeout: "0.5s" },
      ]),
    ];
    expect(shares(header, { ...page, headers: { "end-user": "luffy" }, takes: "2s" })).toEqual({
      "reviews.bookinfo:9080 v3 200": 1,
    });
    expect(shares(header, page)).toEqual({ "reviews.bookinfo:9080 v2 200": 1 });
    expect(shares(header, { ...page, takes: "2s" })).toEqual({ "reviews.bookinfo:9080 v2 504": 1 });
  });

  it("splits 10 to 90, however many pods a version has", () => {
    const more = [
      ...bookinfo,
      deployment("bookinfo", "reviews-v2-more", { app: "reviews", version: "v2" }, { replicas: 3 }),
    ];
    expect(
      shares([...more, reviews([{ route: [to("reviews", "v2", 10), to("reviews", "v3", 90)] }])], page),
    ).toEqual({
      "reviews.bookinfo:9080 v2 200": 0.1,
      "reviews.bookinfo:9080 v3 200": 0.9,
    });
  });

  it("holds ratings back for 2 s and fails half of details", () => {
    const delay = { percentage: { value: 100 }, fixedDelay: "2s" };
    const abort = { percentage: { value: 50 }, httpStatus: 500 };
    const faults = [
      ...bookinfo,
      virtualService("bookinfo", "ratings", {
        hosts: ["ratings"],
        http: [{ fault: { delay }, route: [to("ratings")] }],
      }),
      virtualService("bookinfo", "details", {
        hosts: ["details"],
        http: [{ fault: { abort }, route: [to("details")] }],
      }),
    ];
    const from = "bookinfo/reviews-v2";
    expect(simulate(faults, { host: "ratings", from }).share({ delay: 2000, status: 200 })).toBe(1);
    expect(shares(faults, { host: "details", from })).toEqual({
      "nowhere 500": 0.5,
      "details.bookinfo:9080 200": 0.5,
    });
  });

  it("tells of the policies of a subset", () => {
    const rule = destinationRule("bookinfo", "details", {
      host: "details",
      trafficPolicy: { loadBalancer: { simple: "RANDOM" }, connectionPool: { tcp: { maxConnections: 1 } } },
      subsets: [
        { name: "v1", labels: { version: "v1" }, trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } },
      ],
    });
    const route = virtualService("bookinfo", "details", {
      hosts: ["details"],
      http: [{ route: [to("details", "v1")] }],
    });
    const { steps } = simulate([...bookinfo, rule, route], {
      host: "details",
      from: "bookinfo/productpage-v1",
    });
    expect(steps.filter(({ stage }) => stage === "policy").map(({ text, path }) => [text, path])).toEqual([
      ["loadBalancer: simple ROUND_ROBIN", "spec.subsets[0].trafficPolicy.loadBalancer"],
      ["connectionPool: tcp.maxConnections 1", "spec.trafficPolicy.connectionPool"],
    ]);
  });
});
