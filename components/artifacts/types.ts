/** A file and the published checksum beside it. `@ARCH@` stands for amd64 or arm64, which only the host knows. */
export interface Download {
  readonly url: string;
  readonly checksumUrl: string;
}

/** A file whose publisher offers no checksum; its sha256 by architecture is known here. */
export interface PinnedDownload {
  readonly url: string;
  readonly sha256: { readonly amd64: string; readonly arm64: string };
}

/** A package repository for each family of distributions. */
export interface PackageRepository {
  readonly deb: string;
  readonly debKey: string;
  readonly rpm: string;
  /** One address, or several with a blank between them. */
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

/** Packages by family, each with its version where one is asked for: the families count versions differently. */
export interface FamilyPackages {
  readonly debian: readonly string[];
  readonly redhat: readonly string[];
}

/** Docker, and what a kubelet needs beside it. */
export interface DockerSource {
  readonly engine:
    | { readonly method: "files"; readonly files: Readonly<Record<"docker", Download>> }
    | {
        readonly method: "packages";
        readonly repository: PackageRepository;
        readonly packages: FamilyPackages;
      };
  /** CNI plugins, crictl and cri-dockerd, as far as no package brings them. */
  readonly files: Readonly<Record<string, Download | PinnedDownload>>;
}

/** A registry that the container runtime asks before the one in an image's name. */
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
  /** Only where the versions name Docker. */
  readonly docker?: DockerSource;
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
  /** Where Docker is the runtime. Default: none. */
  readonly docker?: string | undefined;
  /** Where the kubelet reaches Docker through cri-dockerd. Default: none. */
  readonly criDockerd?: string | undefined;
}

interface AnySource {
  /** kubeadm's imageRepository in place of the source's own. */
  readonly imageRepository?: string | undefined;
}

export type ArtifactSource =
  | (AnySource & { readonly kind: "upstream" | "aliyun" | "tuna" })
  | (AnySource & {
      readonly kind: "mirror";
      readonly files: string;
      readonly registry: string;
      readonly registryScheme: "http" | "https";
    });
