/** Checks of a command's inputs that the official provider gets from its typed structs. */
import type { CheckResult } from "../harness";
import { isMap, Secret, UNKNOWN, unsecret, type Value, type ValueMap } from "../values";

export type Shape = Readonly<Record<string, "string" | "number" | "boolean" | "array" | "object">>;

/** Reports unknown and wrongly typed properties by name alone: a value may be a key. */
export function checkInputs(news: ValueMap, shape: Shape): CheckResult {
  return { inputs: news, failures: failuresOf(news, shape, "") };
}

/** The same for the properties of a nested object. */
export function failuresOf(
  values: ValueMap,
  shape: Shape,
  parent: string,
): { property: string; reason: string }[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const property = `${parent}${name}`;
    const wanted = shape[name];
    const found = typeName(unsecret(value));
    if (name === "version" || name.startsWith("__") || found === "null" || found === "unknown") {
      return [];
    }
    if (!wanted) {
      return [{ property, reason: `'${property}' is not a property of this resource` }];
    }
    return found === wanted ? [] : [{ property, reason: `'${property}' should be ${wanted}, not ${found}` }];
  });
}

function typeName(value: Value): string {
  if (value === null) {
    return "null";
  }
  if (value === UNKNOWN) {
    return "unknown";
  }
  return Array.isArray(value) ? "array" : isMap(value) ? "object" : typeof value;
}

/** Fills in properties that are missing, inside of a secret too. */
export function withDefaults(value: Value | undefined, defaults: ValueMap): Value | undefined {
  if (value instanceof Secret) {
    return new Secret(withDefaults(value.value, defaults) ?? null);
  }
  if (!isMap(value)) {
    return value;
  }
  const missing = Object.entries(defaults).filter(([name]) => (value[name] ?? null) === null);
  return { ...value, ...Object.fromEntries(missing) };
}
