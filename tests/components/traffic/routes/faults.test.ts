import { describe, expect, it } from "vitest";
import { mesh, service } from "../../../../components/traffic/handles";
import { mergeHost } from "../../../../components/traffic/routes/merge";
import { forward } from "../../../../components/traffic/routes/policy";
import type { HttpFragment } from "../../../../components/traffic/routes/types";
import { context, faultPaths, front, ratings, reviews, subset } from "../setup";

const base: HttpFragment = { name: "r", host: reviews, action: forward(subset(reviews, "v1")) };
const faults = (more: Partial<HttpFragment>, version: string = context.version) =>
  faultPaths(() => mergeHost([{ ...base, ...more }], { version })).map((path) =>
    path.replace(/^routes\.r\.?/, ""),
  );

const redirect = { kind: "redirect", uri: "/new" } as const;
const answer = { kind: "directResponse", status: 503 } as const;
const fault = { abort: { httpStatus: 500 } };

describe("combinations that are refused", () => {
  it.each([
    ["a redirect with a fault", { action: redirect, fault }, ["fault"]],
    ["a redirect with a rewrite", { action: redirect, rewrite: { uri: "/" } }, ["rewrite"]],
    [
      "a redirect with retries and timeout",
      { action: redirect, timeout: "1s", retries: { attempts: 1 } },
      ["timeout", "retries"],
    ],
    ["a direct response with a fault", { action: answer, fault }, ["fault"]],
    ["a direct response with a mirror", { action: answer, mirrors: [{ to: ratings }] }, ["mirrors"]],
    [
      "a delegate with anything",
      { action: { kind: "delegate", name: "a", namespace: "b" }, headers: { response: { remove: ["a"] } } },
      ["headers"],
    ],
    [
      "two ways to set the host",
      { rewrite: { authority: "a.com" }, headers: { request: { set: { host: "b.com" } } } },
      [""],
    ],
    [
      "prefixRewrite of an exact path",
      { match: { uri: "/a" }, action: { kind: "redirect", prefixRewrite: "/b" } },
      ["action.prefixRewrite"],
    ],
    ["claims in the mesh", { match: { headers: { "@request.auth.claims.group": "a" } } }, ["match"]],
    ["a source at a gateway", { gateways: [front], match: { sourceNamespace: "a" } }, ["match"]],
    ["uri and prefixRewrite", { action: { ...redirect, prefixRewrite: "/a" } }, ["action"]],
    ["a redirect to nowhere new", { action: { kind: "redirect" } }, ["action"]],
    [
      "uri and uriRegexRewrite",
      { match: { uri: "/a" }, rewrite: { uri: "/a", uriRegexRewrite: { match: "a", rewrite: "b" } } },
      ["rewrite"],
    ],
    [
      "a try that outlasts the whole",
      { timeout: "1s", retries: { attempts: 2, perTryTimeout: "2s" } },
      ["retries.perTryTimeout"],
    ],
    ["retries that are off and set", { retries: { attempts: 0, perTryTimeout: "1s" } }, ["retries.attempts"]],
    [
      "headers that are set and removed",
      { headers: { request: { set: { a: "b" }, remove: ["A"] } } },
      ["headers.request.remove[0]"],
    ],
    [
      "both kinds of abort",
      { fault: { abort: { httpStatus: 500, grpcStatus: "OK" } as never } },
      ["fault.abort"],
    ],
    ["a fault without any", { fault: {} }, ["fault"]],
  ] as const)("%s", (_, more, paths) => {
    expect(faults(more as Partial<HttpFragment>)).toEqual(paths);
  });
});

