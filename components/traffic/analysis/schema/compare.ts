import { isUnknown } from "../../../lib/fields";
import { nearest } from "../../../lib/nearest";
import { re2Objection } from "../../re2";
import type { Field } from "../field";
import { rules } from "./rules";
import { type Shape, shapes } from "./shape";

/** A value that its kind does not allow. */
export interface Misfit {
  readonly field: Field;
  readonly message: string;
  readonly change: string;
}

const types: Readonly<
  Record<Shape["is"], { readonly name: string; readonly fits: (value: unknown) => boolean }>
> = {
  object: { name: "a map of fields", fits: isMap },
  map: { name: "a map", fits: isMap },
  list: { name: "a list", fits: Array.isArray },
  text: { name: "text", fits: (value) => typeof value === "string" },
  whole: { name: "a whole number", fits: Number.isInteger },
  number: { name: "a number", fits: (value) => typeof value === "number" },
  flag: { name: "true or false", fits: (value) => typeof value === "boolean" },
  wholeOrText: {
    name: "a whole number or text",
    fits: (value) => Number.isInteger(value) || typeof value === "string",
  },
  any: { name: "anything", fits: () => true },
};

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const short = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** Everything about a value that its shape does not allow. Unknown values are passed over and told of by the caller. */
export function misfits(field: Field, place: number, unknown: (field: Field) => void): Misfit[] {
  const shape = shapes().nodes[place];
  if (shape === undefined) return [];
  let value: unknown;
  try {
    value = field.value;
  } catch {
    unknown(field);
    return [];
  }
  if (value === undefined || value === null || isUnknown(value)) return [];
  const { name, fits } = types[shape.is];
  if (!fits(value)) {
    return [{ field, message: `${short(value)} is not ${name}`, change: `write ${name}` }];
  }
  return [...limitsOf(field, shape, value), ...inside(field, shape, unknown)];
}

function inside(field: Field, shape: Shape, unknown: (field: Field) => void): Misfit[] {
  const { of } = shape;
  if (shape.is === "list" && of !== undefined) {
    return field.items().flatMap((item) => misfits(item, of, unknown));
  }
  if (shape.is === "map" && of !== undefined) {
    return field.entries().flatMap(([, item]) => misfits(item, of, unknown));
  }
  const { fields } = shape;
  if (fields === undefined) return [];
  return field.entries().flatMap(([name, item]) => {
    const known = fields[name];
    if (known !== undefined) return misfits(item, known, unknown);
    const meant = nearest(name, Object.keys(fields));
    const change = meant === undefined ? "take it away" : `write ${meant}, or take it away`;
    return [
      { field: item, message: `there is no field ${name} here: it is refused, or has no effect`, change },
    ];
  });
}

/** Most values have no limits but their type. */
const limited = new WeakMap<Shape, boolean>();

function hasLimits(shape: Shape): boolean {
  const known = limited.get(shape) ?? Object.keys(shape).some((key) => !["is", "fields", "of"].includes(key));
  limited.set(shape, known);
  return known;
}

function limitsOf(field: Field, shape: Shape, value: unknown): Misfit[] {
  if (!hasLimits(shape)) return [];
  const found: Misfit[] = [];
  const refuse = (message: string, change: string) => found.push({ field, message, change });
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = shape;
  if (typeof value === "number" && (value < minimum || value > maximum)) {
    refuse(
      `${value} is outside ${shape.minimum ?? "any"} to ${shape.maximum ?? "any"}`,
      "write a number within",
    );
  }
  const size = Array.isArray(value) || typeof value === "string" ? value.length : undefined;
  const [least, most] = [shape.minLength ?? shape.minItems ?? 0, shape.maxLength ?? shape.maxItems];
  if (size !== undefined && size < least) refuse("it is empty", "fill it, or take it away");
  if (size !== undefined && most !== undefined && size > most) {
    refuse(`it is ${size} long, and ${most} is the most`, "shorten it");
  }
  if (shape.enum !== undefined && !shape.enum.includes(String(value))) {
    const meant = nearest(String(value), shape.enum);
    const list = shape.enum.length > 12 ? "what the reference lists" : shape.enum.join(", ");
    refuse(
      `${short(value)} is none of ${list}`,
      meant === undefined ? "write one of these" : `write ${meant}`,
    );
  }
  if (shape.pattern !== undefined && typeof value === "string" && !new RegExp(shape.pattern).test(value)) {
    refuse(`${short(value)} does not have the form ${shape.pattern}`, "write it in this form");
  }
  const given = new Set(isMap(value) ? Object.keys(value as object) : []);
  for (const name of shape.required ?? []) {
    if (!given.has(name)) refuse(`${name} is missing`, `add ${name}`);
  }
  for (const group of shape.oneOf ?? []) {
    const both = group.filter((name) => given.has(name));
    if (both.length > 1) refuse(`${both.join(" and ")} exclude each other`, "keep one of them");
  }
  for (const rule of shape.rules ?? []) {
    const { holds, demand } = rules[rule];
    if (!holds(value)) refuse(`${short(value)} is not allowed: it has to be ${demand}`, `make it ${demand}`);
  }
  return found;
}

/** What is wrong with a regular expression; undefined for a good one. */
export const regexFault = (text: string): string | undefined => re2Objection(text);
