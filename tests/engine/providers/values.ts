/**
 * Property values as they travel between the engine and a provider.
 *
 * On the wire a secret is an object with a magic key and an unknown is a magic string. Both are turned into
 * types of their own here, so that the compiler sees to it that a provider does not take an unknown for text
 * or print a secret.
 */

/** A value that the engine encrypts in the state and masks in its output. */
export class Secret {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }

  /** Keeps a secret out of any text that it is put into by mistake. */
  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}

/** Stands for a value that a preview cannot know yet. */
export const UNKNOWN = Symbol("unknown");

export type Value = null | boolean | number | string | typeof UNKNOWN | Secret | Value[] | ValueMap;

export interface ValueMap {
  [key: string]: Value;
}

/** A value without secrets and unknowns: what a command or an API server is given. */
export type Plain = null | boolean | number | string | Plain[] | PlainMap;

export interface PlainMap {
  [key: string]: Plain;
}

const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** One marker per kind of unknown; the SDK sends the first, the engine may send any. */
const UNKNOWN_MARKERS = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Tells an object from the other values. */
export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** Reads a value from the JSON form of a protobuf `Struct`. */
export function decode(wire: unknown): Value {
  if (wire === null || wire === undefined) {
    return null;
  }
  if (typeof wire === "string") {
    return UNKNOWN_MARKERS.has(wire) ? UNKNOWN : wire;
  }
  if (typeof wire === "boolean" || typeof wire === "number") {
    return wire;
  }
  if (Array.isArray(wire)) {
    return wire.map(decode);
  }
  const fields = wire as Record<string, unknown>;
  const signature = fields[SIGNATURE_KEY];
  if (signature === SECRET_SIGNATURE) {
    return new Secret(decode(fields.value));
  }
  if (signature !== undefined) {
    throw new Error("assets, archives and resource references are not implemented by this stand-in provider");
  }
  return decodeMap(fields);
}

/** Reads the fields of an object; see {@link decode}. */
export function decodeMap(wire: Record<string, unknown> | undefined): ValueMap {
  return mapEntries(wire ?? {}, decode);
}

/** Writes a value in the JSON form that a protobuf `Struct` is made from. */
export function encode(value: Value): unknown {
  if (value === UNKNOWN) {
    return UNKNOWN_MARKER;
  }
  if (value instanceof Secret) {
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: encode(value.value) };
  }
  if (Array.isArray(value)) {
    return value.map(encode);
  }
  return isMap(value) ? encodeMap(value) : value;
}

/** Writes the fields of an object; see {@link encode}. */
export function encodeMap(values: ValueMap): Record<string, unknown> {
  return mapEntries(values, encode);
}

/** Applies a function to each value of an object, keeping its keys. */
export function mapEntries<From, To>(
  record: { [key: string]: From },
  convert: (value: From, key: string) => To,
): { [key: string]: To } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value, key)]));
}

/** The same value without its secret markers, at any depth. */
export function unsecret(value: Value): Value {
  if (value instanceof Secret) {
    return unsecret(value.value);
  }
  if (Array.isArray(value)) {
    return value.map(unsecret);
  }
  return isMap(value) ? mapEntries(value, unsecret) : value;
}

/** The value as plain data; throws when a part of it is not known. */
export function plain(value: Value): Plain {
  if (value === UNKNOWN) {
    throw new Error("a value that should be known by now is not");
  }
  if (value instanceof Secret) {
    return plain(value.value);
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return isMap(value) ? plainMap(value) : value;
}

/** The fields of an object as plain data; see {@link plain}. */
export function plainMap(values: ValueMap): PlainMap {
  return mapEntries(values, plain);
}

/** Whether a value or any part of it is secret. */
export function containsSecret(value: Value | undefined): boolean {
  if (value instanceof Secret) {
    return true;
  }
  return children(value).some(containsSecret);
}

/** Whether a value or any part of it is not known yet. */
export function containsUnknown(value: Value | undefined): boolean {
  if (value instanceof Secret) {
    return containsUnknown(value.value);
  }
  return value === UNKNOWN || children(value).some(containsUnknown);
}

function children(value: Value | undefined): Value[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isMap(value) ? Object.values(value) : [];
}

/** Whether two values are the same; secrecy does not count, and nothing equals an unknown. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  return Object.keys(compare(unsecret(left ?? null), unsecret(right ?? null), "value")).length === 0;
}

/** How a property differs between two versions of a resource. */
export type Change = "add" | "delete" | "update";

/**
 * Names every property that differs, by its path (`connection.host`, `triggers[0]`), as the preview shows it.
 * A missing property and a null one are the same to the engine.
 */
export function changedPaths(olds: ValueMap, news: ValueMap): Record<string, Change> {
  const changes: Record<string, Change> = {};
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    Object.assign(
      changes,
      compare(unsecret(olds[key] ?? null), unsecret(news[key] ?? null), pathStep("", key)),
    );
  }
  return changes;
}

function compare(older: Value, newer: Value, path: string): Record<string, Change> {
  if (older === UNKNOWN || newer === UNKNOWN) {
    return { [path]: older === null ? "add" : "update" };
  }
  if (older === null || newer === null) {
    return older === newer ? {} : { [path]: older === null ? "add" : "delete" };
  }
  if (Array.isArray(older) && Array.isArray(newer)) {
    const length = Math.max(older.length, newer.length);
    return Object.assign(
      {},
      ...Array.from({ length }, (_, i) => compare(older[i] ?? null, newer[i] ?? null, `${path}[${i}]`)),
    );
  }
  if (isMap(older) && isMap(newer)) {
    const keys = [...new Set([...Object.keys(older), ...Object.keys(newer)])];
    return Object.assign(
      {},
      ...keys.map((key) => compare(older[key] ?? null, newer[key] ?? null, pathStep(path, key))),
    );
  }
  return older === newer ? {} : { [path]: "update" };
}

function pathStep(parent: string, key: string): string {
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key)) {
    return `${parent}[${JSON.stringify(key)}]`;
  }
  return parent === "" ? key : `${parent}.${key}`;
}

/** The property that a path starts with: `connection` of `connection.proxy.host`. */
export function rootOfPath(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  return quoted?.[1] ?? path.split(/[.[]/, 1)[0] ?? path;
}
