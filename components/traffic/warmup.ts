import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { atLeast, minorOf } from "../lib/versions";
import { filled } from "../mesh/exposure-fields";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import type { Block, Site } from "./destination-site";
import { DestinationPolicies, planPolicy } from "./destinations";
import { loadBalancerKind } from "./load-balancer-kind";
import { decimal, duration } from "./values";

/** A new endpoint gets its share of requests little by little. Works with LEAST_REQUEST and ROUND_ROBIN. */
export interface WarmupArgs {
  /** How long it takes, from the endpoint's creation: `30s`. Whole seconds before Istio 1.24. */
  readonly duration: string;
  /** The share to begin with, in percent of the whole one. Default 10. Istio 1.24 or later. */
  readonly minimumPercent?: number;
  /** Above 1 the share first grows slowly and then faster; below 1 the other way round. Default 1. Istio 1.24 or later. */
  readonly aggression?: number;
}

/** From here on a warm-up is a block of its own. */
const WARMUP = "1.24";
/** From here on there is any. */
const WARMUP_DURATION = "1.14";

/** `warmup`, or what older versions have for it. */
export function renderWarmupBlock(args: WarmupArgs, site: Site): Block {
  const { at, context } = site;
  const { minimumPercent, aggression } = args;
  if (minimumPercent !== undefined) decimal(minimumPercent, at.in("minimumPercent"), { max: 100 });
  if (aggression !== undefined) decimal(aggression, at.in("aggression"));
  if (aggression === 0) at.in("aggression").fault(0, "a number above 0", "raise it; 1 is even growth");
  const time = duration(args.duration, at.in("duration"));
  if (atLeast(minorOf(context.version), WARMUP)) {
    return { warmup: filled({ duration: time, minimumPercent, aggression }) };
  }
  site.since(WARMUP_DURATION, args.duration);
  for (const field of ["minimumPercent", "aggression"] as const) {
    if (args[field] !== undefined) site.in(field).since(WARMUP, args[field]);
  }
  return { warmupDurationSecs: time };
}

/** The wish that new endpoints begin with less. */
export const warmup = (args: WarmupArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: loadBalancerKind,
  scope,
  render: (site) => renderWarmupBlock(args, site.field("warmup")),
});

const plan = (args: WarmupArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("Warmup", args, warmup, context);

/** A DestinationRule with nothing but a warm-up. */
export const renderWarmup = (args: WarmupArgs & PolicyTarget, context: TrafficContext): KubeObject[] =>
  plan(args, context).objects;

/** New endpoints of a host begin with less. Where more is wished for the host, use `Destinations`. */
export class Warmup extends DestinationPolicies {
  constructor(
    name: string,
    args: WarmupArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Warmup", name, plan(args, args), options);
  }
}
