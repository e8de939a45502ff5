import { describe, expect, it } from "vitest";
import { renderGatewayGrpcRoute } from "../../../components/traffic/gateway-grpc-route";
import { renderGatewayHttpRoute } from "../../../components/traffic/gateway-http-route";
import { external, service } from "../../../components/traffic/handles";
import { forward } from "../../../components/traffic/routes/policy";
import type { HttpFragment, HttpMatch } from "../../../components/traffic/routes/types";
import { context, faultPaths, front, ratings, reviews, specOf, subset } from "./setup";

const version = (name: string) => service(`reviews-${name}`, "bookinfo", { http: 9080 });
const shop = external("shop.example.com");
const settings = { namespace: "bookinfo" };
const rest: HttpFragment = { name: "rest", host: shop, gateways: [front], action: forward(version("v1")) };
const route = (more: Partial<HttpFragment>): HttpFragment => ({ ...rest, name: "r", ...more });
const render = (...routes: HttpFragment[]) => renderGatewayHttpRoute({ routes, settings }, context);
const parent = { group: "gateway.networking.k8s.io", kind: "Gateway", name: "bookinfo-gateway" };

describe("HTTPRoute", () => {
  it("says what the VirtualService says", () => {
    const objects = render(
      rest,
      route({
        name: "jason",
        match: [
          { headers: { "end-user": "jason" }, method: "GET" },
          { headers: { "end-user": { prefix: "j." } }, queryParams: { debug: { present: true } } },
        ],
        action: {
          kind: "forward",
          targets: [
            { to: version("v2"), weight: 90 },
            { to: service("reviews", "other", { http: 80, admin: 81 }), port: "http", weight: 10 },
          ],
        },
        timeout: "0.5s",
        mirrors: [
          { to: version("v3"), percentage: 12.5 },
          { to: version("v2"), percentage: 50 },
        ],
        headers: { request: { set: { "x-a": "b" }, remove: ["x-c"] }, response: { add: { "x-d": "e" } } },
      }),
      route({
        name: "rate",
        match: { uri: { segments: "/rate" } },
        action: forward(ratings),
        rewrite: { uri: "/ratings" },
      }),
      route({
        name: "old",
        match: { uri: "/old" },
        action: { kind: "redirect", uri: "/new", scheme: "https" },
      }),
    );
    expect(specOf(objects)).toEqual({
      parentRefs: [parent],
      hostnames: ["shop.example.com"],
      rules: [
        {
          name: "old",
          matches: [{ path: { type: "Exact", value: "/old" } }],
          filters: [
            {
              type: "RequestRedirect",
              requestRedirect: {
                scheme: "https",
                path: { type: "ReplaceFullPath", replaceFullPath: "/new" },
                statusCode: 301,
              },
            },
          ],
        },
        {
          name: "rate",
          matches: [{ path: { type: "PathPrefix", value: "/rate" } }],
          filters: [
            {
              type: "URLRewrite",
              urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/ratings" } },
            },
          ],
          backendRefs: [{ name: "ratings", port: 9080 }],
        },
        {
          name: "jason",
          matches: [
            { method: "GET", headers: [{ type: "Exact", name: "end-user", value: "jason" }] },
            {
              headers: [{ type: "RegularExpression", name: "end-user", value: "j\\..*" }],
              queryParams: [{ type: "RegularExpression", name: "debug", value: ".*" }],
            },
          ],
          filters: [
            {
              type: "RequestHeaderModifier",
              requestHeaderModifier: { set: [{ name: "x-a", value: "b" }], remove: ["x-c"] },
            },
            {
              type: "ResponseHeaderModifier",
              responseHeaderModifier: { add: [{ name: "x-d", value: "e" }] },
            },
            {
              type: "RequestMirror",
              requestMirror: {
                backendRef: { name: "reviews-v3", port: 9080 },
                fraction: { numerator: 125_000, denominator: 1_000_000 },
              },
            },
            {
              type: "RequestMirror",
              requestMirror: { backendRef: { name: "reviews-v2", port: 9080 }, percent: 50 },
            },
          ],
          backendRefs: [
            { name: "reviews-v2", port: 9080, weight: 90 },
            { name: "reviews", namespace: "other", port: 80, weight: 10 },
          ],
          timeouts: { request: "500ms" },
        },
        { name: "rest", backendRefs: [{ name: "reviews-v1", port: 9080 }] },
      ],
    });
  });

  it("holds for a Service in the mesh, without host names", () => {
    const routes = [{ name: "all", host: reviews, action: forward(version("v1")) }];
    expect(specOf(renderGatewayHttpRoute({ routes }, context))).toEqual({
      parentRefs: [{ group: "", kind: "Service", name: "reviews" }],
      rules: [{ name: "all", backendRefs: [{ name: "reviews-v1", port: 9080 }] }],
    });
  });

  it("takes CORS", () => {
    const corsPolicy = {
      allowOrigins: ["https://a.com", "*"],
      allowMethods: ["GET"],
      maxAge: "24h",
    } as const;
    expect(specOf(render(route({ corsPolicy })))).toMatchObject({
      rules: [
        {
          filters: [
            {
              type: "CORS",
              cors: { allowOrigins: ["https://a.com", "*"], allowMethods: ["GET"], maxAge: 86_400 },
            },
          ],
        },
      ],
    });
  });

  it.each<[string, Partial<HttpFragment>, string]>([
    ["fault", { fault: { abort: { httpStatus: 500 } } }, "fault"],
    ["retries", { retries: { attempts: 2 } }, "retries"],
    ["a direct response", { action: { kind: "directResponse", status: 503 } }, "action"],
    ["a delegate", { action: { kind: "delegate", name: "a", namespace: "b" } }, "action"],
    ["subsets", { action: forward(subset(reviews, "v1")) }, "action.targets[0].to"],
    ["other hosts", { action: forward(external("a.com"), 80) }, "action.targets[0].to"],
    [
      "a port to guess",
      { action: forward(service("a", "b", { x: 1, y: 2 }), undefined), gateways: [front] },
      "action.targets[0].port",
    ],
    ["prefixes of characters", { match: { uri: { prefix: "/rate" } } }, "match.uri.prefix"],
    ["headers that are not there", { match: { withoutHeaders: { a: "b" } } }, "match.withoutHeaders"],
    ["ports", { match: { port: 80 } }, "match.port"],
    ["methods by regex", { match: { method: { regex: "GET|PUT" } } }, "match.method"],
    [
      "rewriting by regex",
      { rewrite: { uriRegexRewrite: { match: "a", rewrite: "b" } } },
      "rewrite.uriRegexRewrite",
    ],
    ["very long timeouts", { timeout: "100000s" }, "timeout"],
    ["ports of requests", { action: { kind: "redirect", port: "FROM_REQUEST_PORT" } }, "action.port"],
    [
      "origins by prefix",
      { corsPolicy: { allowOrigins: [{ prefix: "https://" }] } },
      "corsPolicy.allowOrigins[0]",
    ],
  ])("has no word for %s, and says which field", (_, more, path) => {
    expect(faultPaths(() => render(route(more)))).toContain(`routes.r.${path}`);
  });

  it("refuses what it would do in another order", () => {
    const jason: HttpMatch = { headers: { "end-user": "jason" } };
    const path: HttpMatch = { uri: { segments: "/a" } };
    const ordered = (priority: number) => [
      rest,
      route({ name: "user", match: jason, priority }),
      route({ name: "path", match: path }),
    ];
    expect(faultPaths(() => render(...ordered(1)))).toEqual(["routes.user.priority"]);
    expect(faultPaths(() => render(...ordered(0)))).toEqual([]);
    const two = [
      rest,
      route({ name: "two", match: { headers: { a: "b", c: "d" } } }),
      route({ name: "get", match: { method: "GET" } }),
    ];
    expect(faultPaths(() => render(...two))).toEqual(["routes.two.match"]);
  });

  it("is one for gateways or one for the mesh", () => {
    expect(faultPaths(() => render(rest, route({ match: { uri: "/a" }, gateways: ["mesh"] })))).toContain(
      "routes.gateways",
    );
  });
});

