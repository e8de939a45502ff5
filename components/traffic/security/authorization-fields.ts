import type { Place } from "../faults";
import { cidr, filledText, integer } from "../values";
import type { Operation, Source } from "./authorization-types";

/** How a field's values are checked, and whether only HTTP has it. */
interface FieldRule {
  readonly check: (value: string | number, at: Place) => void;
  readonly http?: true;
}

const text = (value: string | number, at: Place) => void filledText(value as string, at);
const address = (value: string | number, at: Place) => void cidr(value as string, at);
const portNumber = (value: string | number, at: Place) =>
  void integer(value as number, at, { min: 0, max: 65_535 });

const methodNames = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

function method(value: string | number, at: Place): void {
  const name = String(value);
  const fits = name.includes("*") ? /^\*$|^[A-Z]+\*$|^\*[A-Z]+$/.test(name) : methodNames.includes(name);
  if (fits) return;
  const change = name.startsWith("/") ? "write a gRPC call as a path" : "write one of these, in capitals";
  at.fault(value, `${methodNames.join(", ")}; * for any`, change);
}

function path(value: string | number, at: Place): void {
  const given = String(filledText(value as string, at));
  const parts = given.replace(/^\/|\/$/g, "").split("/");
  const rest = parts.indexOf("{**}");
  if (rest >= 0 && parts.slice(rest + 1).some((part) => part.startsWith("{"))) {
    at.fault(value, "{**} as the last of the templates", "move it to the end");
  }
  if (parts.some((part) => part !== "{*}" && part !== "{**}" && /[{}]/.test(part))) {
    at.fault(value, "{*} for one part of a path, {**} for the rest", "let the template be all of a part");
  }
  if (given.includes("?")) at.fault(value, "a path without its query", "remove what stands from ? on");
}

function account(value: string | number, at: Place): void {
  const given = String(value);
  if (!/^[^*/]+(\/[^*/]+)?$/.test(given) || given.length > 320) {
    at.fault(value, "ACCOUNT or NAMESPACE/ACCOUNT, without *", "write it in full");
  }
}

const sourceRules: Readonly<Record<string, FieldRule>> = {
  principals: { check: text },
  requestPrincipals: { check: text, http: true },
  namespaces: { check: text },
  serviceAccounts: { check: account },
  ipBlocks: { check: address },
  remoteIpBlocks: { check: address },
};

const operationRules: Readonly<Record<string, FieldRule>> = {
  hosts: { check: text, http: true },
  ports: { check: portNumber },
  methods: { check: method, http: true },
  paths: { check: path, http: true },
};

/** `notPorts` has the rules of `ports`. */
const baseOf = (field: string) => field.replace(/^not([A-Z])/, (_, letter: string) => letter.toLowerCase());

type Fields = Readonly<Record<string, readonly (string | number)[] | undefined>>;

const given = (fields: Fields) =>
  Object.entries(fields).flatMap(([name, values]) => (values === undefined ? [] : [[name, values] as const]));

function checkFields(fields: Fields, rules: Readonly<Record<string, FieldRule>>, at: Place): void {
  const all = given(fields);
  if (all.length === 0)
    at.fault({}, "one field or more: an empty one is refused", "fill it, or leave it out");
  for (const [name, values] of all) {
    const rule = rules[baseOf(name)];
    if (rule === undefined) at.in(name).fault(values, Object.keys(rules).join(", "), "correct the spelling");
    else if (values.length === 0) at.in(name).fault([], "one value or more", "leave the field out");
    else values.forEach((value, index) => void rule.check(value, at.in(name, index)));
  }
}

/** The fields that only HTTP has, by their names. */
const httpFields = (fields: Fields, rules: Readonly<Record<string, FieldRule>>) =>
  given(fields).flatMap(([name]) => (rules[baseOf(name)]?.http === true ? [name] : []));

export const httpFieldsOfSource = (source: Source): string[] => httpFields(source as Fields, sourceRules);
export const httpFieldsOfOperation = (operation: Operation): string[] =>
  httpFields(operation as Fields, operationRules);

const accountFields = ["serviceAccounts", "notServiceAccounts"] as const;
const besides = ["principals", "notPrincipals", "namespaces", "notNamespaces"] as const;

export function checkSource(source: Source, at: Place): void {
  checkFields(source as Fields, sourceRules, at);
  const both = besides.filter((field) => source[field] !== undefined);
  for (const field of accountFields) {
    const accounts = source[field];
    if (accounts === undefined) continue;
    if (accounts.length > 16)
      at.in(field).fault(`${accounts.length} accounts`, "at most 16", "make two sources");
    if (both.length > 0) {
      at.in(field).fault(
        `beside ${both.join(", ")}`,
        "accounts alone: they name the namespace",
        "remove the others",
      );
    }
  }
}

export const checkOperation = (operation: Operation, at: Place): void =>
  checkFields(operation as Fields, operationRules, at);

/** An operation as Istio writes it: ports are texts there. */
export function operationFields(operation: Operation): object {
  const texts = (["ports", "notPorts"] as const).flatMap((field) => {
    const ports = operation[field];
    return ports === undefined ? [] : [[field, ports.map(String)] as const];
  });
  return { ...operation, ...Object.fromEntries(texts) };
}
