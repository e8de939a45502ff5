import { describe, expect, it } from "vitest";
import { renderCors } from "../../../components/traffic/cors";
import { delegate, delegateHandle, renderDelegateRoutes } from "../../../components/traffic/delegate";
import { renderDirectResponse } from "../../../components/traffic/direct-response";
import { withFault } from "../../../components/traffic/fault";
import { external } from "../../../components/traffic/handles";
import { headerRoute, renderHeaderRoute } from "../../../components/traffic/header-route";
import { renderHeaders } from "../../../components/traffic/headers";
import { methodRoute } from "../../../components/traffic/method-route";
import { withMirrors } from "../../../components/traffic/mirror";
import { pathRoute } from "../../../components/traffic/path-route";
import { queryRoute } from "../../../components/traffic/query-route";
import { redirect, renderRedirect } from "../../../components/traffic/redirect";
import { withRetries } from "../../../components/traffic/retry";
import { renderRewrite, withRewrite } from "../../../components/traffic/rewrite";
import { mergeHost } from "../../../components/traffic/routes/merge";
import { forward } from "../../../components/traffic/routes/policy";
import type { HttpFragment } from "../../../components/traffic/routes/types";
import { sourceRoute } from "../../../components/traffic/source-route";
import { renderTcpSplit } from "../../../components/traffic/tcp-split";
import { withTimeout } from "../../../components/traffic/timeout";
import { renderTlsSni, tlsSni } from "../../../components/traffic/tls-sni";
import { renderTrafficSplit } from "../../../components/traffic/traffic-split";
import { context, details, faultPaths, front, full, ratings, reviews, specOf, subset } from "./setup";

const v1 = subset(reviews, "v1");
const v2 = subset(reviews, "v2");
const rest: HttpFragment = { name: "rest", host: reviews, action: forward(v1) };

/** The first route of a merged host. */
function first(fragment: HttpFragment): unknown {
  const { http } = specOf(mergeHost([fragment, rest], context).objects) as { http: unknown[] };
  return http[0];
}

const toV2 = [{ destination: { host: full("reviews"), subset: "v2" } }];
const args = { host: reviews, to: v2 };

describe("conditions", () => {
  it.each<[string, HttpFragment, object]>([
    [
      "headers",
      headerRoute({
        ...args,
        header: { Cookie: { regex: ".*jason.*" }, "x-id": { present: true } },
        withoutHeader: { "x-bot": { prefix: "b" } },
      }),
      {
        headers: { cookie: { regex: ".*jason.*" }, "x-id": {} },
        withoutHeaders: { "x-bot": { prefix: "b" } },
      },
    ],
    [
      "paths",
      pathRoute({ ...args, uri: { prefix: "/A" }, ignoreUriCase: true }),
      { uri: { prefix: "/A" }, ignoreUriCase: true },
    ],
    ["methods", methodRoute({ ...args, method: { regex: "PUT|POST" } }), { method: { regex: "PUT|POST" } }],
    [
      "parameters",
      queryRoute({ ...args, queryParams: { v: "2", debug: { present: true } } }),
      { queryParams: { debug: {}, v: { exact: "2" } } },
    ],
    [
      "senders",
      sourceRoute({ ...args, sourceLabels: { app: "productpage" }, sourceNamespace: "bookinfo" }),
      { sourceLabels: { app: "productpage" }, sourceNamespace: "bookinfo" },
    ],
    [
      "all that there are",
      headerRoute({
        ...args,
        header: { a: "b" },
        also: {
          uri: "/x",
          scheme: "https",
          method: "GET",
          authority: "shop:443",
          port: 9080,
          statPrefix: "x",
          headers: { c: "d" },
        },
      }),
      {
        uri: { exact: "/x" },
        authority: { exact: "shop:443" },
        method: { exact: "GET" },
        scheme: { exact: "https" },
        headers: { a: { exact: "b" }, c: { exact: "d" } },
        port: 9080,
        statPrefix: "x",
      },
    ],
  ])("on %s", (_, fragment, match) => {
    expect(first(fragment)).toEqual({ name: fragment.name, match: [match], route: toV2 });
  });
});

