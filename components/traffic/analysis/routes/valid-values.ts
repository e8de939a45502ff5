import type { Field } from "../field";
import { isWildcardName, type Notes } from "../notes";
import { regexFault } from "../schema/compare";

const headerForm = /^[-_A-Za-z0-9]+$/;
const pseudo = [":method", ":scheme", ":authority", ":path", ":status"];
const claimForm = /^@request\.auth\.claims[.[]/;

/** Whether the name of a header stands for a claim of a token. */
export const isClaim = (name: string): boolean => claimForm.test(name);

/** A text to compare with: exact, prefix or regex. */
export function validStringMatch(at: Field, notes: Notes, emptyPrefix = false): void {
  const [prefix, regex] = [at.at("prefix"), at.at("regex")];
  if (prefix.text() === "" && !emptyPrefix) {
    notes.refuse(prefix, "an empty prefix", "give one, or take the match away: it hits everything");
  }
  const fault = regex.given ? regexFault(regex.text() ?? "") : undefined;
  if (fault !== undefined) {
    notes.refuse(regex, `the regular expression ${fault}`, "write it in the syntax of RE2, up to 1024 bytes");
  }
}

export function validHeaderMatches(at: Field, notes: Notes, absence: boolean): void {
  for (const [name, match] of at.entries()) {
    if (!headerForm.test(name) && !pseudo.includes(name) && !isClaim(name)) {
      notes.refuse(match, `${name || "nothing"} is no name of a header`, "write letters, digits, - and _");
    }
    if (absence && match.at("regex").text() === "*") continue;
    validStringMatch(match, notes);
  }
}

const isAuthority = (name: string) => [":authority", "host"].includes(name.toLowerCase());

function validName(at: Field, name: string, authority: boolean, notes: Notes): void {
  if (name === "") notes.refuse(at, "a header without a name", "name it");
  const inner = name.startsWith(":") || name.toLowerCase() === "host";
  if (inner && !(authority && isAuthority(name))) {
    notes.refuse(
      at,
      `${name} cannot be changed this way`,
      authority ? "use rewrite" : "rewrite the authority, or take it away",
    );
  }
}

/** What is set, added and removed on the way there and back. */
export function validHeaderChanges(at: Field, notes: Notes): void {
  for (const side of ["request", "response"] as const) {
    const changes = at.at(side);
    for (const act of ["set", "add"] as const) {
      for (const [name, value] of changes.at(act).entries()) {
        validName(value, name, side === "request", notes);
        const text = value.text() ?? "";
        if ([...text].some((letter) => letter < " " && letter !== "\t") || text.includes("\u007f")) {
          notes.refuse(value, "a value with control characters", "write it on one line");
        }
      }
    }
    for (const name of changes.at("remove").items()) validName(name, name.text() ?? "", false, notes);
  }
}

/** Only one place may say which authority goes on. */
export function oneAuthority(rule: Field, notes: Notes): void {
  const request = rule.at("headers", "request");
  const changes = (["set", "add"] as const).flatMap((act) =>
    request
      .at(act)
      .entries()
      .filter(([name]) => isAuthority(name))
      .map(([, value]) => value),
  );
  const rewrites = (rule.at("rewrite", "authority").text() ?? "") === "" ? 0 : 1;
  const last = changes.at(-1);
  if (last !== undefined && changes.length + rewrites > 1) {
    notes.refuse(last, "the authority is changed twice", "keep one: rewrite.authority");
  }
}

/** A destination, apart from whether it exists. */
export function validDestination(at: Field, notes: Notes): void {
  if (!at.given) return;
  const host = at.at("host").text();
  if (host === "*" || (host !== undefined && host !== "" && !isWildcardName(host))) {
    notes.refuse(
      at.at("host"),
      `${host} is no host that requests could go to`,
      "write the name of a Service",
    );
  }
  const subset = at.at("subset").text();
  if (subset !== undefined && subset !== "" && !/^[a-z0-9A-Z]([-a-z0-9A-Z]*[a-z0-9A-Z])?$/.test(subset)) {
    notes.refuse(at.at("subset"), `${subset} is no name of a subset`, "write letters, digits and -");
  }
}

/** Weights, as Istio takes them: none below 0, and not all 0. */
export function validWeights(rule: Field, notes: Notes): void {
  const routes = rule.at("route").items();
  for (const route of routes) {
    if (!route.at("destination").given) notes.refuse(route, "no destination", "give one with a host");
    validDestination(route.at("destination"), notes);
    validHeaderChanges(route.at("headers"), notes);
  }
  const weights = routes.map((route) => route.at("weight").number() ?? 0);
  if (routes.length > 1 && weights.every((weight) => weight === 0)) {
    notes.refuse(rule.at("route"), "no destination has a weight", "give weights that sum to 100");
  }
}