describe("GRPCRoute", () => {
  const calls = (...routes: HttpFragment[]) => renderGatewayGrpcRoute({ routes, settings }, context);

  it("takes calls", () => {
    const objects = calls(
      rest,
      route({ name: "cart", match: { uri: { segments: "/shop.Cart" } } }),
      route({ name: "add", match: [{ uri: "/shop.Cart/Add", headers: { user: "jason" } }] }),
    );
    const backendRefs = [{ name: "reviews-v1", port: 9080 }];
    expect(specOf(objects)).toEqual({
      parentRefs: [parent],
      hostnames: ["shop.example.com"],
      rules: [
        {
          name: "add",
          matches: [
            {
              method: { type: "Exact", service: "shop.Cart", method: "Add" },
              headers: [{ type: "Exact", name: "user", value: "jason" }],
            },
          ],
          backendRefs,
        },
        { name: "cart", matches: [{ method: { type: "Exact", service: "shop.Cart" } }], backendRefs },
        { name: "rest", backendRefs },
      ],
    });
  });

  it.each<[string, Partial<HttpFragment>, string]>([
    ["paths of other forms", { match: { uri: "/a/b/c" } }, "match.uri"],
    ["methods", { match: { method: "GET" } }, "match.method"],
    ["parameters", { match: { queryParams: { a: "b" } } }, "match.queryParams"],
    ["timeouts", { timeout: "1s" }, "timeout"],
    ["rewrites", { rewrite: { authority: "a.com" } }, "rewrite"],
    ["redirects", { action: { kind: "redirect", uri: "/a" } }, "action"],
  ])("has no word for %s", (_, more, path) => {
    expect(faultPaths(() => calls(route(more)))).toContain(`routes.r.${path}`);
  });
});
