import type { GoItem } from "./item";
import { previousVersions, mirrorVersions as v } from "./versions";

const versionPackage = "k8s.io/component-base/version";

/**
 * Versions live in two places: the module's `go.mod` decides what is compiled,
 * and these variables what the program says of itself. Without the second,
 * kubeadm takes itself for v0.0.0 and asks the network for the newest release.
 */
function kubernetes(name: string, version: string): GoItem {
  const [major = "", minor = ""] = version.split(".");
  return {
    kind: "go",
    name,
    programs: {
      "k8s.io/kubernetes/cmd/kubeadm": "kubeadm",
      "k8s.io/kubernetes/cmd/kubelet": "kubelet",
      "k8s.io/kubernetes/cmd/kubectl": "kubectl",
      "k8s.io/kubernetes/cmd/kube-apiserver": "kube-apiserver",
      "k8s.io/kubernetes/cmd/kube-controller-manager": "kube-controller-manager",
      "k8s.io/kubernetes/cmd/kube-scheduler": "kube-scheduler",
      "k8s.io/kubernetes/cmd/kube-proxy": "kube-proxy",
    },
    variables: {
      [`${versionPackage}.gitVersion`]: `v${version}`,
      [`${versionPackage}.gitMajor`]: major,
      [`${versionPackage}.gitMinor`]: minor,
      [`${versionPackage}.gitTreeState`]: "clean",
      "k8s.io/client-go/pkg/version.gitVersion": `v${version}`,
    },
  };
}

const etcd = (name: string): GoItem => ({
  kind: "go",
  name,
  programs: {
    "go.etcd.io/etcd/server/v3": "etcd",
    "go.etcd.io/etcd/etcdctl/v3": "etcdctl",
    "go.etcd.io/etcd/etcdutl/v3": "etcdutl",
  },
});

const coredns = (name: string): GoItem => ({
  kind: "go",
  name,
  programs: { "github.com/coredns/coredns": "coredns" },
});

/** A program of ours: one module, and the version is only what it says of itself. */
const pause = (name: string, version: string): GoItem => ({
  kind: "go",
  name,
  ...(name === "pause" ? {} : { module: "pause" }),
  programs: { "mesh-platform/mirror/pause": "pause" },
  variables: { "main.version": version },
});

export const goItems: GoItem[] = [
  kubernetes("kubernetes", v.kubernetes),
  {
    kind: "go",
    name: "containerd",
    programs: {
      "github.com/containerd/containerd/v2/cmd/containerd": "containerd",
      "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2": "containerd-shim-runc-v2",
      "github.com/containerd/containerd/v2/cmd/ctr": "ctr",
    },
    tags: "no_btrfs,no_zfs",
    variables: { "github.com/containerd/containerd/v2/version.Version": `v${v.containerd}` },
  },
  etcd("etcd"),
  {
    kind: "go",
    name: "flannel",
    programs: { "github.com/flannel-io/flannel": "flanneld" },
    variables: { "github.com/flannel-io/flannel/pkg/version.Version": `v${v.flannel}` },
    cgo: true,
  },
  coredns("coredns"),
  {
    kind: "go",
    name: "flannel-cni",
    programs: { "mesh-platform/mirror/flannel-cni": "flannel" },
    variables: { "main.gitVersion": `v${v.flannelCni}` },
  },
  pause("pause", v.pause),
  { kind: "go", name: "fortio", programs: { "fortio.org/fortio": "fortio" } },
];

/** The same for the minor before, where it was asked for. */
export const previousGoItems: GoItem[] = [
  kubernetes("kubernetes-previous", previousVersions.kubernetes),
  etcd("etcd-previous"),
  coredns("coredns-previous"),
  pause("pause-previous", previousVersions.pause),
];
