import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type OutlierDetectionArgs, outlierDetectionKind, renderOutlier } from "./outlier-settings";

export { type OutlierDetectionArgs, outlierDefaults } from "./outlier-settings";

/**
 * The wish to leave failing endpoints alone, for a host, a subset or a port.
 *
 * @param key Where the arguments stand in those of a larger wish. Default: they are all of it.
 */
export const outlierDetection = (
  args: OutlierDetectionArgs,
  scope: PolicyScope = {},
  key?: string,
): DestinationPolicy => ({
  kind: outlierDetectionKind,
  scope,
  render: (site) => renderOutlier(args, key === undefined ? site : site.within(key)),
});

const plan = (args: OutlierDetectionArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("OutlierDetection", args, outlierDetection, context);

/** A DestinationRule with nothing but outlier detection. */
export const renderOutlierDetection = (
  args: OutlierDetectionArgs & PolicyTarget,
  context: TrafficContext,
): KubeObject[] => plan(args, context).objects;

/** Failing endpoints of a host are left alone for a while. Where more is wished for the host, use `Destinations`. */
export class OutlierDetection extends DestinationPolicies {
  constructor(
    name: string,
    args: OutlierDetectionArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("OutlierDetection", name, plan(args, args), options);
  }
}
