import { atLeast, minorOf } from "../lib/versions";
import type {
  ArtifactSource,
  Artifacts,
  ArtifactVersions,
  Delivery,
  DockerSource,
  Download,
  PackageRepository,
  PinnedDownload,
} from "./types";

export type * from "./types";

/** runc and CNI plugins that go with the current containerd. */
export const companionVersions = { runc: "1.4.3", cniPlugins: "1.9.1" } as const;

/** Registries that hold kubeadm's images. The two of Aliyun hold the same, under flat names. */
export const imageRepositories = {
  upstream: "registry.k8s.io",
  aliyun: "registry.aliyuncs.com/google_containers",
  aliyunHangzhou: "registry.cn-hangzhou.aliyuncs.com/google_containers",
} as const;

/** Docker Hub's name in the names of images. */
export const dockerHub = "docker.io";

/** Images of projects that publish them in one place alone; registry and path, without a tag. */
export const projectImages = {
  kubeVip: "ghcr.io/kube-vip/kube-vip",
} as const;

/** From here on there are package repositories of one minor each; before, one for all, which is gone but for mirrors. */
const FIRST_MINOR_REPOSITORY = "1.24";
/** From here on kubeadm talks to the runtime itself; before, it runs crictl. */
const WITHOUT_CRICTL = "1.32";
/** From here on Docker's Debian packages no longer say which build of a version they are. */
const PLAIN_DOCKER_VERSIONS = "23.0";

/**
 * sha256 of cri-dockerd's archives, whose project publishes none. Another version needs its sums here, or a mirror of
 * one's own with a checksum file.
 */
export const criDockerdSums: Readonly<Record<string, PinnedDownload["sha256"]>> = {
  "0.3.26": {
    amd64: "87f31c964d974cdce9c883c79b69e355c3c323e51d3a7d36cda140e6df7b8d5a",
    arm64: "d33e46e0d7ce28b22fdf7fa6327961cf0220ec3814fd7cc482f8cb77e7fd986a",
  },
  "0.3.25": {
    amd64: "adb9b9785dc10fe49107f5d9e6a62c4271d268a214b9813f5dce251afc9d78ff",
    arm64: "7eda6e815ed80ddf28095587038a8c48cb9af2060f7b45f9d8e68603c42caa67",
  },
};

const github = "https://github.com";
const upstreamDocker = "https://download.docker.com";

/** Trees of the public mirrors. `legacy` holds the packages of Kubernetes below 1.24. */
const publicMirrors = {
  aliyun: {
    description: "aliyun: packages and images from Aliyun, etcd from GitHub releases",
    kubernetes: "https://mirrors.aliyun.com/kubernetes-new/core/stable",
    legacy: "https://mirrors.aliyun.com/kubernetes",
    docker: "https://mirrors.aliyun.com/docker-ce",
  },
  tuna: {
    description: "tuna: packages from TUNA, images from Aliyun, etcd from GitHub releases",
    kubernetes: "https://mirrors.tuna.tsinghua.edu.cn/kubernetes/core:/stable:",
    legacy: "https://mirrors.tuna.tsinghua.edu.cn/kubernetes",
    docker: "https://mirrors.tuna.tsinghua.edu.cn/docker-ce",
  },
} as const;

/** The keys that signed the packages below 1.24, which TUNA does not carry. */
const legacyKeys = {
  deb: `${publicMirrors.aliyun.legacy}/apt/doc/apt-key.gpg`,
  rpm: ["yum-key.gpg", "rpm-package-key.gpg"]
    .map((name) => `${publicMirrors.aliyun.legacy}/yum/doc/${name}`)
    .join(" "),
};

/** Base addresses of single files, each without a slash at its end. */
interface FileTrees {
  readonly kubernetes: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
  readonly crictl: string;
  readonly etcd: string;
}

const beside = (url: string, ending: string): Download => ({ url, checksumUrl: `${url}${ending}` });

function kubernetesFiles(trees: FileTrees): Delivery {
  const file = (name: string) => beside(`${trees.kubernetes}/${name}`, ".sha256");
  return {
    method: "files",
    files: { kubeadm: file("kubeadm"), kubelet: file("kubelet"), kubectl: file("kubectl") },
  };
}

const cniFile = (trees: FileTrees, { cniPlugins }: ArtifactVersions) =>
  beside(`${trees.cniPlugins}/cni-plugins-linux-@ARCH@-v${cniPlugins}.tgz`, ".sha256");

