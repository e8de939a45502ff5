import { stringify } from "yaml";
import type { HostProfile } from "../hosts/profile";

/** kubeadm's config API. v1beta4 (from Kubernetes 1.31) has lists where v1beta3 has maps, and timeouts of their own. */
export type KubeadmApi = "v1beta3" | "v1beta4";

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
  /** Registry and path before `kube-apiserver` and the others, without a slash at its end. */
  readonly imageRepository: string;
  /** `unix://` address. */
  readonly criSocket: string;
  readonly etcd: {
    readonly endpoints: readonly string[];
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
  };
  readonly profile: HostProfile;
}

export interface NodeModel {
  readonly name: string;
  readonly address: string;
}

/** How long the control plane's parts may take to answer; images are pulled before, so this is start-up alone. */
const CONTROL_PLANE_TIMEOUT = "4m0s";
const DISCOVERY_TIMEOUT = "5m0s";

type Document = Record<string, unknown>;

/** Extra arguments: a map up to v1beta3, a list of name and value from v1beta4 on. */
function extraArgs(api: KubeadmApi, args: Readonly<Record<string, string>>) {
  return api === "v1beta3" ? { ...args } : Object.entries(args).map(([name, value]) => ({ name, value }));
}

function nodeRegistration(model: KubeadmModel, node: NodeModel): Document {
  return {
    name: node.name,
    criSocket: model.criSocket,
    imagePullPolicy: "IfNotPresent",
    ignorePreflightErrors: [...model.profile.ignorePreflightErrors],
    kubeletExtraArgs: extraArgs(model.api, { "node-ip": node.address }),
  };
}

const group = (api: KubeadmApi) => `kubeadm.k8s.io/${api}`;

function documents(...list: readonly Document[]): string {
  return list.map((document) => stringify(document)).join("---\n");
}

/** The file for `kubeadm init`: it holds no token and no key, so its diff can be read. */
export function renderInitConfig(model: KubeadmModel, node: NodeModel): string {
  return documents(
    {
      apiVersion: group(model.api),
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: model.bindPort },
      nodeRegistration: {
        ...nodeRegistration(model, node),
        taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
      },
      ...(model.api === "v1beta4"
        ? { timeouts: { controlPlaneComponentHealthCheck: CONTROL_PLANE_TIMEOUT } }
        : {}),
    },
    renderCluster(model),
    renderKubelet(model),
    renderKubeProxy(model),
  );
}

function renderCluster(model: KubeadmModel): Document {
  return {
    apiVersion: group(model.api),
    kind: "ClusterConfiguration",
    kubernetesVersion: `v${model.kubernetesVersion}`,
    clusterName: model.clusterName,
    controlPlaneEndpoint: model.controlPlaneEndpoint,
    certificatesDir: "/etc/kubernetes/pki",
    imageRepository: model.imageRepository,
    networking: {
      dnsDomain: model.dnsDomain,
      podSubnet: model.podSubnet,
      serviceSubnet: model.serviceSubnet,
    },
    apiServer: {
      certSANs: [...new Set([model.controlPlaneEndpoint.split(":")[0], ...model.certSANs])],
      ...(model.api === "v1beta3" ? { timeoutForControlPlane: CONTROL_PLANE_TIMEOUT } : {}),
    },
    etcd: { external: { ...model.etcd, endpoints: [...model.etcd.endpoints] } },
  };
}

function renderKubelet(model: KubeadmModel): Document {
  const { cgroupDriver, failSwapOn, failCgroupV1 } = model.profile.kubelet;
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver,
    failSwapOn,
    // The field came with 1.31; an older kubelet would refuse the file.
    ...(model.api === "v1beta4" ? { failCgroupV1 } : {}),
  };
}

function renderKubeProxy(model: KubeadmModel): Document {
  const { conntrackMaxPerCore } = model.profile;
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clusterCIDR: model.podSubnet,
    ...(conntrackMaxPerCore === undefined ? {} : { conntrack: { maxPerCore: conntrackMaxPerCore } }),
  };
}

/**
 * The file for `kubeadm join` of a worker. The token is in the discovery file, together with the cluster's authority:
 * the worker trusts nothing that it has to fetch first.
 */
export function renderJoinConfig(model: KubeadmModel, node: NodeModel, discoveryFile: string): string {
  return documents({
    apiVersion: group(model.api),
    kind: "JoinConfiguration",
    discovery: {
      file: { kubeConfigPath: discoveryFile },
      ...(model.api === "v1beta3" ? { timeout: DISCOVERY_TIMEOUT } : {}),
    },
    nodeRegistration: nodeRegistration(model, node),
    ...(model.api === "v1beta4" ? { timeouts: { discovery: DISCOVERY_TIMEOUT } } : {}),
  });
}
