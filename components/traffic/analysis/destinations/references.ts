import { showLabels, titleFor } from "../../../lib/fields";
import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, note, others, type TrafficDraft } from "../define";
import { hostOf, podsBehind, policiesOf, rulesByHost, subsetsOf, usedSubsets } from "../destination-rules";
import { specOf } from "../field";
import { destinationRuleKind, workloadEntryKind } from "../kinds";
import { behind, namesakes, portsOf, seenFrom, surelyMissing } from "../registry";
import { betterHost } from "../routes/references";

/** A rule for a host that proxies do not know has no effect. */
export const existingHost = kindCheck(["IST0174"], [destinationRuleKind], (rule, index) => {
  const target = hostOf(rule);
  if (target.host === "" || target.host.startsWith("*")) return [];
  if (behind(target, namespaceOf(rule), index).length > 0) return [];
  const at = specOf(rule).at("host");
  const text = at.text() ?? "";
  const certain = surelyMissing(target, index) || namesakes(text, index).length > 0;
  return [
    note(
      "IST0174",
      at,
      `there is no ${target.host}${certain ? ": the rule has no effect" : " here; whether others make it is not known"}`,
      betterHost(text, target, index),
      certain ? "warning" : "info",
    ),
  ];
});

/** Rules for some workloads alone stand beside the one for all. */
const forAll = (rule: Parameters<typeof hostOf>[0]) => !specOf(rule).at("workloadSelector").given;

/** Of several rules proxies take one, or put together what they happen to see first. */
export const oneRulePerHost = kindCheck(["KIA0201"], [destinationRuleKind], (rule, index) => {
  if (!forAll(rule)) return [];
  const { host } = hostOf(rule);
  const rivals = (rulesByHost(index).entries.get(host) ?? [])
    .slice(0, 8)
    .filter(
      (other) =>
        forAll(other) &&
        (namespaceOf(other) === namespaceOf(rule) ||
          seenFrom(other).some((place) => place === "*" || seenFrom(rule).includes(place))),
    );
  const names = others(rivals.map(titleFor), titleFor(rule));
  if (names === "") return [];
  return [
    note(
      "KIA0201",
      specOf(rule).at("host"),
      `${names} is also for ${host}: policies and subsets of one of them may be ignored`,
      "put everything for a host into one DestinationRule",
    ),
  ];
});

/** Subsets are told apart by labels of pods. */
export const livingSubsets = kindCheck(["IST0173", "KIA0209"], [destinationRuleKind], (rule, index) =>
  subsetsOf(rule).flatMap((subset): TrafficDraft[] => {
    const name = subset.at("name").text() ?? "";
    const labels = subset.at("labels").labels();
    if (Object.keys(labels).length === 0) {
      return [
        note(
          "KIA0209",
          subset,
          `the subset ${name} has no labels: it is all pods`,
          "give it labels, or leave it out",
        ),
      ];
    }
    const all = podsBehind(rule, undefined, index);
    if (all === undefined) return [];
    const found = podsBehind(rule, subset, index) ?? [];
    const machines = index.inNamespace(workloadEntryKind, hostOf(rule).service?.namespace ?? "");
    // Where no pod of the Service is declared, that is the Service's trouble, or others make them.
    if (found.length > 0 || machines.length > 0 || (all.length === 0 && !index.closed)) return [];
    return [
      note(
        "IST0173",
        subset.at("labels"),
        `no pods behind ${hostOf(rule).host} have ${showLabels(labels)}: requests to ${name} end in 503`,
        "correct the labels of the subset or of the pods",
      ),
    ];
  }),
);

/** Its own policy counts only for requests that a route sends to the subset by name. */
export const usedPolicies = kindCheck(["MP0501"], [destinationRuleKind], (rule, index) =>
  subsetsOf(rule).flatMap((subset): TrafficDraft[] => {
    const policy = subset.at("trafficPolicy");
    const name = subset.at("name").text() ?? "";
    if (!policy.given) return [];
    const { entries, vague } = usedSubsets(index);
    if (entries.has(`${hostOf(rule).host} ${name}`)) return [];
    if (vague !== undefined) throw vague;
    return [
      note(
        "MP0501",
        policy,
        `no route leads to the subset ${name}: its policy is never used, and all requests follow that of the host`,
        `name the subset in a VirtualService for ${hostOf(rule).host}, or move the policy up`,
      ),
    ];
  }),
);

/** Settings of ports that are not there. */
export const existingPorts = kindCheck(["MP0505"], [destinationRuleKind], (rule, index) => {
  const target = hostOf(rule);
  if (target.host.startsWith("*")) return [];
  const numbers = behind(target, namespaceOf(rule), index)
    .flatMap(portsOf)
    .map(({ number }) => number);
  if (numbers.length === 0) return [];
  return policiesOf(rule)
    .filter(({ level }) => level === "port")
    .map(({ field }) => field.at("port", "number"))
    .filter((port) => port.number() !== undefined && !numbers.includes(port.number() ?? 0))
    .map((port) =>
      note(
        "MP0505",
        port,
        `${target.host} has the ports ${[...new Set(numbers)].sort((a, b) => a - b).join(", ")}, not ${port.number()}: the settings have no effect`,
        "write a port of the Service, not of its pods",
      ),
    );
});
