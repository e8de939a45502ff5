import { describe, expect, it } from "vitest";
import {
  type ArtifactVersions,
  imageRepositories,
  resolveArtifacts,
} from "../../../components/artifacts/sources";

const versions: ArtifactVersions = {
  kubernetes: "1.36.3",
  etcd: "3.6.15",
  containerd: "2.3.7",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
};

const etcdOnGithub = {
  url: "https://github.com/etcd-io/etcd/releases/download/v3.6.15/etcd-v3.6.15-linux-@ARCH@.tar.gz",
  checksumUrl: "https://github.com/etcd-io/etcd/releases/download/v3.6.15/SHA256SUMS",
};

/** The address and, as upstream publishes it, that of the checksum. */
const beside = (url: string, ending: string) => ({ url, checksumUrl: `${url}${ending}` });

describe("resolveArtifacts", () => {
  it("knows upstream's addresses", () => {
    const github = "https://github.com";
    expect(resolveArtifacts({ kind: "upstream" }, versions)).toEqual({
      description: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
      kubernetes: {
        method: "files",
        files: {
          kubeadm: beside("https://dl.k8s.io/release/v1.36.3/bin/linux/@ARCH@/kubeadm", ".sha256"),
          kubelet: beside("https://dl.k8s.io/release/v1.36.3/bin/linux/@ARCH@/kubelet", ".sha256"),
          kubectl: beside("https://dl.k8s.io/release/v1.36.3/bin/linux/@ARCH@/kubectl", ".sha256"),
        },
      },
      runtime: {
        method: "files",
        files: {
          containerd: beside(
            `${github}/containerd/containerd/releases/download/v2.3.7/containerd-2.3.7-linux-@ARCH@.tar.gz`,
            ".sha256sum",
          ),
          runc: {
            url: `${github}/opencontainers/runc/releases/download/v1.4.3/runc.@ARCH@`,
            checksumUrl: `${github}/opencontainers/runc/releases/download/v1.4.3/runc.sha256sum`,
          },
          cniPlugins: beside(
            `${github}/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-@ARCH@-v1.9.1.tgz`,
            ".sha256",
          ),
        },
      },
      etcd: etcdOnGithub,
      imageRepository: "registry.k8s.io",
      registryMirrors: [],
    });
  });

  it.each([
    {
      kind: "aliyun",
      description: "aliyun: packages and images from Aliyun, etcd from GitHub releases",
      tree: "https://mirrors.aliyun.com/kubernetes-new/core/stable/v1.36",
      docker: "https://mirrors.aliyun.com/docker-ce",
    },
    {
      kind: "tuna",
      description: "tuna: packages from TUNA, images from Aliyun, etcd from GitHub releases",
      tree: "https://mirrors.tuna.tsinghua.edu.cn/kubernetes/core:/stable:/v1.36",
      docker: "https://mirrors.tuna.tsinghua.edu.cn/docker-ce",
    },
  ] as const)("knows the packages of $kind", ({ kind, description, tree, docker }) => {
    expect(resolveArtifacts({ kind }, versions)).toEqual({
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
      etcd: etcdOnGithub,
      imageRepository: "registry.aliyuncs.com/google_containers",
      registryMirrors: [],
    });
  });

  it("lays a mirror of one's own out by product and version", () => {
    const files = "https://mirror.example.com/k8s";
    const source = {
      kind: "mirror",
      files,
      registry: "mirror.example.com:5000",
      registryScheme: "http",
    } as const;
    expect(resolveArtifacts(source, versions)).toEqual({
      description: "mirror: https://mirror.example.com/k8s, images from mirror.example.com:5000",
      kubernetes: {
        method: "files",
        files: {
          kubeadm: beside(`${files}/kubernetes/v1.36.3/bin/linux/@ARCH@/kubeadm`, ".sha256"),
          kubelet: beside(`${files}/kubernetes/v1.36.3/bin/linux/@ARCH@/kubelet`, ".sha256"),
          kubectl: beside(`${files}/kubernetes/v1.36.3/bin/linux/@ARCH@/kubectl`, ".sha256"),
        },
      },
      runtime: {
        method: "files",
        files: {
          containerd: beside(`${files}/containerd/v2.3.7/containerd-2.3.7-linux-@ARCH@.tar.gz`, ".sha256sum"),
          runc: {
            url: `${files}/runc/v1.4.3/runc.@ARCH@`,
            checksumUrl: `${files}/runc/v1.4.3/runc.sha256sum`,
          },
          cniPlugins: beside(`${files}/cni-plugins/v1.9.1/cni-plugins-linux-@ARCH@-v1.9.1.tgz`, ".sha256"),
        },
      },
      etcd: {
        url: `${files}/etcd/v3.6.15/etcd-v3.6.15-linux-@ARCH@.tar.gz`,
        checksumUrl: `${files}/etcd/v3.6.15/SHA256SUMS`,
      },
      imageRepository: "registry.k8s.io",
      registryMirrors: [{ registry: "_default", url: "http://mirror.example.com:5000" }],
    });
  });
});

