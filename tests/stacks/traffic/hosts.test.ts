import { describe, expect, it } from "vitest";
import { objectsOf, planned } from "./support";

const api = "networking.istio.io/v1";
const versions = { v1: { version: "v1" }, v2: { version: "v2" }, v3: { version: "v3" } };
const full = "reviews.bookinfo.svc.cluster.local";
const rule = {
  apiVersion: api,
  kind: "DestinationRule",
  metadata: { name: "reviews", namespace: "bookinfo" },
  spec: {
    host: full,
    subsets: Object.entries(versions).map(([name, labels]) => ({ name, labels })),
  },
};

describe("a host of the config", () => {
  it("sends one user to a version, and splits the others", () => {
    const hosts = {
      "reviews.bookinfo": {
        subsets: versions,
        routes: [
          { name: "jason", match: { headers: { "end-user": "jason" } }, to: "v2", timeout: "2s" },
          {
            name: "others",
            to: [
              { subset: "v1", weight: 90 },
              { subset: "v3", weight: 10 },
            ],
          },
        ],
      },
    };
    expect(objectsOf({ hosts })).toEqual([
      rule,
      {
        apiVersion: api,
        kind: "VirtualService",
        metadata: { name: "reviews", namespace: "bookinfo" },
        spec: {
          hosts: [full],
          http: [
            {
              name: "jason",
              match: [{ headers: { "end-user": { exact: "jason" } } }],
              route: [{ destination: { host: full, subset: "v2" } }],
              timeout: "2s",
            },
            {
              name: "others",
              route: [
                { destination: { host: full, subset: "v1" }, weight: 90 },
                { destination: { host: full, subset: "v3" }, weight: 10 },
              ],
            },
          ],
        },
      },
    ]);
  });

  it("keeps the order of its routes, whatever is narrower", () => {
    const hosts = {
      "reviews.bookinfo": {
        subsets: versions,
        routes: [
          { match: { uri: { prefix: "/re" } }, to: "v1" },
          { match: [{ uri: "/details" }, { queryParams: { v: { regex: "2|3" } } }], to: { subset: "v2" } },
          { directResponse: { status: 404 } },
        ],
      },
    };
    expect(objectsOf({ hosts })[1]?.spec).toMatchObject({
      http: [{ name: "route-1" }, { name: "route-2" }, { name: "route-3" }],
    });
  });

  it("takes whatever a route may say", () => {
    const hosts = {
      "reviews.bookinfo": {
        subsets: versions,
        routes: [
          {
            match: { uri: { segments: "/rate" }, method: "GET", sourceLabels: { app: "productpage" } },
            rewrite: { uri: "/ratings" },
            to: { host: "ratings.bookinfo", port: "http" },
            retries: { attempts: 3, perTryTimeout: "500ms", retryOn: ["5xx", 503] },
            fault: { delay: { fixedDelay: "7s", percentage: 50 }, abort: { httpStatus: 555 } },
            mirrors: [{ subset: "v3", percentage: 10 }],
            corsPolicy: { allowOrigins: [{ regex: ".*" }], allowMethods: ["GET"] },
            headers: { request: { set: { "x-a": "b" } }, response: { remove: ["x-c"] } },
          },
          { match: { uri: "/old" }, redirect: { uri: "/new", redirectCode: 302 } },
          {
            to: [
              { subset: "v1", weight: 3 },
              { subset: "v2", weight: 1 },
            ],
            relativeWeights: true,
          },
        ],
      },
    };
    const routes = objectsOf({ hosts })[1];
    expect(routes?.metadata.annotations).toEqual({ "mesh-platform/suppress": "MP0402=weights are relative" });
    expect(routes?.spec).toHaveProperty("http", [
      {
        name: "route-1",
        match: [
          { uri: { exact: "/rate" }, method: { exact: "GET" }, sourceLabels: { app: "productpage" } },
          { uri: { prefix: "/rate/" }, method: { exact: "GET" }, sourceLabels: { app: "productpage" } },
        ],
        rewrite: expect.anything(),
        route: [{ destination: { host: "ratings.bookinfo.svc.cluster.local", port: { number: 9080 } } }],
        retries: { attempts: 3, perTryTimeout: "500ms", retryOn: "5xx,503" },
        fault: {
          delay: { fixedDelay: "7s", percentage: { value: 50 } },
          abort: { httpStatus: 555, percentage: { value: 100 } },
        },
        mirrors: [{ destination: { host: full, subset: "v3" }, percentage: { value: 10 } }],
        corsPolicy: { allowOrigins: [{ regex: ".*" }], allowMethods: ["GET"] },
        headers: { request: { set: { "x-a": "b" } }, response: { remove: ["x-c"] } },
      },
      {
        name: "route-2",
        match: [{ uri: { exact: "/old" } }],
        redirect: { uri: "/new", redirectCode: 302 },
      },
      {
        name: "route-3",
        route: [
          { destination: { host: full, subset: "v1" }, weight: 3 },
          { destination: { host: full, subset: "v2" }, weight: 1 },
        ],
      },
    ]);
  });

  it("has policies for all of it, for a subset and for a port", () => {
    const hosts = {
      "reviews.bookinfo": {
        subsets: { v1: versions.v1 },
        policy: {
          loadBalancer: { consistentHash: { httpHeaderName: "x-user" } },
          connectionPool: { tcp: { maxConnections: 10 }, http: { http1MaxPendingRequests: 5 } },
          tls: { mode: "ISTIO_MUTUAL" },
        },
        subsetPolicies: { v1: { outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: 100 } } },
        portPolicies: { http: { loadBalancer: { simple: "RANDOM" } } },
      },
    };
    const pool = { tcp: { maxConnections: 10 }, http: { http1MaxPendingRequests: 5 } };
    expect(objectsOf({ hosts })[0]?.spec).toMatchObject({
      trafficPolicy: {
        loadBalancer: { consistentHash: { httpHeaderName: "x-user" } },
        connectionPool: pool,
        tls: { mode: "ISTIO_MUTUAL" },
        portLevelSettings: [
          { port: { number: 9080 }, loadBalancer: { simple: "RANDOM" }, connectionPool: pool },
        ],
      },
      subsets: [
        { name: "v1", trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, interval: "10s" } } },
      ],
    });
    const notes = planned({ hosts }).parts.flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(notes).toEqual(["MP0582"]);
  });

  it("may be a name at a gateway, with routes to Services", () => {
    const hosts = {
      "shop.example.com": {
        namespace: "bookinfo",
        gateways: ["bookinfo/bookinfo-gateway"],
        routes: [{ to: { host: "productpage.bookinfo", port: 9080 } }],
      },
    };
    expect(objectsOf({ hosts })).toEqual([
      {
        apiVersion: api,
        kind: "VirtualService",
        metadata: { name: "shop-example-com", namespace: "bookinfo" },
        spec: {
          hosts: ["shop.example.com"],
          gateways: ["bookinfo/bookinfo-gateway"],
          http: [
            {
              name: "route-1",
              route: [
                { destination: { host: "productpage.bookinfo.svc.cluster.local", port: { number: 9080 } } },
              ],
            },
          ],
        },
      },
    ]);
  });

  it("is the same by its full name", () => {
    const config = { routes: [{ timeout: "1s", to: { port: "http" } }] };
    expect(objectsOf({ hosts: { [full]: config } })).toEqual(
      objectsOf({ hosts: { "reviews.bookinfo": config } }),
    );
  });
});
