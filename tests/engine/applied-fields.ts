/**
 * Who owns which field, as an API server keeps it: what a manager no longer applies goes, unless another one owns it
 * too; what another one set to something else is a conflict, or is taken over by force. List items are told apart by
 * their name, as containers and variables are.
 */
import type { Plain, PlainMap } from "./providers/values";

/** One entry of `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1?: PlainMap;
}

export interface Applied {
  readonly object: PlainMap;
  readonly managers: Manager[];
  /** Names of other managers whose values were overwritten, or would have to be. */
  readonly conflicts: string[];
}

const IDENTITY = new Set(["apiVersion", "kind", "metadata.name", "metadata.namespace"]);

const isMap = (value: Plain | undefined): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNamed = (value: Plain | undefined): value is PlainMap[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => isMap(item) && typeof item.name === "string");
const itemKey = (item: PlainMap) => `k:${JSON.stringify({ name: item.name ?? "" })}`;

/** The fields of an object in the form of `fieldsV1`, less its identity. */
export function fieldsOf(object: PlainMap): PlainMap {
  return fieldTree(object, "") as PlainMap;
}

function fieldTree(value: Plain, path: string): PlainMap {
  if (isMap(value)) {
    const entries = Object.entries(value).filter(
      ([key, each]) =>
        !IDENTITY.has(join(path, key)) && !(path === "" && key === "metadata" && isIdentity(each)),
    );
    return Object.fromEntries(entries.map(([key, each]) => [`f:${key}`, fieldTree(each, join(path, key))]));
  }
  if (isNamed(value)) {
    return Object.fromEntries(value.map((item) => [itemKey(item), fieldTree(item, `${path}[]`)]));
  }
  return {};
}

const isIdentity = (metadata: Plain) =>
  isMap(metadata) && Object.keys(metadata).every((key) => IDENTITY.has(`metadata.${key}`));

const join = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** Applies what a manager declares to what is there. */
export function applyFields(live: PlainMap, declared: PlainMap, manager: string): Applied {
  const entries = managersOf(live);
  const isOwn = (entry: Manager) => entry.manager === manager && entry.operation === "Apply";
  const before = leaves(entries.find(isOwn)?.fieldsV1 ?? {});
  const fields = fieldsOf(declared);
  const now = leaves(fields);
  const others = entries
    .filter((entry) => !isOwn(entry))
    .map((entry) => ({ ...entry, fieldsV1: entry.fieldsV1 ?? fieldsOf(live) }));
  const overwritten = now.filter((path) => {
    const [there, wanted] = [valueAt(live, path), valueAt(declared, path)];
    return there !== undefined && JSON.stringify(there) !== JSON.stringify(wanted);
  });
  const isIn = (paths: readonly Path[], path: Path) => paths.some((other) => same(other, path));
  const losers = others.filter(({ fieldsV1 }) => leaves(fieldsV1).some((path) => isIn(overwritten, path)));
  const gone = before
    .filter((path) => !isIn(now, path) && !others.some(({ fieldsV1 }) => isIn(leaves(fieldsV1), path)))
    // An item without its name could not be found again.
    .sort((left, right) => Number(left.at(-1) === "f:name") - Number(right.at(-1) === "f:name"));
  const merged = gone.reduce<PlainMap>(
    (object, path) => (without(object, path) ?? {}) as PlainMap,
    merge(live, declared) as PlainMap,
  );
  const kept = others.map((entry) => ({
    ...entry,
    fieldsV1: leaves(entry.fieldsV1)
      .filter((path) => isIn(overwritten, path))
      .reduce<PlainMap>((tree, path) => withoutStep(tree, path), entry.fieldsV1),
  }));
  const own = now.length === 0 ? [] : [{ manager, operation: "Apply", fieldsV1: fields }];
  return { object: merged, managers: [...kept, ...own], conflicts: losers.map((entry) => entry.manager) };
}

export function managersOf(object: PlainMap): Manager[] {
  return ((object.metadata as PlainMap | undefined)?.managedFields ?? []) as unknown as Manager[];
}

type Path = readonly string[];

const same = (left: Path, right: Path) => left.join("\n") === right.join("\n");

function leaves(tree: PlainMap, path: Path = []): Path[] {
  const entries = Object.entries(tree);
  if (entries.length === 0) {
    return path.length === 0 ? [] : [path];
  }
  return entries.flatMap(([step, below]) => leaves(below as PlainMap, [...path, step]));
}

function child(value: Plain | undefined, step: string): Plain | undefined {
  if (step.startsWith("k:")) {
    return isNamed(value) ? value.find((item) => itemKey(item) === step) : undefined;
  }
  return isMap(value) ? value[step.slice(2)] : undefined;
}

function valueAt(value: Plain | undefined, path: Path): Plain | undefined {
  return path.reduce<Plain | undefined>(child, value);
}

function merge(older: Plain | undefined, newer: Plain): Plain {
  if (isMap(older) && isMap(newer)) {
    const keys = Object.keys(newer);
    return {
      ...older,
      ...Object.fromEntries(keys.map((key) => [key, merge(older[key], newer[key] ?? null)])),
    };
  }
  if (isNamed(older) && isNamed(newer)) {
    const merged = older.map((item) => {
      const update = newer.find(({ name }) => name === item.name);
      return update === undefined ? item : merge(item, update);
    });
    return [...merged, ...newer.filter((item) => !older.some(({ name }) => name === item.name))];
  }
  return newer;
}

/** The value without what the path names, and without what is empty for want of it. */
function without(value: Plain, [step, ...rest]: Path): Plain | undefined {
  const below = step === undefined ? undefined : child(value, step);
  if (step === undefined || below === undefined) {
    return step === undefined ? undefined : value;
  }
  const left = without(below, rest);
  const isEmpty =
    left === undefined || (typeof left === "object" && left !== null && Object.keys(left).length === 0);
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => (item === below ? (isEmpty ? [] : [left]) : [item]));
    return items as Plain[];
  }
  const { [step.slice(2)]: _gone, ...others } = value as PlainMap;
  return isEmpty ? others : { ...others, [step.slice(2)]: left };
}

function withoutStep(tree: PlainMap, [step = "", ...rest]: Path): PlainMap {
  const { [step]: below, ...others } = tree;
  if (below === undefined || rest.length === 0) {
    return others;
  }
  const left = withoutStep(below as PlainMap, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [step]: left };
}
