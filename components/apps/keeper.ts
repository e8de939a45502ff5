import { DATA_VOLUME, type Storage } from "../addons/persistence";
import type { KubeObject } from "../lib/objects";
import type { PodSettings } from "../mesh/exposure";
import { podAnnotations, renderContainer, type WorkloadArgs } from "./parts";

export interface KeeperArgs extends Omit<WorkloadArgs, "scratch" | "replicas"> {
  /** Where its data are. */
  readonly storage: Storage;
  /** Path of the data in the container. */
  readonly dataPath: string;
  /** What the exposure wants of the pods. Default nothing. */
  readonly pod?: PodSettings;
}

/**
 * One pod that keeps data. A StatefulSet never has two pods of one name, so that two programs never write to one
 * volume; a Deployment makes a second one beside a pod that ends slowly.
 */
export function renderKeeper(args: KeeperArgs): KubeObject {
  const { name, namespace, labels, selector = labels, storage, dataPath, pod = {}, user } = args;
  const nodeSelector = { ...pod.nodeSelector, ...storage.nodeSelector };
  const { initContainers } = storage;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace, labels },
    spec: {
      serviceName: name,
      replicas: 1,
      // In order, a pod that cannot start would be waited for before it is replaced by a corrected one.
      podManagementPolicy: "Parallel",
      selector: { matchLabels: selector },
      template: {
        metadata: { labels, ...podAnnotations(args) },
        spec: {
          ...(pod.hostNetwork === undefined
            ? {}
            : { hostNetwork: pod.hostNetwork, dnsPolicy: pod.dnsPolicy }),
          ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(user === undefined ? {} : { securityContext: { fsGroup: user } }),
          ...(initContainers.length === 0 ? {} : { initContainers }),
          containers: [
            { ...renderContainer(args), volumeMounts: [{ name: DATA_VOLUME, mountPath: dataPath }] },
          ],
          volumes: [storage.volume],
        },
      },
    },
  };
}

/** A variable whose value stays in a Secret. */
export const fromSecret = (name: string, secret: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});

/** Variables in the order in which they are written. */
export const variables = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
