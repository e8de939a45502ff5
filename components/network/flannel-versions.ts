import { rowFor, type VersionTable } from "./version-table";

/** Repository of the daemon's image. The project moved three times; old versions stayed where they were. */
const daemonImages: VersionTable<string> = [
  ["0.26.4", "ghcr.io/flannel-io/flannel"],
  ["0.21.0", "docker.io/flannel/flannel"],
  ["0.16.1", "docker.io/rancher/mirrored-flannelcni-flannel"],
  ["0.12.0", "quay.io/coreos/flannel"],
];

/** Image of the CNI plugin, as the manifest of that version names it; undefined where the host has to have it. */
const pluginImages: VersionTable<string | undefined> = [
  ["0.28.9", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"],
  ["0.28.6", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel2"],
  ["0.28.3", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1"],
  ["0.28.1", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.0-flannel1"],
  ["0.27.4", "ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1"],
  ["0.27.0", "ghcr.io/flannel-io/flannel-cni-plugin:v1.7.1-flannel1"],
  ["0.26.4", "ghcr.io/flannel-io/flannel-cni-plugin:v1.6.2-flannel1"],
  ["0.26.2", "docker.io/flannel/flannel-cni-plugin:v1.6.0-flannel1"],
  ["0.25.6", "docker.io/flannel/flannel-cni-plugin:v1.5.1-flannel2"],
  ["0.25.5", "docker.io/flannel/flannel-cni-plugin:v1.5.1-flannel1"],
  ["0.25.2", "docker.io/flannel/flannel-cni-plugin:v1.4.1-flannel1"],
  ["0.24.2", "docker.io/flannel/flannel-cni-plugin:v1.4.0-flannel1"],
  ["0.22.1", "docker.io/flannel/flannel-cni-plugin:v1.2.0"],
  ["0.21.0", "docker.io/flannel/flannel-cni-plugin:v1.1.2"],
  ["0.18.0", "docker.io/rancher/mirrored-flannelcni-flannel-cni-plugin:v1.1.0"],
  ["0.16.2", "docker.io/rancher/mirrored-flannelcni-flannel-cni-plugin:v1.0.1"],
  ["0.15.0", "docker.io/rancher/mirrored-flannelcni-flannel-cni-plugin:v1.0.0"],
  ["0.12.0", undefined],
];

interface Traits {
  readonly namespace: string;
  /** Whether its pods need a PodSecurityPolicy where Kubernetes still has them. */
  readonly podSecurityPolicy: boolean;
  /** Limits equal to the requests; the project dropped them, since a large cluster ran into them. */
  readonly limits: boolean;
  /** The program in the image that puts the CNI configuration in place. */
  readonly install: { readonly command: readonly string[]; readonly flags: readonly string[] };
  /** Port of the health answers on every host, for the probes; 0 is none. */
  readonly healthPort: number;
  /** What is written after the version in the image's tag. */
  readonly tagSuffix: string;
}

const copy = { command: ["cp"], flags: ["-f"] };
const today: Traits = {
  namespace: "kube-flannel",
  podSecurityPolicy: false,
  limits: false,
  install: copy,
  healthPort: 0,
  tagSuffix: "",
};
const early: Traits = { ...today, namespace: "kube-system", podSecurityPolicy: true, limits: true };

const traits: VersionTable<Traits> = [
  ["0.28.9", { ...today, install: { command: ["/opt/bin/install-conf"], flags: [] }, healthPort: 8081 }],
  ["0.28.6", { ...today, install: { command: ["/opt/bin/install-conf"], flags: [] } }],
  ["0.21.0", today],
  ["0.19.0", { ...today, limits: true }],
  ["0.13.0", early],
  // Before 0.13 there was an image per architecture, and no list of them.
  ["0.12.0", { ...early, tagSuffix: "-amd64" }],
];

/** Everything that differs between versions of flannel. */
export interface FlannelRelease extends Traits {
  readonly images: { readonly daemon: string; readonly plugin?: string };
}

export function flannelRelease(version: string): FlannelRelease {
  const found = rowFor("flannel", traits, version);
  const plugin = rowFor("flannel", pluginImages, version);
  return {
    ...found,
    images: {
      daemon: `${rowFor("flannel", daemonImages, version)}:v${version}${found.tagSuffix}`,
      ...(plugin === undefined ? {} : { plugin }),
    },
  };
}
