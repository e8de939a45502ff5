import { matches as hasLabels, showLabels } from "../../lib/fields";
import { gatewayName } from "./full-names";
import { claimAt, type Message } from "./message";
import { fieldsOf, mapOf, numberOf, textOf, textsOf } from "./objects";
import type { Party } from "./proxies";
import { asksPresence, fulfils, showCondition } from "./texts";
import type { HttpRoute, RouteMatch, Rules } from "./virtual-services";

/** The proxy for which routes are made: a sidecar has `mesh`, a gateway the name of its Gateway. */
export interface Site {
  readonly party: Party;
  readonly gateway: string;
  /** Port of the listener. */
  readonly port: number;
}

/** Whether a proxy gets a condition list at all, by port, source and gateway. */
export function reaches({ fields }: RouteMatch, rules: Rules, { party, gateway, port }: Site): boolean {
  const asked = numberOf(fields.port);
  if (asked !== undefined && asked !== 0 && asked !== port) return false;
  const gateways = textsOf(fields.gateways);
  // Labels and namespace of the source count only where no gateways are named.
  if (gateways.length > 0) return gateways.some((name) => gatewayName(name, rules.namespace) === gateway);
  if (!hasLabels(mapOf(fields.sourceLabels), party.labels)) return false;
  const namespace = textOf(fields.sourceNamespace) ?? "";
  return namespace === "" || namespace === party.namespace;
}

/** A route with the one condition list under which a proxy has it; none for a route without any. */
export interface SiteRoute {
  readonly rules: Rules;
  readonly route: HttpRoute;
  readonly match: RouteMatch | undefined;
}

const everything = (match: RouteMatch | undefined): boolean => {
  if (match === undefined) return true;
  const { uri, headers, withoutHeaders, queryParams, method, authority, scheme } = match.fields;
  const path = fieldsOf(uri);
  const all = uri === undefined || path.prefix === "/" || path.regex === ".*";
  const others = [headers, withoutHeaders, queryParams].every(
    (map) => Object.keys(fieldsOf(map)).length === 0,
  );
  return all && others && [method, authority, scheme].every((one) => one === undefined);
};

export const isCatchAll = ({ match }: SiteRoute): boolean => everything(match);

/** The routes that a proxy gets of a VirtualService. Nothing stands behind one that takes everything. */
export function routesAt(rules: Rules, site: Site): SiteRoute[] {
  const found: SiteRoute[] = [];
  for (const route of rules.http) {
    const lists: readonly (RouteMatch | undefined)[] =
      route.matches.length === 0 ? [undefined] : route.matches;
    for (const match of lists) {
      if (match !== undefined && !reaches(match, rules, site)) continue;
      found.push({ rules, route, match });
      if (everything(match)) return found;
    }
  }
  return found;
}

const claimKeys = (name: string): readonly string[] | undefined => {
  const rest = /^@request\.auth\.claims(.+)$/i.exec(name)?.[1];
  return rest?.split(/[.[\]]+/).filter((key) => key !== "");
};

function headerHolds(name: string, condition: unknown, message: Message, wanted: boolean): boolean {
  const keys = claimKeys(name);
  if (keys !== undefined) {
    return claimAt(message.token, keys).some((value) => fulfils(value, condition)) === wanted;
  }
  const value = name.toLowerCase() === "host" ? message.authority : message.headers[name.toLowerCase()];
  if (wanted) return value !== undefined && fulfils(value, condition);
  // A header that must not be so counts as empty where it is missing.
  return asksPresence(fieldsOf(condition)) ? value === undefined : !fulfils(value ?? "", condition);
}

/** The first value of a parameter. Proxies do not decode it: `%20` and `+` stay as they are. */
function parameter(query: string, name: string): string | undefined {
  for (const pair of query.split("&")) {
    const [key, ...value] = pair.split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

/** The first condition that a request does not meet, as field and sentence; undefined where it meets all. */
export function unmet({ fields }: RouteMatch, message: Message): [string, string] | undefined {
  const single = [
    ["uri", message.path, { ignoreCase: fields.ignoreUriCase === true }],
    ["method", message.method, {}],
    ["authority", message.authority, {}],
    ["scheme", message.scheme, {}],
  ] as const;
  for (const [field, value, options] of single) {
    const condition = fields[field];
    if (condition !== undefined && !fulfils(value, condition, options))
      return [field, `the ${field} is not ${showCondition(condition)}`];
  }
  for (const [field, wanted] of [
    ["headers", true],
    ["withoutHeaders", false],
  ] as const) {
    for (const [name, condition] of Object.entries(fieldsOf(fields[field])))
      if (!headerHolds(name, condition, message, wanted))
        return [`${field}.${name}`, `header ${name} is ${wanted ? "not " : ""}${showCondition(condition)}`];
  }
  for (const [name, condition] of Object.entries(fieldsOf(fields.queryParams))) {
    const value = parameter(message.query, name);
    if (value === undefined || !fulfils(value, condition))
      return [`queryParams.${name}`, `parameter ${name} is not ${showCondition(condition)}`];
  }
  return undefined;
}

/** What a condition list asks, for people. */
export function showMatch(match: RouteMatch | undefined): string {
  if (match === undefined) return "everything";
  const { fields } = match;
  const single = ["uri", "method", "authority", "scheme"].filter((key) => fields[key] !== undefined);
  const maps = ["headers", "withoutHeaders", "queryParams"].flatMap((key) =>
    Object.entries(fieldsOf(fields[key])).map(
      ([name, condition]) => `${key === "withoutHeaders" ? "not " : ""}${name} ${showCondition(condition)}`,
    ),
  );
  const labels = mapOf(fields.sourceLabels);
  return (
    [
      ...single.map((key) => `${key} ${showCondition(fields[key])}`),
      ...maps,
      ...(Object.keys(labels).length === 0 ? [] : [`from ${showLabels(labels)}`]),
      ...(fields.sourceNamespace === undefined ? [] : [`from ${String(fields.sourceNamespace)}`]),
      ...(fields.port === undefined ? [] : [`port ${String(fields.port)}`]),
    ].join(", ") || "everything"
  );
}
