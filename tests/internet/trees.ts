/** The trees of packages of the record: what is in them, how their publishers spell versions, and where its parts lie. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { companionVersions } from "../../components/artifacts/sources";
import { mirrorVersions as v } from "../../components/sandbox/mirror/versions";
import { buildPackage, type DebianPackage, layTree, makeSigner, type Signer, type TreeLayout } from "./debs";
import type { TreeName } from "./record";

interface Tree {
  readonly layout: TreeLayout;
  /** Path of the key, in the tree. */
  readonly key: string;
  readonly packages: (arch: string) => readonly DebianPackage[];
}

/** Suite of the sandbox's hosts. */
const SUITE = "bookworm";

const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

const kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

const containerdUnit = `[Unit]
Description=containerd container runtime
After=network.target

[Service]
ExecStart=/usr/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always

[Install]
WantedBy=multi-user.target
`;

/** As pkgs.k8s.io builds them: one number more than upstream's version, and a CNI package with a version of its own. */
const kubernetes = (arch: string): DebianPackage[] => {
  const version = `${v.kubernetes}-1.1`;
  const program = (name: string) => ({
    [`usr/bin/${name}`]: { file: `kubernetes/v${v.kubernetes}/bin/linux/${arch}/${name}` },
  });
  return [
    {
      name: "kubeadm",
      version,
      depends: ["cri-tools (>= 1.30.0)"],
      content: {
        ...program("kubeadm"),
        "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": { text: kubeadmDropIn },
      },
    },
    {
      name: "kubelet",
      version,
      depends: ["iptables (>= 1.4.21)", "kubernetes-cni (>= 1.2.0)", "iproute2", "mount", "util-linux"],
      content: { ...program("kubelet"), "usr/lib/systemd/system/kubelet.service": { text: kubeletUnit } },
    },
    { name: "kubectl", version, content: program("kubectl") },
    {
      name: "kubernetes-cni",
      version: `${companionVersions.cniPlugins}-1.1`,
      content: {
        "opt/cni/bin": {
          unpack: `cni-plugins/v${v.cniPlugins}/cni-plugins-linux-${arch}-v${v.cniPlugins}.tgz`,
        },
      },
    },
    // kubeadm runs it no more; its package asks for it all the same.
    {
      name: "cri-tools",
      version: "1.36.0-1.1",
      content: {
        "usr/share/doc/cri-tools/README": {
          text: "crictl is in no registry of modules that is built here\n",
        },
      },
    },
  ];
};

/** As Docker builds it: runc inside, started with a config that has no CRI. */
const docker = (arch: string): DebianPackage[] => [
  {
    name: "containerd.io",
    version: `${v.containerd}-1~debian.12~${SUITE}`,
    content: {
      // Its archive has a folder `bin`.
      usr: { unpack: `containerd/v${v.containerd}/containerd-${v.containerd}-linux-${arch}.tar.gz` },
      "usr/bin/runc": { file: `runc/v${v.runc}/runc.${arch}` },
      "usr/lib/systemd/system/containerd.service": { text: containerdUnit },
      "etc/containerd/config.toml": { text: 'disabled_plugins = ["cri"]\n' },
    },
    afterwards: "systemctl daemon-reload && systemctl enable --now containerd.service",
  },
];

const trees: Readonly<Record<TreeName, Tree>> = {
  kubernetes: {
    layout: { release: "", packages: "Packages", pool: "amd64" },
    key: "Release.key",
    packages: kubernetes,
  },
  docker: {
    layout: {
      release: `dists/${SUITE}`,
      packages: "stable/binary-amd64/Packages",
      pool: `dists/${SUITE}/pool/stable/amd64`,
      suite: SUITE,
      component: "stable",
    },
    key: "gpg",
    packages: docker,
  },
};

export interface LaidTree {
  /** Its files lie here. */
  readonly folder: string;
  readonly key: { readonly path: string; readonly text: string };
}

/** Builds a tree below `folder`, signed with a key of its own. Mirrors carry the publisher's, so one serves them all. */
export function buildTree(name: TreeName, mirror: string, folder: string, arch = "amd64"): LaidTree {
  const { layout, key, packages } = trees[name];
  const work = join(folder, `packages-${name}`);
  const target = join(folder, `tree-${name}`);
  for (const each of [work, target]) mkdirSync(each, { recursive: true });
  const signer: Signer = makeSigner(work);
  const built = packages(arch).map((each) => buildPackage(mirror, work, arch, each));
  layTree(target, layout, built, signer);
  return { folder: target, key: { path: key, text: signer.publicKey } };
}