/** crictl of the same minor, for the kubeadm versions that run it. */
function crictlFile(trees: FileTrees, { kubernetes }: ArtifactVersions): Record<string, Download> {
  if (atLeast(kubernetes, WITHOUT_CRICTL)) return {};
  return {
    crictl: beside(`${trees.crictl}/crictl-v${crictlVersion(kubernetes)}-linux-@ARCH@.tar.gz`, ".sha256"),
  };
}

const crictlVersion = (kubernetes: string) => `${minorOf(kubernetes)}.0`;

function runtimeFiles(trees: FileTrees, versions: ArtifactVersions): Delivery {
  return {
    method: "files",
    files: {
      containerd: beside(
        `${trees.containerd}/containerd-${versions.containerd}-linux-@ARCH@.tar.gz`,
        ".sha256sum",
      ),
      runc: { url: `${trees.runc}/runc.@ARCH@`, checksumUrl: `${trees.runc}/runc.sha256sum` },
      cniPlugins: cniFile(trees, versions),
      ...crictlFile(trees, versions),
    },
  };
}

const etcdFile = (trees: FileTrees, { etcd }: ArtifactVersions): Download => ({
  url: `${trees.etcd}/etcd-v${etcd}-linux-@ARCH@.tar.gz`,
  checksumUrl: `${trees.etcd}/SHA256SUMS`,
});

const upstreamTrees = (versions: ArtifactVersions): FileTrees => {
  const release = (project: string, version: string) => `${github}/${project}/releases/download/v${version}`;
  return {
    kubernetes: `https://dl.k8s.io/release/v${versions.kubernetes}/bin/linux/@ARCH@`,
    containerd: release("containerd/containerd", versions.containerd),
    runc: release("opencontainers/runc", versions.runc),
    cniPlugins: release("containernetworking/plugins", versions.cniPlugins),
    crictl: release("kubernetes-sigs/cri-tools", crictlVersion(versions.kubernetes)),
    etcd: release("etcd-io/etcd", versions.etcd),
  };
};

const ownTrees = (base: string, versions: ArtifactVersions): FileTrees => ({
  kubernetes: `${base}/kubernetes/v${versions.kubernetes}/bin/linux/@ARCH@`,
  containerd: `${base}/containerd/v${versions.containerd}`,
  runc: `${base}/runc/v${versions.runc}`,
  cniPlugins: `${base}/cni-plugins/v${versions.cniPlugins}`,
  crictl: `${base}/crictl/v${crictlVersion(versions.kubernetes)}`,
  etcd: `${base}/etcd/v${versions.etcd}`,
});

/** Docker's package repository; containerd.io comes from it too. */
const dockerRepository = (tree: string): PackageRepository => ({
  deb: `${tree}/linux/@ID@ @CODENAME@ stable`,
  debKey: `${tree}/linux/@ID@/gpg`,
  rpm: `${tree}/linux/centos/$releasever/$basearch/stable`,
  rpmKey: `${tree}/linux/centos/gpg`,
});

function dockerPackages(tree: string, version: string): DockerSource["engine"] {
  const debian = `5:${version}${atLeast(version, PLAIN_DOCKER_VERSIONS) ? "" : "~3"}`;
  const named = (spelled: string) => [`docker-ce=${spelled}`, `docker-ce-cli=${spelled}`, "containerd.io"];
  return {
    method: "packages",
    repository: dockerRepository(tree),
    packages: { debian: named(debian), redhat: named(version) },
  };
}

function criDockerdRelease(version: string): PinnedDownload {
  const sha256 = criDockerdSums[version];
  if (sha256 === undefined)
    throw new Error(
      `no checksum of cri-dockerd ${version} is known; allowed: ${Object.keys(criDockerdSums).join(", ")}; change runtime.criDockerd, or take artifacts of kind mirror`,
    );
  return {
    url: `${github}/Mirantis/cri-dockerd/releases/download/v${version}/cri-dockerd-${version}.@ARCH@.tgz`,
    sha256,
  };
}

/** Docker by packages. `files` are those that come in no package of the source. */
function packagedDocker(
  tree: string,
  versions: ArtifactVersions,
  files: Readonly<Record<string, Download>>,
): Pick<Artifacts, "docker"> {
  if (versions.docker === undefined) return {};
  const shim =
    versions.criDockerd === undefined ? {} : { criDockerd: criDockerdRelease(versions.criDockerd) };
  return { docker: { engine: dockerPackages(tree, versions.docker), files: { ...files, ...shim } } };
}

