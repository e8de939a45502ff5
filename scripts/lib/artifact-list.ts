/**
 * Everything that a stack downloads, as data: for filling a mirror, for an audit, for a firewall's list. It follows
 * from the config alone, by the same functions that the program itself uses.
 */
import { kubernetesImages } from "../../components/artifacts/images";
import {
  type Artifacts,
  type Download,
  type PackageRepository,
  type PinnedDownload,
  projectImages,
} from "../../components/artifacts/sources";
import { families } from "../../components/hosts/families";
import { neededPackages } from "../../components/hosts/packages";
import { flannelImages } from "../../components/network/flannel";
import { kubeRouterImage } from "../../components/network/kube-router-pod";
import type { Platform } from "../../stacks/config/load";

export interface ListedPackage {
  readonly family: "debian" | "redhat";
  /** With `=VERSION-*` where any build of one version is asked for. */
  readonly name: string;
  /** Address of the repository, or `distribution`. */
  readonly repository: string;
}

export interface ListedFile {
  readonly name: string;
  readonly arch: Arch;
  readonly url: string;
  /** Address of the checksum file, or `sha256:` and the sum. */
  readonly checksum: string;
}

export interface ArtifactList {
  readonly source: string;
  readonly packages: readonly ListedPackage[];
  readonly files: readonly ListedFile[];
  readonly images: readonly string[];
}

export type Arch = "amd64" | "arm64";

const familyNames = ["debian", "redhat"] as const;

/** Sorted, each once. */
function distinct<T>(items: readonly T[], text: (item: T) => string): T[] {
  const byText = new Map(items.map((item) => [text(item), item]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

export function listArtifacts(
  platform: Platform,
  artifacts: Artifacts,
  archs: readonly Arch[] = ["amd64", "arm64"],
): ArtifactList {
  return {
    source: artifacts.description,
    packages: distinct(packagesOf(platform, artifacts), (item) => Object.values(item).join(" ")),
    files: distinct(
      archs.flatMap((arch) => filesOf(platform, artifacts).map(([name, file]) => listed(name, file, arch))),
      ({ name, arch }) => `${name} ${arch}`,
    ),
    images: distinct(imagesOf(platform, artifacts), String),
  };
}

function packagesOf({ config }: Platform, artifacts: Artifacts): ListedPackage[] {
  const wanted = neededPackages(config.nodes.packages);
  const endpoint = config.kubernetes.controlPlaneEndpoint.kind === "haproxy" ? ["haproxy", "keepalived"] : [];
  const time = (family: ListedPackage["family"]) =>
    config.nodes.timeSync === "on" ? [families[family].timePackage] : [];
  const fromDistribution = familyNames.flatMap((family) =>
    [...wanted[family], ...time(family), ...endpoint].map((name) => ({
      family,
      name,
      repository: "distribution",
    })),
  );
  const { kubernetes, runtime, docker } = artifacts;
  // kubernetes-cni has versions of its own.
  const versioned = (name: string) =>
    name === "kubernetes-cni" ? name : `${name}=${config.kubernetes.version}-*`;
  return [
    ...fromDistribution,
    ...(kubernetes.method === "packages"
      ? both(kubernetes.repository, () => kubernetes.packages.map(versioned))
      : []),
    ...(config.runtime.kind === "containerd" && runtime.method === "packages"
      ? both(runtime.repository, () => runtime.packages.map((name) => `${name}=${config.runtime.version}-*`))
      : []),
    ...(config.runtime.kind !== "containerd" && docker?.engine.method === "packages"
      ? both(docker.engine.repository, (family) =>
          (docker.engine.method === "packages" ? docker.engine.packages[family] : []).map((name) =>
            name.includes("=") ? `${name}-*` : name,
          ),
        )
      : []),
  ];
}

function both(
  repository: PackageRepository,
  names: (family: ListedPackage["family"]) => readonly string[],
): ListedPackage[] {
  const address = { debian: repository.deb, redhat: repository.rpm };
  return familyNames.flatMap((family) =>
    names(family).map((name) => ({ family, name, repository: address[family] })),
  );
}

type AnyFile = Download | PinnedDownload;

function filesOf({ config, members }: Platform, artifacts: Artifacts): [string, AnyFile][] {
  const { kubernetes, runtime, docker } = artifacts;
  const engine = docker?.engine.method === "files" ? docker.engine.files : {};
  const ofRuntime =
    config.runtime.kind !== "containerd"
      ? { ...engine, ...docker?.files }
      : runtime.method === "files"
        ? runtime.files
        : {};
  return Object.entries<AnyFile>({
    ...(kubernetes.method === "files" ? kubernetes.files : {}),
    ...ofRuntime,
    ...(members.some(({ roles }) => roles.includes("etcd")) ? { etcd: artifacts.etcd } : {}),
  });
}

function listed(name: string, file: AnyFile, arch: Arch): ListedFile {
  const own = (text: string) => text.replaceAll("@ARCH@", arch);
  const checksum = "checksumUrl" in file ? own(file.checksumUrl) : `sha256:${file.sha256[arch]}`;
  return { name, arch, url: own(file.url), checksum };
}

function imagesOf({ config, members }: Platform, artifacts: Artifacts): string[] {
  const { kubernetes, network } = config;
  const runsFlannel = network.kind === "flannel" || network.legacyDoublePodNetwork;
  const flannel = flannelImages(network.flannel.version);
  const kubeRouter =
    network.kind === "kubeRouter" ||
    network.legacyDoublePodNetwork ||
    network.kubeRouter.serviceProxy ||
    network.kubeRouter.firewall === true;
  return [
    ...kubernetesImages({
      kubernetes: kubernetes.version,
      imageRepository: artifacts.imageRepository,
      kubeProxy: network.kubeProxy !== "none",
      stackedEtcd: !members.some(({ roles }) => roles.includes("etcd")),
    }),
    ...(runsFlannel ? [flannel.daemon, ...(flannel.plugin === undefined ? [] : [flannel.plugin])] : []),
    ...(kubeRouter ? [kubeRouterImage(network.kubeRouter.version)] : []),
    ...(kubernetes.controlPlaneEndpoint.kind === "kubeVip"
      ? [`${projectImages.kubeVip}:v${kubernetes.controlPlaneEndpoint.version}`]
      : []),
  ];
}

/** The list for people: a heading per group, a line per thing. */
export function renderList(list: ArtifactList): string {
  const group = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title} (${lines.length})`, ...lines.map((line) => `  ${line}`), ""];
  return [
    list.source,
    "",
    ...familyNames.flatMap((family) =>
      group(
        `packages, ${family}`,
        list.packages
          .filter((item) => item.family === family)
          .map(({ name, repository }) => `${name}  ${repository}`),
      ),
    ),
    ...group(
      "files",
      list.files.map(({ url, checksum }) => `${url}  ${checksum}`),
    ),
    ...group("images", list.images),
  ].join("\n");
}
