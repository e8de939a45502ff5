import type { GoItem } from "./item";
import { mirrorVersions as v } from "./versions";

const [major = "", minor = ""] = v.kubernetes.split(".");
const version = "k8s.io/component-base/version";

/**
 * Versions live in two places: the module's `go.mod` decides what is compiled,
 * and these variables what the program says of itself. Without the second,
 * kubeadm takes itself for v0.0.0 and asks the network for the newest release.
 */
export const goItems: GoItem[] = [
  {
    kind: "go",
    name: "kubernetes",
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
      [`${version}.gitVersion`]: `v${v.kubernetes}`,
      [`${version}.gitMajor`]: major,
      [`${version}.gitMinor`]: minor,
      [`${version}.gitTreeState`]: "clean",
      "k8s.io/client-go/pkg/version.gitVersion": `v${v.kubernetes}`,
    },
  },
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
  {
    kind: "go",
    name: "etcd",
    programs: {
      "go.etcd.io/etcd/server/v3": "etcd",
      "go.etcd.io/etcd/etcdctl/v3": "etcdctl",
      "go.etcd.io/etcd/etcdutl/v3": "etcdutl",
    },
  },
  {
    kind: "go",
    name: "flannel",
    programs: { "github.com/flannel-io/flannel": "flanneld" },
    variables: { "github.com/flannel-io/flannel/pkg/version.Version": `v${v.flannel}` },
    cgo: true,
  },
  { kind: "go", name: "coredns", programs: { "github.com/coredns/coredns": "coredns" } },
  {
    kind: "go",
    name: "flannel-cni",
    programs: { "mesh-platform/mirror/flannel-cni": "flannel" },
    variables: { "main.gitVersion": `v${v.flannelCni}` },
  },
  {
    kind: "go",
    name: "pause",
    programs: { "mesh-platform/mirror/pause": "pause" },
    variables: { "main.version": v.pause },
  },
  { kind: "go", name: "fortio", programs: { "fortio.org/fortio": "fortio" } },
];
