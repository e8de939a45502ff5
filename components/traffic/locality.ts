import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget, PolicyWish } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { loadBalancerKind } from "./load-balancer-kind";
import {
  type LocalityArgs,
  renderLocalitySetting,
  renderZoneAware,
  type ZoneAwareArgs,
} from "./locality-settings";
import { type OutlierDetectionArgs, outlierDetection } from "./outlier-detection";

export type { Distribution, Failover, LocalityArgs, ZoneAwareArgs } from "./locality-settings";

/** The wish to choose endpoints by place. Going elsewhere needs a wish for outlier detection beside it. */
export const locality = (args: LocalityArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: loadBalancerKind,
  scope,
  render: (site) => ({ localityLbSetting: renderLocalitySetting(args, site.field("localityLbSetting")) }),
});

/** The wish to prefer the own zone. */
export const zoneAware = (args: ZoneAwareArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: loadBalancerKind,
  scope,
  render: (site) => ({ zoneAwareLbSetting: renderZoneAware(args, site.field("zoneAwareLbSetting")) }),
});

export interface LocalityRuleArgs extends LocalityArgs, PolicyTarget {
  /** How it is found out that a place fails. Default: it is not, which only `distribute` can do without. */
  readonly outlierDetection?: OutlierDetectionArgs;
}

const wish = ({ outlierDetection: detection, ...args }: LocalityRuleArgs, scope: PolicyScope): PolicyWish =>
  detection === undefined
    ? locality(args, scope)
    : [locality(args, scope), outlierDetection(detection, scope, "outlierDetection")];

const plan = (args: LocalityRuleArgs, context: TrafficContext) => planPolicy("Locality", args, wish, context);

/** A DestinationRule that chooses endpoints by place. */
export const renderLocality = (args: LocalityRuleArgs, context: TrafficContext): KubeObject[] =>
  plan(args, context).objects;

/** Endpoints of a host by place. Where more is wished for the host, use `Destinations`. */
export class Locality extends DestinationPolicies {
  constructor(
    name: string,
    args: LocalityRuleArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Locality", name, plan(args, args), options);
  }
}
