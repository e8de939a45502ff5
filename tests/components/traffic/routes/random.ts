import fc from "fast-check";
import { gateway, mesh, service } from "../../../../components/traffic/handles";
import { forward } from "../../../../components/traffic/routes/policy";
import type {
  HttpFragment,
  HttpMatch,
  PathMatch,
  ValueMatch,
} from "../../../../components/traffic/routes/types";

/** Few different texts, so that conditions meet often. */
const paths = ["/", "/a", "/a/", "/a/b", "/ab", "/A", "/b"];
const words = ["x", "xy", "xyz", "y"];

const path: fc.Arbitrary<PathMatch> = fc.oneof(
  fc.constantFrom(...paths).map((exact) => ({ exact })),
  fc.constantFrom(...paths).map((prefix) => ({ prefix })),
  fc.constantFrom("/a", "/", "/a/b").map((segments) => ({ segments })),
  fc.constantFrom(".*", "/a.*").map((regex) => ({ regex })),
);

const value: fc.Arbitrary<ValueMatch> = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom("x", "xy").map((prefix) => ({ prefix })),
  fc.constant({ regex: "x.*" }),
  fc.constant({ present: true } as const),
);

const values = fc.dictionary(fc.constantFrom("h1", "h2"), value, { maxKeys: 2 });
const withIgnoredCase = (match: HttpMatch): HttpMatch =>
  typeof match.uri === "object" && !("regex" in match.uri) ? { ...match, ignoreUriCase: true } : match;

/** A match without fields that are undefined. */
export const match: fc.Arbitrary<HttpMatch> = fc
  .record(
    {
      uri: path,
      method: fc.constantFrom("GET", "POST"),
      headers: values,
      withoutHeaders: values,
      queryParams: values,
      port: fc.constantFrom(80, 8080),
      sourceLabels: fc.constantFrom({ app: "p" }, { app: "q", version: "v1" }),
      sourceNamespace: fc.constantFrom("one", "two"),
    },
    { requiredKeys: [] },
  )
  .chain((one) => fc.boolean().map((ignore) => (ignore ? withIgnoredCase(one) : one)));

export const host = service("shop", "store", { http: 80 });
const front = gateway("front", "store", ["*"]);

const hasSource = ({ sourceLabels, sourceNamespace }: HttpMatch) =>
  sourceLabels !== undefined || sourceNamespace !== undefined;

/** A fragment without name. */
const fragment = (priority: fc.Arbitrary<number>): fc.Arbitrary<Omit<HttpFragment, "name">> =>
  fc
    .record({
      module: fc.constantFrom("cart", "blog"),
      matches: fc.array(match, { maxLength: 3 }),
      target: fc.constantFrom("v1", "v2"),
      gateways: fc.constantFrom([mesh] as const, [front], [mesh, front]),
      priority,
      order: fc.nat(2),
    })
    .map(({ matches, target, gateways, module, ...rest }) => ({
      ...rest,
      host,
      module,
      gateways: matches.some(hasSource) ? [mesh] : gateways,
      ...(matches.length === 0 ? {} : { match: matches }),
      action: forward(service(target, "store", { http: 80 })),
    }));

/** Fragments with names that tell nothing about their order. */
export const fragments = (priority: fc.Arbitrary<number> = fc.constant(0)): fc.Arbitrary<HttpFragment[]> =>
  fc
    .array(fragment(priority), { minLength: 1, maxLength: 7 })
    .map((list) => list.map((one, index) => ({ ...one, name: `r${(index * 7919) % 101}` })));

/** A request, as conditions see it. */
export interface Request {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly gateway: string;
}

const texts = fc.dictionary(fc.constantFrom("h1", "h2"), fc.constantFrom(...words, ""), { maxKeys: 2 });
export const request: fc.Arbitrary<Request> = fc.record({
  path: fc.constantFrom(...paths, "/a/c", "/c"),
  method: fc.constantFrom("GET", "POST", "PUT"),
  headers: texts,
  query: texts,
  port: fc.constantFrom(80, 8080, 9090),
  labels: fc.constantFrom({}, { app: "p" }, { app: "q", version: "v1" }),
  namespace: fc.constantFrom("one", "two", "three"),
  gateway: fc.constantFrom("mesh", "store/front"),
});