describe("answers of proxies", () => {
  it("redirect", () => {
    const to = {
      uri: "/new",
      authority: "new.example.com",
      scheme: "https",
      port: 8443,
      redirectCode: 302,
    } as const;
    expect(
      specOf(renderRedirect({ host: reviews, match: { uri: "/old" }, redirect: to, otherwise: v1 }, context)),
    ).toEqual({
      hosts: [full("reviews")],
      http: [
        { name: "redirect", match: [{ uri: { exact: "/old" } }], redirect: to },
        { name: "otherwise", route: [{ destination: { host: full("reviews"), subset: "v1" } }] },
      ],
    });
    const derived = redirect({
      host: reviews,
      redirect: { prefixRewrite: "/v2", port: "FROM_REQUEST_PORT" },
      match: { uri: { prefix: "/v1" } },
    });
    expect(first(derived)).toMatchObject({
      redirect: { prefixRewrite: "/v2", derivePort: "FROM_REQUEST_PORT" },
    });
  });

  it("answer directly", () => {
    const response = { status: 503, body: { string: "closed" } };
    expect(specOf(renderDirectResponse({ host: reviews, response }, context))).toEqual({
      hosts: [full("reviews")],
      http: [{ name: "direct-response", directResponse: response }],
    });
  });
});

describe("modifiers", () => {
  it("change a route one after the other", () => {
    const made = [
      (route: HttpFragment) => withTimeout(route, "10s"),
      (route: HttpFragment) =>
        withRetries(route, { attempts: 2, perTryTimeout: "2s", retryOn: ["5xx", 429], backoff: "50ms" }),
      (route: HttpFragment) => withFault(route, { abort: { grpcStatus: "UNAVAILABLE", percentage: 0.5 } }),
      (route: HttpFragment) => withMirrors(route, [{ to: ratings, port: "http", percentage: 10 }]),
      (route: HttpFragment) => withRewrite(route, { uri: "/b/", authority: "b.example.com" }),
    ].reduce((route, modify) => modify(route), pathRoute({ ...args, uri: { prefix: "/a/" } }));
    expect(first(made)).toEqual({
      name: "path",
      match: [{ uri: { prefix: "/a/" } }],
      fault: { abort: { percentage: { value: 0.5 }, grpcStatus: "UNAVAILABLE" } },
      route: toV2,
      rewrite: { uri: "/b/", authority: "b.example.com" },
      timeout: "10s",
      retries: { attempts: 2, perTryTimeout: "2s", retryOn: "5xx,429", backoff: "50ms" },
      mirrors: [
        { destination: { host: full("ratings"), port: { number: 9080 } }, percentage: { value: 10 } },
      ],
    });
    expect(faultPaths(() => withTimeout(made, "1s"))).toEqual(["timeout"]);
  });

  it("write CORS", () => {
    const corsPolicy = {
      allowOrigins: ["https://shop.example.com", { regex: "https://.*\\.example\\.org" }],
      allowMethods: ["GET", "POST"],
      allowHeaders: ["x-id"],
      maxAge: "24h",
      allowCredentials: true,
      unmatchedPreflights: "IGNORE",
    } as const;
    expect(specOf(renderCors({ host: reviews, corsPolicy }, context))).toMatchObject({
      http: [
        {
          name: "cors",
          corsPolicy: {
            ...corsPolicy,
            allowOrigins: [{ exact: "https://shop.example.com" }, { regex: "https://.*\\.example\\.org" }],
            maxAge: "86400s",
          },
        },
      ],
    });
  });

  it("write headers, of all and of parts", () => {
    const headers = {
      request: { set: { "x-share": "100%%" }, remove: ["x-old"] },
      response: { add: { via: "%HOSTNAME%" } },
    };
    expect(specOf(renderHeaders({ host: reviews, headers }, context))).toMatchObject({ http: [{ headers }] });
    const targets = [
      { to: v1, weight: 3, headers: { response: { set: { version: "1" } } } },
      { to: v2, weight: 1 },
    ];
    const [split] = renderTrafficSplit({ host: reviews, targets, relativeWeights: true }, context);
    expect(specOf(split === undefined ? [] : [split])).toMatchObject({
      http: [{ route: [{ weight: 3, headers: { response: { set: { version: "1" } } } }, { weight: 1 }] }],
    });
    expect(split?.metadata.annotations).toEqual({
      "mesh-platform/suppress": "MP0402=weights are relative",
    });
  });

  it("rewrite whole names to the root and back", () => {
    const rewrite = (from: string, uri: string) =>
      specOf(
        renderRewrite(
          { host: reviews, match: { uri: { segments: from } }, rewrite: { uri }, otherwise: v1 },
          context,
        ),
      );
    expect(rewrite("/api.v1", "/")).toMatchObject({
      http: [{ rewrite: { uriRegexRewrite: { match: "^/api\\.v1/?", rewrite: "/" } } }, {}],
    });
    const folded = { segments: "/a" };
    const render = () =>
      renderRewrite(
        { host: reviews, match: { uri: folded, ignoreUriCase: true }, rewrite: { uri: "/b" }, otherwise: v1 },
        context,
      );
    expect(specOf(render())).toMatchObject({
      http: [{ rewrite: { uriRegexRewrite: { match: "(?i)^/a" } } }, {}],
    });
    expect(rewrite("/a", "/b/")).toMatchObject({
      http: [{ rewrite: { uriRegexRewrite: { match: "^/a", rewrite: "/b" } } }, {}],
    });
  });
});

