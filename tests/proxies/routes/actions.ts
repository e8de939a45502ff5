import fc from "fast-check";
import { headerNames, thinned } from "./values";

/** Where routes may lead: Services with and without subsets, and what does not exist. */
const destination = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "a.one.svc.cluster.local", "b").map((host) => ({ host })) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "b"), fc.constantFrom("v1", "v2"))
      .map(([host, subset]) => ({ host, subset })),
  },
  { weight: 2, arbitrary: fc.constant({ host: "c.two.svc.cluster.local" }) },
  fc.constantFrom({ host: "a", subset: "v9" }, { host: "nobody" }, { host: "a", port: { number: 8080 } }),
  fc.constantFrom({ host: "b", subset: "v1", port: { number: 80 } }, { host: "a", port: { number: 99 } }),
);

const operations = fc.record(
  {
    set: fc.dictionary(fc.constantFrom(...headerNames, "x-new"), fc.constantFrom("x", "set"), { maxKeys: 2 }),
    add: fc.dictionary(fc.constantFrom(...headerNames, "x-more"), fc.constantFrom("y", "added"), {
      maxKeys: 2,
    }),
    remove: fc.uniqueArray(fc.constantFrom(...headerNames), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const host = fc.constantFrom({ host: "inner.test" }, { Host: "inner.test:81" }, { ":authority": "inner" });
const request = fc.oneof(
  { weight: 4, arbitrary: operations },
  host.map((set) => ({ set })),
);
const headers = fc.record({ request, response: operations }, { requiredKeys: ["request"] });

const weights = fc.constantFrom([100, 0], [50, 50], [0, 100], [1, 99], [1, 1], [20, 30, 50], [0, 0, 7]);
const targets = fc.oneof(
  { weight: 3, arbitrary: destination.map((one) => [{ destination: one }]) },
  weights.chain((list) =>
    fc
      .tuple(...list.map((weight) => destination.map((one) => ({ destination: one, weight }))))
      .map((all) => [...all]),
  ),
);
const route = fc
  .tuple(targets, fc.option(headers, { freq: 3 }))
  .map(([list, changes]) =>
    changes === null ? list : list.map((one, place) => (place === 0 ? { ...one, headers: changes } : one)),
  );

const rewrite = fc.oneof(
  fc.constantFrom("/", "/new", "/new/", "/r").map((uri) => ({ uri })),
  fc.constantFrom("other.test", "b").map((authority) => ({ authority })),
  fc.constant({ uri: "/n", authority: "n.test" }),
  fc
    .constantFrom(
      { match: "^/a/(.*)$", rewrite: "/\\1/z" },
      { match: "[ab]", rewrite: "_" },
      { match: "(.)/(.)", rewrite: "\\2\\0\\1" },
    )
    .map((uriRegexRewrite) => ({ uriRegexRewrite })),
);

const redirect = fc
  .record(
    {
      path: fc.constantFrom({ uri: "/there" }, { uri: "/there?z=1" }, { prefixRewrite: "/new" }),
      authority: fc.constantFrom("away.test", "away.test:81"),
      scheme: fc.constantFrom("http", "https"),
      redirectCode: fc.constantFrom(301, 302, 303, 307, 308),
      at: fc.constantFrom(
        { port: 80 },
        { port: 443 },
        { port: 8443 },
        { derivePort: "FROM_REQUEST_PORT" },
        { derivePort: "FROM_PROTOCOL_DEFAULT" },
      ),
    },
    { requiredKeys: [] },
  )
  .map(({ at, path, ...rest }) => ({ ...rest, ...path, ...at }))
  .filter((one) => Object.keys(one).some((key) => key !== "redirectCode"));

/** Istio refuses a route that sets the host in two places. */
const setsHostOnce = ({ rewrite: one, headers: two }: { rewrite?: object; headers?: object }): boolean =>
  one === undefined ||
  !("authority" in one) ||
  two === undefined ||
  !/"(host|:authority)"/i.test(JSON.stringify(two));

const more = thinned(
  fc.record({
    rewrite,
    headers,
    fault: fc.constantFrom(
      { abort: { httpStatus: 418, percentage: { value: 100 } } },
      { abort: { httpStatus: 418, percentage: { value: 0 } } },
      { abort: { httpStatus: 400 } },
    ),
    corsPolicy: fc.constantFrom(
      { allowOrigins: [{ exact: "http://x.test" }], allowMethods: ["GET"] },
      { allowOrigins: [{ prefix: "http://x" }], unmatchedPreflights: "IGNORE" },
    ),
    timeout: fc.constant("5s"),
  }),
  2,
).filter(setsHostOnce);

/** What a route does. */
export const action = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(route, more).map(([list, rest]) => ({ route: list, ...rest })) },
  redirect.map((one) => ({ redirect: one })),
  fc
    .constantFrom(200, 404, 503)
    .map((status) => ({ directResponse: { status, body: { string: "direct" } } })),
);

/** Where a redirect replaces a prefix, Istio wants paths to be matched by one. */
export const replacesPrefix = (route: object): boolean => {
  const { match: list = [], redirect: to } = route as { match?: { uri?: object }[]; redirect?: object };
  if (to === undefined || !("prefixRewrite" in to)) return true;
  return list.every(({ uri }) => uri === undefined || "prefix" in uri);
};
