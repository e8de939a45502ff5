import { atLeast } from "../lib/versions";
import type { HostProfile } from "./profile";

/** What a host must have before anything on it is changed; see docs/hosts.md for each check. */
export interface PrecheckSettings {
  /** Whether a host that fails a check is refused, or only reported. */
  readonly mode: "refuse" | "report";
  /** Least memory of a host that runs pods, in MiB. */
  readonly memoryMiB: number;
  /** Fewest processors of a control plane. */
  readonly cpus: number;
  /** Least free space below /var/lib, in MiB. */
  readonly diskFreeMiB: number;
  /** Longest mean time of a synced write on the disk of an etcd host, in ms. */
  readonly fsyncMilliseconds: number;
  /** Largest offset of the clock from its time servers, in ms. */
  readonly clockOffsetMilliseconds: number;
}

/** What will run on a host, as far as checks ask for it. */
export interface HostDuties {
  readonly roles: readonly ("controlPlane" | "etcd" | "worker")[];
  /** Three numbers without a leading v. */
  readonly kubernetesVersion: string;
  /** Port of the API server. */
  readonly bindPort: number;
  /** Port of haproxy on control planes. Default: it does not run there. */
  readonly haproxyPort?: number | undefined;
  /** Data directory of etcd. Default: kubeadm's own. */
  readonly etcdDataDir?: string | undefined;
  /** Whether kubeadm runs etcd, on every control plane. Default false. */
  readonly stackedEtcd?: boolean;
  /** Default iptables. */
  readonly kubeProxy?: "iptables" | "nftables" | "ipvs" | "none";
  /** Whether kube-router serves Services. Default false. */
  readonly serviceProxy?: boolean;
  /** What else listens on the hosts that run pods. Default: nothing. */
  readonly podNetwork?: "flannelVxlan" | "flannel" | "kubeRouter";
}

/** Kernels by the Kubernetes version from which on they are asked for. Newest first. */
const kernels: readonly {
  readonly from: string;
  readonly minimum: string;
  readonly enforced: boolean;
}[] = [
  { from: "1.34", minimum: "4.19", enforced: false },
  { from: "1.33", minimum: "5.4", enforced: true },
  { from: "1.32", minimum: "4.19", enforced: true },
  { from: "1.0", minimum: "3.10", enforced: true },
];

const NFTABLES_KERNEL = "5.13";
/** From here on a kubelet does not start on control groups of version 1, unless it is told to. */
const WITHOUT_CGROUP_V1 = "1.35";

/** The oldest kernel that will do, and for whom; empty where any will. */
export function kernelMinimum(duties: HostDuties, profile: HostProfile): string {
  // nftables' demands are the kernel's own; kubeadm's check can be told to look away.
  if (duties.kubeProxy === "nftables") return `${NFTABLES_KERNEL} kube-proxy's nftables mode`;
  const row = kernels.find(({ from }) => atLeast(duties.kubernetesVersion, from));
  const ignored = profile.ignorePreflightErrors.includes("SystemVerification");
  if (row === undefined || !row.enforced || ignored) return "";
  return `${row.minimum} kubeadm of Kubernetes ${duties.kubernetesVersion}`;
}

/** Ports of a host, each with the programs that hold it once the platform is up. */
export function portsOf(duties: HostDuties): string[] {
  const has = (role: HostDuties["roles"][number]) => duties.roles.includes(role);
  const etcd = has("etcd") || (has("controlPlane") && duties.stackedEtcd === true);
  const pods = has("controlPlane") || has("worker");
  const network = {
    flannelVxlan: ["8472 udp @flannel.1"],
    flannel: [],
    kubeRouter: ["20244 tcp kube-router"],
  };
  return [
    ...(has("controlPlane")
      ? [
          `${duties.bindPort} tcp kube-apiserver`,
          "10257 tcp kube-controller-manager",
          "10259 tcp kube-scheduler",
          ...(duties.haproxyPort === undefined ? [] : [`${duties.haproxyPort} tcp haproxy`]),
        ]
      : []),
    ...(etcd ? ["2379 tcp etcd", "2380 tcp etcd"] : []),
    ...(pods ? ["10250 tcp kubelet", ...(duties.kubeProxy === "none" ? [] : ["10256 tcp kube-proxy"])] : []),
    ...(pods && duties.podNetwork !== undefined ? network[duties.podNetwork] : []),
  ];
}

/**
 * The parameters of facts.sh that follow from what will run there. A host on somebody else's kernel has that
 * computer's memory, disk and modules: nothing that its owner could change, so those are only reported.
 */
export function planPrechecks(
  settings: PrecheckSettings,
  duties: HostDuties | undefined,
  profile: HostProfile,
) {
  const own = profile.ownsKernelServices;
  const pods = duties?.roles.some((role) => role !== "etcd") === true;
  const controlPlane = duties?.roles.includes("controlPlane") === true;
  const etcd = duties?.roles.includes("etcd") === true || (controlPlane && duties?.stackedEtcd === true);
  const ipvs = duties?.kubeProxy === "ipvs" || duties?.serviceProxy === true;
  const refusesCgroupV1 =
    duties !== undefined &&
    atLeast(duties.kubernetesVersion, WITHOUT_CGROUP_V1) &&
    profile.kubelet.failCgroupV1;
  return {
    MODE: settings.mode,
    MEMORY_MIB: own && pods ? settings.memoryMiB : 0,
    CPUS: own && controlPlane ? settings.cpus : 0,
    DISK_FREE_MIB: settings.diskFreeMiB,
    FSYNC_MILLISECONDS: own && etcd ? settings.fsyncMilliseconds : 0,
    CLOCK_OFFSET_MILLISECONDS: own ? settings.clockOffsetMilliseconds : 0,
    KERNEL_MINIMUM: duties === undefined ? "" : kernelMinimum(duties, profile),
    CGROUP_V1: refusesCgroupV1 ? "refuse" : "allow",
    PORTS: duties === undefined ? [] : portsOf(duties),
    IPVS: ipvs ? "needed" : "optional",
    ETCD_DATA_DIR: etcd ? (duties?.etcdDataDir ?? "/var/lib/etcd") : "",
  };
}
