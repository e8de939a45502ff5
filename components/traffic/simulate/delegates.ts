import { type Fields, fieldsOf } from "./objects";
import type { HttpRoute, RouteMatch } from "./virtual-services";

const inherited = [
  ...["rewrite", "directResponse", "timeout", "retries", "fault", "mirror", "mirrorPercent"],
  ...["mirrorPercentage", "mirrors", "corsPolicy", "headers"],
];
const maps = ["headers", "withoutHeaders", "queryParams", "sourceLabels"];
const texts = ["uri", "scheme", "method", "authority"];
const values = ["port", "sourceNamespace"];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether the condition of a delegate is one of its root's, or narrower. */
function narrower(root: unknown, own: unknown): boolean {
  if (root === undefined || own === undefined || same(root, own)) return true;
  const [{ prefix }, { exact, prefix: longer }] = [fieldsOf(root), fieldsOf(own)];
  if (typeof prefix !== "string") return false;
  return [exact, longer].some((text) => typeof text === "string" && text.startsWith(prefix));
}

function joined(root: RouteMatch, own: RouteMatch): RouteMatch | undefined {
  const fits =
    texts.every((key) => narrower(root.fields[key], own.fields[key])) &&
    values.every((key) => narrower(root.fields[key], own.fields[key])) &&
    maps.every((key) =>
      Object.entries(fieldsOf(own.fields[key])).every(([name, condition]) =>
        narrower(fieldsOf(root.fields[key])[name], condition),
      ),
    );
  if (!fits) return undefined;
  const both = maps.filter((key) => root.fields[key] !== undefined || own.fields[key] !== undefined);
  const merged = both.map((key) => [key, { ...fieldsOf(root.fields[key]), ...fieldsOf(own.fields[key]) }]);
  return { ...own, fields: { ...root.fields, ...own.fields, ...Object.fromEntries(merged) } };
}

function joinedMatches(root: HttpRoute, own: HttpRoute): readonly RouteMatch[] | undefined {
  if (root.matches.length === 0) return own.matches;
  if (own.matches.length === 0) return root.matches;
  const lists = own.matches.map((match) =>
    root.matches.map((other) => joined(other, match)).filter((found) => found !== undefined),
  );
  // One condition list that is within none of the root's makes the whole route void.
  return lists.some((list) => list.length === 0) ? undefined : lists.flat();
}

/** Routes of a delegate with the conditions of the route that hands on to it, and with what it leaves unsaid. */
export function delegatedRoutes(root: HttpRoute, routes: readonly HttpRoute[]): HttpRoute[] {
  const defaults: Fields = Object.fromEntries(
    inherited.filter((key) => root.fields[key] !== undefined).map((key) => [key, root.fields[key]]),
  );
  return routes.flatMap((route) => {
    const matches = joinedMatches(root, route);
    return matches === undefined ? [] : [{ ...route, fields: { ...defaults, ...route.fields }, matches }];
  });
}
