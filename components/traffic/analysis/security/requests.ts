import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { authorizationPolicyKind, requestAuthenticationKind } from "../kinds";
import { rootNamespace } from "../mesh";
import { Notes } from "../notes";
import { isWide, selectedBy, selectorOf } from "../selection";
import { conditionsOn, namesTokens } from "./rules";
import { validSelection } from "./selection-valid";

const privateParts = ["d", "p", "q", "dp", "dq", "qi", "k"];

function validKeys(at: Field, notes: Notes): void {
  const text = at.text() ?? "";
  if (text === "") return;
  let keys: readonly Record<string, unknown>[];
  try {
    const parsed = JSON.parse(text) as { keys?: readonly Record<string, unknown>[] };
    keys = parsed.keys ?? [parsed as Record<string, unknown>];
  } catch {
    notes.refuse(at, "jwks is no JSON", 'write {"keys": [...]} as the issuer gives it');
    return;
  }
  if (keys.some((key) => typeof key.kty !== "string"))
    notes.refuse(at, "a key without kty", "copy the issuer's keys as they are");
  else if (keys.some((key) => privateParts.some((part) => part in key))) {
    notes.warn(
      at,
      "jwks has a private key, which is for its owner alone",
      "keep the public parts: kty, n, e, x, y, crv",
    );
  }
}

function validRule(rule: Field, notes: Notes): void {
  const [issuer, uri] = [rule.at("issuer").text() ?? "", rule.at("jwksUri").text() ?? ""];
  if (issuer === "" && uri === "") notes.refuse(rule, "neither issuer nor jwksUri", "add the issuer");
  validKeys(rule.at("jwks"), notes);
  notes.duration(rule.at("timeout"));
  for (const name of ["audiences", "fromParams", "fromCookies"]) {
    for (const item of rule.at(name).items())
      if (item.text() === "") notes.refuse(item, "an empty value", "fill it, or take it away");
  }
  for (const header of rule.at("fromHeaders").items()) {
    if ((header.at("name").text() ?? "") === "") notes.refuse(header, "a header without a name", "name it");
  }
  for (const output of rule.at("outputClaimToHeaders").items()) {
    const [claim, header] = [output.at("claim").text() ?? "", output.at("header").text() ?? ""];
    if (claim === "" || header === "") notes.refuse(output, "claim or header is missing", "add both");
    else if (!/^[-_A-Za-z0-9]+$/.test(header))
      notes.refuse(output.at("header"), `${header} is no name of a header`, "write letters, digits, - and _");
  }
}

/** What Istio's webhook refuses or warns of in a RequestAuthentication. */
export const validRequestAuthentication = kindCheck(
  ["IST0106", "IST0133"],
  [requestAuthenticationKind],
  (policy) => {
    const notes = new Notes();
    validSelection(specOf(policy), notes);
    for (const rule of specOf(policy).at("jwtRules").items()) validRule(rule, notes);
    return notes.drafts;
  },
);

const asksForToken = (policy: KubeObject): boolean =>
  specOf(policy)
    .at("rules")
    .items()
    .some((rule) => namesTokens(rule) || conditionsOn(rule, "request.auth."));

/** Where tokens are asked for: namespaces, and pods. */
const asked = (index: ObjectIndex) =>
  gather(
    index,
    "token demands",
    [authorizationPolicyKind],
    () => new Set<string | KubeObject>(),
    (all, policy) => {
      if (!asksForToken(policy)) return;
      if (isWide(policy) || selectorOf(policy).keys().length === 0) all.add(namespaceOf(policy));
      for (const { object } of selectedBy(policy, index)) all.add(object);
    },
  );

/** It refuses wrong tokens; who brings none comes in. */
export const tokenIsAskedFor = kindCheck(["MP0603"], [requestAuthenticationKind], (policy, index) => {
  const { entries, vague } = asked(index);
  const places = [namespaceOf(policy), rootNamespace(index)];
  const pods = selectedBy(policy, index).map(({ object }) => object);
  if (
    [...places, ...pods].some((place) => entries.has(place)) ||
    specOf(policy).at("jwtRules").items().length === 0
  )
    return [];
  if (isWide(policy) && [...entries].length > 0) return [];
  if (vague !== undefined) throw vague;
  return [
    note(
      "MP0603",
      specOf(policy).at("jwtRules"),
      "it refuses wrong tokens, and whoever brings none comes in",
      "add an AuthorizationPolicy that allows requestPrincipals, or denies who has none",
    ),
  ];
});

const issuers = (policy: KubeObject) =>
  specOf(policy)
    .at("jwtRules")
    .items()
    .map((rule) => rule.at("issuer").text() ?? "");

const byIssuer = (index: ObjectIndex) =>
  gather(
    index,
    "token issuers",
    [requestAuthenticationKind],
    () => new Map<string, string[]>(),
    (all, policy) => {
      for (const issuer of new Set(issuers(policy)))
        put(all, `${namespaceOf(policy)} ${selectorOf(policy).canonical()} ${issuer}`, titleFor(policy));
    },
  ).entries;

/** Rules of several policies are put together, so that one issuer twice is one too many. */
export const oneRulePerIssuer = kindCheck(
  ["KIA0002", "KIA0003"],
  [requestAuthenticationKind],
  (policy, index) =>
    [...new Set(issuers(policy))].flatMap((issuer): TrafficDraft[] => {
      const key = `${namespaceOf(policy)} ${selectorOf(policy).canonical()} ${issuer}`;
      const names = others(byIssuer(index).get(key) ?? [], titleFor(policy));
      if (names === "") return [];
      return [
        note(
          isWide(policy) ? "KIA0002" : "KIA0003",
          specOf(policy).at("jwtRules"),
          `${names} has rules for the issuer ${issuer} and the same pods: which of them counts is not said`,
          "keep one rule for each issuer",
          "warning",
        ),
      ];
    }),
);
