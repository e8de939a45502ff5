import type { KubeObject } from "../../../lib/objects";
import { kindCheck, note, type TrafficDraft } from "../define";
import type { Field } from "../field";
import { virtualServiceKind } from "../kinds";
import { gatewaysOf, rulesOf, ruleTitle } from "../virtual-services";
import { type Conditions, conditionsOf, covers } from "./coverage";
import { prefixCovered } from "./prefix-coverage";

interface Match {
  readonly field: Field;
  readonly rule: Field;
  readonly conditions: Conditions;
}

const unreachable = (rule: Field, why: string) =>
  note(
    "IST0130",
    rule,
    `no request reaches the rule ${ruleTitle(rule)}: ${why}`,
    "move it up, or take it away",
  );

const lastWithout = "a rule before it has no match and takes everything";

/** Rules in their order, as proxies try them. */
function reach(rules: readonly Field[], http: boolean): TrafficDraft[] {
  const found: TrafficDraft[] = [];
  const seen = new Map<string, Field>();
  const matches: Match[] = [];
  let catchAll: Field | undefined;
  for (const rule of rules) {
    const own = rule.at("match").items();
    if (catchAll !== undefined) found.push(unreachable(rule, lastWithout));
    if (own.length === 0) catchAll ??= rule;
    if (catchAll !== undefined) continue;
    let repeated = 0;
    for (const field of own) {
      const text = field.canonical(http ? ["name"] : []);
      const before = seen.get(text);
      if (before !== undefined) {
        repeated += 1;
        found.push(
          note(
            "IST0131",
            field,
            `the rule ${ruleTitle(before)} has the same match and comes first`,
            "take it away, or narrow it",
          ),
        );
        continue;
      }
      seen.set(text, rule);
      matches.push({ field, rule, conditions: conditionsOf(field) });
    }
    if (repeated === own.length) found.push(unreachable(rule, "earlier rules have all its matches"));
  }
  return [...found, ...(http ? covered(matches) : [])];
}

/** Matches that an earlier one covers: of two prefixes as Istio tells it, of other forms as our own finding. */
function covered(matches: readonly Match[]): TrafficDraft[] {
  const prefixes = prefixCovered(matches.map(({ field }) => field));
  return matches.flatMap(({ field, rule, conditions }, place): TrafficDraft[] => {
    const prefix = prefixes.get(field.path);
    if (prefix !== undefined) {
      const text = `${prefix.path} comes first and has the shorter prefix ${prefix.at("uri", "prefix").text()}`;
      return [note("IST0131", field, text, "put the longer prefix first")];
    }
    const before = matches.slice(0, place).find((other) => covers(other.conditions, conditions));
    if (before === undefined || before.rule.path === rule.path) return [];
    return [
      note(
        "MP0409",
        field,
        `every request that it would take goes to the rule ${ruleTitle(before.rule)} already (${before.field.path})`,
        "put the narrower match first, or take it away",
      ),
    ];
  });
}

/** Rules and matches that never decide. */
export const reachableRules = kindCheck(["IST0130", "IST0131", "MP0409"], [virtualServiceKind], (object) => [
  ...reach(rulesOf(object, "http"), true),
  ...reach(rulesOf(object, "tcp"), false),
  ...reach(rulesOf(object, "tls"), false),
]);

const takesAll = (rule: Field) => {
  const matches = rule.at("match").items();
  return matches.length === 0 || matches.some((match) => conditionsOf(match).length === 0);
};

/** What no rule takes is answered with 404, also requests that nobody thought of. */
export const lastCatchAll = kindCheck(["MP0410"], [virtualServiceKind], (object: KubeObject) => {
  const rules = rulesOf(object, "http");
  const last = rules.at(-1);
  if (last === undefined || !gatewaysOf(object).includes("mesh") || rules.some(takesAll)) return [];
  return [
    note(
      "MP0410",
      last,
      "the last rule has a match, too: sidecars answer 404 to whatever no rule takes",
      "add a last rule without match, or suppress it where 404 is meant",
    ),
  ];
});
