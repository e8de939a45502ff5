import { chartOf } from "../components/addons/charts";
import { imageOf } from "../components/addons/images";
import { labImage } from "../components/apps/images";
import { istioArtifacts, istioHub } from "../components/artifacts/charts";
import {
  type Delivery,
  type DockerSource,
  dockerHub,
  projectImages,
  registryApi,
  resolveArtifacts,
} from "../components/artifacts/sources";
import { flannelImages } from "../components/network/flannel";
import { kubeRouterImage } from "../components/network/kube-router-pod";
import { artifactVersions } from "./artifacts";
import type { Config } from "./config/schema";
import { installsByIstioctl } from "./mesh-settings";

/** One question about upstream. */
export interface Probe {
  readonly url: string;
  /** Who downloads from there: the hosts, or the computer that runs the program. */
  readonly by: "hosts" | "computer";
}

/** What a part of the platform takes from upstream. */
interface Needs {
  /** Addresses of files. */
  readonly files?: readonly string[];
  /** Images with the registry before their names, or registries. */
  readonly images?: readonly string[];
  /** Chart repositories. */
  readonly charts?: readonly string[];
}

const addressesOf = (delivery: Delivery | DockerSource["engine"]): string[] =>
  delivery.method === "files"
    ? Object.values(delivery.files).map(({ url }) => url)
    : [delivery.repository.debKey];

/** cri-dockerd lies where containerd does; a version of it that cannot be had is for the rules to refuse. */
const artifactsOf = (config: Config) =>
  resolveArtifacts({ kind: "upstream" }, { ...artifactVersions(config, "upstream"), criDockerd: undefined });

const needsOfEtcd = (config: Config): Needs => ({ files: [artifactsOf(config).etcd.url] });

function needsOfCluster(config: Config): Needs {
  const { kubernetes, etcd, network } = config;
  const artifacts = artifactsOf(config);
  const endpoint = kubernetes.controlPlaneEndpoint.kind;
  return {
    files: [
      ...addressesOf(artifacts.kubernetes),
      ...addressesOf(artifacts.docker?.engine ?? artifacts.runtime),
      ...Object.values(artifacts.docker?.files ?? {}).map(({ url }) => url),
      ...(etcd.kind === "external" ? (needsOfEtcd(config).files ?? []) : []),
    ],
    images: [
      artifacts.imageRepository,
      network.kind === "flannel"
        ? flannelImages(network.flannel.version).daemon
        : kubeRouterImage(network.kubeRouter.version),
      ...(endpoint === "kubeVip" ? [projectImages.kubeVip] : []),
    ],
  };
}

/** Addresses that the config itself names are left out: they are needed whatever else the source is. */
function needsOfMesh({ mesh }: Config): Needs {
  if (mesh === false) return {};
  const upstream = istioArtifacts({ kind: "upstream" });
  const chart = upstream.chart("istiod", mesh.version);
  const byIstioctl = installsByIstioctl(mesh);
  return {
    files: byIstioctl ? [upstream.istioctl(mesh.version).url] : [],
    images: mesh.hub === istioHub ? [istioHub] : [],
    charts: !byIstioctl && mesh.charts === undefined && "repo" in chart ? [chart.repo] : [],
  };
}

function needsOfAddons({ addons }: Config): Needs {
  const charted = (["prometheus", "grafana", "jaeger", "kiali"] as const).flatMap((name) => {
    const addon = addons[name];
    return addon === false ? [] : [{ name, source: addon.source }];
  });
  const logging =
    addons.logging === false ? [] : (["elasticsearch", "kibana", addons.logging.shipper.kind] as const);
  return {
    // One project publishes all its versions in one registry.
    images: [...charted.map(({ name }) => name), ...logging].map((name) => imageOf(name, "0")),
    charts: charted.flatMap(({ name, source }) =>
      source === "manifests" ? [] : [chartRepository(name, source.chart)],
    ),
  };
}

function chartRepository(...addon: Parameters<typeof chartOf>): string {
  const chart = chartOf(...addon);
  if (!("repo" in chart)) throw new Error(`the chart of ${addon[0]} is in no repository`);
  return chart.repo;
}

function needsOfApps({ apps, gateways, traffic }: Config): Needs {
  const { injection: _, istioLab, clients, ...others } = apps;
  const fromHub =
    clients.length > 0 ||
    Object.values(others).some((app) => app !== false) ||
    gateways.edge !== false ||
    traffic.rateLimits.global.length > 0;
  return {
    images: [...(fromHub ? [dockerHub] : []), ...(istioLab === false ? [] : [labImage("go", "v1")])],
  };
}

const indexOf = (repository: string) => `${repository}/index.yaml`;
const registryOf = (image: string) => image.split("/")[0] ?? image;

/** What has to answer before a stack can be fed by upstream: one address of each host, sorted. */
export function upstreamProbes(config: Config): Probe[] {
  const parts =
    config.composition === "etcd" ? [needsOfEtcd] : [needsOfCluster, needsOfMesh, needsOfAddons, needsOfApps];
  const probes = parts
    .map((part) => part(config))
    .flatMap(({ files = [], images = [], charts = [] }): Probe[] => [
      ...files.map((url) => ({ url: anyHost(url), by: "hosts" as const })),
      ...images.map((image) => ({ url: registryApi(registryOf(image)), by: "hosts" as const })),
      ...charts.map((repository) => ({ url: indexOf(repository), by: "computer" as const })),
    ]);
  const byHost = new Map(probes.reverse().map((probe) => [`${new URL(probe.url).host} ${probe.by}`, probe]));
  return [...byHost].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, probe]) => probe);
}

/** An address with what only a host knows filled in as it is on most. */
const anyHost = (url: string) => url.replaceAll("@ARCH@", "amd64").replaceAll("@ID@", "debian");