describe("values that are refused", () => {
  it.each([
    [
      "weights",
      {
        action: {
          kind: "forward",
          targets: [
            { to: reviews, weight: 60 },
            { to: ratings, weight: 50 },
          ],
        },
      },
      ["action.targets"],
    ],
    [
      "missing weights",
      { action: { kind: "forward", targets: [{ to: reviews, weight: 60 }, { to: ratings }] } },
      ["action.targets[1].weight"],
    ],
    [
      "a target twice",
      {
        action: {
          kind: "forward",
          targets: [
            { to: reviews, weight: 60 },
            { to: reviews, weight: 40 },
          ],
        },
      },
      ["action.targets[1]"],
    ],
    [
      "a part alone",
      { action: { kind: "forward", targets: [{ to: reviews, weight: 60 }] } },
      ["action.targets[0].weight"],
    ],
    ["no target", { action: { kind: "forward", targets: [] } }, ["action.targets"]],
    ["another 3xx", { action: { ...redirect, redirectCode: 305 } }, ["action.redirectCode"]],
    ["an answer of 100", { action: { kind: "directResponse", status: 100 } }, ["action.status"]],
    [
      "a body of 101 KiB",
      { action: { ...answer, body: { string: "x".repeat(101 * 1024) } } },
      ["action.body"],
    ],
    ["bytes that are none", { action: { ...answer, body: { bytes: "%%%" } } }, ["action.body.bytes"]],
    ["a path without slash", { match: { uri: "a" } }, ["match.uri"]],
    ["a path with a query", { match: { uri: { prefix: "/a?b" } } }, ["match.uri"]],
    ["segments with a slash at the end", { match: { uri: { segments: "/a/" } } }, ["match.uri.segments"]],
    ["look-ahead", { match: [{ uri: "/" }, { uri: { regex: "/(?=a)" } }] }, ["match[1].uri.regex"]],
    ["a small method", { match: { method: "get" } }, ["match.method"]],
    ["case of a regex", { match: { uri: { regex: "/a" }, ignoreUriCase: true } }, ["match.ignoreUriCase"]],
    ["an empty prefix", { match: { headers: { a: { prefix: "" } } } }, ["match.headers.a.prefix"]],
    ["no match at all in a list", { match: [] }, ["match"]],
    ["a delay of nothing", { fault: { delay: { fixedDelay: "0s" } } }, ["fault.delay.fixedDelay"]],
    [
      "a percentage that is too fine",
      { fault: { abort: { httpStatus: 500, percentage: 0.00001 } } },
      ["fault.abort.percentage"],
    ],
    [
      "an unknown retry condition",
      { retries: { attempts: 1, retryOn: ["6xx" as never] } },
      ["retries.retryOn[0]"],
    ],
    [
      "part of a second for browsers",
      { corsPolicy: { allowOrigins: ["*"], maxAge: "1500ms" } },
      ["corsPolicy.maxAge"],
    ],
    [
      "an origin with a path",
      { corsPolicy: { allowOrigins: ["https://a.com/"] } },
      ["corsPolicy.allowOrigins[0]"],
    ],
    ["a rewrite that glues names", { rewrite: { uri: "/v2" } }, ["rewrite.uri"]],
  ] as const)("%s", (_, more, paths) => {
    expect(faults(more as Partial<HttpFragment>)).toEqual(paths);
  });

  it("backoff before Istio had it", () => {
    const retries = { attempts: 2, backoff: "100ms" };
    expect(faults({ retries }, "1.26.0")).toEqual(["retries.backoff"]);
    expect(faults({ retries })).toEqual([]);
  });

  it("several ports and none chosen, at gateways", () => {
    const many = service("many", "a", { http: 80, admin: 81 });
    expect(faults({ action: forward(many), gateways: [front, mesh] })).toEqual(["action.targets[0].port"]);
    expect(faults({ action: forward(many, "admin"), gateways: [front] })).toEqual([]);
    expect(faults({ action: forward(many) })).toEqual([]);
  });

  it("all at once", () => {
    expect(faults({ timeout: "soon", match: { uri: "a", port: 0 }, fault: {} })).toEqual([
      "match.port",
      "match.uri",
      "fault",
      "timeout",
    ]);
  });
});
