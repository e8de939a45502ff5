import type { HostProfile } from "../hosts/profile";

/**
 * kubeadm's config API: v1beta2 for Kubernetes up to 1.21, v1beta3 for 1.22 to 1.30, v1beta4 from 1.31 on. How they
 * differ is a table in kubeadm-api.ts.
 */
export type KubeadmApi = "v1beta2" | "v1beta3" | "v1beta4";

/** How services are made to work on a node; `none` leaves that to the pod network (kube-router's service proxy). */
export type KubeProxyMode = "iptables" | "nftables" | "ipvs" | "none";

/** Flags by name, without their dashes. */
export type Flags = Readonly<Record<string, string>>;

export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: string;
}

/** A file or folder of the host that a part of the control plane, a container, gets to see. */
export interface HostVolume {
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
  readonly type: "File" | "Directory" | "DirectoryOrCreate";
}

/** Flags of the API server with the files that they name: the audit log is one, encryption at rest another. */
export interface ApiServerPart {
  readonly flags: Flags;
  readonly volumes: readonly HostVolume[];
}

/** etcd members of our own, with the API server's files for them. */
export interface ExternalEtcd {
  readonly endpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** etcd as kubeadm runs it: a pod on every control plane. */
export interface StackedEtcd {
  /** Data directory on the host. Default `/var/lib/etcd`. */
  readonly dataDir?: string | undefined;
}

/** A host as kubeadm's files name it. */
export interface NodeModel {
  readonly name: string;
  readonly address: string;
  /** Taints that the node is born with. Default: the usual ones of a control plane, none for a worker. */
  readonly taints?: readonly Taint[] | undefined;
}

/** What kubeadm is told, in its own words where it has them. */
export interface KubeadmModel {
  readonly api: KubeadmApi;
  /** Three numbers without a leading v. */
  readonly kubernetesVersion: string;
  readonly clusterName: string;
  /** `HOST:PORT` by which everyone reaches the API server. */
  readonly controlPlaneEndpoint: string;
  /** Port on which this host's API server listens. */
  readonly bindPort: number;
  /** Networks in CIDR notation, apart from each other and from the hosts'. */
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly dnsDomain: string;
  /** Names and addresses in the API server's certificate beside those that kubeadm adds. */
  readonly certSANs: readonly string[];
  /** Every control plane; with several, each API server's certificate names them all. Default: none. */
  readonly controlPlanes?: readonly NodeModel[] | undefined;
  /** Registry and path before `kube-apiserver` and the others, without a slash at its end. */
  readonly imageRepository: string;
  /** Address of the container runtime: `unix://…`, or dockershim's bare path. */
  readonly criSocket: string;
  readonly etcd: ExternalEtcd | StackedEtcd;
  readonly profile: HostProfile;
  /** Default `iptables`. */
  readonly kubeProxy?: KubeProxyMode | undefined;
  /** Flags on top of what is said here; they win. Default: none. */
  readonly extraArgs?:
    | {
        readonly apiServer?: Flags | undefined;
        readonly controllerManager?: Flags | undefined;
        readonly scheduler?: Flags | undefined;
        readonly kubelet?: Flags | undefined;
      }
    | undefined;
  /** Default: none. */
  readonly apiServerParts?: readonly ApiServerPart[] | undefined;
  /** Registry path and tag of CoreDNS where they are not `imageRepository` and kubeadm's own. */
  readonly dns?: { readonly imageRepository?: string; readonly imageTag?: string } | undefined;
  /** Gates of kubeadm itself, not of the cluster. Default: none. */
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;
  /**
   * Life, uses and groups of the token that `kubeadm init` makes up. The token itself is never in a file, and the
   * step deletes it afterwards: hosts join by tokens of their own. Default: kubeadm's (a day).
   */
  readonly bootstrapToken?:
    | { readonly ttl: string; readonly usages: readonly string[]; readonly groups: readonly string[] }
    | undefined;
  /** How long the parts of the control plane may take to answer. Default 4m0s; images are pulled before. */
  readonly controlPlaneTimeout?: string | undefined;
}
