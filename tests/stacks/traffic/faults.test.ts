import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../stacks/config/faults";
import { resolvePlatform } from "../../../stacks/config/load";
import { capableComputer, sandbox } from "../../support/platforms";
import { type Around, faultsOf } from "./support";

const subsets = { v1: { version: "v1" }, v2: { version: "v2" } };
const reviews = (more: object) => ({ hosts: { "reviews.bookinfo": { subsets, ...more } } });
const routes = (...list: object[]) => reviews({ routes: list });
const at = "traffic.hosts.reviews.bookinfo";

describe("the faults of traffic", () => {
  it.each<[string, object, string[], Around?]>([
    ["nothing at all", {}, []],
    [
      "traffic without a mesh",
      { ...routes({ to: "v1" }), scenarios: ["x"] },
      [
        'traffic.scenarios: "scenarios" -> none without a mesh; set mesh, or take it away',
        'traffic.hosts: "hosts" -> none without a mesh; set mesh, or take it away',
      ],
      { mesh: undefined },
    ],
    [
      "weights, a timeout and a retry at once",
      routes({
        to: [
          { subset: "v1", weight: 90 },
          { subset: "v2", weight: 20 },
        ],
        timeout: "soon",
        retries: { attempts: -1 },
      }),
      [
        `${at}.routes[0].to: "90 + 20 = 110" -> weights that sum to 100; mend them, or set relativeWeights where parts are meant`,
        `${at}.routes[0].timeout: "soon" -> a number with its unit: h, m, s or ms; write it like "2s" or "500ms"`,
        `${at}.routes[0].retries.attempts: -1 -> 0 to 100; write one of these`,
      ],
    ],
    [
      "a subset that nobody declares",
      routes({ to: "v9" }),
      [`${at}.routes[0].to: "v9" -> v1, v2; declare the subset there, or name one of these`],
    ],
    [
      "a subset of another host, and of a mirror",
      routes({ to: { host: "ratings.bookinfo", subset: "v1" }, mirrors: [{ subset: "v7" }] }),
      [
        `${at}.routes[0].mirrors[0].subset: "v7" -> v1, v2; declare the subset there, or name one of these`,
        `${at}.routes[0].to.subset: "v1" -> none: ratings.bookinfo has no subsets in traffic.hosts; declare the subset there, or name one of these`,
      ],
    ],
    [
      "no action, and two",
      routes({ match: { method: "GET" } }, { to: "v1", directResponse: { status: 200 } }),
      [
        `${at}.routes[0]: "no action" -> one of to, redirect, directResponse; say what becomes of the requests`,
        `${at}.routes[1]: "to and directResponse" -> one of to, redirect, directResponse; say what becomes of the requests`,
      ],
    ],
    [
      "a route for all requests before another one",
      routes({ to: "v1" }, { match: { method: "GET" }, to: "v2" }),
      [
        `${at}.routes[0]: "route-1 before route-2" -> conditions that leave something over, in every route but the last; write it last, or give it a condition`,
      ],
    ],
    [
      "a route that an earlier one hides",
      routes(
        { match: { uri: { prefix: "/a" } }, to: "v1" },
        { match: { uri: "/ab" }, to: "v2" },
        { to: "v1" },
      ),
      [
        `${at}.routes: "MP0452, spec.http[1].match[0]" -> route route-2 never acts at mesh: route route-1, which has the higher priority, takes all its requests; give it the higher priority, or drop it`,
      ],
    ],
    [
      "requests that no route takes",
      routes({ match: { method: "GET" }, to: "v1" }),
      [
        `${at}.routes: "MP0454, spec.http" -> no route takes what matches nothing (at mesh): clients get 404; add a route without match, or say unmatched: "notFound" where that is meant`,
      ],
    ],
    [
      "a gateway that is not there",
      reviews({ gateways: ["bookinfo/shop"], routes: [{ to: "v1" }] }),
      [
        `${at}.gateways[0]: "bookinfo/shop" -> mesh, bookinfo/bookinfo-gateway; name one of these, or add it to gateways.routes`,
      ],
    ],
    [
      "a port that the Service does not have",
      routes({ to: { subset: "v1", port: "grpc" } }),
      [`${at}.routes[0].to.port: "grpc" -> http (9080); name one of its ports`],
    ],
    [
      "values of policies, by their level",
      reviews({
        policy: {
          connectionPool: { http: { http1MaxPendingRequests: 0 } },
          loadBalancer: { consistentHash: { httpHeaderName: "a", useSourceIp: true } },
        },
        subsetPolicies: {
          v1: { outlierDetection: { maxEjectionPercent: 0 } },
          v9: { tls: { mode: "SIMPLE" } },
        },
        portPolicies: { http: { connectionPool: { tcp: { connectTimeout: "0s" } } } },
      }),
      [
        `${at}.subsetPolicies.v9.tls.subset: "v9" -> v1, v2; declare the subset, or name one of these`,
        `${at}.policy.loadBalancer.consistentHash: "httpHeaderName and useSourceIp" -> one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName; say what callers are told apart by`,
        `${at}.policy.connectionPool.http.http1MaxPendingRequests: 0 -> 1 to 2147483647; leave it out for no limit, which is what Istio makes of 0`,
        `${at}.subsetPolicies.v1.outlierDetection.maxEjectionPercent: 0 -> 1 to 100; set consecutive5xxErrors: 0, as Istio takes 0 here for 10`,
        `${at}.portPolicies.http.connectionPool.tcp.connectTimeout: "0s" -> at least 1ms; raise it`,
      ],
    ],
    [
      "what fields of a subset have to do with each other",
      reviews({
        subsetPolicies: { v1: { loadBalancer: { simple: "RANDOM", warmup: { duration: "30s" } } } },
      }),
      [
        `${at}.subsetPolicies.v1.loadBalancer.warmup: "with RANDOM" -> LEAST_REQUEST, ROUND_ROBIN; change the algorithm, or leave warmup out`,
      ],
    ],
    [
      "a host outside without a namespace, and one with nothing",
      { hosts: { "api.example.com": { routes: [{ timeout: "1s", to: {} }] }, "details.bookinfo": {} } },
      [
        "traffic.hosts.api.example.com.namespace: nothing -> a namespace, as the host is no Service; say where the objects stand",
        'traffic.hosts.details.bookinfo: "neither routes, subsets nor policies" -> one of them; say what shall be, or take it away',
      ],
    ],
    [
      "a host that an application has rules for",
      reviews({}),
      [
        'traffic.hosts.reviews.bookinfo: "DestinationRule bookinfo/reviews" -> what apps.bookinfo leaves alone; take one of the two away',
      ],
      { apps: { bookinfo: { subsets: true } } },
    ],
    [
      "a host twice",
      {
        hosts: {
          "reviews.bookinfo": { routes: [{ to: {} }] },
          "reviews.bookinfo.svc.cluster.local": { routes: [{ to: {}, timeout: "1s" }] },
        },
      },
      [
        'traffic.hosts.reviews.bookinfo.svc.cluster.local: "host reviews.bookinfo.svc.cluster.local" -> what traffic.hosts.reviews.bookinfo leaves alone; take one of the two away',
      ],
    ],
  ])("name %s", (_name, section, found, more) => {
    expect(faultsOf(section, more)).toEqual(found);
  });

  const faultsOfConfig = (traffic: object) => {
    try {
      resolvePlatform(sandbox(1, { mesh: {}, apps: { bookinfo: {} }, traffic }), "unit", capableComputer);
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map(({ path, allowed }) => `${path}: ${allowed}`);
      throw error;
    }
    return [];
  };

  it("are those of the whole config, told with all others", () => {
    expect(faultsOfConfig(routes({ to: "v9" }))).toEqual([`${at}.routes[0].to: v1, v2`]);
    expect(
      faultsOfConfig(
        routes({ to: "v1", timout: "1s", match: { uri: { exat: "/" } } }, { to: [{ weigth: 1 }] }),
      ),
    ).toEqual([
      `${at}.routes[0].match.uri.exat: the keys that docs/config.md lists`,
      `${at}.routes[0].match.uri: a text, or one of exact, prefix, regex, segments`,
      `${at}.routes[0].timout: the keys that docs/config.md lists`,
      `${at}.routes[1].to[0].weigth: the keys that docs/config.md lists`,
    ]);
  });
});
