/**
 * What answers on the internet under the names that the platform asks, as data: layouts and manners, each with where
 * and when they were read. `server.ts` plays them; the bits are the sandbox mirror's, under the names of releases.
 */
import { companionVersions } from "../../components/artifacts/sources";
import { minorOf } from "../../components/lib/versions";
import { meshVersions, mirrorVersions } from "../../components/sandbox/mirror/versions";
import { versions } from "../../stacks/config/versions";

/** A file of a site; `{name}` in a path stands for one part of it, which the other paths of the rule repeat. */
export interface FileRule {
  readonly path: string;
  /** Where the sandbox mirror holds these bits, below its `files/`. */
  readonly held: string;
  /** Versions of releases whose bits the mirror has under another: what `{version}` is in `held`. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly sum: {
    readonly path: string;
    /** The bare digest; a line of digest, two blanks and name; or such lines inside a signed message. */
    readonly form: "bare" | "lines" | "signed lines";
  };
}

/** Where a site sends those who ask for a file or a blob, with a signed address that no token may follow to. */
export interface SentOn {
  readonly status: 301 | 302 | 307;
  readonly to: string;
}

export type Manner =
  | { readonly kind: "files"; readonly files: readonly FileRule[]; readonly sentOn: SentOn }
  | {
      readonly kind: "registry";
      /** Images that it has; `*` stands for any rest of a name. */
      readonly images: readonly string[];
      /** Folder in front of their names. Default: none. */
      readonly folder?: string;
      /** Where a token is to be had, without which it answers 401. Default: it asks for none. */
      readonly token?: { readonly realm: string; readonly service: string };
      readonly blobs: SentOn;
      /** Default: manifests are answered where they are asked for. */
      readonly manifests?: SentOn;
    }
  /** Trees of Debian packages: folder of the site -> what is in it. */
  | { readonly kind: "trees"; readonly trees: Readonly<Record<string, TreeName>> }
  /** Asked of the real one, without TLS: the distribution's own packages, which sandbox hosts consist of anyway. */
  | { readonly kind: "forwarded" }
  /** Gives a token to anybody. */
  | { readonly kind: "tokens"; readonly path: string }
  /** Istio's chart repository: an index, and the charts beside it. */
  | {
      readonly kind: "charts";
      readonly path: string;
      readonly version: string;
      readonly charts: readonly string[];
    }
  /** Answers what another site has sent there, and refuses those who bring a token along. */
  | { readonly kind: "storage" };

export interface Site {
  readonly source: string;
  /** The day on which the source was read. */
  readonly checked: string;
  readonly manner: Manner;
}

const github = (
  project: string,
  names: Pick<FileRule, "held" | "versions"> & { file: string; sum: string },
  form: FileRule["sum"]["form"],
): FileRule => {
  const { file, sum, ...rest } = names;
  const folder = `/${project}/releases/download/v{version}`;
  return { ...rest, path: `${folder}/${file}`, sum: { path: `${folder}/${sum}`, form } };
};

/** What is in a tree of packages; see `trees.ts`. */
export type TreeName = "kubernetes" | "docker";

const istioRelease = versions.istio.release;

/** Tags of releases whose bits the mirror has under another tag, by image. */
export const heldTags: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  ["istio/pilot", "istio/proxyv2", "istio/install-cni"].map((image) => [
    image,
    { [istioRelease]: meshVersions.istio },
  ]),
);

const minor = minorOf(mirrorVersions.kubernetes);

const kubernetesImages = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "pause",
  "etcd",
] as const;

/** A host to which another one sends for what it has. */
const storage = (source: string, checked: string): Site => ({ source, checked, manner: { kind: "storage" } });

