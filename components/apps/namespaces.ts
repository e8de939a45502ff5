import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import { type NamespaceArgs, renderNamespace } from "../mesh/namespace";
import { childOptions } from "./parts";

export interface AppNamespacesArgs {
  /** One entry per namespace. */
  readonly namespaces: readonly NamespaceArgs[];
  /** What has to be there before: the API server, and whoever reads the labels. */
  readonly after: readonly pulumi.Resource[];
  /** The step with whose undoing they are gone too. Default: they are deleted one by one. */
  readonly cluster?: pulumi.Resource | undefined;
}

/** The namespaces of all applications, each once, however many share it. */
export class AppNamespaces extends pulumi.ComponentResource {
  readonly byName: ReadonlyMap<string, pulumi.Resource>;

  constructor(name: string, args: AppNamespacesArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:apps:AppNamespaces", name, {}, options);
    const objects = args.namespaces.map(renderNamespace);
    const made = declareObjects(objects, childOptions(this, args));
    this.byName = new Map(made.map((resource, at) => [objects[at]?.metadata.name ?? "", resource]));
    this.registerOutputs({});
  }
}
