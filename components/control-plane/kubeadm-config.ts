import { stringify } from "yaml";
import { minorNumber } from "../lib/versions";
import { apiForms, controlPlaneTaints, kubeletFieldsFrom } from "./kubeadm-api";
import type { Flags, HostVolume, KubeadmModel, NodeModel, Taint } from "./kubeadm-model";

export type * from "./kubeadm-model";

/** How long the control plane's parts may take to answer; images are pulled before, so this is start-up alone. */
const CONTROL_PLANE_TIMEOUT = "4m0s";
const DISCOVERY_TIMEOUT = "5m0s";

/** One document of a file of kubeadm's. */
export type Document = Readonly<Record<string, unknown>>;

const group = ({ api }: KubeadmModel) => `kubeadm.k8s.io/${api}`;

export function renderDocuments(...list: readonly Document[]): string {
  return list.map((document) => stringify(document, { aliasDuplicateObjects: false })).join("---\n");
}

/** The file for `kubeadm init`: it holds no token and no key, so its diff can be read. */
export function renderInitConfig(model: KubeadmModel, node: NodeModel): string {
  return renderDocuments(...initDocuments(model, node));
}

export function initDocuments(model: KubeadmModel, node: NodeModel): Document[] {
  const form = apiForms[model.api];
  const controlPlane = model.controlPlaneTimeout ?? CONTROL_PLANE_TIMEOUT;
  return [
    {
      apiVersion: group(model),
      kind: "InitConfiguration",
      ...(model.bootstrapToken === undefined ? {} : { bootstrapTokens: [model.bootstrapToken] }),
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: model.bindPort },
      nodeRegistration: controlPlaneRegistration(model, node),
      ...(model.kubeProxy === "none" ? form.withoutProxy.init : {}),
      ...form.nodeTimeouts({ controlPlane }),
    },
    ...clusterDocuments(model),
  ];
}

/** What all control planes share, as `kubeadm init` and `kubeadm init phase` read it. */
function clusterDocuments(model: KubeadmModel): Document[] {
  return [
    renderCluster(model),
    renderKubelet(model),
    ...(model.kubeProxy === "none" ? [] : [renderKubeProxy(model)]),
  ];
}

/** Flags of `kubeadm init` for what this generation of the API cannot say in the file. */
export function initFlags(model: KubeadmModel): string[] {
  return model.kubeProxy === "none" ? [...apiForms[model.api].withoutProxy.flags] : [];
}

/**
 * The file for `kubeadm join` of a further control plane. The authorities' keys are on the host already, so no
 * certificate key is needed; what the cluster looks like is read from the cluster.
 */
export function renderControlPlaneJoinConfig(
  model: KubeadmModel,
  node: NodeModel,
  discoveryFile: string,
): string {
  const controlPlane = model.controlPlaneTimeout ?? CONTROL_PLANE_TIMEOUT;
  return renderDocuments({
    ...joinDocument(model, discoveryFile),
    controlPlane: { localAPIEndpoint: { advertiseAddress: node.address, bindPort: model.bindPort } },
    nodeRegistration: controlPlaneRegistration(model, node),
    ...apiForms[model.api].nodeTimeouts({ controlPlane, discovery: DISCOVERY_TIMEOUT }),
  });
}

/**
 * The file for `kubeadm join` of a worker. The token is in the discovery file, together with the cluster's authority:
 * the worker trusts nothing that it has to fetch first.
 */
export function renderJoinConfig(model: KubeadmModel, node: NodeModel, discoveryFile: string): string {
  return renderDocuments({
    ...joinDocument(model, discoveryFile),
    nodeRegistration: nodeRegistration(model, node, node.taints),
    ...apiForms[model.api].nodeTimeouts({ discovery: DISCOVERY_TIMEOUT }),
  });
}

function joinDocument(model: KubeadmModel, discoveryFile: string): Document {
  return {
    apiVersion: group(model),
    kind: "JoinConfiguration",
    discovery: {
      file: { kubeConfigPath: discoveryFile },
      ...apiForms[model.api].discoveryTimeouts(DISCOVERY_TIMEOUT),
    },
  };
}

/** Without `taints` kubeadm takes its own for a control plane; an empty list means none. */
function nodeRegistration(model: KubeadmModel, node: NodeModel, taints?: readonly Taint[]): Document {
  const form = apiForms[model.api];
  return {
    name: node.name,
    criSocket: model.criSocket,
    ...form.registration,
    ignorePreflightErrors: [...model.profile.ignorePreflightErrors],
    kubeletExtraArgs: form.flags({ "node-ip": node.address, ...model.extraArgs?.kubelet }),
    ...(taints === undefined ? {} : { taints: taints.map((taint) => ({ ...taint })) }),
  };
}

