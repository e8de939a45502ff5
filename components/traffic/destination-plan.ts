import type { Finding } from "../lib/findings";
import { type KubeObject, titleOf } from "../lib/objects";
import { filled } from "../mesh/exposure-fields";
import { apiOf, type TrafficContext } from "./context";
import { agreed, checkWhole, type PlacedArgs, subsetsOf, wishesOf } from "./destination-collect";
import type { BlockName, Blocks } from "./destination-policy";
import { RuleBuilder } from "./destination-rule";
import { destinationCodes, type Note } from "./destination-site";
import type { HostWishes, Policies } from "./destination-wishes";
import type { DestinationsArgs } from "./destinations-args";
import type { Place } from "./faults";
import { type HostHandle, hostOf } from "./handles";
import { objectName } from "./metadata";
import { dnsLabel, host as hostName, labelMap } from "./values";
import { renderVisibility } from "./visibility";

/** DestinationRules, and what is worth knowing about them. */
export interface Destined {
  readonly objects: KubeObject[];
  readonly findings: readonly Finding[];
}

const namespaceOf = ({ namespace, host }: DestinationsArgs): string =>
  namespace ?? (host.kind === "service" ? host.namespace : "");

const nameOf = ({ name, host }: DestinationsArgs): string =>
  name ?? (host.kind === "service" ? host.name : host.host.replaceAll("*", "all").replaceAll(".", "-"));

/** One DestinationRule for each host, namespace and choice of pods, in the order in which they come up first. */
export function planDestinations(list: readonly PlacedArgs[], context: TrafficContext): Destined {
  const groups = new Map<string, PlacedArgs[]>();
  for (const one of list) {
    const { host, workloadSelector = {} } = one.args;
    const key = JSON.stringify([
      namespaceOf(one.args),
      hostOf(host, context),
      Object.entries(workloadSelector).sort(),
    ]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const planned = [...groups.values()].map((group) => planRule(group, context));
  return {
    objects: planned.map(({ object }) => object),
    findings: planned.flatMap(({ findings }) => findings),
  };
}

function planRule(group: readonly PlacedArgs[], context: TrafficContext) {
  const [first] = group;
  if (first === undefined) throw new Error("a rule of nothing");
  const { args, at } = first;
  const subsets = subsetsOf(group);
  const notes: Note[] = [];
  const hasSelector = args.workloadSelector !== undefined;
  const wishes: HostWishes = {
    at,
    flat: first.flat ?? false,
    subsets: [...subsets.keys()],
    wishes: group.flatMap((one) => wishesOf(one, subsets)),
    endpoints: agreed(group, "endpoints"),
    subsetEndpoints: Object.assign({}, ...group.map((one) => one.args.subsetEndpoints)),
    hasSelector,
    portSettings: group.some((one) => one.args.portSettings === "replace") ? "replace" : "complete",
  };
  checkWhole(wishes, subsets, first);
  const { host, subsets: policies } = new RuleBuilder(wishes, context, notes).build();
  const name = objectName(agreed(group, "name") ?? nameOf(args), at.in("name"));
  const namespace = dnsLabel(namespaceOf(args), at.in("namespace"));
  const object: KubeObject = {
    apiVersion: apiOf(context).networking,
    kind: "DestinationRule",
    metadata: { name, namespace },
    spec: filled({
      host: checkedHost(args.host, context, at),
      workloadSelector: hasSelector
        ? { matchLabels: labelMap(args.workloadSelector ?? {}, at.in("workloadSelector")) }
        : undefined,
      exportTo: renderVisibility(
        { exportTo: agreed(group, "exportTo"), namespace, hasSelector },
        at.in("exportTo"),
      ),
      trafficPolicy: renderPolicy(host),
      subsets: [...subsets].map(([subset, labels]) =>
        filled({ name: subset, labels, trafficPolicy: renderPolicy(policies.get(subset)) }),
      ),
    }),
  };
  return { object, findings: notes.map((note) => findingOf(note, object)) };
}

const findingOf = (note: Note, object: KubeObject): Finding => ({
  ...note,
  severity: destinationCodes[note.code].severity,
  object: titleOf(object),
});

function checkedHost(handle: HostHandle, context: TrafficContext, at: Place): string {
  if (handle.kind === "service") {
    dnsLabel(handle.name, at.in("host", "name"));
    dnsLabel(handle.namespace, at.in("host", "namespace"));
    return hostOf(handle, context);
  }
  return hostName(handle.host, at.in("host"));
}

const order: readonly BlockName[] = [
  ...(["loadBalancer", "connectionPool", "outlierDetection", "tls"] as const),
  ...(["tunnel", "proxyProtocol", "retryBudget"] as const),
];

const ordered = (blocks: Blocks): Blocks =>
  filled(Object.fromEntries(order.map((name) => [name, blocks[name]])));

function renderPolicy(policies: Policies | undefined): object | undefined {
  if (policies === undefined) return undefined;
  const ports = [...policies.ports].map(([number, blocks]) => ({ port: { number }, ...ordered(blocks) }));
  return filled({ ...ordered(policies.blocks), portLevelSettings: ports });
}
