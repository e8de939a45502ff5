import { readFileSync } from "node:fs";
import path from "node:path";
import type { RuleName } from "./rules";

/** What a value may be. Names of limits are those of OpenAPI. */
export interface Shape {
  readonly is: "object" | "map" | "list" | "text" | "whole" | "number" | "flag" | "wholeOrText" | "any";
  /** Of an object: its fields, as places in the list of shapes. */
  readonly fields?: Readonly<Record<string, number>>;
  readonly required?: readonly string[];
  /** Of an object: groups of fields of which at most one is given. */
  readonly oneOf?: readonly (readonly string[])[];
  /** Of a list or map: what is in it, as a place in the list of shapes. */
  readonly of?: number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly rules?: readonly RuleName[];
}

/** Shapes of the specs of Istio's kinds, written by scripts/lib/analyze/crd-shapes.ts. */
export interface Shapes {
  /** `networking.istio.io/Gateway` to a place in `nodes`. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly nodes: readonly Shape[];
}

let kept: Shapes | undefined;

/** The shapes of Istio 1.31. Read when first asked for. */
export function shapes(): Shapes {
  kept ??= JSON.parse(readFileSync(path.join(__dirname, "shapes.json"), "utf8")) as Shapes;
  return kept;
}
