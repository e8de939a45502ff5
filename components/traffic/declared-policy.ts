import * as pulumi from "@pulumi/pulumi";
import { declareObjects, type KubeObject } from "../lib/objects";

/**
 * A policy whose objects are its children. What it waits for is given to them too: `dependsOn` of a component is not
 * seen in its children.
 */
export abstract class DeclaredPolicy extends pulumi.ComponentResource {
  /** After these the API server has the policy; proxies follow within the second or so that istiod takes. */
  readonly ready: readonly pulumi.Resource[];

  protected constructor(
    type: string,
    name: string,
    objects: readonly KubeObject[],
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super(`mesh-platform:traffic:${type}`, name, {}, options);
    const { dependsOn } = options;
    this.ready = declareObjects(objects, { parent: this, ...(dependsOn === undefined ? {} : { dependsOn }) });
    this.registerOutputs({});
  }
}
