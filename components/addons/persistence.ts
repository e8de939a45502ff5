import type { KubeObject } from "../lib/objects";
import { skipAwait } from "../mesh/exposure";
import { ownerImage } from "./images";

/**
 * Where a program keeps its data.
 *
 * `none`: in the pod. Every restart loses it; for trying things, or where the data are elsewhere too. It is the
 * default, since the other two need to know something of the cluster: a claim waits for ever where nothing provides
 * volumes, and a folder is on one node.
 *
 * `claim`: a PersistentVolumeClaim. Needs a storage class with a provisioner.
 *
 * `hostPath`: a folder on one node, to which the pod is bound; for clusters without a provisioner. The folder stays
 * when everything else is destroyed.
 */
export type Persistence =
  | { readonly kind: "none" }
  | {
      readonly kind: "claim";
      /** Default: the cluster's default class. */
      readonly storageClassName?: string | undefined;
      /** As Kubernetes writes it: `20Gi`. */
      readonly size: string;
    }
  | {
      readonly kind: "hostPath";
      /** Absolute path on the node; made if it is not there. */
      readonly path: string;
      /** Name of the Kubernetes node. */
      readonly node: string;
    };

export interface StorageArgs {
  /** Name of the volume's claim. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly persistence: Persistence;
  /** User and group that the program runs as. */
  readonly user: number;
}

/** What a pod needs to have its data somewhere. The volume's name is `data`. */
export interface Storage {
  readonly objects: readonly KubeObject[];
  readonly volume: object;
  readonly initContainers: readonly object[];
  readonly nodeSelector: Readonly<Record<string, string>>;
}

export const DATA_VOLUME = "data";

/**
 * A claim of its own, no claim template of a StatefulSet: those can never be changed, so that a volume could not grow.
 * Programs here have one replica, so one claim is enough.
 */
function renderClaim({ name, namespace, labels, persistence }: StorageArgs): KubeObject[] {
  if (persistence.kind !== "claim") return [];
  const { storageClassName, size } = persistence;
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name,
        namespace,
        labels,
        // Most classes bind a claim when its pod comes, and the pod waits for the claim's turn: nobody may wait for both.
        annotations: { ...skipAwait },
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClassName === undefined ? {} : { storageClassName }),
        resources: { requests: { storage: size } },
      },
    },
  ];
}

/** The kubelet makes the folder as root, and fsGroup means nothing to a folder on the node. */
const ownFolder = (user: number) => ({
  name: "own-data",
  image: ownerImage,
  imagePullPolicy: "IfNotPresent",
  command: ["chown", `${user}:${user}`, "/data"],
  securityContext: { runAsUser: 0, runAsNonRoot: false },
  volumeMounts: [{ name: DATA_VOLUME, mountPath: "/data" }],
});

export function renderStorage(args: StorageArgs): Storage {
  const { name, persistence, user } = args;
  const bare = { objects: renderClaim(args), initContainers: [], nodeSelector: {} };
  switch (persistence.kind) {
    case "none":
      return { ...bare, volume: { name: DATA_VOLUME, emptyDir: {} } };
    case "claim":
      return { ...bare, volume: { name: DATA_VOLUME, persistentVolumeClaim: { claimName: name } } };
    case "hostPath":
      return {
        ...bare,
        volume: {
          name: DATA_VOLUME,
          hostPath: { path: persistence.path, type: "DirectoryOrCreate" },
        },
        initContainers: [ownFolder(user)],
        nodeSelector: { "kubernetes.io/hostname": persistence.node },
      };
  }
}
