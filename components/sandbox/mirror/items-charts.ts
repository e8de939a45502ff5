import { chartsDir } from "./chart-name";
import type { ChartsItem, FilesItem, MirrorItem, ModuleItem } from "./item";
import { meshVersions as v } from "./versions";

/** Where images are said to come from. Hosts ask the mirror for any registry's names. */
export const hub = "docker.io/istio";

/** The same snapshot under two build numbers; `suffix` names the items of the second. */
export const builds = [
  { suffix: "", version: v.istio },
  { suffix: "-next", version: v.istioNext },
] as const;

export type IstioBuild = (typeof builds)[number];

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