describe("policies that are alone", () => {
  it("throw their findings", () => {
    expect(() => renderHeaderRoute({ ...args, header: { a: "b" } }, context)).toThrow("MP0454");
    const settings = { unmatched: "notFound" } as const;
    expect(renderHeaderRoute({ ...args, header: { a: "b" }, settings }, context)).toHaveLength(1);
  });

  it("may be told to keep still, with a reason", () => {
    const annotations = { "mesh-platform/suppress": "MP0454=the rest is closed" };
    const [object] = renderHeaderRoute({ ...args, header: { a: "b" }, settings: { annotations } }, context);
    expect(object?.metadata.annotations).toEqual({
      "mesh-platform/suppress": "MP0454=the rest is closed; MP0410=requests without a route are to get 404",
    });
  });
});

describe("delegates", () => {
  it("take what the root leaves to them", () => {
    const handle = delegateHandle({ name: "ratings-team", namespace: "ratings" });
    expect(first(delegate({ host: reviews, match: { uri: { prefix: "/ratings" } }, to: handle }))).toEqual({
      name: "delegate-ratings-team",
      match: [{ uri: { prefix: "/ratings" } }],
      delegate: { name: "ratings-team", namespace: "ratings" },
    });
    const routes = [
      { name: "all", host: reviews, match: { uri: { prefix: "/ratings/v2" } }, action: forward(ratings) },
    ];
    expect(specOf(renderDelegateRoutes({ ...handle, routes }, context))).toEqual({
      http: [
        {
          name: "all",
          match: [{ uri: { prefix: "/ratings/v2" } }],
          route: [{ destination: { host: full("ratings") } }],
        },
      ],
    });
  });

  it("have no gateways and no delegates of their own", () => {
    const bad = {
      name: "a",
      host: reviews,
      gateways: [front],
      action: delegateHandle({ name: "b", namespace: "c" }),
    };
    const render = () => renderDelegateRoutes({ name: "d", namespace: "e", routes: [bad] }, context);
    expect(faultPaths(render)).toEqual(["routes.a.action", "routes.a.gateways"]);
  });
});

describe("connections", () => {
  it("of TCP are split", () => {
    const targets = [
      { to: ratings, port: "http", weight: 80 },
      { to: details, weight: 20 },
    ];
    const match = { port: 9080, destinationSubnets: ["10.1.0.0/16"], sourceLabels: { app: "a" } };
    expect(specOf(renderTcpSplit({ host: reviews, match, targets }, context))).toEqual({
      hosts: [full("reviews")],
      tcp: [
        {
          match: [match],
          route: [
            { destination: { host: full("ratings"), port: { number: 9080 } }, weight: 80 },
            { destination: { host: full("details") }, weight: 20 },
          ],
        },
      ],
    });
  });

  it("of TLS go by name, the narrower first", () => {
    const host = external("*.example.com");
    const common = { host, gateways: [front] };
    const settings = { namespace: "bookinfo" };
    const fragments = [
      tlsSni({ ...common, name: "any", sniHosts: ["*.example.com"], targets: [{ to: ratings }] }),
      tlsSni({
        ...common,
        name: "one",
        sniHosts: ["a.example.com"],
        also: { port: 443 },
        targets: [{ to: details }],
      }),
    ];
    const { objects } = mergeHost(fragments, context, settings);
    expect(objects[0]?.metadata).toEqual({ name: "wildcard-example-com", namespace: "bookinfo" });
    expect(specOf(objects)).toEqual({
      hosts: ["*.example.com"],
      gateways: ["bookinfo/bookinfo-gateway"],
      tls: [
        {
          match: [{ port: 443, sniHosts: ["a.example.com"] }],
          route: [{ destination: { host: full("details") } }],
        },
        { match: [{ sniHosts: ["*.example.com"] }], route: [{ destination: { host: full("ratings") } }] },
      ],
    });
    const other = { ...common, sniHosts: ["a.example.org"], targets: [{ to: ratings }], settings };
    expect(faultPaths(() => renderTlsSni(other, context))).toEqual(["routes.tls.match.sniHosts[0]"]);
    const twice = [
      ...fragments,
      tlsSni({
        ...common,
        name: "late",
        sniHosts: ["b.example.com"],
        order: 1,
        targets: [{ to: details }],
        priority: -1,
      }),
    ];
    expect(mergeHost(twice, context, settings).findings.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "MP0451 spec.tls[2]",
    ]);
  });
});
