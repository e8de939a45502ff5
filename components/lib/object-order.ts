import type { KubeObject } from "./objects";

/** Kinds with a pod template, which fail to start, or start with old content, before what their pods read is there. */
const workloads = new Set([
  ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"],
  ...["Job", "CronJob", "Pod"],
]);

/** What pods read or run as. */
const read = new Set(["ServiceAccount", "ConfigMap", "Secret", "PersistentVolumeClaim"]);
/** What pods may do, and what is decided about them as they are made. */
const granted = new Set(["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PriorityClass"]);

const groupOf = (apiVersion: string) => (apiVersion.includes("/") ? apiVersion.split("/")[0] : "");

/** `group/kind` of the objects that a definition allows. */
function definedBy({ spec }: KubeObject): string {
  const { group, names } = spec as { readonly group?: string; readonly names?: { readonly kind?: string } };
  return `${group}/${names?.kind}`;
}

const isDefinition = ({ kind }: KubeObject) => kind === "CustomResourceDefinition";

/**
 * What has to be there before each of the objects, among the objects themselves: the namespace, the definition of a
 * custom object, for workloads also what their pods read and may do. It never leads back to where it came from.
 */
export function edgesOf(objects: readonly KubeObject[]): ReadonlyMap<KubeObject, readonly KubeObject[]> {
  const namespaces = new Map(
    objects.filter(({ kind }) => kind === "Namespace").map((object) => [object.metadata.name, object]),
  );
  const definitions = new Map(objects.filter(isDefinition).map((object) => [definedBy(object), object]));
  const means = objects.filter(({ kind }) => read.has(kind) || granted.has(kind));
  const isFor = (workload: KubeObject) => (object: KubeObject) =>
    granted.has(object.kind) || object.metadata.namespace === workload.metadata.namespace;
  return new Map(
    objects.map((object) => {
      const namespace = namespaces.get(object.metadata.namespace ?? "");
      const definition = definitions.get(`${groupOf(object.apiVersion)}/${object.kind}`);
      return [
        object,
        [
          ...[namespace, definition].filter((before) => before !== undefined),
          ...(workloads.has(object.kind) ? means.filter(isFor(object)) : []),
        ],
      ];
    }),
  );
}
