import { describe, expect, it } from "vitest";
import { type ArtifactVersions, resolveArtifacts } from "../../../components/artifacts/sources";

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
