import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import { findDefinitions } from "../../support/definitions";

/** The part of a structural schema that decides on plain values. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const definitions = findDefinitions();

/** Why there are no definitions to compare with; undefined where there are. */
export const missingDefinitions = typeof definitions === "string" ? definitions : undefined;

/** Definitions as istiod's chart and Gateway API publish them, each as text: to parse all of them takes seconds. */
let texts: readonly string[] | undefined;
function definitionTexts(): readonly string[] {
  if (texts !== undefined) return texts;
  if (typeof definitions === "string") throw new Error(definitions);
  const { chart, gatewayApi } = definitions;
  const { stdout } = spawnSync("tar", ["-xzOf", chart, "base/files/crd-all.gen.yaml"], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  texts = [stdout, readFileSync(gatewayApi, "utf8")].flatMap((text) => text.split(/^---\s*$/m));
  return texts;
}

const known = new Map<string, Schema | undefined>();

/** The schema of a kind, such as `VirtualService` of `networking.istio.io/v1`. */
function schemaOf({ apiVersion, kind }: KubeObject): Schema | undefined {
  const key = `${apiVersion}/${kind}`;
  if (!known.has(key)) known.set(key, findSchema(apiVersion, kind));
  return known.get(key);
}

function findSchema(apiVersion: string, kind: string): Schema | undefined {
  const [group, version] = apiVersion.split("/");
  const text = definitionTexts().find(
    (one) =>
      new RegExp(`^    kind: ${kind}$`, "m").test(one) && new RegExp(`^  group: ${group}$`, "m").test(one),
  );
  const definition = text === undefined ? undefined : (parse(text) as Definition);
  return definition?.spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema;
}

/** What the API server would refuse about an object, or silently drop: unknown fields too. */
export function schemaFaults(object: KubeObject): string[] {
  const schema = schemaOf(object);
  if (schema === undefined) return [`${object.apiVersion} ${object.kind} is not defined`];
  const { apiVersion: _, kind: __, metadata: ___, ...fields } = object;
  const { properties = {}, ...rest } = schema;
  const own = Object.fromEntries(Object.entries(properties).filter(([name]) => name === "spec"));
  return [...faultsOf(fields, { ...rest, properties: own, required: [] }, "")];
}

const typeOf = (value: unknown) =>
  Array.isArray(value)
    ? "array"
    : Number.isInteger(value)
      ? "integer"
      : value === null
        ? "null"
        : typeof value;

function* faultsOf(value: unknown, schema: Schema, path: string): Generator<string> {
  const type = typeOf(value);
  const fits =
    schema.type === undefined || schema.type === type || (schema.type === "number" && type === "integer");
  if (!fits && schema["x-kubernetes-int-or-string"] !== true) {
    yield `${path}: ${type} instead of ${schema.type}`;
    return;
  }
  yield* logic(value, schema, path);
  if (schema.enum !== undefined && !schema.enum.includes(value)) yield `${path}: not one of ${schema.enum}`;
  if (typeof value === "string") yield* textFaults(value, schema, path);
  if (typeof value === "number") {
    if (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)) yield `${path}: out of range`;
  }
  if (Array.isArray(value)) {
    if (value.length > (schema.maxItems ?? value.length)) yield `${path}: more than ${schema.maxItems} items`;
    if (value.length < (schema.minItems ?? 0)) yield `${path}: fewer than ${schema.minItems} items`;
    for (const [index, item] of value.entries())
      yield* faultsOf(item, schema.items ?? {}, `${path}[${index}]`);
  }
  if (type === "object") yield* objectFaults(value as Record<string, unknown>, schema, path);
}

function* textFaults(
  value: string,
  { pattern, minLength, maxLength }: Schema,
  path: string,
): Generator<string> {
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value))
    yield `${path}: does not match ${pattern}`;
  if (value.length < (minLength ?? 0) || value.length > (maxLength ?? value.length))
    yield `${path}: wrong length`;
}

function* objectFaults(value: Record<string, unknown>, schema: Schema, path: string): Generator<string> {
  for (const name of schema.required ?? []) if (value[name] === undefined) yield `${path}.${name}: missing`;
  const { properties, additionalProperties: more } = schema;
  for (const [name, inner] of Object.entries(value)) {
    const below = properties?.[name] ?? (typeof more === "object" ? more : undefined);
    if (below !== undefined) yield* faultsOf(inner, below, `${path}.${name}`);
    else if (properties !== undefined && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
      yield `${path}.${name}: unknown field`;
    }
  }
}

/** Inside these, fields that are not named are no fault. */
const holds = (value: unknown, schema: Schema): boolean => {
  const { properties = {}, required = [] } = schema;
  const fields = (value ?? {}) as Record<string, unknown>;
  const named = Object.entries(properties).filter(([name]) => fields[name] !== undefined);
  return (
    required.every((name) => fields[name] !== undefined) &&
    named.every(([name, inner]) => [...faultsOf(fields[name], inner, "")].length === 0) &&
    (schema.anyOf === undefined || schema.anyOf.some((one) => holds(value, one))) &&
    (schema.oneOf === undefined || schema.oneOf.filter((one) => holds(value, one)).length === 1) &&
    (schema.allOf ?? []).every((one) => holds(value, one)) &&
    (schema.not === undefined || !holds(value, schema.not)) &&
    (schema.enum === undefined || schema.enum.includes(value)) &&
    (schema.pattern === undefined ||
      (typeof value === "string" && new RegExp(schema.pattern, "u").test(value)))
  );
};

function* logic(value: unknown, { oneOf, anyOf, allOf, not }: Schema, path: string): Generator<string> {
  if (oneOf !== undefined && oneOf.filter((one) => holds(value, one)).length !== 1) yield `${path}: oneOf`;
  if (anyOf !== undefined && !anyOf.some((one) => holds(value, one))) yield `${path}: anyOf`;
  if (allOf?.every((one) => holds(value, one)) === false) yield `${path}: allOf`;
  if (not !== undefined && holds(value, not)) yield `${path}: not`;
}
