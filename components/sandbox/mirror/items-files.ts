import type { DebianItem, FilesItem } from "./item";
import { type MirrorArch, previousVersions, mirrorVersions as v } from "./versions";

const certificates = ["ca-certificates", "netbase"];

/**
 * Debian packages by a fixed list, dependencies included by hand: a resolver
 * would pull in maintainer scripts' needs (debconf, perl) that an image never
 * runs. A library forgotten here shows as a failed check of the image.
 */
export const debianItems: DebianItem[] = [
  { kind: "debian", name: "runc", packages: ["runc"], pin: { package: "runc", version: v.runc } },
  {
    kind: "debian",
    name: "cni-plugins",
    packages: ["containernetworking-plugins"],
    pin: { package: "containernetworking-plugins", version: v.cniPlugins },
  },
  { kind: "debian", name: "root-static", root: true, packages: certificates },
  { kind: "debian", name: "root-busybox", root: true, packages: [...certificates, "busybox-static"] },
  {
    kind: "debian",
    name: "root-net",
    root: true,
    packages: [
      ...certificates,
      ..."base-files libc6 busybox-static bash libtinfo6".split(" "),
      ..."iptables libip4tc2 libip6tc2 libxtables12 libmnl0 libnfnetlink0 libnetfilter-conntrack3".split(" "),
      ..."nftables libnftables1 libnftnl11 libedit2 libbsd0 libmd0 libjansson4 libgmp10".split(" "),
      ..."ipset libipset13 conntrack kmod libkmod2 liblzma5 libssl3 libzstd1".split(" "),
      ..."iproute2 libbpf1 libelf1 zlib1g libcap2 libselinux1 libpcre2-8-0".split(" "),
    ],
  },
];

const from = (item: string, prefix: string, programs: string[]) =>
  Object.fromEntries(programs.map((program) => [`${prefix}${program}`, `${item}/${program}`]));

/** What differs between the two minors; `suffix` names the items that it is built from. */
function releaseFiles(
  arch: MirrorArch,
  versions: typeof v | typeof previousVersions,
  suffix = "",
): FilesItem[] {
  const etcd = `etcd-v${versions.etcd}-linux-${arch}`;
  return [
    {
      kind: "files",
      name: `files-kubernetes${suffix}`,
      dir: `kubernetes/v${versions.kubernetes}/bin/linux/${arch}`,
      members: from(`kubernetes${suffix}`, "", ["kubeadm", "kubelet", "kubectl"]),
      checksum: { name: ".sha256", form: "hex" },
    },
    {
      kind: "files",
      name: `files-etcd${suffix}`,
      dir: `etcd/v${versions.etcd}`,
      tarball: `${etcd}.tar.gz`,
      members: from(`etcd${suffix}`, `${etcd}/`, ["etcd", "etcdctl", "etcdutl"]),
      checksum: { name: "SHA256SUMS", form: "line" },
    },
  ];
}

/** The same paths and checksum files as upstream's download sites. */
export function fileItems(arch: MirrorArch): FilesItem[] {
  const containerd = `containerd-${v.containerd}-linux-${arch}.tar.gz`;
  const cni = `cni-plugins-linux-${arch}-v${v.cniPlugins}.tgz`;
  return [
    ...releaseFiles(arch, v),
    {
      kind: "files",
      name: "files-containerd",
      dir: `containerd/v${v.containerd}`,
      tarball: containerd,
      members: from("containerd", "bin/", ["containerd", "containerd-shim-runc-v2", "ctr"]),
      checksum: { name: ".sha256sum", form: "line" },
    },
    {
      kind: "files",
      name: "files-runc",
      dir: `runc/v${v.runc}`,
      members: { [`runc.${arch}`]: "runc/usr/sbin/runc" },
      checksum: { name: "runc.sha256sum", form: "line" },
    },
    {
      kind: "files",
      name: "files-cni-plugins",
      dir: `cni-plugins/v${v.cniPlugins}`,
      tarball: cni,
      members: { "": "cni-plugins/usr/lib/cni" },
      checksum: { name: ".sha256", form: "line" },
    },
  ];
}

export const previousFileItems = (arch: MirrorArch): FilesItem[] =>
  releaseFiles(arch, previousVersions, "-previous");
