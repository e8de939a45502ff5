/** The in-cluster half as folders for kustomize, Argo CD or Flux. */
import { stringify } from "yaml";
import { annotated, type KubeObject, nameOf, titleOf } from "../../../components/lib/objects";
import { keyOf, type PlannedObjects } from "./objects";
import type { Files } from "./tree";

/** Layers in the order in which they are applied; the next one needs this one to be there and healthy. */
export const layers = {
  /** Namespaces, definitions of custom objects, and who is asked about new objects. */
  definitions: "00-definitions",
  /** Fields of objects that the cluster has by itself. */
  patches: "10-patches",
  /** Everything of Kubernetes itself. */
  objects: "20-objects",
  /** Objects of the definitions, which webhooks of the layer before may have to admit. */
  custom: "30-custom",
} as const;

/** Groups of Kubernetes itself that have a dot in them; others with one are custom. */
const OWN_GROUP = /(^[a-z]*$)|(\.k8s\.io$)/;
/** Those that end in k8s.io and are custom all the same. */
const CUSTOM_GROUP = /(^|\.)gateway\.networking\.k8s\.io$|\.x-k8s\.io$/;

/**
 * Made before everything else, in this order. The injector is among them, though it has no pod yet: a pod that is made
 * before it is known never gets a proxy, one that is refused meanwhile is made again and again until it gets one.
 */
const firstKinds = [
  ...["Namespace", "CustomResourceDefinition"],
  ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
];
/** What pods and their controllers lean on; every other kind comes after them. */
const earlyKinds = [
  ...["ServiceAccount", "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"],
  ...["ConfigMap", "PersistentVolume", "PersistentVolumeClaim", "Service"],
];
const kindOrder = [...firstKinds, ...earlyKinds];

/** Place of an object in its layer: by kind, else as it came. */
const placeOf = ({ kind }: KubeObject): number => {
  const place = kindOrder.indexOf(kind);
  return place < 0 ? kindOrder.length : place;
};

function layerOf({ apiVersion, kind }: KubeObject): string {
  if (firstKinds.includes(kind)) return layers.definitions;
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return OWN_GROUP.test(group) && !CUSTOM_GROUP.test(group) ? layers.objects : layers.custom;
}

/** A partial object is merged by its fields and never pruned: it is not ours to delete. */
const merged = {
  "argocd.argoproj.io/sync-options": "ServerSideApply=true,Validate=false,Prune=false",
  "kustomize.toolkit.fluxcd.io/prune": "disabled",
  "kustomize.toolkit.fluxcd.io/ssa": "Merge",
};

/** Text of one object, quoted so that readers of YAML 1.1 and 1.2 see the same. */
const toYaml = (value: unknown): string =>
  stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });

const kustomization = (resources: readonly string[]): string =>
  toYaml({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    // Kustomize's own order would put webhooks last, after the pods that they have to see.
    sortOptions: { order: "fifo" },
    resources,
  });

/** Files below `cluster/`, and the list of Secrets beside it. */
export function renderCluster({ owned, patches, secrets }: PlannedObjects): Files {
  const placed = [
    ...owned.map((object) => ({ layer: layerOf(object), object })),
    ...patches.map((object) => ({ layer: layers.patches as string, object: annotated(object, merged) })),
  ];
  const used = Object.values(layers).filter((layer) => placed.some((each) => each.layer === layer));
  const files: Record<string, string> = {};
  for (const layer of used) {
    const objects = placed
      .filter((each) => each.layer === layer)
      .map(({ object }) => object)
      .sort((one, other) => placeOf(one) - placeOf(other));
    for (const object of objects) {
      const file = `cluster/${layer}/${keyOf(object)}.yaml`;
      if (file in files) throw new Error(`${titleOf(object)} and another object would both be ${file}`);
      files[file] = toYaml(object);
    }
    files[`cluster/${layer}/kustomization.yaml`] = kustomization(
      objects.map((each) => `${keyOf(each)}.yaml`),
    );
  }
  // A partial object is refused by a client-side apply where there is nothing yet: that layer is applied by itself.
  files["cluster/kustomization.yaml"] = kustomization(used.filter((layer) => layer !== layers.patches));
  files["secrets.md"] = renderSecrets(secrets);
  return files;
}

/** What has to be created by other means, without a value. */
export function renderSecrets(secrets: readonly KubeObject[]): string {
  const head = [
    "# Secrets",
    "",
    "Left out of the rendered objects, which name them. Create them before `20-objects`, by a tool that keeps values out",
    "of Git (External Secrets, Sealed Secrets, SOPS), or by hand as shown.",
    "",
  ];
  if (secrets.length === 0) return ["# Secrets", "", "None are needed.", ""].join("\n");
  return [...head, ...secrets.map(renderSecret)].join("\n");
}

function renderSecret(secret: KubeObject): string {
  const { name, namespace = "default", labels = {}, annotations = {} } = secret.metadata;
  const keys = [...new Set([secret.data, secret.stringData].flatMap(keysOf))].sort();
  const type = typeof secret.type === "string" ? secret.type : "Opaque";
  const mark = (verb: string, pairs: Readonly<Record<string, string>>) =>
    Object.entries(pairs).map(
      ([key, value]) => `kubectl -n ${namespace} ${verb} secret ${name} '${key}=${value}'`,
    );
  const files = keys.map((key) => ` --from-file='${key}=FILE'`).join("");
  return [
    `## ${nameOf(secret)}`,
    "",
    `- type: \`${type}\``,
    `- keys: ${keys.length === 0 ? "known after the first `up`" : keys.map((key) => `\`${key}\``).join(", ")}`,
    "",
    "```sh",
    `kubectl -n ${namespace} create secret generic ${name} --type='${type}'${files}`,
    ...mark("label", labels),
    ...mark("annotate", annotations),
    "```",
    "",
  ].join("\n");
}

const keysOf = (values: unknown): string[] =>
  typeof values === "object" && values !== null ? Object.keys(values) : [];
