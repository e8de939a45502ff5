import { describe, expect, it } from "vitest";
import { external, gateway, mesh, service } from "../../../../components/traffic/handles";
import { mergeHost, mergeRoutes } from "../../../../components/traffic/routes/merge";
import { forward } from "../../../../components/traffic/routes/policy";
import type { HttpFragment, HttpMatch, RouteFragment } from "../../../../components/traffic/routes/types";
import { context, faultPaths, front, full, ratings, reviews, specOf, subset } from "../setup";

const v = (name: string) => forward(subset(reviews, name));
const fragment = (
  name: string,
  match: HttpMatch | undefined,
  more: Partial<HttpFragment> = {},
): HttpFragment => ({
  name,
  host: reviews,
  ...(match === undefined ? {} : { match }),
  action: v(name),
  ...more,
});
const rest = fragment("rest", undefined);

/** Names of the routes in the merged order. */
const order = (...fragments: HttpFragment[]) => {
  const spec = specOf(mergeRoutes(fragments, context).objects) as { http: { name: string }[] };
  return spec.http.map(({ name }) => name);
};
const codes = (fragments: readonly RouteFragment[], settings = {}) =>
  mergeHost(fragments, context, settings).findings.map(({ code, path }) => `${code} ${path}`);

describe("the order of routes", () => {
  it("is exact, prefix, regex, no path, everything", () => {
    const found = order(
      rest,
      fragment("header", { headers: { a: "b" } }),
      fragment("regex", { uri: { regex: "/v[12]" } }),
      fragment("short", { uri: { prefix: "/v" } }),
      fragment("long", { uri: { prefix: "/v1" } }),
      fragment("exact", { uri: "/v1" }),
    );
    expect(found).toEqual(["exact", "long", "short", "regex", "header", "rest"]);
  });

  it("is more conditions first, stronger ones first", () => {
    const found = order(
      rest,
      fragment("there", { headers: { a: { present: true } } }),
      fragment("prefix", { headers: { a: { prefix: "x" } } }),
      fragment("exact", { headers: { a: "x" } }),
      fragment("two", { headers: { a: { present: true } }, method: "GET" }),
    );
    expect(found).toEqual(["two", "exact", "prefix", "there", "rest"]);
  });

  it("is the priority before conditions, but never before everything else is last", () => {
    const found = order(
      { ...rest, priority: 9 },
      fragment("low", { uri: "/a" }),
      fragment("high", { uri: { prefix: "/" }, method: "GET" }, { priority: 1 }),
    );
    expect(found).toEqual(["high", "low", "rest"]);
  });

  it("is the given order, module and name where nothing else decides", () => {
    const by = (header: string): HttpMatch => ({ headers: { [header]: "x" } });
    const found = order(
      rest,
      fragment("d", by("d"), { module: "a" }),
      fragment("c", by("c"), { module: "b" }),
      fragment("b", by("b"), { module: "a" }),
      fragment("z", by("z"), { order: -1 }),
    );
    expect(found).toEqual(["z", "b", "d", "c", "rest"]);
  });

  it("parts a route whose matches have different places", () => {
    const two = fragment("two", undefined, {
      match: [{ uri: "/a" }, { uri: { prefix: "/b" } }, { uri: "/c" }],
    });
    const between = fragment("between", { uri: { prefix: "/bb" } });
    expect(order(rest, two, between)).toEqual(["two", "between", "two-2", "rest"]);
    expect(specOf(mergeRoutes([rest, two, between], context).objects)).toMatchObject({
      http: [
        { name: "two", match: [{ uri: { exact: "/a" } }, { uri: { exact: "/c" } }] },
        { name: "between" },
        { name: "two-2", match: [{ uri: { prefix: "/b" } }] },
        { name: "rest" },
      ],
    });
  });
});

describe("gateways of fragments", () => {
  it("stand in the match where they are not those of all", () => {
    const { objects, findings } = mergeRoutes(
      [
        { ...rest, gateways: [mesh, front] },
        fragment(
          "outside",
          { uri: "/admin" },
          { gateways: [front], action: { kind: "directResponse", status: 403 } },
        ),
        fragment("page", undefined, { match: { sourceLabels: { app: "productpage" } } }),
      ],
      context,
    );
    expect(findings).toEqual([]);
    expect(specOf(objects)).toEqual({
      hosts: [full("reviews")],
      gateways: ["bookinfo/bookinfo-gateway", "mesh"],
      http: [
        {
          name: "outside",
          match: [{ uri: { exact: "/admin" }, gateways: ["bookinfo/bookinfo-gateway"] }],
          directResponse: { status: 403 },
        },
        // With gateways in the match Istio would forget the labels.
        {
          name: "page",
          match: [{ sourceLabels: { app: "productpage" } }],
          route: [{ destination: { host: full("reviews"), subset: "page" } }],
        },
        { name: "rest", route: [{ destination: { host: full("reviews"), subset: "rest" } }] },
      ],
    });
  });

  it("have a last route each", () => {
    const inside = fragment("inside", { uri: "/a" });
    expect(codes([inside, { ...rest, gateways: [front] }])).toEqual(["MP0454 spec.http"]);
    expect(codes([inside], { unmatched: "notFound" })).toEqual([]);
    expect(codes([inside, rest])).toEqual([]);
  });

  it("have to take the host", () => {
    const shop = gateway("shop", "shop", ["shop/*.example.com"]);
    const at = (host: string) =>
      codes([{ ...rest, host: external(host), gateways: [shop] }], { namespace: "shop" });
    expect(at("a.example.com")).toEqual([]);
    expect(at("a.example.org")).toEqual(["MP0456 spec.gateways"]);
    expect(codes([{ ...rest, gateways: [shop] }], { alsoHosts: [external("a.example.com")] })).toEqual([]);
  });
});

