import type { Field } from "../field";

/** One demand of a match: `header x-user` has to be exactly `jason`. */
interface Condition {
  readonly key: string;
  readonly kind: "exact" | "prefix" | "regex" | "any" | "other";
  readonly text: string;
}

/** What a match demands. Requests have to meet all of it. */
export type Conditions = readonly Condition[];

function stringCondition(key: string, at: Field): Condition[] {
  if (!at.given) return [];
  for (const kind of ["exact", "prefix", "regex"] as const) {
    const text = at.at(kind).text();
    if (text === undefined) continue;
    return [{ key, kind: kind === "regex" && text === ".*" ? "any" : kind, text }];
  }
  return [{ key, kind: "any", text: "" }];
}

const texts = new Set(["uri", "scheme", "method", "authority"]);
const maps = new Set(["headers", "queryParams"]);
const rest = new Set([
  ...["withoutHeaders", "port", "sourceLabels", "gateways", "sourceNamespace", "ignoreUriCase"],
  ...["sniHosts", "destinationSubnets", "sourceSubnet"],
]);

function fieldConditions(name: string, field: Field): Condition[] {
  if (texts.has(name)) return stringCondition(name, field);
  if (maps.has(name)) {
    return field.entries().flatMap(([key, value]) => stringCondition(`${name} ${key.toLowerCase()}`, value));
  }
  return rest.has(name) && field.given ? [{ key: name, kind: "other", text: field.canonical() }] : [];
}

export function conditionsOf(match: Field): Conditions {
  return match
    .entries()
    .flatMap(([name, field]) => fieldConditions(name, field))
    .filter(({ key, kind, text }) => !(key === "uri" && kind === "prefix" && ["/", ""].includes(text)));
}

/** Whether whatever meets the one condition meets the other. */
function implies(narrow: Condition, wide: Condition): boolean {
  if (narrow.key !== wide.key) return false;
  if (wide.kind === "any") return true;
  if (wide.kind === "prefix") {
    return (narrow.kind === "exact" || narrow.kind === "prefix") && narrow.text.startsWith(wide.text);
  }
  return narrow.kind === wide.kind && narrow.text === wide.text;
}

/** Whether every request that meets one match meets the other. */
export function covers(wide: Conditions, narrow: Conditions): boolean {
  // Case is a property of the match, not a demand on requests.
  const folded = (some: Conditions) => some.some(({ key }) => key === "ignoreUriCase");
  if (folded(wide) !== folded(narrow)) return false;
  return wide.every((one) => narrow.some((other) => implies(other, one)));
}
