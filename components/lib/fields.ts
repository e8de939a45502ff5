import { type KubeObject, titleOf } from "./objects";

/** Names and texts, as in labels. */
export type Labels = Readonly<Record<string, string>>;

/** Where the name is not known yet, the kind has to do. */
export const titleFor = (object: KubeObject): string => {
  const { name, namespace } = object.metadata;
  const known = typeof name === "string" && (namespace === undefined || typeof namespace === "string");
  return known ? titleOf(object) : `${object.kind} (name known after up)`;
};

/** Thrown by readers of fields when a check comes upon a value that is known only after `up`. */
export class Undecided extends Error {
  readonly object: string;
  readonly path: string;

  constructor(object: KubeObject, path: string) {
    super(`${titleFor(object)}: ${path} is not known yet`);
    this.name = "Undecided";
    this.object = titleFor(object);
    this.path = path;
  }
}

/** Unknown values stand in declared objects as a symbol; nothing else does. */
export const isUnknown = (value: unknown): value is symbol => typeof value === "symbol";

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Path of the first unknown value at or below a value. */
export function unknownBelow(value: unknown, path: string): string | undefined {
  if (isUnknown(value)) return path;
  if (!isBranch(value)) return undefined;
  const list = Array.isArray(value);
  for (const key of Object.keys(value)) {
    const found = unknownBelow(value[key], list ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const keysByPath = new Map<string, readonly string[]>();

/** The keys of a path. Checks ask for few different paths in very many objects. */
function keysOf(path: string): readonly string[] {
  const known = keysByPath.get(path);
  if (known !== undefined) return known;
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  keysByPath.set(path, keys);
  return keys;
}

/** The value at a dotted path (`spec.servers[0].port`), or undefined. Throws Undecided if an unknown is on the way. */
export function fieldOf(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const key of keysOf(path)) {
    if (!isBranch(value)) return undefined;
    value = value[key];
    if (isUnknown(value)) throw new Undecided(object, path);
  }
  return value;
}

/** A value with everything below it known. */
function wholeOf(object: KubeObject, path: string): unknown {
  const value = fieldOf(object, path);
  const unknown = unknownBelow(value, path);
  if (unknown !== undefined) throw new Undecided(object, unknown);
  return value;
}

/** A map of texts, like labels or a selector; empty where there is none. All of it has to be known. */
export const mapAt = (object: KubeObject, path: string): Labels => {
  const value = wholeOf(object, path);
  return isBranch(value) && !Array.isArray(value) ? (value as Labels) : {};
};

/** How many items a list has; 0 where there is none. Items themselves may be unknown. */
export const countAt = (object: KubeObject, path: string): number => {
  const value = fieldOf(object, path);
  return Array.isArray(value) ? value.length : 0;
};

/** The paths of a list's items: `spec.ports[0]`, `spec.ports[1]`. */
export const itemsAt = (object: KubeObject, path: string): string[] =>
  Array.from({ length: countAt(object, path) }, (_, place) => `${path}[${place}]`);

/** A text, or undefined. */
export const textAt = (object: KubeObject, path: string): string | undefined => {
  const value = fieldOf(object, path);
  return typeof value === "string" ? value : undefined;
};

/** A number, or undefined. */
export const numberAt = (object: KubeObject, path: string): number | undefined => {
  const value = fieldOf(object, path);
  return typeof value === "number" ? value : undefined;
};

/** A list of texts; empty where there is none. */
export const textsAt = (object: KubeObject, path: string): readonly string[] => {
  const value = wholeOf(object, path);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
};

/**
 * A label or annotation of an object. Its key may have dots and slashes, so that it is not part of the path that is
 * split, but is named in full where it is unknown.
 */
export function entryAt(object: KubeObject, path: string, key: string): string | undefined {
  const value = fieldOf(object, path);
  const entry = isBranch(value) ? value[key] : undefined;
  if (isUnknown(entry)) throw new Undecided(object, `${path}.${key}`);
  return typeof entry === "string" ? entry : undefined;
}

/** Whether labels have every pair of a selector. An empty selector is for the caller to judge. */
export const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** `app=cart,version=v1`, sorted: how selectors are written in messages. */
export const showLabels = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
