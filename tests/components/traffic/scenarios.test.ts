import { describe, expect, it } from "vitest";
import { renderFault } from "../../../components/traffic/fault";
import { service } from "../../../components/traffic/handles";
import { headerRoute, renderHeaderRoute } from "../../../components/traffic/header-route";
import { renderMirror } from "../../../components/traffic/mirror";
import { pathRoute, renderPathRoute } from "../../../components/traffic/path-route";
import { renderRetry } from "../../../components/traffic/retry";
import { mergeRoutes } from "../../../components/traffic/routes/merge";
import { forward } from "../../../components/traffic/routes/policy";
import { renderTimeout } from "../../../components/traffic/timeout";
import { renderTrafficSplit, trafficSplit } from "../../../components/traffic/traffic-split";
import {
  context,
  details,
  front,
  full,
  httpbin,
  productpage,
  ratings,
  reviews,
  specOf,
  subset,
} from "./setup";

const to = (name: string, version?: string) => ({
  destination: { host: full(name), ...(version === undefined ? {} : { subset: version }) },
});
const user = (name: string) => ({ headers: { "end-user": { exact: name } } });

describe("experiments of the source documents", () => {
  it("sends jason to v2 and everybody else to v1", () => {
    const args = { host: reviews, header: { "End-User": "jason" }, to: subset(reviews, "v2") };
    expect(specOf(renderHeaderRoute({ ...args, otherwise: subset(reviews, "v1") }, context))).toEqual({
      hosts: [full("reviews")],
      http: [
        { name: "header", match: [user("jason")], route: [to("reviews", "v2")] },
        { name: "otherwise", route: [to("reviews", "v1")] },
      ],
    });
  });

  it("lets 30 % of jason's requests fail and 30 % wait 5 s, and splits the rest between v1 and v3", () => {
    const fault = {
      abort: { httpStatus: 500, percentage: 30 },
      delay: { fixedDelay: "5s", percentage: 30 },
    };
    const fragments = [
      trafficSplit({
        host: reviews,
        targets: [
          { to: subset(reviews, "v1"), weight: 50 },
          { to: subset(reviews, "v3"), weight: 50 },
        ],
      }),
      headerRoute({
        host: reviews,
        name: "jason",
        header: { "end-user": "jason" },
        to: subset(ratings, "v1"),
        fault,
      }),
    ];
    const { objects, findings } = mergeRoutes(fragments, context);
    expect(findings).toEqual([]);
    expect(specOf(objects)).toEqual({
      hosts: [full("reviews")],
      http: [
        {
          name: "jason",
          match: [user("jason")],
          fault: {
            delay: { percentage: { value: 30 }, fixedDelay: "5s" },
            abort: { percentage: { value: 30 }, httpStatus: 500 },
          },
          route: [to("ratings", "v1")],
        },
        {
          name: "split",
          route: [
            { ...to("reviews", "v1"), weight: 50 },
            { ...to("reviews", "v3"), weight: 50 },
          ],
        },
      ],
    });
  });

  it.each([
    [
      "reviews v2 and v3",
      reviews,
      [
        ["v2", 10],
        ["v3", 90],
      ],
    ],
    [
      "reviews v1 and v2",
      reviews,
      [
        ["v1", 90],
        ["v2", 10],
      ],
    ],
  ] as const)("splits %s", (_, host, parts) => {
    const targets = parts.map(([version, weight]) => ({ to: subset(host, version), weight }));
    expect(specOf(renderTrafficSplit({ host, targets }, context))).toEqual({
      hosts: [full("reviews")],
      http: [
        { name: "split", route: parts.map(([version, weight]) => ({ ...to("reviews", version), weight })) },
      ],
    });
  });

  it("splits a host between two Services, 80 to 20", () => {
    const web = (name: string) => service(name, "default", { http: 8080 });
    const targets = [
      { to: web("tomcat-svc"), weight: 80 },
      { to: web("httpd-svc"), weight: 20 },
    ];
    expect(specOf(renderTrafficSplit({ host: web("web-svc"), targets }, context))).toEqual({
      hosts: ["web-svc.default.svc.cluster.local"],
      http: [
        {
          name: "split",
          route: [
            { destination: { host: "tomcat-svc.default.svc.cluster.local" }, weight: 80 },
            { destination: { host: "httpd-svc.default.svc.cluster.local" }, weight: 20 },
          ],
        },
      ],
    });
  });

  it("splits 90 to 10 in the mesh and at the gateway alike", () => {
    const bill = service("bill-service", "bookinfo", { http: 9999 });
    const targets = [
      { to: subset(bill, "v1"), weight: 90 },
      { to: subset(bill, "v2"), weight: 10 },
    ];
    const gateways = ["mesh", front] as const;
    expect(specOf(renderTrafficSplit({ host: bill, targets, gateways }, context))).toEqual({
      hosts: [full("bill-service")],
      gateways: ["bookinfo/bookinfo-gateway", "mesh"],
      http: [
        {
          name: "split",
          route: [
            { ...to("bill-service", "v1"), weight: 90 },
            { ...to("bill-service", "v2"), weight: 10 },
          ],
        },
      ],
    });
  });

  it("routes paths at the gateway, /rate as /ratings, and the rest to the page", () => {
    const host = { kind: "external", host: "bookinfo.luffy.com", ports: {} } as const;
    const common = { host, gateways: [front] };
    const fragments = [
      { ...common, name: "page", action: forward(productpage, 9080) },
      pathRoute({
        ...common,
        name: "ratings",
        uri: { prefix: "/rate" },
        to: ratings,
        rewrite: { uri: "/ratings" },
      }),
      pathRoute({ ...common, name: "reviews", uri: { prefix: "/reviews" }, to: reviews }),
      pathRoute({ ...common, name: "productpage", uri: { prefix: "/productpage" }, to: productpage }),
    ];
    const settings = { "bookinfo.luffy.com": { name: "vs-bookinfo", namespace: "bookinfo" } };
    const { objects, findings } = mergeRoutes(fragments, context, settings);
    expect(findings).toEqual([]);
    expect(specOf(objects)).toEqual({
      hosts: ["bookinfo.luffy.com"],
      gateways: ["bookinfo/bookinfo-gateway"],
      http: [
        { name: "productpage", match: [{ uri: { prefix: "/productpage" } }], route: [to("productpage")] },
        { name: "reviews", match: [{ uri: { prefix: "/reviews" } }], route: [to("reviews")] },
        {
          name: "ratings",
          match: [{ uri: { prefix: "/rate" } }],
          route: [to("ratings")],
          rewrite: { uri: "/ratings" },
        },
        { name: "page", route: [{ destination: { host: full("productpage"), port: { number: 9080 } } }] },
      ],
    });
  });

  it("rewrites whole names alone with segments", () => {
    const args = {
      host: ratings,
      uri: { segments: "/rate" },
      rewrite: { uri: "/ratings" },
      otherwise: ratings,
    };
    expect(specOf(renderPathRoute(args, context))).toMatchObject({
      http: [
        {
          match: [{ uri: { exact: "/rate" } }, { uri: { prefix: "/rate/" } }],
          rewrite: { uriRegexRewrite: { match: "^/rate", rewrite: "/ratings" } },
        },
        { name: "otherwise" },
      ],
    });
  });

  it("copies httpbin's requests from v1 to v2 and tries three times more", () => {
    const args = {
      host: httpbin,
      to: subset(httpbin, "v1"),
      mirrors: [{ to: subset(httpbin, "v2") }],
      retries: { attempts: 3, perTryTimeout: "2s", retryOn: ["5xx"] },
    } as const;
    expect(specOf(renderMirror(args, context))).toEqual({
      hosts: [full("httpbin")],
      http: [
        {
          name: "mirror",
          route: [to("httpbin", "v1")],
          mirrors: [{ ...to("httpbin", "v2"), percentage: { value: 100 } }],
          retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" },
        },
      ],
    });
  });

  it.each([
    [
      "a delay of 7 s",
      ratings,
      { delay: { fixedDelay: "7s" } },
      { delay: { percentage: { value: 100 }, fixedDelay: "7s" } },
    ],
    [
      "a delay of 2 s",
      ratings,
      { delay: { fixedDelay: "2s", percentage: 100 } },
      { delay: { percentage: { value: 100 }, fixedDelay: "2s" } },
    ],
    [
      "30 % failures",
      details,
      { abort: { httpStatus: 500, percentage: 30 } },
      { abort: { percentage: { value: 30 }, httpStatus: 500 } },
    ],
    [
      "50 % failures",
      details,
      { abort: { httpStatus: 500, percentage: 50 } },
      { abort: { percentage: { value: 50 }, httpStatus: 500 } },
    ],
  ])("makes %s", (_, host, fault, expected) => {
    expect(specOf(renderFault({ host, fault }, context))).toEqual({
      hosts: [full(host.name)],
      http: [{ name: "fault", fault: expected, route: [to(host.name)] }],
    });
  });

  it("ends requests after half a second", () => {
    expect(
      specOf(renderTimeout({ host: reviews, to: subset(reviews, "v2"), timeout: "0.5s" }, context)),
    ).toEqual({
      hosts: [full("reviews")],
      http: [{ name: "timeout", route: [to("reviews", "v2")], timeout: "500ms" }],
    });
  });

  it("tries three times more, 2 s each", () => {
    const retries = { attempts: 3, perTryTimeout: "2s" };
    expect(specOf(renderRetry({ host: reviews, retries }, context))).toEqual({
      hosts: [full("reviews")],
      http: [{ name: "retry", route: [to("reviews")], retries }],
    });
  });
});
