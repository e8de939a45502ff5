import { kindCheck } from "../define";
import { type Field, specOf } from "../field";
import { authorizationPolicyKind } from "../kinds";
import { isRange, Notes } from "../notes";
import { validSelection } from "./selection-valid";

const lists = {
  source: [
    ...[
      "principals",
      "requestPrincipals",
      "namespaces",
      "serviceAccounts",
      "trustDomains",
      "ipBlocks",
      "remoteIpBlocks",
    ],
  ].flatMap((name) => [name, `not${name[0]?.toUpperCase()}${name.slice(1)}`]),
  operation: ["hosts", "ports", "methods", "paths"].flatMap((name) => [
    name,
    `not${name[0]?.toUpperCase()}${name.slice(1)}`,
  ]),
};

const filled = (at: Field, names: readonly string[]) =>
  names.filter((name) => at.at(name).items().length > 0);

/** Sources that a proxy knows without reading requests. */
const fourth = [
  "principals",
  "notPrincipals",
  "namespaces",
  "notNamespaces",
  "serviceAccounts",
  "notServiceAccounts",
  "ipBlocks",
  "notIpBlocks",
  "remoteIpBlocks",
  "notRemoteIpBlocks",
];

function validSource(from: Field, notes: Notes): void {
  const source = from.at("source");
  if (!source.given) notes.refuse(from, "no source", "add source");
  else if (filled(source, lists.source).length === 0)
    notes.refuse(source, "an empty source", "name principals, namespaces or addresses");
  for (const name of ["ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"]) {
    for (const block of source.at(name).items()) {
      if (!isRange(block.text() ?? ""))
        notes.refuse(block, `${block.text()} is neither an address nor a range`, "write one like 10.0.0.0/8");
    }
  }
  for (const name of ["serviceAccounts", "notServiceAccounts"]) {
    for (const account of source.at(name).items()) {
      const text = account.text() ?? "";
      if (text.includes("*") || text.split("/").length > 2 || text === "")
        notes.refuse(
          account,
          `${text || "nothing"} is no service account`,
          "write NAMESPACE/NAME, without wildcards",
        );
    }
  }
}

/** `/a/{*}/b` and `/a/{**}`. */
function validPath(path: Field, notes: Notes): void {
  const text = path.text() ?? "";
  if (!/\{\*{1,2}\}/.test(text)) return;
  const parts = text.split("/");
  const bad = parts.some(
    (part) =>
      (part.includes("{") && !/^\{\*{1,2}\}$/.test(part)) || (part.includes("*") && !part.includes("{")),
  );
  if (bad || (parts.slice(0, -1).includes("{**}") && parts.indexOf("{**}") !== parts.lastIndexOf("{**}"))) {
    notes.refuse(
      path,
      `${text} is no template of a path`,
      "write {*} for one part and {**} for the rest, each between slashes",
    );
  }
}

function validOperation(to: Field, notes: Notes): void {
  const operation = to.at("operation");
  if (!operation.given) notes.refuse(to, "no operation", "add operation");
  else if (filled(operation, lists.operation).length === 0)
    notes.refuse(operation, "an empty operation", "name methods, paths, hosts or ports");
  for (const port of [...operation.at("ports").items(), ...operation.at("notPorts").items()]) {
    const number = Number(port.text() ?? Number.NaN);
    if (!(Number.isInteger(number) && number >= 0 && number <= 65535))
      notes.refuse(port, `${port.text()} is no port`, "write a number, as text");
  }
  for (const path of [...operation.at("paths").items(), ...operation.at("notPaths").items()])
    validPath(path, notes);
}

function validEmpties(at: Field, names: readonly string[], notes: Notes): void {
  for (const item of names.flatMap((name) => at.at(name).items())) {
    if (item.text() === "") notes.refuse(item, "an empty value", "fill it, or take it away");
  }
}

const attributes = [
  ...[
    "source.ip",
    "remote.ip",
    "source.namespace",
    "source.serviceAccount",
    "source.principal",
    "source.trustDomain",
  ],
  ...["request.auth.principal", "request.auth.audiences", "request.auth.presenter", "destination.ip"],
  ...["destination.port", "connection.sni"],
];

