import type { KubeObject } from "./objects";

/** Kinds that belong to no namespace, by group; `""` is the core group. */
const clusterKinds: Readonly<Record<string, readonly string[]>> = {
  "": ["ComponentStatus", "Namespace", "Node", "PersistentVolume"],
  "admissionregistration.k8s.io": [
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
  ],
  "apiextensions.k8s.io": ["CustomResourceDefinition"],
  "apiregistration.k8s.io": ["APIService"],
  "chaosblade.io": ["ChaosBlade"],
  "certificates.k8s.io": ["CertificateSigningRequest"],
  "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
  "gateway.networking.k8s.io": ["GatewayClass"],
  "networking.k8s.io": ["IngressClass"],
  "node.k8s.io": ["RuntimeClass"],
  policy: ["PodSecurityPolicy"],
  "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
  "scheduling.k8s.io": ["PriorityClass"],
  "storage.k8s.io": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
};

const groupOf = ({ apiVersion }: KubeObject) =>
  (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") ?? "";

interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string };
}

/** Tells objects that belong to no namespace. Of custom ones it believes the definitions among the objects. */
export function clusterScoped(objects: readonly KubeObject[]): (object: KubeObject) => boolean {
  const specs = objects
    .filter(({ kind }) => kind === "CustomResourceDefinition")
    .map(({ spec }) => spec as DefinitionSpec);
  const custom = new Set(
    specs.filter(({ scope }) => scope === "Cluster").map(({ group, names }) => `${group}/${names.kind}`),
  );
  return (object) =>
    clusterKinds[groupOf(object)]?.includes(object.kind) === true ||
    custom.has(`${groupOf(object)}/${object.kind}`);
}
