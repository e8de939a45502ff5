import { isDeepStrictEqual } from "node:util";
import type { DestinationPolicy, PodLabels, PolicyWish } from "./destination-policy";
import type { HostWishes, PlacedWish } from "./destination-wishes";
import type { DestinationsArgs } from "./destinations-args";
import { type Place, show } from "./faults";
import { portOf } from "./handles";
import { dnsLabel, integer, labelMap } from "./values";

/** Arguments of a module, with their place. */
export interface PlacedArgs {
  readonly args: DestinationsArgs;
  readonly at: Place;
  /** Whether they are those of a single policy. Default false. */
  readonly flat?: boolean;
}

/** What modules say that can have one value only. Those that say nothing agree. */
export function agreed<Key extends "name" | "endpoints" | "exportTo">(
  group: readonly PlacedArgs[],
  key: Key,
): DestinationsArgs[Key] | undefined {
  const saying = group.filter(({ args }) => key === "exportTo" || args[key] !== undefined);
  const [first, ...others] = saying;
  for (const { args, at } of others) {
    if (isDeepStrictEqual(args[key], first?.args[key])) continue;
    at.in(key).fault(
      args[key],
      `${show(first?.args[key])}, as another module says of this host`,
      "say the same",
    );
  }
  return first?.args[key];
}

/** Subsets of all modules. Two of one name have to be the same pods. */
export function subsetsOf(group: readonly PlacedArgs[]): ReadonlyMap<string, PodLabels> {
  const subsets = new Map<string, PodLabels>();
  for (const { args, at } of group) {
    for (const [name, labels] of Object.entries(args.subsets ?? {})) {
      const here = at.in("subsets", name);
      const known = subsets.get(name);
      dnsLabel(name, here);
      if (known !== undefined && !isDeepStrictEqual(known, labels)) {
        here.fault(labels, `${show(known)}, as another module says`, "give one of them another name");
      }
      if (Object.keys(labels).length > 0) labelMap(labels, here);
      subsets.set(name, labels);
    }
  }
  return subsets;
}

const flat = (wish: PolicyWish): readonly DestinationPolicy[] =>
  Array.isArray(wish) ? wish : [wish as DestinationPolicy];

export function wishesOf(one: PlacedArgs, subsets: ReadonlyMap<string, PodLabels>): PlacedWish[] {
  const { args, at } = one;
  return (args.policies ?? []).flatMap((wish, index) => {
    const here = one.flat === true ? at : at.in("policies", index);
    return flat(wish).flatMap((policy): PlacedWish[] => {
      const { subset, port } = policy.scope;
      if (subset !== undefined && !subsets.has(subset)) {
        const known = [...subsets.keys()].join(", ") || "none: the host has no subsets";
        here.in("subset").fault(subset, known, "declare the subset, or name one of these");
        return [];
      }
      return [
        { policy, at: here, port: port === undefined ? undefined : portOf(args.host, port, here.in("port")) },
      ];
    });
  });
}

export function checkWhole(
  { wishes, endpoints, subsetEndpoints }: HostWishes,
  subsets: ReadonlyMap<string, PodLabels>,
  { at }: PlacedArgs,
) {
  if (wishes.length === 0 && subsets.size === 0) {
    at.in("policies").fault([], "a subset or a wish", "leave the rule out: it would do nothing");
  }
  if (endpoints !== undefined) integer(endpoints, at.in("endpoints"));
  for (const [name, count = 0] of Object.entries(subsetEndpoints)) {
    const here = at.in("subsetEndpoints", name);
    integer(count, here);
    if (!subsets.has(name)) here.fault(name, [...subsets.keys()].join(", "), "name a subset");
  }
  for (const [name, labels] of subsets) {
    // At an egress gateway, subsets of one host can differ by the name that TLS asks for.
    const hasTls = wishes.some(({ policy: { kind, scope } }) => kind.name === "tls" && scope.subset === name);
    if (Object.keys(labels).length === 0 && !hasTls) labelMap(labels, at.in("subsets", name));
  }
}
