import { minorNumber } from "../lib/versions";
import type { Flags, KubeadmApi, Taint } from "./kubeadm-model";

type Fields = Readonly<Record<string, unknown>>;

/** One generation of kubeadm's config API: where and how it wants what all of them can say. */
export interface ApiForm {
  /** Extra arguments of a part. */
  readonly flags: (flags: Flags) => unknown;
  /** Timeouts: of the control plane in an Init- or JoinConfiguration, or in `ClusterConfiguration.apiServer`. */
  readonly nodeTimeouts: (timeouts: { controlPlane?: string; discovery?: string }) => Fields;
  readonly apiServerTimeouts: (controlPlane: string) => Fields;
  /** Within JoinConfiguration.discovery. */
  readonly discoveryTimeouts: (discovery: string) => Fields;
  /** Fields of `nodeRegistration` that not every generation has. */
  readonly registration: Fields;
  /** Fields of ClusterConfiguration.dns that not every generation has. */
  readonly dns: Fields;
  /** How `kubeadm init` is told to leave kube-proxy out: fields of InitConfiguration, of ClusterConfiguration, flags. */
  readonly withoutProxy: {
    readonly init: Fields;
    readonly cluster: Fields;
    readonly flags: readonly string[];
  };
}

const asMap = (flags: Flags) => ({ ...flags });
const asList = (flags: Flags) => Object.entries(flags).map(([name, value]) => ({ name, value }));
const proxyPhase = "addon/kube-proxy";

/** Timeouts of the control plane and of discovery have places of their own up to v1beta3. */
const scattered = {
  flags: asMap,
  nodeTimeouts: () => ({}),
  apiServerTimeouts: (timeoutForControlPlane: string) => ({ timeoutForControlPlane }),
  discoveryTimeouts: (timeout: string) => ({ timeout }),
};

export const apiForms: Readonly<Record<KubeadmApi, ApiForm>> = {
  v1beta2: {
    ...scattered,
    registration: {},
    dns: { type: "CoreDNS" },
    withoutProxy: { init: {}, cluster: {}, flags: [`--skip-phases=${proxyPhase}`] },
  },
  v1beta3: {
    ...scattered,
    registration: { imagePullPolicy: "IfNotPresent" },
    dns: {},
    withoutProxy: { init: { skipPhases: [proxyPhase] }, cluster: {}, flags: [] },
  },
  v1beta4: {
    flags: asList,
    nodeTimeouts: ({ controlPlane, discovery }) => ({
      timeouts: {
        ...(controlPlane === undefined ? {} : { controlPlaneComponentHealthCheck: controlPlane }),
        ...(discovery === undefined ? {} : { discovery }),
      },
    }),
    apiServerTimeouts: () => ({}),
    discoveryTimeouts: () => ({}),
    registration: { imagePullPolicy: "IfNotPresent" },
    dns: {},
    // `proxy.disabled` came with this API; unlike a skipped phase it is remembered in the cluster, so that an upgrade
    // from 1.33 on leaves kube-proxy out as well.
    withoutProxy: { init: {}, cluster: { proxy: { disabled: true } }, flags: [] },
  },
};

/** Newest first; what a control plane of that Kubernetes is tainted with. */
const controlPlaneTaintKeys: readonly (readonly [fromMinor: number, keys: readonly string[]])[] = [
  [25, ["node-role.kubernetes.io/control-plane"]],
  [24, ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]],
  [0, ["node-role.kubernetes.io/master"]],
];

/** The taints that keep ordinary pods off a control plane. */
export function controlPlaneTaints(kubernetesVersion: string): Taint[] {
  const minor = minorNumber(kubernetesVersion);
  const keys = controlPlaneTaintKeys.find(([from]) => minor >= from)?.[1] ?? [];
  return keys.map((key) => ({ key, effect: "NoSchedule" }));
}

/** Fields that KubeletConfiguration has from a minor on; an older kubelet refuses a file that holds one. */
export const kubeletFieldsFrom = { failCgroupV1: 31 } as const;
