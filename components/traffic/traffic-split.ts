import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Alone, type FragmentArgs, fragmentOf, renderAlone } from "./routes/policy";
import type { HttpFragment, HttpTarget } from "./routes/types";

export interface TrafficSplitArgs extends FragmentArgs {
  /** Each with its per cent of the requests; the choice is made anew for each request. */
  readonly targets: readonly HttpTarget[];
  /** Take weights as parts of their sum, as Istio itself does. Default false: they have to sum to 100. */
  readonly relativeWeights?: boolean;
}

/** Requests by weight, to versions of a Service or to several Services. */
export const trafficSplit = (args: TrafficSplitArgs): HttpFragment => {
  const { targets, relativeWeights } = args;
  const parts = relativeWeights === undefined ? {} : { relativeWeights };
  return fragmentOf("split", args, { action: { kind: "forward", targets, ...parts } });
};

/** The split as the only routes of its host. */
export const renderTrafficSplit = (args: TrafficSplitArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(trafficSplit(args), args, context);

/** Requests of a host by weight: one VirtualService. */
export class TrafficSplit extends DeclaredPolicy {
  constructor(
    name: string,
    args: TrafficSplitArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("TrafficSplit", name, renderTrafficSplit(args, args), options);
  }
}
