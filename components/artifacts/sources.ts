/** A file and the published checksum beside it. `@ARCH@` stands for amd64 or arm64, which only the host knows. */
export interface Download {
  readonly url: string;
  readonly checksumUrl: string;
}

/** A package repository for each family of distributions. */
export interface PackageRepository {
  readonly deb: string;
  readonly debKey: string;
  readonly rpm: string;
  readonly rpmKey: string;
}

/** Files that are downloaded and checked one by one, or packages of a repository. */
export type Delivery =
  | { readonly method: "files"; readonly files: Readonly<Record<string, Download>> }
  | {
      readonly method: "packages";
      readonly repository: PackageRepository;
      readonly packages: readonly string[];
    };

/** A registry that containerd asks before the one in an image's name. */
export interface RegistryMirror {
  /** Registry that it stands in for; `_default` for all. */
  readonly registry: string;
  readonly url: string;
}

/** Where everything comes from that is put on a host. The only place that spells a download host. */
export interface Artifacts {
  /** For people: which source and why. */
  readonly description: string;
  readonly kubernetes: Delivery;
  /** containerd with runc and the CNI plugins. */
  readonly runtime: Delivery;
  readonly etcd: Download;
  /** kubeadm's imageRepository. */
  readonly imageRepository: string;
  readonly registryMirrors: readonly RegistryMirror[];
}

/** Three numbers each, without a leading v. */
export interface ArtifactVersions {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
}

/** runc and CNI plugins that go with the current containerd. */
export const companionVersions = { runc: "1.4.3", cniPlugins: "1.9.1" } as const;

export type ArtifactSource =
  | { readonly kind: "upstream" | "aliyun" | "tuna" }
  | {
      readonly kind: "mirror";
      readonly files: string;
      readonly registry: string;
      readonly registryScheme: "http" | "https";
    };

const minorOf = (version: string) => version.split(".").slice(0, 2).join(".");

function kubernetesFiles(base: string): Delivery {
  const download = (name: string): Download => ({
    url: `${base}/${name}`,
    checksumUrl: `${base}/${name}.sha256`,
  });
  return {
    method: "files",
    files: { kubeadm: download("kubeadm"), kubelet: download("kubelet"), kubectl: download("kubectl") },
  };
}

function runtimeFiles(
  containerd: string,
  runc: string,
  cniPlugins: string,
  versions: ArtifactVersions,
): Delivery {
  const tarball = `${containerd}/containerd-${versions.containerd}-linux-@ARCH@.tar.gz`;
  const plugins = `${cniPlugins}/cni-plugins-linux-@ARCH@-v${versions.cniPlugins}.tgz`;
  return {
    method: "files",
    files: {
      containerd: { url: tarball, checksumUrl: `${tarball}.sha256sum` },
      runc: { url: `${runc}/runc.@ARCH@`, checksumUrl: `${runc}/runc.sha256sum` },
      cniPlugins: { url: plugins, checksumUrl: `${plugins}.sha256` },
    },
  };
}

function etcdFile(base: string, version: string): Download {
  return { url: `${base}/etcd-v${version}-linux-@ARCH@.tar.gz`, checksumUrl: `${base}/SHA256SUMS` };
}

const github = "https://github.com";

function upstream(versions: ArtifactVersions): Artifacts {
  return {
    description: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
    kubernetes: kubernetesFiles(`https://dl.k8s.io/release/v${versions.kubernetes}/bin/linux/@ARCH@`),
    runtime: runtimeFiles(
      `${github}/containerd/containerd/releases/download/v${versions.containerd}`,
      `${github}/opencontainers/runc/releases/download/v${versions.runc}`,
      `${github}/containernetworking/plugins/releases/download/v${versions.cniPlugins}`,
      versions,
    ),
    etcd: etcdFile(`${github}/etcd-io/etcd/releases/download/v${versions.etcd}`, versions.etcd),
    imageRepository: "registry.k8s.io",
    registryMirrors: [],
  };
}

/**
 * A public mirror carries packages, not single files. `kubernetes` and `docker` are its trees; etcd is in neither,
 * so it stays with its own releases.
 */
function publicMirror(
  description: string,
  kubernetes: string,
  docker: string,
  versions: ArtifactVersions,
): Artifacts {
  const tree = `${kubernetes}/v${minorOf(versions.kubernetes)}`;
  return {
    ...upstream(versions),
    description,
    kubernetes: {
      method: "packages",
      repository: {
        deb: `${tree}/deb/ /`,
        debKey: `${tree}/deb/Release.key`,
        rpm: `${tree}/rpm/`,
        rpmKey: `${tree}/rpm/repodata/repomd.xml.key`,
      },
      packages: ["kubeadm", "kubectl", "kubelet", "kubernetes-cni"],
    },
    runtime: {
      method: "packages",
      repository: {
        deb: `${docker}/linux/@ID@ @CODENAME@ stable`,
        debKey: `${docker}/linux/@ID@/gpg`,
        rpm: `${docker}/linux/centos/$releasever/$basearch/stable`,
        rpmKey: `${docker}/linux/centos/gpg`,
      },
      packages: ["containerd.io"],
    },
    imageRepository: "registry.aliyuncs.com/google_containers",
  };
}

function ownMirror(
  source: Extract<ArtifactSource, { kind: "mirror" }>,
  versions: ArtifactVersions,
): Artifacts {
  const { files } = source;
  return {
    description: `mirror: ${files}, images from ${source.registry}`,
    kubernetes: kubernetesFiles(`${files}/kubernetes/v${versions.kubernetes}/bin/linux/@ARCH@`),
    runtime: runtimeFiles(
      `${files}/containerd/v${versions.containerd}`,
      `${files}/runc/v${versions.runc}`,
      `${files}/cni-plugins/v${versions.cniPlugins}`,
      versions,
    ),
    etcd: etcdFile(`${files}/etcd/v${versions.etcd}`, versions.etcd),
    imageRepository: "registry.k8s.io",
    registryMirrors: [{ registry: "_default", url: `${source.registryScheme}://${source.registry}` }],
  };
}

/** The door: every address that the platform downloads from, for one source and one set of versions. */
export function resolveArtifacts(source: ArtifactSource, versions: ArtifactVersions): Artifacts {
  switch (source.kind) {
    case "upstream":
      return upstream(versions);
    case "aliyun":
      return publicMirror(
        "aliyun: packages and images from Aliyun, etcd from GitHub releases",
        "https://mirrors.aliyun.com/kubernetes-new/core/stable",
        "https://mirrors.aliyun.com/docker-ce",
        versions,
      );
    case "tuna":
      return publicMirror(
        "tuna: packages from TUNA, images from Aliyun, etcd from GitHub releases",
        "https://mirrors.tuna.tsinghua.edu.cn/kubernetes/core:/stable:",
        "https://mirrors.tuna.tsinghua.edu.cn/docker-ce",
        versions,
      );
    case "mirror":
      return ownMirror(source, versions);
  }
}

/** Hosts whose answer decides between `upstream` and the sandbox's own mirror when the config says `auto`. */
export const upstreamProbes: readonly string[] = [
  "https://dl.k8s.io",
  "https://github.com",
  "https://registry.k8s.io/v2/",
];
