/** Which differences there are between what is declared and what is there, and which need a new object. */
import type { DiffResult } from "../harness";
import { changedPaths, isMap, Secret, type Value, type ValueMap } from "../values";
import { annotation, type Checkpoint, normalize, prune, refOf } from "./manifest";

const SELECTOR = ["spec.selector"];
const STATEFUL_SET = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
];
const JOB = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"];
const ROLE_BINDING = ["roleRef"];

/** Fields that the API server does not let change, by kind; the official provider has the same list. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": SELECTOR,
  "apps/v1/Deployment": SELECTOR,
  "apps/v1/StatefulSet": STATEFUL_SET,
  "batch/v1/Job": JOB,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ROLE_BINDING,
  "rbac.authorization.k8s.io/v1/RoleBinding": ROLE_BINDING,
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolumeClaim": [
    "spec.accessModes",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeName",
    "spec.resources",
  ],
  "v1/Service": ["spec.clusterIP"],
  "v1/ResourceQuota": ["spec.scopes"],
};

/** A pod can change its tolerations and images only; what it is made of means a new one. */
const POD_IN_PLACE = ["spec.tolerations", "spec.activeDeadlineSeconds"];

/** Settings of the provider that change what a difference means. */
export interface DiffSettings {
  readonly mutableSecrets: boolean;
  readonly mutableConfigMaps: boolean;
}

export function diffObjects(
  checkpoint: Checkpoint,
  newInputs: ValueMap,
  options: { isPatch: boolean; namespaced: boolean; ignore: readonly string[]; settings: DiffSettings },
): DiffResult {
  const olds = comparable(prune(checkpoint.live, normalize(checkpoint.inputs)), options.namespaced);
  const news = comparable(normalize(newInputs), options.namespaced);
  const ignored = (path: string) =>
    options.ignore.some(
      (prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
    );
  const changes = Object.fromEntries(
    Object.entries(changedPaths(olds, news)).filter(([path]) => !ignored(path)),
  );
  const replaces = (path: string) => mustReplace(path, news, options);
  const live = refOf(checkpoint.live);
  const declared = refOf(news);
  return {
    changes,
    replaces,
    // The new object has the same name in the same place, so it cannot be made while the old one is there.
    deleteBeforeReplace:
      Object.keys(changes).some(replaces) &&
      annotation(news, "pulumi.com/autonamed") !== "true" &&
      declared.name !== undefined &&
      declared.name === live.name &&
      (declared.namespace ?? "") === (live.namespace ?? ""),
  };
}

function mustReplace(
  path: string,
  object: ValueMap,
  { isPatch, settings }: { isPatch: boolean; settings: DiffSettings },
): boolean {
  const starts = (fields: readonly string[]) =>
    fields.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
  if (starts(["metadata.name", "metadata.namespace"])) {
    return true;
  }
  if (isPatch) {
    return false;
  }
  const id = `${String(object.apiVersion)}/${String(object.kind)}`;
  if (id === "v1/Secret") {
    const frozen = !settings.mutableSecrets || object.immutable === true;
    return starts(frozen ? ["type", "data", "stringData"] : ["type"]);
  }
  if (id === "v1/ConfigMap") {
    return (!settings.mutableConfigMaps || object.immutable === true) && starts(["data", "binaryData"]);
  }
  if (id === "v1/Pod") {
    return starts(["spec"]) && !starts(POD_IN_PLACE);
  }
  if (id === "v1/PersistentVolume") {
    return starts(["spec"]) && starts(PERSISTENT_VOLUME_SOURCES);
  }
  return starts(REPLACING[id] ?? []);
}

const PERSISTENT_VOLUME_SOURCES = ["csi", "hostPath", "iscsi", "local", "nfs", "fc", "cephfs", "rbd"].map(
  (source) => `spec.${source}`,
);

/** Evens out spellings that mean the same: a missing default namespace, `0.5` and `500m`. */
function comparable(object: ValueMap, namespaced: boolean): ValueMap {
  const metadata = isMap(object.metadata) ? { ...object.metadata } : {};
  if (namespaced) {
    metadata.namespace ??= "default";
  } else {
    delete metadata.namespace;
  }
  return canonicalQuantities({ ...object, metadata }, false) as ValueMap;
}

const QUANTITY_HOLDERS = new Set([
  "limits",
  "requests",
  "capacity",
  "hard",
  "default",
  "defaultRequest",
  "max",
  "min",
]);
const QUANTITY_FIELDS = new Set(["sizeLimit", "averageValue", "storage", "divisor", "podFixed"]);

function canonicalQuantities(value: Value, inHolder: boolean, key = ""): Value {
  if (value instanceof Secret) {
    return new Secret(canonicalQuantities(value.value, inHolder, key));
  }
  if (Array.isArray(value)) {
    return value.map((each) => canonicalQuantities(each, inHolder));
  }
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        canonicalQuantities(each, QUANTITY_HOLDERS.has(name) || (inHolder && isMap(value)), name),
      ]),
    );
  }
  if ((inHolder || QUANTITY_FIELDS.has(key)) && (typeof value === "string" || typeof value === "number")) {
    return quantity(String(value)) ?? value;
  }
  return value;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

function quantity(text: string): string | undefined {
  const match = /^([+-]?[0-9.]+)([numkMGTP]|[KMGTP]i)?$/.exec(text);
  const factor = SUFFIXES[match?.[2] ?? ""];
  return match && factor !== undefined
    ? `quantity ${(Number(match[1]) * factor).toPrecision(12)}`
    : undefined;
}