function validCondition(when: Field, notes: Notes): void {
  const key = when.at("key").text() ?? "";
  const mapped =
    /^request\.(headers|auth\.claims)\[.+\]/.test(key) || /^experimental\.envoy\.filters\..+\[.+\]/.test(key);
  if (key !== "" && !mapped && !attributes.includes(key))
    notes.refuse(
      when.at("key"),
      `${key} is nothing that proxies know of a request`,
      `write one of ${attributes.slice(0, 4).join(", ")}, request.headers[NAME] or request.auth.claims[NAME]`,
    );
  const values = [...when.at("values").items(), ...when.at("notValues").items()];
  if (values.length === 0) notes.refuse(when, `${key} without values`, "add values or notValues");
  for (const value of values) {
    const text = value.text() ?? "";
    if (key.endsWith(".ip") && !isRange(text))
      notes.refuse(value, `${text} is neither an address nor a range`, "correct it");
    if (key === "destination.port" && !/^\d+$/.test(text))
      notes.refuse(value, `${text} is no port`, "write a number, as text");
  }
}

function validCustom(spec: Field, notes: Notes): void {
  if (!spec.at("rules").given) {
    notes.refuse(spec, "CUSTOM without rules never asks anybody", "add rules: [{}] for every request");
    return;
  }
  if ((spec.at("provider", "name").text() ?? "") === "")
    notes.refuse(spec, "CUSTOM without provider", "add provider.name");
  for (const rule of spec.at("rules").items()) {
    const blocked = lists.source.filter((name) => !/ipBlocks/i.test(name));
    for (const from of rule.at("from").items()) {
      for (const name of filled(from.at("source"), blocked))
        notes.refuse(
          from.at("source", name),
          `${name} is not supported with CUSTOM`,
          "use ipBlocks, or leave it to the provider",
        );
    }
    for (const when of rule.at("when").items()) {
      const key = when.at("key").text() ?? "";
      if (/^(source\.(namespace|serviceAccount|trustDomain|principal)|request\.auth\.)/.test(key))
        notes.refuse(when.at("key"), `${key} is not supported with CUSTOM`, "leave it to the provider");
    }
  }
}

/** Denying by what only HTTP has denies every connection that is not HTTP. */
function deniesTcp(rule: Field): boolean {
  const from = rule
    .at("from")
    .items()
    .map((one) => one.at("source"));
  const to = rule
    .at("to")
    .items()
    .map((one) => one.at("operation"));
  const known = from.some((source) => fourth.some((name) => source.at(name).given));
  const ports = to.some((operation) => operation.at("ports").given || operation.at("notPorts").given);
  return (from.length > 0 && to.length === 0 && !known) || (to.length > 0 && !ports);
}

/** What Istio's webhook refuses or warns of in an AuthorizationPolicy. */
export const validAuthorization = kindCheck(["IST0106", "IST0133"], [authorizationPolicyKind], (policy) => {
  const notes = new Notes();
  const spec = specOf(policy);
  const action = spec.at("action").text() ?? "ALLOW";
  validSelection(spec, notes);
  if (action === "CUSTOM") validCustom(spec, notes);
  else if (spec.at("provider").given)
    notes.refuse(spec.at("provider"), `a provider beside ${action}`, "write action: CUSTOM, or take it away");
  if (action === "DENY" && !spec.at("rules").given)
    notes.refuse(spec, "DENY without rules never denies", "add rules: [{}] for every request");
  for (const rule of spec.at("rules").items()) {
    for (const name of ["from", "to"]) {
      if (rule.at(name).given && rule.at(name).items().length === 0)
        notes.refuse(rule.at(name), `an empty list ${name}`, "fill it, or take it away");
    }
    for (const from of rule.at("from").items()) {
      validSource(from, notes);
      validEmpties(from.at("source"), lists.source, notes);
    }
    for (const to of rule.at("to").items()) {
      validOperation(to, notes);
      validEmpties(to.at("operation"), lists.operation, notes);
    }
    for (const when of rule.at("when").items()) validCondition(when, notes);
    if (action === "DENY" && deniesTcp(rule))
      notes.warn(
        rule,
        "the rule speaks of HTTP alone: connections of other protocols are all denied",
        "add operation.ports",
      );
  }
  return notes.drafts;
});
