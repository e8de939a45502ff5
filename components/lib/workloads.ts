import { isUnknown, type Labels, unknownBelow } from "./fields";
import type { KubeObject } from "./objects";
import { clusterScoped } from "./scopes";

/** What makes pods: an object with a pod template, or a pod itself. */
export interface Workload {
  readonly object: KubeObject;
  /** `default` where the object names none. */
  readonly namespace: string;
  /** Labels of the pods; undefined where one of them is not known yet. */
  readonly labels: Labels | undefined;
  /** Where the pods' metadata is, from the object's root: `spec.template.metadata`. */
  readonly metadata: string;
  /** Where the pods' spec is, from the object's root: `spec.template.spec`. */
  readonly spec: string;
}

/** Where an object of a kind keeps the pod that it makes; the root for a pod. */
export const templates: Readonly<Record<string, string>> = {
  Pod: "",
  ReplicationController: "spec.template",
  "apps/Deployment": "spec.template",
  "apps/DaemonSet": "spec.template",
  "apps/ReplicaSet": "spec.template",
  "apps/StatefulSet": "spec.template",
  "batch/Job": "spec.template",
  "batch/CronJob": "spec.jobTemplate.spec.template",
};

/** `apps/Deployment`, `Service`, `networking.istio.io/Gateway`: the kind with its group, without the version. */
export function kindOf({ apiVersion, kind }: KubeObject): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? kind : `${apiVersion.slice(0, slash)}/${kind}`;
}

const isClusterWide = clusterScoped([]);
const namespaces = new WeakMap<KubeObject, string>();

/** The namespace that an object is in; empty where its kind has none. Asked of every object many times. */
export function namespaceOf(object: KubeObject): string {
  const known = namespaces.get(object);
  if (known !== undefined) return known;
  const namespace = isClusterWide(object) ? "" : (object.metadata.namespace ?? "default");
  namespaces.set(object, namespace);
  return namespace;
}

const branch = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

const workloads = new WeakMap<KubeObject, Workload>();

/** The pods that an object makes; undefined where it makes none. Unknown values do no harm here. */
export function workloadOf(object: KubeObject): Workload | undefined {
  const workload = workloads.get(object) ?? readWorkload(object);
  if (workload !== undefined) workloads.set(object, workload);
  return workload;
}

function readWorkload(object: KubeObject): Workload | undefined {
  const template = templates[kindOf(object)];
  if (template === undefined) return undefined;
  const prefix = template === "" ? "" : `${template}.`;
  let root: unknown = object;
  for (const key of template.split(".")) if (key !== "" && !isUnknown(root)) root = branch(root, key);
  const metadata = isUnknown(root) ? root : branch(root, "metadata");
  const labels = isUnknown(metadata) ? metadata : branch(metadata, "labels");
  return {
    object,
    namespace: namespaceOf(object),
    labels: unknownBelow(labels, "") === undefined ? ((labels ?? {}) as Labels) : undefined,
    metadata: `${prefix}metadata`,
    spec: `${prefix}spec`,
  };
}
