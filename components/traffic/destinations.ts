import type * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../lib/findings";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Destined, planDestinations } from "./destination-plan";
import type { PolicyScope, PolicyTarget, PolicyWish } from "./destination-policy";
import type { DestinationsArgs } from "./destinations-args";
import { checked, type Place, TrafficFault } from "./faults";
import { type HostHandle, SubsetHandle } from "./handles";
import { tell } from "./routes/policy";

export type { Destined } from "./destination-plan";
export type { DestinationsArgs } from "./destinations-args";

/** A declared host: where handles of subsets come from. */
export class DeclaredHost<Name extends string = string> {
  readonly args: DestinationsArgs<Name>;

  constructor(args: DestinationsArgs<Name>) {
    this.args = args;
  }

  /** A subset, for routes. */
  subset(name: Name): SubsetHandle {
    const names = Object.keys(this.args.subsets ?? {});
    if (!names.includes(name)) {
      const allowed = names.join(", ") || "none: there are no subsets";
      throw new TrafficFault("A subset", [
        { path: "subset", given: JSON.stringify(name), allowed, change: "declare it, or name one of these" },
      ]);
    }
    return new SubsetHandle(this.args.host, name);
  }

  /** The same host with more wishes. */
  with(...policies: readonly PolicyWish[]): DeclaredHost<Name> {
    return new DeclaredHost({ ...this.args, policies: [...(this.args.policies ?? []), ...policies] });
  }
}

/**
 * Declares subsets of a host and wishes for it: `destinations(reviews, { subsets: { v1: { version: "v1" } } })`. Its
 * `subset("v1")` is what routes take; `Destinations` makes the DestinationRule.
 */
export const destinations = <Name extends string = never>(
  host: HostHandle,
  args: Omit<DestinationsArgs<Name>, "host"> = {},
): DeclaredHost<Name> => new DeclaredHost({ host, ...args });

/** Arguments, or a host that was declared by them. */
export type DestinationsLike = DestinationsArgs | DeclaredHost;

const argsOf = (one: DestinationsLike): DestinationsArgs => (one instanceof DeclaredHost ? one.args : one);

/**
 * One DestinationRule for each host, with what several modules wish for it. Istio itself would take the first rule's
 * policy and add the subsets of the others. Two that say the same thing differently are a fault.
 */
export const mergeDestinations = (list: readonly DestinationsLike[], context: TrafficContext): Destined =>
  checked("Destinations", (at) =>
    planDestinations(
      list.map((one, index) => ({ args: argsOf(one), at: list.length === 1 ? at : at.in(index) })),
      context,
    ),
  );

/** The DestinationRules of one or more hosts. */
export const renderDestinations = (
  list: DestinationsLike | readonly DestinationsLike[],
  context: TrafficContext,
): KubeObject[] => mergeDestinations(asList(list), context).objects;

const asList = (list: DestinationsLike | readonly DestinationsLike[]): readonly DestinationsLike[] =>
  Array.isArray(list) ? list : [list as DestinationsLike];

/** The arguments of a policy without those that say what it is for, and without the context. */
function wishOf<Args>(args: Args & PolicyTarget): Args {
  const { host, port, name, namespace, exportTo, workloadSelector, endpoints, ...rest } = args;
  const { version, dnsDomain, ...wish } = rest as Partial<TrafficContext>;
  return wish as Args;
}

/** What one policy alone comes to, of which all faults are told in its own words. */
export function planPolicy<Args extends object>(
  kind: string,
  args: Args & PolicyTarget,
  wish: (args: Args, scope: PolicyScope) => PolicyWish,
  context: TrafficContext,
): Destined {
  const { host, port, name, namespace, exportTo, workloadSelector, endpoints } = args;
  const target = { name, namespace, exportTo, workloadSelector, endpoints };
  const given = Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
  const policies = [wish(wishOf<Args>(args), port === undefined ? {} : { port })];
  const label = host.kind === "service" ? host.name : host.host;
  return checked(`${kind} ${label}`, (at: Place) =>
    planDestinations([{ args: { host, policies, ...given }, at, flat: true }], context),
  );
}

/** DestinationRules; what is worth knowing about them is said as they are declared. */
export abstract class DestinationPolicies extends DeclaredPolicy {
  readonly findings: readonly Finding[];

  protected constructor(
    type: string,
    name: string,
    planned: Destined,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super(type, name, planned.objects, options);
    this.findings = planned.findings;
    tell(planned.findings, this);
  }
}

/** Subsets and policies of hosts: one DestinationRule for each, with the wishes of all. */
export class Destinations extends DestinationPolicies {
  constructor(
    name: string,
    args: TrafficContext & { readonly hosts: readonly DestinationsLike[] },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Destinations", name, mergeDestinations(args.hosts, args), options);
  }
}
