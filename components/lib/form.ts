/**
 * The form of what every check and the simulator read of Kubernetes' own kinds. The API server refuses an object whose
 * fields have another form; here it gets a finding, and whoever reads it sees a well-formed value. Specs of Istio's
 * kinds are compared with their definitions, and are read field by field.
 */
import { isUnknown, titleFor } from "./fields";
import type { Finding } from "./findings";
import type { KubeObject } from "./objects";
import { kindOf, templates } from "./workloads";

/** `texts` is a map of texts, `maps` a list of maps. */
type Form = "text" | "texts" | "map" | "maps";

type Fields = Readonly<Record<string, unknown>>;

const names: Readonly<Record<Form, string>> = {
  text: "text",
  texts: "a map of texts",
  map: "a map",
  maps: "a list",
};

type Rows = readonly (readonly [string, Form])[];

const ofMetadata: Rows = [
  ["labels", "texts"],
  ["annotations", "texts"],
];

/** Of every object. */
const common: Rows = [
  ["metadata.name", "text"],
  ["metadata.namespace", "text"],
  ...below("metadata", ofMetadata),
];

const ofPods: Rows = [
  ...below("metadata", ofMetadata),
  ["spec", "map"],
  ["spec.containers", "maps"],
  ["spec.initContainers", "maps"],
  ["spec.volumes", "maps"],
];

/** By kinds, as kindOf writes them. What makes pods comes besides. */
const byKind: Readonly<Record<string, Rows>> = {
  Service: [
    ["spec", "map"],
    ["spec.selector", "texts"],
    ["spec.ports", "maps"],
  ],
  ConfigMap: [["data", "texts"]],
  Secret: [
    ["data", "texts"],
    ["stringData", "texts"],
  ],
};

function below(prefix: string, rows: Rows): Rows {
  return rows.map(([path, form]) => [prefix === "" ? path : `${prefix}.${path}`, form] as const);
}

const rowsByKind = new Map<string, Rows>();

function rowsOf(kind: string): Rows {
  const template = templates[kind];
  const rows = rowsByKind.get(kind) ?? [
    ...common,
    ...(byKind[kind] ?? []),
    ...(template === undefined ? [] : below(template, ofPods)),
  ];
  rowsByKind.set(kind, rows);
  return rows;
}

const isMap = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

interface Misfit {
  readonly path: string;
  readonly message: string;
  readonly change: string;
}

/** A value in its form, and what was wrong with it. Undefined takes a field away. */
interface Formed {
  readonly value: unknown;
  readonly misfits: readonly Misfit[];
}

const fitting = (value: unknown): Formed => ({ value, misfits: [] });

/** The API server refuses the whole object for one field of another form. */
const refused = (path: string, value: unknown, form: Form, instead: unknown): Formed => {
  const quoted = form === "text" && !isBranch(value);
  const message = `${short(value)} is not ${names[form]}: the API server refuses the object`;
  const change = quoted ? `put it in quotes: ${JSON.stringify(String(value))}` : `write ${names[form]}`;
  return { value: instead, misfits: [{ path, message, change }] };
};

const isBranch = (value: unknown) => typeof value === "object" && value !== null;

function formed(value: unknown, form: Form, path: string): Formed {
  if (isUnknown(value)) return fitting(value);
  if (value === null || value === undefined) return fitting(undefined);
  if (form === "text") {
    if (typeof value === "string") return fitting(value);
    return refused(path, value, form, isBranch(value) ? undefined : String(value));
  }
  if (form === "maps") {
    if (!Array.isArray(value)) return refused(path, value, form, undefined);
    return joined(value.map((item, place) => inList(item, `${path}[${place}]`)));
  }
  if (!isMap(value)) return refused(path, value, form, undefined);
  return form === "map" ? fitting(value) : texts(value, path);
}

/** Items keep their places, so that later paths stay right. */
function inList(item: unknown, path: string): Formed {
  return isUnknown(item) || isMap(item) ? fitting(item) : refused(path, item ?? null, "map", {});
}

function joined(items: readonly Formed[]): Formed {
  return { value: items.map(({ value }) => value), misfits: items.flatMap(({ misfits }) => misfits) };
}

function texts(map: Fields, path: string): Formed {
  const entries = Object.entries(map).map(([key, value]) => ({
    key,
    // Go reads null as the empty text.
    ...(value === null ? fitting("") : formed(value, "text", `${path}.${key}`)),
  }));
  const kept = entries
    .filter(({ value }) => value !== undefined)
    .map(({ key, value }) => [key, value] as const);
  return { value: Object.fromEntries(kept), misfits: entries.flatMap(({ misfits }) => misfits) };
}

/** A copy of an object with another value at a path; undefined takes the field away. */
function replaced(holder: Fields, [key = "", ...rest]: readonly string[], value: unknown): Fields {
  const { [key]: before, ...others } = holder;
  if (rest.length > 0) return { ...holder, [key]: replaced(isMap(before) ? before : {}, rest, value) };
  return value === undefined ? others : { ...holder, [key]: value };
}

const valueAt = (object: Fields, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), object);

/** An object as it can be read, and what is wrong with its form. The very object where nothing is. */
export function wellFormed(object: KubeObject): {
  readonly object: KubeObject;
  readonly misfits: readonly Misfit[];
} {
  let whole: Fields = object;
  const misfits: Misfit[] = [];
  for (const [path, form] of rowsOf(kindOf(object))) {
    const keys = path.split(".");
    const value = valueAt(whole, keys);
    if (value === undefined) continue;
    const found = formed(value, form, path);
    const same = found.misfits.length === 0 && (found.value === value || !nullsIn(value));
    if (!same) whole = replaced(whole, keys, found.value);
    misfits.push(...found.misfits);
  }
  return { object: whole as unknown as KubeObject, misfits };
}

const nullsIn = (value: unknown): boolean =>
  value === null || (isBranch(value) && Object.values(value as Fields).some((item) => item === null));

/** Objects as checks can read them, with a finding for each field of another form. */
export function wellFormedAll(objects: readonly KubeObject[]): {
  readonly objects: readonly KubeObject[];
  readonly findings: readonly Finding[];
} {
  const all = objects.map(wellFormed);
  return {
    objects: all.map(({ object }) => object),
    findings: all.flatMap(({ object, misfits }) =>
      misfits.map(
        (misfit): Finding => ({ code: "IST0106", severity: "error", object: titleFor(object), ...misfit }),
      ),
    ),
  };
}
