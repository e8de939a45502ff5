/** Objects as the program declares them, as the API server has them, and as the state keeps them. */
import {
  containsSecret,
  isMap,
  mapEntries,
  type Plain,
  type PlainMap,
  plainMap,
  Secret,
  unsecret,
  type Value,
  type ValueMap,
} from "../values";
import type { ObjectRef } from "./client";

/** What the state keeps beside the live object; the names are the official provider's. */
const INPUTS = "__inputs";
const INITIAL_API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";

const READ_ONLY_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
  "selfLink",
];

/** The inputs as the API server takes them. */
export function toManifest(inputs: ValueMap): PlainMap {
  return dashed(plainMap(withoutReadOnly(inputs)));
}

/** The SDK spells the dashes of these few schema fields as underscores; charts have them as they are. */
function renameKeys<T extends Value>(value: T, pattern: RegExp, separator: "-" | "_"): T {
  if (Array.isArray(value)) {
    return value.map((each) => renameKeys(each, pattern, separator)) as T;
  }
  if (!isMap(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      pattern.test(key) ? key.replace(/[-_]/g, separator) : key,
      renameKeys(each, pattern, separator),
    ]),
  ) as T;
}

const dashed = <T extends Value>(value: T): T => renameKeys(value, /^x_kubernetes_/, "-");
const underscored = <T extends Value>(value: T): T => renameKeys(value, /^x-kubernetes-/, "_");

/** Inputs without the fields that only the API server sets, as when a program copies an object. */
export function withoutReadOnly(inputs: ValueMap): ValueMap {
  if (!isMap(inputs.metadata)) {
    return inputs;
  }
  const metadata = Object.entries(inputs.metadata).filter(([key]) => !READ_ONLY_METADATA.includes(key));
  return { ...inputs, metadata: Object.fromEntries(metadata) };
}

/** Where an object is found. */
export function refOf(object: ValueMap | PlainMap): ObjectRef {
  const metadata = (object as ValueMap).metadata;
  return {
    apiVersion: String(object.apiVersion),
    kind: String(object.kind),
    name: metadataText(metadata, "name"),
    namespace: metadataText(metadata, "namespace"),
  };
}

function metadataText(metadata: Value | undefined, key: string): string | undefined {
  const value = isMap(metadata) ? unsecret(metadata[key] ?? null) : null;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** An annotation's text, from inputs that may still hold unknowns. */
export function annotation(object: ValueMap, name: string): string | undefined {
  const metadata = object.metadata;
  const annotations = isMap(metadata) ? metadata.annotations : undefined;
  const value = isMap(annotations) ? unsecret(annotations[name] ?? null) : null;
  return typeof value === "string" ? value : undefined;
}

/** A resource's id: `namespace/name`, or the name alone. */
export function idOf(object: PlainMap): string {
  const { namespace, name } = refOf(object);
  return namespace ? `${namespace}/${name}` : String(name);
}

export interface Checkpoint {
  readonly live: ValueMap;
  readonly inputs: ValueMap;
  readonly fieldManager: string | undefined;
}

/** What the state keeps: the live object, the inputs that made it, and the name under which they were applied. */
export function toCheckpoint(live: PlainMap, inputs: ValueMap, fieldManager: string): ValueMap {
  return {
    ...markSecrets(underscored(live), inputs),
    [INPUTS]: underscored(inputs),
    [INITIAL_API_VERSION]: String(inputs.apiVersion),
    [FIELD_MANAGER]: fieldManager,
  };
}

export function fromCheckpoint(outputs: ValueMap): Checkpoint {
  const { [INPUTS]: inputs, [FIELD_MANAGER]: manager, [INITIAL_API_VERSION]: _version, ...live } = outputs;
  return {
    live: dashed(live),
    inputs: isMap(inputs) ? inputs : {},
    fieldManager: typeof manager === "string" ? manager : undefined,
  };
}

/** Makes secret what comes from a secret input, and all data of a Secret. */
function markSecrets(live: PlainMap, inputs: ValueMap): ValueMap {
  const marked: ValueMap = mapEntries(live, (value, key) => markLike(value, inputs[key]));
  if (live.kind === "Secret" && live.apiVersion === "v1") {
    for (const key of ["data", "stringData"]) {
      if (marked[key] !== undefined) {
        marked[key] = new Secret(unsecret(marked[key]));
      }
    }
  }
  return marked;
}

function markLike(value: Plain, input: Value | undefined): Value {
  if (input instanceof Secret) {
    return new Secret(value);
  }
  if (isMap(value) && isMap(input)) {
    return mapEntries(value as PlainMap, (each, key) => markLike(each, input[key]));
  }
  return containsSecret(input) ? new Secret(value) : value;
}

/** Keeps of an object only what another one has, too: what the program declared, without what others added. */
export function prune(source: ValueMap, target: ValueMap): ValueMap {
  const kept = Object.entries(source).filter(([key]) => target[key] !== undefined);
  return Object.fromEntries(kept.map(([key, value]) => [key, pruneValue(value, target[key] ?? null)]));
}

function pruneValue(source: Value, target: Value): Value {
  if (source instanceof Secret || target instanceof Secret) {
    return new Secret(pruneValue(unsecret(source), unsecret(target)));
  }
  if (isMap(source) && isMap(target)) {
    return prune(source, target);
  }
  if (Array.isArray(source) && Array.isArray(target)) {
    return target.length === 0
      ? []
      : source.slice(0, target.length).map((each, i) => pruneValue(each, target[i] ?? null));
  }
  return source;
}

/** A Secret's `stringData` in the form in which the API server keeps it; other objects as they are. */
export function normalize(object: ValueMap): ValueMap {
  const normalized = dashed(withoutReadOnly(object));
  if (normalized.kind !== "Secret" || normalized.apiVersion !== "v1" || normalized.stringData === undefined) {
    return normalized;
  }
  const { stringData, ...rest } = normalized;
  const text = unsecret(stringData);
  if (!isMap(text)) {
    return normalized;
  }
  const data = unsecret(rest.data ?? {});
  const encoded = mapEntries(text, (value) =>
    typeof value === "string" ? Buffer.from(value).toString("base64") : value,
  );
  return { ...rest, data: new Secret({ ...(isMap(data) ? data : {}), ...encoded }) };
}

/** Makes lists secret as a whole that have a secret in them, as the official provider keeps them. */
export function withSecretLists<T extends Value>(value: T): T {
  if (Array.isArray(value)) {
    return (containsSecret(value) ? new Secret(unsecret(value)) : value) as T;
  }
  return (isMap(value) ? mapEntries(value, withSecretLists) : value) as T;
}

/** Every text of the inputs that must not be shown to anybody. */
export function secretTexts(inputs: ValueMap): string[] {
  const isSecret = inputs.kind === "Secret";
  return Object.entries(inputs).flatMap(([key, value]) =>
    textsIn(value, isSecret && (key === "data" || key === "stringData")),
  );
}

function textsIn(value: Value, secret: boolean): string[] {
  if (value instanceof Secret) {
    return textsIn(value.value, true);
  }
  if (typeof value === "string") {
    // Shorter ones would tear ordinary words apart, and are no secrets.
    return secret && value.length >= 4 ? [value] : [];
  }
  const parts = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
  return parts.flatMap((part) => textsIn(part, secret));
}
