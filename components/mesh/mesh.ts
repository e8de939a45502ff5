import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { isDefinition, isMeshConfig, isWebhook } from "./gates";
import type { MeshHandle } from "./mesh-handle";
import type { MeshSettings } from "./mesh-settings";
import type { Stage } from "./mesh-stages";
import { controlPlaneFor, defaultRevision, defaultTag, injectionLabels } from "./revisions";

export type { IngressHandle, MeshHandle } from "./mesh-handle";

export interface MeshArgs {
  readonly settings: MeshSettings;
  /** Everything to be made, in order; of `stageMesh`, or of `stagePolicies` where istioctl makes the rest. */
  readonly stages: readonly Stage[];
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
  /** What has to be there before: nodes with a pod network, the step of istioctl. Default nothing. */
  readonly after?: readonly pulumi.Resource[];
}

/** What others wait for; the rest of a stage is before it, or next to it and of no consequence. */
const waitedFor = (object: KubeObject) =>
  isDefinition(object) ||
  isWebhook(object) ||
  isMeshConfig(object) ||
  ["Deployment", "DaemonSet", "Service"].includes(object.kind);

/** All that can be said of a mesh before it exists. */
export function describeMesh(settings: MeshSettings): Omit<MeshHandle, "ready"> {
  const { controlPlanes, tags, namespace, dnsDomain, gateways } = settings;
  const revision = defaultRevision(settings);
  const ingress = gateways.find(({ direction }) => direction === "ingress");
  return {
    version: controlPlaneFor(settings, "").version,
    namespace,
    ...(revision === "" ? {} : { revision }),
    controlPlanes,
    tags,
    injectionLabels: injectionLabels(defaultTag),
    dnsDomain,
    ...(ingress === undefined
      ? {}
      : {
          ingress: {
            namespace: ingress.namespace,
            selector: { istio: ingress.name.replace(/^istio-/, "") },
            service: ingress.name,
          },
        }),
  };
}

/**
 * Istio with its gateways and the policies of the whole mesh. Each object is a resource, so that a preview shows every
 * field before there is a cluster. Assumes nodes that run pods.
 */
export class Mesh extends pulumi.ComponentResource {
  readonly handle: MeshHandle;

  constructor(name: string, args: MeshArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:mesh:Mesh", name, {}, options);
    const { cluster, after = [], settings } = args;
    const made = new Map<string, readonly pulumi.Resource[]>();
    const ready: pulumi.Resource[] = [...after];
    for (const stage of args.stages) {
      const before = stage.after.flatMap((other) => made.get(other) ?? []);
      const resources = declareObjects(stage.objects, {
        parent: this,
        dependsOn: [cluster, ...after, ...before],
        deletedWith: cluster,
      });
      const gates = resources.filter((_, place) => {
        const object = stage.objects[place];
        return object !== undefined && waitedFor(object);
      });
      made.set(stage.name, gates.length > 0 ? gates : resources);
      if (stage.gate) ready.push(...gates);
    }
    this.handle = { ...describeMesh(settings), ready };
    this.registerOutputs({});
  }
}
