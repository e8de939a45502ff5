import { auditPart } from "../../components/control-plane/audit";
import { encryptionPart } from "../../components/control-plane/encryption";
import {
  type KubeadmModel,
  renderControlPlaneJoinConfig,
  renderInitConfig,
  renderJoinConfig,
} from "../../components/control-plane/kubeadm-config";
import { machineProfile, sharedKernelProfile } from "../../components/hosts/profile";

export const cp1 = {
  name: "cp1",
  address: "10.0.0.1",
  taints: [{ key: "disk", value: "slow", effect: "NoSchedule" }],
};
const node1 = { name: "node1", address: "10.0.0.3" };
/** Any file: kubeadm looks whether it is there, not what is in it. */
const discoveryFile = __filename;

export const plain: Omit<KubeadmModel, "api" | "kubernetesVersion"> = {
  clusterName: "lab",
  controlPlaneEndpoint: "10.0.0.10:8443",
  bindPort: 6443,
  podSubnet: "10.100.0.0/17",
  serviceSubnet: "10.200.0.0/19",
  dnsDomain: "cluster.local",
  certSANs: [],
  imageRepository: "registry.example.com/kubernetes",
  criSocket: "unix:///run/containerd/containerd.sock",
  etcd: {
    endpoints: ["https://10.0.0.1:2379"],
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
  },
  profile: machineProfile,
};

/** Everything that a model can say, in two sets: parts of it exclude each other. */
export const variants: Readonly<Record<string, Partial<KubeadmModel>>> = {
  "the least": {},
  "everything at once": {
    profile: sharedKernelProfile,
    kubeProxy: "ipvs",
    controlPlanes: [cp1, { name: "cp2", address: "10.0.0.2" }],
    apiServerParts: [auditPart({ maxAge: 30, maxBackup: 10, maxSize: 100 }), encryptionPart],
    extraArgs: {
      apiServer: { v: "2" },
      controllerManager: { v: "2" },
      scheduler: { v: "2" },
      kubelet: { "max-pods": "200" },
    },
    dns: { imageRepository: "registry.example.com/coredns", imageTag: "v1.8.0" },
    bootstrapToken: {
      ttl: "108h0m0s",
      usages: ["signing", "authentication"],
      groups: ["system:bootstrappers:kubeadm:default-node-token"],
    },
    controlPlaneTimeout: "6m0s",
  },
  "no kube-proxy, and etcd of kubeadm": { kubeProxy: "none", etcd: { dataDir: "/var/lib/etcd/k8s" } },
};

export const files = (model: KubeadmModel) => ({
  init: renderInitConfig(model, cp1),
  controlPlaneJoin: renderControlPlaneJoinConfig(model, cp1, discoveryFile),
  join: renderJoinConfig(model, node1, discoveryFile),
});
