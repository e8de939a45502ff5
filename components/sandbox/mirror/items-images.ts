import type { ImageItem } from "./item";
import { previousVersions, mirrorVersions as v } from "./versions";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a release of Kubernetes and its kubeadm ask for by tag; `suffix` names the items that it is built from. */
function releaseImages(versions: typeof v | typeof previousVersions, suffix = ""): ImageItem[] {
  // kubeadm starts the programs of the control plane by name, from PATH.
  const controlPlane = (program: string): ImageItem => ({
    kind: "image",
    name: `image-${program}${suffix}`,
    refs: [`${program}:v${versions.kubernetes}`],
    members: { "": "root-static", [`usr/local/bin/${program}`]: `kubernetes${suffix}/${program}` },
    config: { Entrypoint: [`/usr/local/bin/${program}`], Env: [path], WorkingDir: "/" },
    checks: [[`/usr/local/bin/${program}`, "--version"]],
  });
  return [
    controlPlane("kube-apiserver"),
    controlPlane("kube-controller-manager"),
    controlPlane("kube-scheduler"),
    {
      kind: "image",
      name: `image-kube-proxy${suffix}`,
      refs: [`kube-proxy:v${versions.kubernetes}`],
      members: { "": "root-net", "usr/local/bin/kube-proxy": `kubernetes${suffix}/kube-proxy` },
      config: { Entrypoint: ["/usr/local/bin/kube-proxy"], Env: [path], WorkingDir: "/" },
      checks: [
        ["/usr/local/bin/kube-proxy", "--version"],
        ["iptables", "--version"],
        ["iptables-legacy-save", "--version"],
        ["ip6tables-restore", "--version"],
        ["nft", "--version"],
        ["ipset", "--version"],
        ["conntrack", "--version"],
        ["modprobe", "--version"],
      ],
    },
    {
      kind: "image",
      name: `image-coredns${suffix}`,
      // The second name is for registries without folders, as kubeadm composes it
      // when its imageRepository is not the default one.
      refs: [`coredns/coredns:v${versions.coredns}`, `coredns:v${versions.coredns}`],
      members: { "": "root-static", coredns: `coredns${suffix}/coredns` },
      // Root, unlike upstream: a plain tar carries no file capability, and another
      // user could not bind port 53. kubeadm's Deployment drops all else.
      config: {
        Entrypoint: ["/coredns"],
        Env: [path],
        WorkingDir: "/",
        ExposedPorts: { "53/tcp": {}, "53/udp": {} },
      },
      checks: [["/coredns", "-version"]],
    },
    {
      kind: "image",
      name: `image-pause${suffix}`,
      refs: [`pause:${versions.pause}`],
      members: { pause: `pause${suffix}/pause` },
      config: { Entrypoint: ["/pause"], Env: [path], User: "65535:65535" },
      checks: [["/pause", "-v"]],
    },
  ];
}

/** Refs carry no registry host: hosts map every upstream registry to this one. */
export const imageItems: ImageItem[] = [
  ...releaseImages(v),
  {
    kind: "image",
    name: "image-flannel",
    refs: [`flannel-io/flannel:v${v.flannel}`],
    members: { "": "root-net", "opt/bin/flanneld": "flannel/flanneld" },
    config: { Entrypoint: ["/opt/bin/flanneld"], Env: [path] },
    checks: [
      ["/opt/bin/flanneld", "--version"],
      ["iptables", "--version"],
      ["nft", "--version"],
      ["ip", "-V"],
      ["cp", "--help"],
    ],
  },
  {
    kind: "image",
    name: "image-flannel-cni-plugin",
    refs: [`flannel-io/flannel-cni-plugin:v${v.flannelCni}`],
    // busybox, since the DaemonSet's init container runs cp.
    members: { "": "root-busybox", flannel: "flannel-cni/flannel" },
    config: { Env: [path] },
    checks: [["/flannel"], ["cp", "-f", "/flannel", "/tmp/flannel"], ["rm", "/tmp/flannel"]],
  },
  {
    kind: "image",
    name: "image-fortio",
    refs: [`fortio/fortio:${v.fortio}`],
    members: { "": "root-busybox", "usr/bin/fortio": "fortio/fortio" },
    config: {
      Entrypoint: ["/usr/bin/fortio"],
      Cmd: ["server", "-data-dir", "/tmp"],
      Env: [path],
      ExposedPorts: { "8078/tcp": {}, "8079/tcp": {}, "8080/tcp": {}, "8081/tcp": {} },
    },
    checks: [["/usr/bin/fortio", "version"]],
  },
  {
    kind: "image",
    name: "image-busybox",
    refs: [`library/busybox:${v.busybox}`],
    members: { "": "root-busybox" },
    config: { Cmd: ["sh"], Env: [path] },
    checks: [["sh", "-c", "ls / && wget --help 2>&1"]],
  },
];

export const previousImageItems: ImageItem[] = releaseImages(previousVersions, "-previous");
