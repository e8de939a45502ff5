/**
 * What differs between kinds of hosts, as data. No component asks which kind it works on: it takes these values.
 */
export interface HostProfile {
  /** Whether a kernel parameter may be set on this kind of host. */
  readonly allowsSysctl: (key: string) => boolean;
  /** Kernel modules to leave out. */
  readonly modulesLeftOut: readonly string[];
  /** Why the above are left out; printed with their names. */
  readonly leftOutReason: string;
  /** Whether swap, firewall, SELinux, time and journal are the host's own to change; false leaves them as they are. */
  readonly ownsKernelServices: boolean;
  readonly containerd: { readonly restrictOomScoreAdj: boolean };
  readonly kubelet: {
    /** Who makes control groups; the container runtime is told the same, since two managers would fight. */
    readonly cgroupDriver: "systemd" | "cgroupfs";
    readonly failSwapOn: boolean;
    readonly failCgroupV1: boolean;
    /** Free space below which pods are evicted. Default: the kubelet's, 10 and 15 % of the disks. */
    readonly evictionHard?: Readonly<Record<string, string>>;
    /** Percentage of the disk in use from which unused images are deleted; 100 for never. Default: the kubelet's, 85. */
    readonly imageGCHighThresholdPercent?: number;
  };
  readonly ignorePreflightErrors: readonly string[];
}

/** A machine with a kernel of its own. */
export const machineProfile: HostProfile = {
  allowsSysctl: () => true,
  modulesLeftOut: [],
  leftOutReason: "",
  ownsKernelServices: true,
  containerd: { restrictOomScoreAdj: false },
  kubelet: { cgroupDriver: "systemd", failSwapOn: true, failCgroupV1: true },
  ignorePreflightErrors: [],
};

/**
 * Keys that exist once for the whole computer although their names start with `net.`: inside a network namespace
 * they are absent or read-only.
 */
const globalNetKeys: readonly string[] = [
  "net.core.netdev_max_backlog",
  "net.core.rmem_default",
  "net.core.rmem_max",
  "net.core.wmem_default",
  "net.core.wmem_max",
  "net.ipv4.tcp_max_orphans",
  "net.ipv4.tcp_mem",
  "net.netfilter.nf_conntrack_max",
  "net.nf_conntrack_max",
];

/**
 * A disposable host shares the kernel of the computer it runs on: everything but the namespaced part of `net.*`
 * would change the computer itself. It also runs without CAP_SYS_RESOURCE, which runc needs to lower an OOM score
 * (it dies with "can't get final child's PID from pipe: EOF"), and possibly on cgroup v1, which has no slices.
 */
export const sharedKernelProfile: HostProfile = {
  allowsSysctl: (key) => key.startsWith("net.") && !globalNetKeys.includes(key),
  modulesLeftOut: [
    "ip_vs",
    "ip_vs_rr",
    "ip_vs_wrr",
    "ip_vs_sh",
    "overlay",
    "br_netfilter",
    "nf_conntrack",
    "nf_conntrack_ipv4",
  ],
  leftOutReason: "a sandbox host shares the computer's kernel",
  ownsKernelServices: false,
  containerd: { restrictOomScoreAdj: true },
  kubelet: {
    cgroupDriver: "cgroupfs",
    failSwapOn: false,
    failCgroupV1: false,
    // The disk is the computer's: 15 % of a large one are more than a whole sandbox takes, and no pod would start.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1Gi",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1Gi",
    },
    // For the same reason: on a disk that is 85 % full, images would go as soon as no pod has them, and come back.
    imageGCHighThresholdPercent: 100,
  },
  ignorePreflightErrors: [
    "SystemVerification",
    "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables",
    "Swap",
    "Mem",
    "NumCPU",
  ],
};
