import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import type { PodLabels } from "./destination-policy";
import { type Endpoint, renderEndpoint } from "./endpoint";
import { checked } from "./faults";
import { metadataOf, type Named } from "./metadata";
import { labelMap } from "./values";

/** A machine as an endpoint of services of its namespace. */
export interface WorkloadEntryArgs extends Named, Endpoint {
  /** By these a ServiceEntry finds it: at least one. */
  readonly labels: PodLabels;
}

/** A WorkloadEntry. */
export const renderWorkloadEntry = (args: WorkloadEntryArgs, context: TrafficContext): KubeObject[] =>
  checked(`WorkloadEntry ${args.namespace}/${args.name}`, (at) => {
    const { name, namespace, ...rest } = args;
    const { version, dnsDomain, ...endpoint } = rest as Endpoint & Partial<TrafficContext>;
    if (Object.keys(args.labels).length === 0) labelMap(args.labels, at.in("labels"));
    const spec = renderEndpoint(endpoint, { names: true }, at);
    return [
      { apiVersion: apiOf(context).networking, kind: "WorkloadEntry", metadata: metadataOf(args, at), spec },
    ];
  });

/** A machine as an endpoint. */
export class WorkloadEntry extends DeclaredPolicy {
  constructor(
    name: string,
    args: WorkloadEntryArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("WorkloadEntry", name, renderWorkloadEntry(args, args), options);
  }
}
