import { describe, expect, it } from "vitest";
import { context, scenario } from "./support";

const apiVersion = "networking.istio.io/v1";
const full = (name: string) => {
  const [service, namespace] = name.split(".");
  return `${service}.${namespace}.svc.cluster.local`;
};
const to = (name: string, subset?: string) => ({
  destination: { host: full(name), ...(subset === undefined ? {} : { subset }) },
});
const byVersion = (...names: readonly string[]) => names.map((name) => ({ name, labels: { version: name } }));
const objects = (name: string) => scenario(name).render(context);

describe("objects of scenarios", () => {
  it("reviews-jason-fault: document 001's, with reviews where it prints ratings", () => {
    expect(objects("reviews-jason-fault")).toEqual([
      {
        apiVersion,
        kind: "DestinationRule",
        metadata: { name: "reviews", namespace: "bookinfo" },
        spec: {
          host: full("reviews.bookinfo"),
          trafficPolicy: { loadBalancer: { simple: "RANDOM" }, tls: { mode: "ISTIO_MUTUAL" } },
          subsets: byVersion("v1", "v2", "v3"),
        },
      },
      {
        apiVersion,
        kind: "VirtualService",
        metadata: { name: "reviews", namespace: "bookinfo" },
        spec: {
          hosts: [full("reviews.bookinfo")],
          http: [
            {
              name: "jason",
              match: [{ headers: { "end-user": { exact: "jason" } } }],
              fault: {
                delay: { percentage: { value: 30 }, fixedDelay: "5s" },
                abort: { percentage: { value: 30 }, httpStatus: 500 },
              },
              route: [to("reviews.bookinfo", "v1")],
            },
            {
              name: "others",
              route: [
                { ...to("reviews.bookinfo", "v1"), weight: 50 },
                { ...to("reviews.bookinfo", "v3"), weight: 50 },
              ],
            },
          ],
        },
      },
    ]);
  });

  it("reviews-timeout: document 003's reviews and ratings", () => {
    const [rule, reviews, ratings] = objects("reviews-timeout");
    expect(rule).toMatchObject({ kind: "DestinationRule", metadata: { name: "reviews" } });
    expect(reviews?.spec).toEqual({
      hosts: [full("reviews.bookinfo")],
      http: [
        {
          name: "luffy",
          match: [{ headers: { "end-user": { exact: "luffy" } } }],
          route: [to("reviews.bookinfo", "v3")],
        },
        { name: "others", route: [to("reviews.bookinfo", "v2")], timeout: "500ms" },
      ],
    });
    expect(ratings?.spec).toEqual({
      hosts: [full("ratings.bookinfo")],
      http: [
        {
          name: "fault",
          fault: { delay: { percentage: { value: 100 }, fixedDelay: "2s" } },
          route: [to("ratings.bookinfo")],
        },
      ],
    });
  });

  it("front-gateway-split: a Gateway with a host of its own, and 90 to 10 behind it", () => {
    const metadata = { name: "front-gateway-split", namespace: "istio-demo" };
    const hosts = ["split.tomcat.istio-demo.com"];
    expect(objects("front-gateway-split")).toEqual([
      {
        apiVersion,
        kind: "Gateway",
        metadata,
        spec: {
          selector: { istio: "ingressgateway" },
          servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
        },
      },
      {
        apiVersion,
        kind: "DestinationRule",
        metadata: { name: "front-tomcat", namespace: "istio-demo" },
        spec: { host: full("front-tomcat.istio-demo"), subsets: byVersion("v1", "v2") },
      },
      {
        apiVersion,
        kind: "VirtualService",
        metadata,
        spec: {
          hosts,
          gateways: ["istio-demo/front-gateway-split"],
          http: [
            {
              name: "split",
              route: [
                { ...to("front-tomcat.istio-demo", "v1"), weight: 90 },
                { ...to("front-tomcat.istio-demo", "v2"), weight: 10 },
              ],
            },
          ],
        },
      },
    ]);
  });

  it("comes in by the gateway that the platform has", () => {
    const ingress = { namespace: "edge", selector: { istio: "edge" }, service: "edge" };
    const [gateway] = scenario("front-gateway-split").render({ ...context, ingress });
    expect(gateway?.spec).toMatchObject({ selector: { istio: "edge" } });
  });

  it("httpbin-mirror: the prefix cut off as a whole name, v1 answers, v2 gets copies", () => {
    const [, , routes] = objects("httpbin-mirror");
    expect(routes?.spec).toEqual({
      hosts: ["httpbin-mirror.bookinfo.luffy.com"],
      gateways: ["httpbin/httpbin-mirror"],
      http: [
        {
          name: "httpbin",
          match: [{ uri: { exact: "/httpbin" } }, { uri: { prefix: "/httpbin/" } }],
          rewrite: { uriRegexRewrite: { match: "^/httpbin/?", rewrite: "/" } },
          mirrors: [
            { destination: { host: full("httpbin.httpbin"), subset: "v2" }, percentage: { value: 100 } },
          ],
          route: [{ destination: { host: full("httpbin.httpbin"), subset: "v1", port: { number: 8000 } } }],
        },
      ],
    });
  });

  it("httpbin-retries: three retries of 2 s each, for 500 too", () => {
    expect(objects("httpbin-retries")[0]?.spec).toMatchObject({
      http: [{ retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" } }],
    });
  });

  it("lab-balancing: an algorithm for the service, the subset and its port", () => {
    const [rule] = objects("lab-balancing");
    expect(rule?.spec).toEqual({
      host: full("service-go.istio-lab"),
      trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
      subsets: [
        { name: "v1", labels: { version: "v1" } },
        {
          name: "v2",
          labels: { version: "v2" },
          trafficPolicy: {
            loadBalancer: { simple: "LEAST_REQUEST" },
            portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }],
          },
        },
      ],
    });
  });

  it("lab-breaker: document 004's pool and outlier detection", () => {
    expect(objects("lab-breaker")[0]?.spec).toMatchObject({
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 10 },
          http: { http1MaxPendingRequests: 10, http2MaxRequests: 10, maxRequestsPerConnection: 10 },
        },
        outlierDetection: {
          consecutive5xxErrors: 3,
          interval: "3s",
          baseEjectionTime: "180s",
          maxEjectionPercent: 100,
        },
      },
    });
  });

  it("lab-limits: what each line lets pass, shared out to two pods", () => {
    const text = JSON.stringify(objects("lab-limits"));
    const buckets = [...text.matchAll(/"max_tokens":(\d+),"tokens_per_fill":\d+,"fill_interval":"(\w+)"/g)];
    const limits = buckets.map(([, tokens, time]) => `${tokens} in ${time}`).sort();
    expect(limits.filter((limit) => !limit.startsWith("4294967295"))).toEqual([
      "1 in 5s",
      "10 in 1s",
      "25 in 1s",
      "25 in 1s",
    ]);
  });

  it("lab-limits-redis: the service with its table, in a namespace outside the mesh", () => {
    const list = objects("lab-limits-redis");
    expect(list[0]).toMatchObject({
      kind: "Namespace",
      metadata: { name: "rate-limits", labels: { "istio-injection": "disabled" } },
    });
    expect(list.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["ConfigMap", "Deployment", "Service", "EnvoyFilter"]),
    );
    const config = list.find(({ kind }) => kind === "ConfigMap");
    expect(JSON.stringify(config?.data)).toContain("requests_per_unit: 50");
  });
});