function upstream(versions: ArtifactVersions): Artifacts {
  const trees = upstreamTrees(versions);
  return {
    description: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
    kubernetes: kubernetesFiles(trees),
    runtime: runtimeFiles(trees, versions),
    ...packagedDocker(upstreamDocker, versions, {
      cniPlugins: cniFile(trees, versions),
      ...crictlFile(trees, versions),
    }),
    etcd: etcdFile(trees, versions),
    imageRepository: imageRepositories.upstream,
    registryMirrors: [],
  };
}

function kubernetesRepository(mirror: (typeof publicMirrors)["aliyun" | "tuna"], kubernetes: string) {
  if (!atLeast(kubernetes, FIRST_MINOR_REPOSITORY)) {
    return {
      deb: `${mirror.legacy}/apt/ kubernetes-xenial main`,
      debKey: legacyKeys.deb,
      rpm: `${mirror.legacy}/yum/repos/kubernetes-el7-$basearch/`,
      rpmKey: legacyKeys.rpm,
    };
  }
  const tree = `${mirror.kubernetes}/v${minorOf(kubernetes)}`;
  return {
    deb: `${tree}/deb/ /`,
    debKey: `${tree}/deb/Release.key`,
    rpm: `${tree}/rpm/`,
    rpmKey: `${tree}/rpm/repodata/repomd.xml.key`,
  };
}

/** A public mirror carries packages, not single files; etcd is in none of its trees and stays with its releases. */
function publicMirror(kind: "aliyun" | "tuna", versions: ArtifactVersions): Artifacts {
  const mirror = publicMirrors[kind];
  return {
    ...upstream({ ...versions, docker: undefined, criDockerd: undefined }),
    description: mirror.description,
    kubernetes: {
      method: "packages",
      repository: kubernetesRepository(mirror, versions.kubernetes),
      packages: ["kubeadm", "kubectl", "kubelet", "kubernetes-cni"],
    },
    runtime: {
      method: "packages",
      repository: dockerRepository(mirror.docker),
      packages: ["containerd.io"],
    },
    ...packagedDocker(mirror.docker, versions, {}),
    imageRepository: imageRepositories.aliyun,
  };
}

function ownDocker(base: string, trees: FileTrees, versions: ArtifactVersions): Pick<Artifacts, "docker"> {
  const { docker, criDockerd } = versions;
  if (docker === undefined) return {};
  const shim =
    criDockerd === undefined
      ? {}
      : {
          criDockerd: beside(
            `${base}/cri-dockerd/v${criDockerd}/cri-dockerd-${criDockerd}.@ARCH@.tgz`,
            ".sha256",
          ),
        };
  const engine = beside(`${base}/docker/v${docker}/docker-${docker}-linux-@ARCH@.tgz`, ".sha256");
  return {
    docker: {
      engine: { method: "files", files: { docker: engine } },
      files: { cniPlugins: cniFile(trees, versions), ...crictlFile(trees, versions), ...shim },
    },
  };
}

function ownMirror(
  source: Extract<ArtifactSource, { kind: "mirror" }>,
  versions: ArtifactVersions,
): Artifacts {
  const trees = ownTrees(source.files, versions);
  return {
    description: `mirror: ${source.files}, images from ${source.registry}`,
    kubernetes: kubernetesFiles(trees),
    runtime: runtimeFiles(trees, versions),
    ...ownDocker(source.files, trees, versions),
    etcd: etcdFile(trees, versions),
    imageRepository: imageRepositories.upstream,
    registryMirrors: [{ registry: "_default", url: `${source.registryScheme}://${source.registry}` }],
  };
}

function ofSource(source: ArtifactSource, versions: ArtifactVersions): Artifacts {
  switch (source.kind) {
    case "upstream":
      return upstream(versions);
    case "aliyun":
    case "tuna":
      return publicMirror(source.kind, versions);
    case "mirror":
      return ownMirror(source, versions);
  }
}

/** The door: every address that the platform downloads from, for one source and one set of versions. */
export function resolveArtifacts(source: ArtifactSource, versions: ArtifactVersions): Artifacts {
  const artifacts = ofSource(source, versions);
  return source.imageRepository === undefined
    ? artifacts
    : { ...artifacts, imageRepository: source.imageRepository };
}

/** Where a registry answers by HTTP. Docker Hub does so under another name than that in the names of images. */
export const registryApi = (registry: string): string =>
  `https://${registry === dockerHub ? "registry-1.docker.io" : registry}/v2/`;