/** By name. */
export const internet: Readonly<Record<string, Site>> = {
  "dl.k8s.io": {
    source:
      "kubernetes/k8s.io: apps/k8s-io, and the addresses of `curl -LO` in kubernetes.io's install pages",
    checked: "2026-11-30",
    manner: {
      kind: "files",
      sentOn: { status: 302, to: "cdn.dl.k8s.io" },
      files: [
        {
          path: "/release/v{version}/bin/linux/{arch}/{program}",
          held: "kubernetes/v{version}/bin/linux/{arch}/{program}",
          sum: { path: "/release/v{version}/bin/linux/{arch}/{program}.sha256", form: "bare" },
        },
      ],
    },
  },
  "cdn.dl.k8s.io": storage("where dl.k8s.io sends", "2026-11-30"),
  "github.com": {
    source:
      "release pages of the projects; checksum files as field-reports and their release scripts write them",
    checked: "2026-11-30",
    manner: {
      kind: "files",
      sentOn: { status: 302, to: "release-assets.githubusercontent.com" },
      files: [
        github(
          "containerd/containerd",
          {
            file: "containerd-{version}-linux-{arch}.tar.gz",
            sum: "containerd-{version}-linux-{arch}.tar.gz.sha256sum",
            held: "containerd/v{version}/containerd-{version}-linux-{arch}.tar.gz",
          },
          "lines",
        ),
        github(
          "opencontainers/runc",
          {
            file: "runc.{arch}",
            sum: "runc.sha256sum",
            held: "runc/v{version}/runc.{arch}",
            versions: { [companionVersions.runc]: mirrorVersions.runc },
          },
          "signed lines",
        ),
        github(
          "containernetworking/plugins",
          {
            file: "cni-plugins-linux-{arch}-v{version}.tgz",
            sum: "cni-plugins-linux-{arch}-v{version}.tgz.sha256",
            held: "cni-plugins/v{version}/cni-plugins-linux-{arch}-v{version}.tgz",
            versions: { [companionVersions.cniPlugins]: mirrorVersions.cniPlugins },
          },
          "lines",
        ),
        github(
          "etcd-io/etcd",
          {
            file: "etcd-v{version}-linux-{arch}.tar.gz",
            sum: "SHA256SUMS",
            held: "etcd/v{version}/etcd-v{version}-linux-{arch}.tar.gz",
          },
          "lines",
        ),
      ],
    },
  },
  "release-assets.githubusercontent.com": storage(
    "where github.com sends for files of a release",
    "2026-11-30",
  ),
  "registry.k8s.io": {
    source: "kubernetes/registry.k8s.io: cmd/archeio/docs/request-handling.md",
    checked: "2026-12-01",
    manner: {
      kind: "registry",
      images: [...kubernetesImages, "coredns/coredns"],
      manifests: { status: 307, to: "us-central1-docker.pkg.dev" },
      blobs: { status: 307, to: "us-central1-docker.pkg.dev" },
    },
  },
  "us-central1-docker.pkg.dev": storage(
    "where registry.k8s.io sends outside of AWS; one of its regions",
    "2026-12-01",
  ),
  "registry-1.docker.io": {
    source: "distribution's docs/spec/auth/token.md, whose example is Docker Hub",
    checked: "2026-12-01",
    manner: {
      kind: "registry",
      images: [
        "library/*",
        "istio/*",
        "prom/*",
        "flannel/*",
        "fortio/*",
        "jaegertracing/*",
        "mccutchen/*",
        "curlimages/*",
        "envoyproxy/*",
      ],
      token: { realm: "https://auth.docker.io/token", service: "registry.docker.io" },
      blobs: { status: 307, to: "production.cloudflare.docker.com" },
    },
  },
  "auth.docker.io": {
    source: "distribution's docs/spec/auth/token.md",
    checked: "2026-12-01",
    manner: { kind: "tokens", path: "/token" },
  },
  "production.cloudflare.docker.com": storage(
    "docs.docker.com: allow list of Docker Hub's addresses",
    "2026-12-01",
  ),
  "quay.io": {
    source:
      "quay/claircore#879 for public images without a token; quay/quay-docs#149 for the names of its storage",
    checked: "2026-12-01",
    manner: {
      kind: "registry",
      images: ["kiali/*", "coreos/*"],
      blobs: { status: 302, to: "cdn01.quay.io" },
    },
  },
  "cdn01.quay.io": storage("quay/quay-docs#149", "2026-12-01"),
  "ghcr.io": {
    source: "distribution's token.md; GitHub's docs on its container registry",
    checked: "2026-12-01",
    manner: {
      kind: "registry",
      images: ["flannel-io/*", "kube-vip/*"],
      token: { realm: "https://ghcr.io/token", service: "ghcr.io" },
      blobs: { status: 307, to: "pkg-containers.githubusercontent.com" },
    },
  },
  "pkg-containers.githubusercontent.com": storage("where ghcr.io sends for blobs", "2026-12-01"),
  "blob.istio.io": {
    source: "istio-ecosystem/sail-operator#2314; Helm's docs/topics/chart_repository for the index",
    checked: "2026-12-01",
    manner: {
      kind: "charts",
      path: "/istio-release/charts",
      version: istioRelease,
      charts: ["base", "istiod", "gateway", "cni", "ztunnel"],
    },
  },
  "mirrors.aliyun.com": {
    source: "developer.aliyun.com/mirror/kubernetes and /docker-ce: the install pages of the trees",
    checked: "2026-12-01",
    manner: {
      kind: "trees",
      trees: {
        [`/kubernetes-new/core/stable/v${minor}/deb`]: "kubernetes",
        "/docker-ce/linux/debian": "docker",
      },
    },
  },
  "mirrors.tuna.tsinghua.edu.cn": {
    source: "mirrors.tuna.tsinghua.edu.cn/help/kubernetes and /docker-ce",
    checked: "2026-12-01",
    manner: {
      kind: "trees",
      trees: {
        [`/kubernetes/core:/stable:/v${minor}/deb`]: "kubernetes",
        "/docker-ce/linux/debian": "docker",
      },
    },
  },
  "download.docker.com": {
    source: "docs.docker.com/engine/install/debian",
    checked: "2026-12-01",
    manner: { kind: "trees", trees: { "/linux/debian": "docker" } },
  },
  "deb.debian.org": {
    source: "Debian's own",
    checked: "2026-12-01",
    manner: { kind: "forwarded" },
  },
  "registry.aliyuncs.com": {
    source: "kubernetes/minikube#13782 and canonical/microk8s#3221, which quote its answers",
    checked: "2026-12-01",
    manner: {
      kind: "registry",
      folder: "google_containers/",
      images: [...kubernetesImages, "coredns"],
      token: {
        realm: "https://dockerauth.cn-hangzhou.aliyuncs.com/auth",
        service: "registry.aliyuncs.com:cn-hangzhou:26842",
      },
      blobs: { status: 307, to: "aliregistry.oss-cn-hangzhou.aliyuncs.com" },
    },
  },
  "dockerauth.cn-hangzhou.aliyuncs.com": {
    source: "where registry.aliyuncs.com sends for a token",
    checked: "2026-12-01",
    manner: { kind: "tokens", path: "/auth" },
  },
  "aliregistry.oss-cn-hangzhou.aliyuncs.com": storage(
    "where registry.aliyuncs.com sends for blobs",
    "2026-12-01",
  ),
};
