import type * as pulumi from "@pulumi/pulumi";
import type { HostConnection } from "../remote/connection";

/** A machine on which steps run. */
export interface Machine {
  readonly name: string;
  /** Address by which the other machines reach it. */
  readonly address: string;
  readonly connection: HostConnection;
  /** The resource that creates it, for a disposable host; undefined for a machine that exists anyway. */
  readonly resource?: pulumi.Resource | undefined;
}

/**
 * Options for a step on a machine. With the machine itself going away, undoing the step is wasted time and its
 * connection would soon be refused, so the step is dropped together with it.
 */
export function stepOptions(
  machine: Machine,
  parent: pulumi.Resource,
  dependsOn: readonly pulumi.Resource[] = [],
): pulumi.CustomResourceOptions {
  return {
    parent,
    dependsOn: [...(machine.resource === undefined ? [] : [machine.resource]), ...dependsOn],
    ...(machine.resource === undefined ? {} : { deletedWith: machine.resource }),
  };
}
