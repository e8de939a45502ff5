import * as pulumi from "@pulumi/pulumi";

/** Maps that the API server forgets when they are empty. Others, such as `emptyDir: {}`, say something by being there. */
const forgotten = new Set(["annotations", "labels", "limits", "requests", "nodeSelector", "matchLabels"]);

const isEmpty = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  !pulumi.Output.isInstance(value) &&
  Object.keys(value).length === 0;

/**
 * An object without what the API server does not keep: nulls, empty maps of a few fields, and empty values of
 * variables. Charts write them, and each later run would find them missing and try to add them once more.
 */
export function keptForm(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => keptForm(item, [...path, ""]));
  if (
    typeof value !== "object" ||
    value === null ||
    pulumi.Output.isInstance(value) ||
    value instanceof Promise
  )
    return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) =>
      inner !== null &&
      inner !== undefined &&
      !(forgotten.has(key) && isEmpty(inner)) &&
      !(key === "value" && inner === "" && path.at(-2) === "env"),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, keptForm(inner, [...path, key])]));
}
