import type { KubeadmModel } from "../../components/control-plane/kubeadm-config";
import { machineProfile } from "../../components/hosts/profile";

/** A cluster with kubeadm's own etcd behind an endpoint; tests change what they are about. */
export const kubeadmModel: KubeadmModel = {
  api: "v1beta4",
  kubernetesVersion: "1.36.3",
  clusterName: "kubernetes",
  controlPlaneEndpoint: "10.0.0.9:8443",
  bindPort: 6443,
  podSubnet: "10.244.0.0/16",
  serviceSubnet: "10.96.0.0/12",
  dnsDomain: "cluster.local",
  certSANs: [],
  imageRepository: "registry.k8s.io",
  criSocket: "unix:///run/containerd/containerd.sock",
  etcd: {},
  profile: machineProfile,
};
