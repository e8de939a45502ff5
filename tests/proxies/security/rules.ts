import fc from "fast-check";
import type { KubeObject } from "../../../components/lib/objects";

/** Few different texts, so that rules and requests meet often. */
export const paths = ["/", "/info", "/info/a", "/admin/x.html", "/x/y/z", "/INFO"];
export const methods = ["GET", "POST", "PUT"];
export const values = ["1", "10", "2"];

const some = <T>(...list: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...list), { minLength: 1, maxLength: 2 });
const principal = "cluster.local/ns/shop/sa/client";
const callers = some(principal, "*/sa/client", "cluster.local/*", "cluster.local/ns/shop/sa/other", "*");
const namespaces = some("shop", "other", "sh*");
const pathPatterns = some("/info", "/info*", "*.html", "/{*}/a", "/x/{**}", "*", "/admin/{*}");
const hosts = some("guarded:8088", "guarded", "GUARDED:*", "other", "guarded*");
const keys = fc.constantFrom(
  ["request.headers[x-a]", ["1", "1*", "*"]],
  ["source.principal", [principal, "*/sa/other"]],
  ["source.namespace", ["shop", "other"]],
  ["destination.port", ["8088", "9"]],
) as fc.Arbitrary<[string, string[]]>;

/** At least one of the fields, and not all of them. */
const partly = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .record(fields, { requiredKeys: [] })
    .map((one) => Object.fromEntries(Object.entries(one).slice(0, 2)))
    .filter((one) => Object.keys(one).length > 0);

const source = partly({
  notPrincipals: callers,
  namespaces,
  principals: callers,
  notNamespaces: namespaces,
  ipBlocks: some("127.0.0.0/8", "10.0.0.0/8"),
});
const operation = partly({
  notPaths: pathPatterns,
  methods: some("GET", "POST", "P*"),
  paths: pathPatterns,
  hosts,
  notMethods: some("GET", "PUT"),
  notHosts: hosts,
  ports: some("8088", "9090"),
});
const condition = fc.tuple(keys, fc.boolean(), fc.nat(2)).map(([[key, list], negative, first]) => ({
  key,
  [negative ? "notValues" : "values"]: [list[first % list.length]],
}));
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 2 });
const rule = fc.record(
  {
    from: list(source).map((all) => all.map((one) => ({ source: one }))),
    to: list(operation).map((all) => all.map((one) => ({ operation: one }))),
    when: fc.array(condition, { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);

/** One to three policies of the guarded application, of its namespace or of the mesh. */
export const policies: fc.Arbitrary<KubeObject[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("shop", "shop", "istio-system"),
      whole: fc.boolean(),
      action: fc.constantFrom("ALLOW", "DENY"),
      rules: fc.array(rule, { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) =>
    all.map(({ namespace, whole, action, rules }, place) => ({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: `policy-${place}`, namespace },
      spec: {
        ...(whole || namespace !== "shop" ? {} : { selector: { matchLabels: { app: "guarded" } } }),
        action,
        rules,
      },
    })),
  );

/** A request to the guarded application. */
export interface Knock {
  /** Without one it comes in plain text, from somebody without identity. */
  readonly byMesh: boolean;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const knock: fc.Arbitrary<Knock> = fc.record({
  byMesh: fc.boolean(),
  path: fc.constantFrom(...paths, "/info?x=1"),
  method: fc.constantFrom(...methods),
  headers: fc.dictionary(fc.constant("x-a"), fc.constantFrom(...values)),
});
