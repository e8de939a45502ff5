import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf, type Workload } from "../../lib/workloads";
import { type Gathered, gather, put } from "./define";
import { type Field, specOf } from "./field";
import { destinationRuleKind, virtualServiceKind } from "./kinds";
import { behind, type Target, targetOf, wildcardsOver } from "./registry";
import { destinationsOf } from "./virtual-services";

export const hostOf = (rule: KubeObject): Target =>
  targetOf(specOf(rule).at("host").text() ?? "", namespaceOf(rule));

/** DestinationRules by their host. */
export const rulesByHost = (index: ObjectIndex): Gathered<Map<string, KubeObject[]>> =>
  gather(
    index,
    "destination rules",
    [destinationRuleKind],
    () => new Map<string, KubeObject[]>(),
    (all, rule) => put(all, hostOf(rule).host, rule),
  );

/** The DestinationRules for a host: those for itself, else those for the narrowest wildcard over it. */
export function rulesFor(target: Target, index: ObjectIndex): readonly KubeObject[] {
  const { entries } = rulesByHost(index);
  const own = entries.get(target.host);
  if (own !== undefined) return own;
  const wide = wildcardsOver(target.host).find((host) => entries.has(host));
  return wide === undefined ? [] : (entries.get(wide) ?? []);
}

export const subsetsOf = (rule: KubeObject): readonly Field[] => specOf(rule).at("subsets").items();

/** Names of subsets that rules have for a host, and whether that is all. */
export function subsetNames(target: Target, index: ObjectIndex): readonly string[] {
  return rulesFor(target, index).flatMap((rule) =>
    subsetsOf(rule).flatMap((subset) => subset.at("name").text() ?? []),
  );
}

/** Subsets that some VirtualService sends requests to, as `host subset`. */
export const usedSubsets = (index: ObjectIndex): Gathered<Set<string>> =>
  gather(
    index,
    "used subsets",
    [virtualServiceKind],
    () => new Set<string>(),
    (used, virtualService) => {
      for (const { target, subset } of destinationsOf(virtualService)) {
        if (subset !== undefined) used.add(`${target.host} ${subset}`);
      }
    },
  );

/** A traffic policy with the ports that it is for. */
export interface Policy {
  readonly field: Field;
  /** `port` for an entry of portLevelSettings. */
  readonly level: "rule" | "subset" | "port";
  readonly subset: Field | undefined;
}

/** Every policy in a rule: its own, those of subsets, and those of ports in either. */
export function policiesOf(rule: KubeObject): Policy[] {
  const at = (field: Field, subset: Field | undefined): Policy[] => [
    ...(field.given ? [{ field, level: subset === undefined ? "rule" : "subset", subset } as const] : []),
    ...field
      .at("portLevelSettings")
      .items()
      .map((port) => ({ field: port, level: "port", subset }) as const),
  ];
  return [
    ...at(specOf(rule).at("trafficPolicy"), undefined),
    ...subsetsOf(rule).flatMap((subset) => at(subset.at("trafficPolicy"), subset)),
  ];
}

/**
 * What makes the pods behind a rule, perhaps only those of a subset. Undefined where that is not known: for hosts outside
 * the cluster, and Services without selector.
 */
export function podsBehind(
  rule: KubeObject,
  subset: Field | undefined,
  index: ObjectIndex,
): readonly Workload[] | undefined {
  const target = hostOf(rule);
  const [service] = target.service === undefined ? [] : behind(target, namespaceOf(rule), index);
  if (service === undefined || service.kind !== "Service") return undefined;
  const selector = specOf(service).at("selector").labels();
  if (Object.keys(selector).length === 0) return undefined;
  const labels = { ...selector, ...(subset?.at("labels").labels() ?? {}) };
  return index.selected(labels, namespaceOf(service));
}

/** How many pods there are; undefined where a controller decides. */
export function replicasOf(workloads: readonly Workload[]): number | undefined {
  let sum = 0;
  for (const { object } of workloads) {
    if (["DaemonSet", "Job", "CronJob"].includes(object.kind)) return undefined;
    sum += object.kind === "Pod" ? 1 : (specOf(object).at("replicas").number() ?? 1);
  }
  return sum;
}
