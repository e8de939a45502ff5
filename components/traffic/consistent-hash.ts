import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type ConsistentHashArgs, renderHash } from "./hash-settings";
import { loadBalancerKind } from "./load-balancer-kind";

export type { ConsistentHashArgs, HashAlgorithm, HashKey, HttpCookie } from "./hash-settings";

/** The wish that the same caller gets the same endpoint. */
export const consistentHash = (args: ConsistentHashArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: loadBalancerKind,
  scope,
  render: (site) => ({ consistentHash: renderHash(args, site.field("consistentHash")) }),
});

const plan = (args: ConsistentHashArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("ConsistentHash", args, consistentHash, context);

/** A DestinationRule with nothing but a hash. */
export const renderConsistentHash = (
  args: ConsistentHashArgs & PolicyTarget,
  context: TrafficContext,
): KubeObject[] => plan(args, context).objects;

/** The same endpoint for the same caller. Where more is wished for the host, use `Destinations`. */
export class ConsistentHash extends DestinationPolicies {
  constructor(
    name: string,
    args: ConsistentHashArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("ConsistentHash", name, plan(args, args), options);
  }
}
