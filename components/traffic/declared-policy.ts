import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";

/** What a component's options mean for its children too, and the engine does not hand on to them. */
export const handedOn = ({
  dependsOn,
  deletedWith,
}: pulumi.ComponentResourceOptions): pulumi.CustomResourceOptions => ({
  ...(dependsOn === undefined ? {} : { dependsOn }),
  ...(deletedWith === undefined ? {} : { deletedWith }),
});

/** A policy whose objects are its children. What it waits for, and what it goes with, holds for them too. */
export abstract class DeclaredPolicy extends pulumi.ComponentResource {
  /** After these the API server has the policy; proxies follow within the second or so that istiod takes. */
  readonly ready: readonly pulumi.Resource[];

  protected constructor(
    type: string,
    name: string,
    objects: readonly KubeObject[] | ((parent: pulumi.Resource) => readonly KubeObject[]),
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super(`mesh-platform:traffic:${type}`, name, {}, options);
    const made = typeof objects === "function" ? objects(this) : objects;
    this.ready = declareObjects(made, { parent: this, ...handedOn(options) });
    this.registerOutputs({});
  }
}
