import { type Fields, fieldsOf, textOf, textsOf } from "./objects";
import type { HttpRoute, RouteMatch } from "./virtual-services";

const inherited = [
  ...["rewrite", "directResponse", "timeout", "retries", "fault", "mirror", "mirrorPercent"],
  ...["mirrorPercentage", "mirrors", "corsPolicy", "headers"],
];
const textMaps = ["headers", "withoutHeaders", "queryParams"];
const maps = [...textMaps, "sourceLabels"];
const texts = ["uri", "scheme", "method", "authority"];

/** Whether the condition of a delegate is narrower than its root's. Of expressions Istio never takes that for sure. */
function narrower(root: unknown, own: unknown): boolean {
  if (root === undefined || own === undefined) return true;
  const [wide, { exact, prefix }] = [fieldsOf(root), fieldsOf(own)];
  if (textOf(wide.exact)) return exact === wide.exact;
  const start = textOf(wide.prefix);
  return Boolean(start) && [exact, prefix].some((text) => textOf(text)?.startsWith(start ?? ""));
}

const equalOrOpen = (root: unknown, own: unknown): boolean => !root || !own || root === own;

/** The namespace of the source is the one condition that a delegate has to repeat. */
const fits = ({ fields: root }: RouteMatch, { fields: own }: RouteMatch): boolean =>
  texts.every((key) => narrower(root[key], own[key])) &&
  textMaps.every((key) =>
    Object.entries(fieldsOf(own[key])).every(([name, one]) => narrower(fieldsOf(root[key])[name], one)),
  ) &&
  Object.entries(fieldsOf(own.sourceLabels)).every(([name, value]) =>
    equalOrOpen(fieldsOf(root.sourceLabels)[name], value),
  ) &&
  (root.ignoreUriCase === true) === (own.ignoreUriCase === true) &&
  equalOrOpen(root.port, own.port) &&
  (!root.sourceNamespace || root.sourceNamespace === own.sourceNamespace) &&
  (textsOf(root.gateways).length === 0 ||
    textsOf(own.gateways).every((name) => textsOf(root.gateways).includes(name)));

function joined(root: RouteMatch, own: RouteMatch): RouteMatch | undefined {
  if (!fits(root, own)) return undefined;
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
