import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { DeclaredPolicy } from "../declared-policy";
import { checked, type Place } from "../faults";
import { fence, type Tier } from "../tiers";
import { dnsLabel, duration, labelMap, milliseconds } from "../values";
import { actions, type ChaosAction, matchers } from "./chaos-table";

/** What there is to disturb. Experiments may name nothing else. */
export interface ChaosInventory {
  /** Names of nodes as Kubernetes has them: those of the hosts, not their addresses. */
  readonly nodes: readonly string[];
  /** Names of pods by namespace, where they are known. Default: none, so that pods are chosen by labels. */
  readonly pods?: Readonly<Record<string, readonly string[]>>;
  /** Namespaces that may be disturbed. Default: those of `pods`. */
  readonly namespaces?: readonly string[];
}

/** Who is disturbed: nodes by name, pods by name or labels, containers of those pods. */
export type Victims =
  | { readonly scope: "node"; readonly names: readonly string[] }
  | ({
      readonly scope: "pod" | "container";
      readonly namespace: string;
      /** At most so many of them. Default: all. */
      readonly count?: number;
      /** Names of containers, for scope `container`. Default: the first one that runs. */
      readonly containers?: readonly string[];
    } & ({ readonly names: readonly string[] } | { readonly labels: Readonly<Record<string, string>> }));

export interface Experiment {
  /** What is done, as ChaosBlade names it: target and action. */
  readonly action: ChaosAction;
  readonly victims: Victims;
  /** What the action needs, by the names of `chaos-table.ts`: `{ percent: 60, interface: "eth0" }`. */
  readonly with?: Readonly<Record<string, string | number>>;
  /** For people. Default none. */
  readonly description?: string;
  /** When it ends by itself, in whole seconds such as `300s`. Whoever cuts off a node cannot call it back. */
  readonly timeout: string;
}

export interface ChaosArgs {
  readonly name: string;
  readonly experiments: readonly Experiment[];
  readonly inventory: ChaosInventory;
  readonly tier: Tier;
}

/** One ChaosBlade. It belongs to no namespace. It acts as long as it exists, or until its timeout. */
export function renderChaos(args: ChaosArgs): KubeObject {
  const { name, experiments, inventory, tier } = args;
  return checked(`ChaosBlade ${name}`, (at) => {
    fence(tier, "chaos", at.in("tier"));
    dnsLabel(name, at.in("name"));
    if (experiments.length === 0) at.in("experiments").fault([], "one or more", "add one");
    return {
      apiVersion: "chaosblade.io/v1alpha1",
      kind: "ChaosBlade",
      metadata: { name },
      spec: {
        experiments: experiments.map((one, index) =>
          experimentFields(one, inventory, at.in("experiments", index)),
        ),
      },
    };
  });
}

type Matcher = { readonly name: string; readonly value: readonly string[] };

function experimentFields(experiment: Experiment, inventory: ChaosInventory, at: Place): object {
  const { action, victims, description, timeout } = experiment;
  const [target, verb] = action.split(" ");
  const rule = actions[action];
  if (rule === undefined)
    at.in("action").fault(action, Object.keys(actions).join(", "), "write one of these");
  else if (!(rule.scopes as readonly string[]).includes(victims.scope)) {
    at.in("victims", "scope").fault(
      victims.scope,
      rule.scopes.join(", "),
      `choose others, or another action than ${action}`,
    );
  }
  const seconds =
    (milliseconds(duration(timeout, at.in("timeout"), { min: "1s", max: "1h", step: "1s" })) ?? 0) / 1000;
  return {
    scope: victims.scope,
    target,
    action: verb,
    ...(description === undefined ? {} : { desc: description }),
    matchers: [
      ...victimMatchers(victims, inventory, at.in("victims")),
      ...settingMatchers(experiment, at.in("with")),
      { name: "timeout", value: [String(seconds)] },
    ],
  };
}

function victimMatchers(victims: Victims, inventory: ChaosInventory, at: Place): Matcher[] {
  if (victims.scope === "node")
    return [{ name: "names", value: known(victims.names, inventory.nodes, at.in("names"), "nodes") }];
  const { namespace, count, containers = [] } = victims;
  const { pods = {}, namespaces = Object.keys(pods) } = inventory;
  if (!namespaces.includes(namespace)) {
    at.in("namespace").fault(
      namespace,
      namespaces.join(", ") || "none: the inventory has no namespaces",
      "name one of these",
    );
  }
  const chosen =
    "names" in victims
      ? {
          name: "names",
          value: known(victims.names, pods[namespace] ?? [], at.in("names"), `pods of ${namespace}`),
        }
      : { name: "labels", value: [labelText(victims.labels, at.in("labels"))] };
  return [
    chosen,
    { name: "namespace", value: [namespace] },
    ...(count === undefined ? [] : [{ name: "evict-count", value: [String(count)] }]),
    ...(containers.length === 0 ? [] : [{ name: "container-names", value: containers }]),
  ];
}

/** A name that does not exist is passed over, and with none left the experiment ends with "can not find the nodes". */
function known(
  names: readonly string[],
  inventory: readonly string[],
  at: Place,
  kind: string,
): readonly string[] {
  if (names.length === 0) at.fault([], "one or more", "name one");
  names.forEach((name, index) => {
    if (inventory.includes(name)) return;
    const near = inventory.find((one) => name.endsWith(`.${one}`) || name.includes(one));
    const change = near === undefined ? "name one of these" : `write ${near}`;
    at.in(index).fault(name, inventory.join(", ") || `none: the inventory has no ${kind}`, change);
  });
  return names;
}

function labelText(labels: Readonly<Record<string, string>>, at: Place): string {
  if (Object.keys(labels).length > 1) {
    // Everybody else means all of them.
    at.fault(
      labels,
      "one label: of several ChaosBlade takes any, with names beside them",
      "choose the most telling one",
    );
  }
  return Object.entries(labelMap(labels, at))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function settingMatchers({ action, with: given = {} }: Experiment, at: Place): Matcher[] {
  const rule = actions[action];
  if (rule === undefined) return [];
  const allowed: readonly string[] = [...rule.required, ...rule.optional];
  for (const name of rule.required.filter((one) => given[one] === undefined)) {
    at.in(name).fault(undefined, `a value: ${action} needs it`, "add it");
  }
  if (given.excludePort !== undefined && (given.localPort ?? given.remotePort) !== undefined) {
    at.in("excludePort").fault(given.excludePort, "not beside localPort or remotePort", "keep one side");
  }
  return Object.entries(given).flatMap(([name, value]) => {
    const matcher = matchers[name];
    if (matcher === undefined || !allowed.includes(name)) {
      at.in(name).fault(value, allowed.join(", ") || "nothing", `remove it: ${action} does not know it`);
      return [];
    }
    matcher.check(value, at.in(name));
    return [{ name: matcher.spelled, value: [String(value)] }];
  });
}

/** Disturbances of nodes, pods or containers, where the tier allows them. */
export class Chaos extends DeclaredPolicy {
  constructor(name: string, args: ChaosArgs, options?: pulumi.ComponentResourceOptions) {
    super("Chaos", name, [renderChaos(args)], options);
  }
}
