import type { ComponentResourceOptions, CustomResourceOptions } from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { PodSettings } from "../mesh/exposure";
import { digestOf } from "../network/digest";
import type { Storage } from "./persistence";

/** What a container may take, in Kubernetes' units: `100m`, `256Mi`. */
export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  /** Default: no limits. */
  readonly limits?: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined;
}

/** What every add-on takes. */
export interface AddonArgs {
  /** Namespace of its objects. */
  readonly namespace: string;
  /** Three numbers without a leading v. */
  readonly version: string;
  /**
   * Objects of the official chart, rendered, in place of those of this program; its claim, Services and Secrets stay
   * ours. Default: ours.
   */
  readonly chart?: readonly KubeObject[] | undefined;
}

export interface WorkloadArgs {
  readonly name: string;
  readonly namespace: string;
  /** Labels that never change: the selector. */
  readonly selector: Readonly<Record<string, string>>;
  /** Further labels of the pods. Default none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the pods. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the program reads at its start: a change of it starts the pods anew. */
  readonly config: object;
  /** What the exposure wants of the pods. Default nothing. */
  readonly pod?: PodSettings;
  /** Default: the namespace's own account, without a token. */
  readonly serviceAccountName?: string;
  readonly containers: readonly object[];
  /** Default none. */
  readonly initContainers?: readonly object[];
  /** Default none. */
  readonly volumes?: readonly object[];
  /** The pod's securityContext. */
  readonly securityContext?: object;
  /** Default: Kubernetes' own, 30. */
  readonly terminationGracePeriodSeconds?: number;
}

/** A container that can do no more than it needs. */
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
} as const;

/** An unprivileged user with the seccomp profile that the runtime brings. */
export const asUser = (user: number, group = user) => ({
  runAsUser: user,
  runAsGroup: group,
  runAsNonRoot: true,
  fsGroup: user,
  seccompProfile: { type: "RuntimeDefault" },
});

/** A probe by HTTP; `failureThreshold` times `periodSeconds` is how long it may be silent. */
export const httpProbe = (port: number | string, path: string, periodSeconds = 10, failureThreshold = 3) => ({
  httpGet: { path, port },
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold,
});

/** Files of a ConfigMap or Secret as a volume. */
export const configVolume = (name: string, configMap: string) => ({ name, configMap: { name: configMap } });

export const configMap = (
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data,
});

function podTemplate(args: WorkloadArgs, extra: { nodeSelector?: Readonly<Record<string, string>> } = {}) {
  const { pod = {}, initContainers = [], volumes = [] } = args;
  const nodeSelector = { ...pod.nodeSelector, ...extra.nodeSelector };
  const { serviceAccountName: account, terminationGracePeriodSeconds: grace } = args;
  return {
    metadata: {
      labels: {
        ...args.selector,
        ...args.labels,
        // An add-on sees the mesh from outside: with a sidecar it would go down with what it has to report.
        "sidecar.istio.io/inject": "false",
      },
      annotations: { ...args.annotations, "mesh-platform/config": digestOf(args.config) },
    },
    spec: {
      ...(pod.hostNetwork === undefined ? {} : { hostNetwork: pod.hostNetwork, dnsPolicy: pod.dnsPolicy }),
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      ...(account === undefined
        ? { automountServiceAccountToken: false }
        : { serviceAccountName: account, automountServiceAccountToken: true }),
      enableServiceLinks: false,
      ...(args.securityContext === undefined ? {} : { securityContext: args.securityContext }),
      ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
      ...(initContainers.length === 0 ? {} : { initContainers }),
      containers: args.containers,
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/**
 * One pod that keeps data. A StatefulSet, since it alone promises that there are never two of a name: the old pod is
 * gone before the new one starts, and a node that is silent for a while does not make a second one, as a Deployment
 * would. Two programs on one volume would write over each other.
 */
export function renderKeeper(args: WorkloadArgs, storage: Storage): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: args.name, namespace: args.namespace, labels: args.selector },
    spec: {
      serviceName: args.name,
      replicas: 1,
      // With OrderedReady a pod that a mistake in the config keeps from starting would wait for itself for ever, and
      // the corrected config would never reach it.
      podManagementPolicy: "Parallel",
      selector: { matchLabels: args.selector },
      template: podTemplate(
        {
          ...args,
          initContainers: [...storage.initContainers, ...(args.initContainers ?? [])],
          volumes: [...(args.volumes ?? []), storage.volume],
        },
        { nodeSelector: storage.nodeSelector },
      ),
    },
  };
}

/** Pods that keep nothing. On the node's network the old one has to make room for the ports first. */
export function renderServer(args: WorkloadArgs): KubeObject {
  const surge = args.pod?.hostNetwork === true ? { maxSurge: 0, maxUnavailable: 1 } : { maxUnavailable: 0 };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: args.name, namespace: args.namespace, labels: args.selector },
    spec: {
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: surge },
      selector: { matchLabels: args.selector },
      template: podTemplate(args),
    },
  };
}

/** One pod on every node. */
export function renderAgent(args: WorkloadArgs): KubeObject {
  const template = podTemplate(args);
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: args.name, namespace: args.namespace, labels: args.selector },
    spec: {
      selector: { matchLabels: args.selector },
      template: {
        ...template,
        // Control planes and nodes in trouble have logs too.
        spec: { ...template.spec, tolerations: [{ operator: "Exists", effect: "NoSchedule" }] },
      },
    },
  };
}

/** dependsOn of a component is not seen in its children: they get it themselves. */
export const after = ({ dependsOn }: ComponentResourceOptions): CustomResourceOptions =>
  dependsOn === undefined ? {} : { dependsOn };
