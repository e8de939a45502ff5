/**
 * Reads Istio's CustomResourceDefinitions and writes what their specs may contain, in short: for
 * components/traffic/analysis/schema/shapes.json. To be run for a new version of Istio:
 * node -r tsx/cjs scripts/lib/analyze/crd-shapes.ts crd-all.gen.yaml > shapes.json
 */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { ruleNames } from "../../../components/traffic/analysis/schema/cel";
import type { Shape, Shapes } from "../../../components/traffic/analysis/schema/shape";

interface OpenApi {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, OpenApi>>;
  readonly additionalProperties?: OpenApi | boolean;
  readonly items?: OpenApi;
  readonly required?: readonly string[];
  readonly oneOf?: readonly { readonly required?: readonly string[] }[];
  readonly allOf?: readonly OpenApi[];
  readonly enum?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly [limit: string]: unknown;
}

const nodes: Shape[] = [];
const nameless = new Set<string>();
const places = new Map<string, number>();

/** Equal shapes are written once. */
function keep(shape: Shape): number {
  const text = JSON.stringify(shape);
  const known = places.get(text);
  if (known !== undefined) return known;
  places.set(text, nodes.length);
  return nodes.push(shape) - 1;
}

const limits = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"] as const;
const scalars: Readonly<Record<string, Shape["is"]>> = {
  string: "text",
  integer: "whole",
  number: "number",
  boolean: "flag",
};

function shapeOf(schema: OpenApi): number {
  const rules = (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule }) => {
    const name = ruleNames[rule.replaceAll(/\s+/g, " ")];
    if (name === undefined) nameless.add(rule);
    return name === undefined ? [] : [name];
  });
  const groups = [schema, ...(schema.allOf ?? [])]
    .map(({ oneOf = [] }) => oneOf.flatMap(({ required = [] }) => required))
    .filter((group) => group.length > 1);
  const common = {
    ...Object.fromEntries(limits.flatMap((limit) => (limit in schema ? [[limit, schema[limit]]] : []))),
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...(rules.length === 0 ? {} : { rules }),
  };
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return keep({ is: "any" });
  if (schema["x-kubernetes-int-or-string"] === true) return keep({ is: "wholeOrText" });
  if (schema.items !== undefined) return keep({ is: "list", of: shapeOf(schema.items), ...common });
  if (typeof schema.additionalProperties === "object") {
    return keep({ is: "map", of: shapeOf(schema.additionalProperties), ...common });
  }
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]) => [name, shapeOf(field)]);
    return keep({
      is: "object",
      fields: Object.fromEntries(fields),
      ...(schema.required === undefined ? {} : { required: schema.required }),
      ...(groups.length === 0 ? {} : { oneOf: groups }),
      ...common,
    });
  }
  const is = scalars[schema.type ?? ""];
  return keep(is === undefined ? { is: "any" } : { is, ...common });
}

const [file = ""] = process.argv.slice(2);
const kinds: Record<string, number> = {};
for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
  const crd = document.toJS();
  if (crd === null) continue;
  const { group, names, versions } = crd.spec;
  const newest = versions.find(({ name }: { name: string }) => name === "v1") ?? versions[0];
  kinds[`${group}/${names.kind}`] = shapeOf(newest.schema.openAPIV3Schema.properties.spec);
}
if (nameless.size > 0) {
  throw new Error(`rules without a name in schema/cel.ts:\n${[...nameless].join("\n")}`);
}
const shapes: Shapes = { kinds, nodes };
console.log(JSON.stringify(shapes));
