import { atLeast } from "../lib/versions";

/** How pods are run. `dockershim` is the part of kubelets up to 1.23 that speaks to Docker. */
export type RuntimeKind = "containerd" | "criDockerd" | "dockershim";

/** From here on kubeadm wants an address; before, a bare path is what it compares with. */
const ADDRESSES = "1.24";

const sockets: Readonly<Record<RuntimeKind, string>> = {
  containerd: "/run/containerd/containerd.sock",
  criDockerd: "/run/cri-dockerd.sock",
  dockershim: "/var/run/dockershim.sock",
};

/** The CRI socket as kubeadm and the kubelet of that version are told. */
export function criSocketOf(kind: RuntimeKind, kubernetesVersion: string): string {
  return `${atLeast(kubernetesVersion, ADDRESSES) ? "unix://" : ""}${sockets[kind]}`;
}