describe("packages of Kubernetes below 1.24", () => {
  const old = { ...versions, kubernetes: "1.20.7" };
  const keys = "https://mirrors.aliyun.com/kubernetes";

  it.each([
    ["aliyun", "https://mirrors.aliyun.com/kubernetes"],
    ["tuna", "https://mirrors.tuna.tsinghua.edu.cn/kubernetes"],
  ] as const)("lie in one tree for all versions (%s), signed by keys that Aliyun keeps", (kind, tree) => {
    expect(resolveArtifacts({ kind }, old).kubernetes).toEqual({
      method: "packages",
      repository: {
        deb: `${tree}/apt/ kubernetes-xenial main`,
        debKey: `${keys}/apt/doc/apt-key.gpg`,
        rpm: `${tree}/yum/repos/kubernetes-el7-$basearch/`,
        rpmKey: `${keys}/yum/doc/yum-key.gpg ${keys}/yum/doc/rpm-package-key.gpg`,
      },
      packages: ["kubeadm", "kubectl", "kubelet", "kubernetes-cni"],
    });
  });

  it("end with 1.23", () => {
    const { kubernetes } = resolveArtifacts({ kind: "aliyun" }, { ...versions, kubernetes: "1.24.0" });
    expect(JSON.stringify(kubernetes)).toContain("kubernetes-new/core/stable/v1.24/deb");
  });
});

describe("crictl", () => {
  it.each([
    ["1.31.4", "v1.31.0/crictl-v1.31.0-linux-@ARCH@.tar.gz"],
    ["1.32.0", undefined],
  ])("comes along for kubeadm %s (%s)", (kubernetes, path) => {
    const { runtime } = resolveArtifacts({ kind: "upstream" }, { ...versions, kubernetes });
    const url = runtime.method === "files" ? runtime.files.crictl?.url : "";
    expect(url).toBe(path && `https://github.com/kubernetes-sigs/cri-tools/releases/download/${path}`);
  });
});

describe("Docker", () => {
  const docker = { ...versions, kubernetes: "1.24.0", docker: "20.10.24", criDockerd: "0.3.26" };

  it("is left out where no version of it is asked for", () => {
    expect(resolveArtifacts({ kind: "upstream" }, versions).docker).toBeUndefined();
  });

  it.each([
    ["upstream", "https://download.docker.com", ["cniPlugins", "crictl", "criDockerd"]],
    ["aliyun", "https://mirrors.aliyun.com/docker-ce", ["criDockerd"]],
  ] as const)("comes as packages from %s, with what no package brings", (kind, tree, files) => {
    const source = resolveArtifacts({ kind }, docker).docker;
    expect(source?.engine).toMatchObject({
      method: "packages",
      repository: { deb: `${tree}/linux/@ID@ @CODENAME@ stable` },
      packages: {
        debian: ["docker-ce=5:20.10.24~3", "docker-ce-cli=5:20.10.24~3", "containerd.io"],
        redhat: ["docker-ce=20.10.24", "docker-ce-cli=20.10.24", "containerd.io"],
      },
    });
    expect(Object.keys(source?.files ?? {})).toEqual(files);
  });

  it("is spelled otherwise by Debian from 23 on", () => {
    const source = resolveArtifacts({ kind: "upstream" }, { ...docker, docker: "29.7.2" }).docker;
    expect(source?.engine.method === "packages" && source.engine.packages.debian[0]).toBe(
      "docker-ce=5:29.7.2",
    );
  });

  it("comes as files from a mirror of one's own, any cri-dockerd with them", () => {
    const own = { kind: "mirror", files: "https://f", registry: "r:443", registryScheme: "https" } as const;
    const source = resolveArtifacts(own, { ...docker, criDockerd: "0.4.3" }).docker;
    expect(source).toMatchObject({
      engine: {
        method: "files",
        files: { docker: beside("https://f/docker/v20.10.24/docker-20.10.24-linux-@ARCH@.tgz", ".sha256") },
      },
      files: {
        criDockerd: beside("https://f/cri-dockerd/v0.4.3/cri-dockerd-0.4.3.@ARCH@.tgz", ".sha256"),
      },
    });
  });

  it("is refused with a cri-dockerd of which no checksum is known", () => {
    expect(() => resolveArtifacts({ kind: "upstream" }, { ...docker, criDockerd: "0.4.3" })).toThrow(
      "no checksum of cri-dockerd 0.4.3 is known; allowed: 0.3.26, 0.3.25; change runtime.criDockerd",
    );
  });
});

describe("the image repository", () => {
  it("of the config takes the place of the source's own, whatever that is", () => {
    const imageRepository = imageRepositories.aliyunHangzhou;
    for (const kind of ["upstream", "aliyun", "tuna"] as const)
      expect(resolveArtifacts({ kind, imageRepository }, versions).imageRepository).toBe(imageRepository);
  });
});
