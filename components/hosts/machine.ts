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
  /** The operator says that it is dead: no step runs on it any more, not even to undo what it did. Default false. */
  readonly gone?: boolean;
}

/** Inputs of a step, all of them; those of a dead machine stay as they were. */
const stepInputs = ["create", "delete", "stdin", "connection", "logging"];

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
    // Kept in the state without a change, then dropped from it without a visit once the host leaves the config.
    ...(machine.gone === true ? { ignoreChanges: stepInputs, retainOnDelete: true } : {}),
  };
}
