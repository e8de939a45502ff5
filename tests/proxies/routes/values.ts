import fc from "fast-check";

/** Few different texts, so that conditions and requests meet often. */
export const paths = [
  ...["/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/A", "/A/b", "/b", "/b%20c"],
  ...["/a//b", "/a/./b", "/a/../b", "/x.y", "/rate", "/ratings"],
];
const pathPatterns = [".*", "/a.*", "/(a|b)/?", "/a/[^/]+", "(?i)/a/?", "/.{1,3}", "/[[:alpha:]]+", "/a|/b"];
export const words = ["x", "xy", "xyz", "y", ""];
const wordPatterns = ["x.*", "x|y", ".+", ".*", "(?i)X"];
export const methods = ["GET", "POST", "PUT", "OPTIONS", "DELETE"];
export const headerNames = ["h1", "h2", "X-H3"];
export const parameters = ["q", "r"];

const condition = (exact: readonly string[], prefix: readonly string[], regex: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...exact).map((text) => ({ exact: text })),
    fc.constantFrom(...prefix).map((text) => ({ prefix: text })),
    fc.constantFrom(...regex).map((text) => ({ regex: text })),
  );

const uri = condition(paths, ["/", "/a", "/a/", "/A", "/rate", "/b%20"], pathPatterns);
const full = words.filter((word) => word !== "");
const word = condition(full, ["x", "xy"], wordPatterns);
const valueMap = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.oneof({ weight: 5, arbitrary: word }, fc.constant({})), {
    minKeys: 1,
    maxKeys: 2,
  });

/** Conditions of a VirtualService on a request; `authorities` are names that requests carry. */
export const match = (authorities: readonly string[], mesh: boolean) =>
  fc.record(
    {
      uri: uri,
      ignoreUriCase: fc.boolean(),
      method: condition(["GET", "POST"], ["P"], ["GET|PUT"]),
      headers: valueMap(headerNames),
      withoutHeaders: valueMap(headerNames),
      queryParams: valueMap(parameters),
      authority: condition(authorities, authorities, [".*\\..*", ".*:8080", ".*a.*"]),
      scheme: condition(["http"], ["http"], ["https?"]),
      port: fc.constantFrom(80, 8080),
      ...(mesh
        ? {
            sourceLabels: fc.constantFrom({ app: "near" }, { app: "far" }, { app: "near", tier: "web" }),
            sourceNamespace: fc.constantFrom("one", "two"),
          }
        : {}),
    },
    { requiredKeys: [] },
  );

/** So many of the fields at most, so that not every request fails a condition. */
export const thinned = <T extends object>(arbitrary: fc.Arbitrary<T>, keep = 2): fc.Arbitrary<Partial<T>> =>
  fc.tuple(arbitrary, fc.nat({ max: keep }), fc.nat()).map(([value, count, start]) => {
    const entries = Object.entries(value);
    const turned = entries.map((_, place) => entries[(place + start) % entries.length] ?? ["", undefined]);
    return Object.fromEntries(turned.slice(0, count)) as Partial<T>;
  });
