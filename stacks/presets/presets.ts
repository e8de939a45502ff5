import type { PartialConfig, Preset } from "./preset";
import { seed000 } from "./seed000";
import { seed001 } from "./seed001";
import { seed002 } from "./seed002";
import { seed003 } from "./seed003";

export type PresetName = "seed000" | "seed001" | "seed002" | "seed003";

/** The source documents by name. */
export const presets: Readonly<Record<PresetName, Preset>> = { seed000, seed001, seed002, seed003 };

type PlainObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is PlainObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A preset below what a stack says itself. Objects are merged, key by key; lists and single values of the stack
 * replace those of the preset. Where both name a `kind` and it differs, the stack's object stands alone: fields of
 * one kind mean nothing to another.
 */
export function layer(preset: PlainObject, own: PlainObject): PlainObject {
  if (preset.kind !== undefined && own.kind !== undefined && preset.kind !== own.kind) return own;
  const merged: Record<string, unknown> = { ...preset };
  for (const [key, value] of Object.entries(own)) {
    const below = preset[key];
    if (value === undefined) continue;
    merged[key] = isObject(below) && isObject(value) ? layer(below, value) : value;
  }
  return merged;
}

/** Sections that mean nothing without a mesh. */
const ofTheMesh = ["gateways", "addons", "apps"] as const;

/** The preset without what a stack has turned off: `mesh: false` takes what stands on the mesh along. */
function without(config: PlainObject, own: PlainObject): PlainObject {
  if (own.mesh !== false) return config;
  return Object.fromEntries(Object.entries(config).filter(([key]) => !ofTheMesh.some((one) => one === key)));
}

/** A stack's own config with its preset below it; without a preset, as it is. An unknown name is left to the schema. */
export function withPreset(own: PlainObject): PlainObject {
  const name = own.preset;
  if (typeof name !== "string" || !Object.hasOwn(presets, name)) return own;
  const { config }: { config: PartialConfig } = presets[name as PresetName];
  return layer(without(config as PlainObject, own), own);
}