function controlPlaneRegistration(model: KubeadmModel, node: NodeModel): Document {
  return nodeRegistration(model, node, node.taints ?? controlPlaneTaints(model.kubernetesVersion));
}

function renderCluster(model: KubeadmModel): Document {
  const form = apiForms[model.api];
  const dns = { ...form.dns, ...model.dns };
  return {
    apiVersion: group(model),
    kind: "ClusterConfiguration",
    kubernetesVersion: `v${model.kubernetesVersion}`,
    clusterName: model.clusterName,
    controlPlaneEndpoint: model.controlPlaneEndpoint,
    certificatesDir: "/etc/kubernetes/pki",
    imageRepository: model.imageRepository,
    ...(Object.keys(dns).length === 0 ? {} : { dns }),
    ...(model.kubeProxy === "none" ? form.withoutProxy.cluster : {}),
    ...(model.featureGates === undefined ? {} : { featureGates: { ...model.featureGates } }),
    networking: {
      dnsDomain: model.dnsDomain,
      podSubnet: model.podSubnet,
      serviceSubnet: model.serviceSubnet,
    },
    apiServer: {
      certSANs: certificateNames(model),
      ...component(model, merged(model, "apiServer"), volumesOf(model)),
      ...form.apiServerTimeouts(model.controlPlaneTimeout ?? CONTROL_PLANE_TIMEOUT),
    },
    ...part("controllerManager", component(model, merged(model, "controllerManager"))),
    ...part("scheduler", component(model, merged(model, "scheduler"))),
    etcd: renderEtcd(model),
  };
}

/** kubeadm adds a host's own name and address; those of the other control planes let a client move between them. */
function certificateNames(model: KubeadmModel): string[] {
  const others = model.controlPlanes ?? [];
  return [
    ...new Set([
      model.controlPlaneEndpoint.split(":")[0] ?? "",
      ...(others.length > 1 ? others.flatMap(({ name, address }) => [name, address]) : []),
      ...model.certSANs,
    ]),
  ];
}

function merged(model: KubeadmModel, name: "apiServer" | "controllerManager" | "scheduler"): Flags {
  const parts = name === "apiServer" ? (model.apiServerParts ?? []).map(({ flags }) => flags) : [];
  return Object.assign({}, ...parts, model.extraArgs?.[name]);
}

function volumesOf(model: KubeadmModel): HostVolume[] {
  return (model.apiServerParts ?? []).flatMap(({ volumes }) => volumes);
}

function component(model: KubeadmModel, flags: Flags, volumes: readonly HostVolume[] = []): Document {
  return {
    ...(Object.keys(flags).length === 0 ? {} : { extraArgs: apiForms[model.api].flags(flags) }),
    ...(volumes.length === 0
      ? {}
      : {
          extraVolumes: volumes.map(({ name, path, readOnly, type }) => ({
            name,
            hostPath: path,
            mountPath: path,
            readOnly,
            pathType: type,
          })),
        }),
  };
}

const part = (name: string, fields: Document): Document =>
  Object.keys(fields).length === 0 ? {} : { [name]: fields };

function renderEtcd({ etcd }: KubeadmModel): Document {
  return "endpoints" in etcd
    ? { external: { ...etcd, endpoints: [...etcd.endpoints] } }
    : { local: { dataDir: etcd.dataDir ?? "/var/lib/etcd" } };
}

function renderKubelet(model: KubeadmModel): Document {
  const { cgroupDriver, failSwapOn, failCgroupV1, evictionHard, imageGCHighThresholdPercent } =
    model.profile.kubelet;
  const minor = minorNumber(model.kubernetesVersion);
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver,
    failSwapOn,
    ...(minor >= kubeletFieldsFrom.failCgroupV1 ? { failCgroupV1 } : {}),
    ...(evictionHard === undefined ? {} : { evictionHard }),
    ...(imageGCHighThresholdPercent === undefined ? {} : { imageGCHighThresholdPercent }),
  };
}

function renderKubeProxy(model: KubeadmModel): Document {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: model.kubeProxy ?? "iptables",
    clusterCIDR: model.podSubnet,
    // The limits and timeouts are kernel parameters of the nodes' preparation, which kube-proxy would overwrite.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}
