import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { apiServerEnv } from "./api-server";

export interface CoreDnsSettings {
  /** How many pods answer for names. */
  readonly replicas: number;
  /** Version of Kubernetes. kubeadm writes CoreDNS anew at an upgrade, and this makes the patch follow. */
  readonly kubernetesVersion: string;
  /** HOST:PORT at which CoreDNS asks the API server. Default: the address of its Service. */
  readonly apiServer?: string | undefined;
  /** Pods start anew when this text changes. Default: they do not. */
  readonly restartFor?: string | undefined;
}

/** The fields of kubeadm's Deployment that are ours; all others stay kubeadm's. */
export function renderCoreDnsPatch(settings: CoreDnsSettings): k8s.apps.v1.DeploymentPatchArgs {
  const { apiServer, restartFor } = settings;
  const template = {
    ...(restartFor === undefined
      ? {}
      : { metadata: { annotations: { "mesh-platform/restarted-for": restartFor } } }),
    ...(apiServer === undefined
      ? {}
      : { spec: { containers: [{ name: "coredns", env: apiServerEnv(apiServer) }] } }),
  };
  return {
    metadata: {
      name: "coredns",
      namespace: "kube-system",
      annotations: {
        // kubeadm owns the fields, as it made the object; without force that is a conflict.
        "pulumi.com/patchForce": "true",
        "mesh-platform/kubernetes": settings.kubernetesVersion,
      },
    },
    spec: {
      replicas: settings.replicas,
      ...(Object.keys(template).length === 0 ? {} : { template }),
    },
  };
}

export interface CoreDnsArgs extends CoreDnsSettings {
  /** The step after which the API server answers. With it undone, there is nothing to patch. */
  readonly cluster: pulumi.Resource;
  /** The pod network, without which no pod of CoreDNS becomes ready. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * How many pods CoreDNS has, and how they reach the API server. The step ends when they are available.
 *
 * Taken out of the program it changes nothing in the cluster: a field that is given back belongs to nobody and
 * falls to its default, which for replicas is a single pod.
 */
export function coreDns(
  name: string,
  args: CoreDnsArgs,
  options: pulumi.CustomResourceOptions = {},
): k8s.apps.v1.DeploymentPatch {
  const { cluster, after, ...settings } = args;
  return new k8s.apps.v1.DeploymentPatch(name, renderCoreDnsPatch(settings), {
    ...options,
    dependsOn: [cluster, ...after],
    deletedWith: cluster,
    retainOnDelete: true,
  });
}
