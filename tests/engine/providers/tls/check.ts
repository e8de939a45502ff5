/** Input checks of the tls resources. */
import type { CheckResult } from "../harness";
import { isMap, Secret, UNKNOWN, unsecret, type Value, type ValueMap } from "../values";

export interface PropertyRule {
  readonly type: "string" | "number" | "boolean" | "strings" | "object";
  readonly required?: boolean;
  readonly secret?: boolean;
  /** Allowed values, of the property or of each of its elements. */
  readonly oneOf?: readonly string[];
}

/**
 * Refuses unknown, missing and wrongly typed properties without quoting values that may be keys, and marks the
 * secret ones, which a program may pass in clear.
 */
export function checkProperties(
  news: ValueMap,
  rules: Readonly<Record<string, PropertyRule>>,
  defaults: ValueMap,
): CheckResult {
  const inputs: ValueMap = { ...defaults };
  const failures: { property: string; reason: string }[] = [];
  for (const [property, value] of Object.entries(news)) {
    const rule = rules[property];
    if (property === "version" || property.startsWith("__")) {
      continue;
    }
    if (!rule) {
      failures.push({ property, reason: `'${property}' is not a property of this resource` });
      continue;
    }
    const reason = fault(unsecret(value), property, rule);
    if (reason) {
      failures.push({ property, reason });
    }
    inputs[property] = rule.secret && !(value instanceof Secret) ? new Secret(value) : value;
  }
  for (const [property, rule] of Object.entries(rules)) {
    if (rule.required && (news[property] ?? null) === null) {
      failures.push({ property, reason: `missing required property '${property}'` });
    }
  }
  return { inputs, failures };
}

function fault(value: Value, property: string, rule: PropertyRule): string | undefined {
  if (value === null || value === UNKNOWN) {
    return undefined;
  }
  if (!hasType(value, rule.type)) {
    return `'${property}' should be ${rule.type}`;
  }
  const wrong = [value]
    .flat()
    .find((each) => typeof each === "string" && rule.oneOf?.includes(each) === false);
  return wrong === undefined
    ? undefined
    : `'${property}' has the unsupported value ${JSON.stringify(wrong)}; it takes ${rule.oneOf?.join(", ")}`;
}

function hasType(value: Value, type: PropertyRule["type"]): boolean {
  if (type === "strings") {
    return Array.isArray(value) && value.every((each) => typeof each === "string" || each === UNKNOWN);
  }
  return type === "object" ? isMap(value) : typeof value === type;
}
