import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { atLeast, minorOf } from "../lib/versions";
import { filled } from "../mesh/exposure-fields";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import type { Block, Site } from "./destination-site";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type ConsistentHashArgs, renderHash } from "./hash-settings";
import { loadBalancerKind } from "./load-balancer-kind";
import {
  type LocalityArgs,
  renderLocalitySetting,
  renderZoneAware,
  type ZoneAwareArgs,
} from "./locality-settings";
import { oneOf } from "./values";
import { renderWarmupBlock, type WarmupArgs } from "./warmup";

/** Algorithms that need no tuning. */
export const simpleBalancers = ["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH"] as const;

export type SimpleBalancer = (typeof simpleBalancers)[number];

/** How a proxy spreads requests over the endpoints of a host. */
export interface LoadBalancingArgs {
  /**
   * - `LEAST_REQUEST`: of two endpoints by chance, the one with fewer requests of this proxy under way.
   * - `ROUND_ROBIN`: one after the other.
   * - `RANDOM`: by chance.
   * - `PASSTHROUGH`: the address that the caller asked for; no balancing, and no subsets either.
   *
   * Default: Istio's, LEAST_REQUEST (before 1.14 ROUND_ROBIN). `LEAST_CONN` is the old name of LEAST_REQUEST.
   */
  readonly simple?: SimpleBalancer | "LEAST_CONN";
  /** The same endpoint for the same caller, instead of `simple`. Default: none. */
  readonly consistentHash?: ConsistentHashArgs;
  /** By place: weights, or where to go when a place fails. Default: the mesh's. */
  readonly localityLbSetting?: LocalityArgs;
  /** The own zone first, instead of `localityLbSetting`. Default: the mesh's. Istio 1.31 or later. */
  readonly zoneAwareLbSetting?: ZoneAwareArgs;
  /** New endpoints get their share little by little. Default: at once. */
  readonly warmup?: WarmupArgs;
}

/** From here on Istio knows the name. */
const LEAST_REQUEST = "1.14";

function renderSimple(simple: SimpleBalancer | "LEAST_CONN", site: Site): string {
  const old = simple === "LEAST_CONN";
  if (!old) oneOf(simple, simpleBalancers, site.at);
  if (!old && simple !== "LEAST_REQUEST") return simple;
  if (!atLeast(minorOf(site.context.version), LEAST_REQUEST)) return "LEAST_CONN";
  if (old)
    site.note(
      "MP0581",
      "LEAST_CONN is written as LEAST_REQUEST, its name since Istio 1.14",
      "say LEAST_REQUEST",
    );
  return "LEAST_REQUEST";
}

/** The block `loadBalancer` of a DestinationRule. */
function renderLoadBalancer(args: LoadBalancingArgs, site: Site): Block {
  const part = <Key extends keyof LoadBalancingArgs>(
    key: Key,
    render: (value: Exclude<LoadBalancingArgs[Key], undefined>, site: Site) => unknown,
  ): unknown => {
    const value = args[key];
    return value === undefined
      ? undefined
      : render(value as Exclude<LoadBalancingArgs[Key], undefined>, site.in(key));
  };
  return filled({
    simple: part("simple", renderSimple),
    consistentHash: part("consistentHash", renderHash),
    localityLbSetting: part("localityLbSetting", renderLocalitySetting),
    zoneAwareLbSetting: part("zoneAwareLbSetting", renderZoneAware),
    ...(args.warmup === undefined ? {} : renderWarmupBlock(args.warmup, site.in("warmup"))),
  });
}

/** The wish for a way of balancing, for a host, a subset or a port. */
export const loadBalancing = (args: LoadBalancingArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: loadBalancerKind,
  scope,
  render: (site) => renderLoadBalancer(args, site),
});

const plan = (args: LoadBalancingArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("LoadBalancing", args, loadBalancing, context);

/** A DestinationRule with nothing but a way of balancing. */
export const renderLoadBalancing = (
  args: LoadBalancingArgs & PolicyTarget,
  context: TrafficContext,
): KubeObject[] => plan(args, context).objects;

/** How requests to a host are spread over its endpoints. Where more is wished for the host, use `Destinations`. */
export class LoadBalancing extends DestinationPolicies {
  constructor(
    name: string,
    args: LoadBalancingArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("LoadBalancing", name, plan(args, args), options);
  }
}