describe("findings", () => {
  const jason: HttpMatch = { headers: { "end-user": "jason" } };

  it("tell of contradictions", () => {
    const { findings } = mergeRoutes(
      [rest, fragment("a", jason, { module: "cart" }), fragment("b", jason)],
      context,
    );
    expect(findings).toEqual([
      {
        code: "MP0451",
        severity: "error",
        object: "VirtualService bookinfo/reviews",
        path: "spec.http[1].match[0]",
        message: "route b and route cart/a take the same requests (at mesh); only the first would ever act",
        change: "drop one, or put a condition to one of them",
      },
    ]);
    expect(codes([rest, fragment("other", undefined)])).toEqual(["MP0451 spec.http[1]"]);
  });

  it("tell of routes that never act, and of repetitions", () => {
    const wide = fragment("wide", { uri: { prefix: "/a" } }, { priority: 1 });
    expect(codes([rest, wide, fragment("narrow", { uri: "/a/b" })])).toEqual([
      "MP0452 spec.http[1].match[0]",
    ]);
    expect(codes([rest, wide, fragment("narrow", { uri: "/a/b" }, { action: v("wide") })])).toEqual([
      "MP0453 spec.http[1].match[0]",
    ]);
    expect(codes([rest, wide, fragment("narrow", { uri: "/b" })])).toEqual([]);
    expect(
      codes([rest, { ...wide, gateways: [front] }, fragment("narrow", { uri: "/a/b" })], { alsoHosts: [] }),
    ).toEqual(["MP0454 spec.http"]);
  });

  it("tell of modules whose routes overlap", () => {
    const a = fragment("a", { uri: { prefix: "/a" } }, { module: "cart" });
    const b = fragment("b", jason, { module: "blog" });
    expect(codes([rest, a, b])).toEqual(["MP0455 spec.http[1].match[0]"]);
    expect(codes([rest, a, { ...b, module: "cart" }])).toEqual([]);
    expect(codes([rest, a, { ...b, priority: 1 }])).toEqual([]);
    expect(codes([rest, a, { ...b, match: { ...jason, uri: "/b" } }])).toEqual([]);
  });

  it("come with reasons for what the fragments said is meant", () => {
    const split = {
      kind: "forward",
      relativeWeights: true,
      targets: [
        { to: subset(reviews, "v1"), weight: 1 },
        { to: subset(reviews, "v2"), weight: 2 },
      ],
    } as const;
    const { objects } = mergeHost([fragment("some", { uri: "/a" }, { action: split })], context, {
      unmatched: "notFound",
    });
    expect(objects[0]?.metadata.annotations).toEqual({
      "mesh-platform/suppress": "MP0402=weights are relative; MP0410=requests without a route are to get 404",
    });
  });
});

describe("hosts", () => {
  it("have an object each, in their own namespace and by their own name", () => {
    const other = service("cart", "shop", { http: 80 });
    const { objects } = mergeRoutes([{ ...rest, host: ratings }, rest, { ...rest, host: other }], context);
    expect(objects.map(({ metadata }) => metadata)).toEqual([
      { name: "cart", namespace: "shop" },
      { name: "ratings", namespace: "bookinfo" },
      { name: "reviews", namespace: "bookinfo" },
    ]);
    expect(objects.map(({ apiVersion }) => apiVersion)).toEqual(Array(3).fill("networking.istio.io/v1"));
    expect(mergeRoutes([rest], { version: "1.21.0" }).objects[0]?.apiVersion).toBe(
      "networking.istio.io/v1beta1",
    );
  });

  it("that are no Services need a namespace, and * needs gateways alone", () => {
    const open = { ...rest, host: external("*"), gateways: [front] };
    expect(faultPaths(() => mergeHost([open], context))).toEqual(["namespace"]);
    expect(faultPaths(() => mergeHost([{ ...open, gateways: [mesh] }], context, { namespace: "a" }))).toEqual(
      ["host"],
    );
    expect(
      mergeHost([open], context, { namespace: "bookinfo", name: "bookinfo" }).objects[0]?.metadata,
    ).toEqual({
      name: "bookinfo",
      namespace: "bookinfo",
    });
  });

  it("have each name once", () => {
    expect(faultPaths(() => mergeHost([rest, { ...rest, match: { uri: "/a" } }], context))).toEqual([
      "routes.rest",
    ]);
    expect(faultPaths(() => mergeHost([{ ...rest, name: "a b" }], context))).toEqual(["routes.a b"]);
  });
});
