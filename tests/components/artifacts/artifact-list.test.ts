import { describe, expect, it } from "vitest";
import {
  type ArtifactVersions,
  companionVersions,
  resolveArtifacts,
} from "../../../components/artifacts/sources";
import { listArtifacts, renderList } from "../../../scripts/lib/artifact-list";
import { resolvePlatform } from "../../../stacks/config/load";
import { capableComputer, inventory, sandbox } from "../../support/platforms";

const platformOf = (config: object) => resolvePlatform(config, "unit", capableComputer);
const versions: ArtifactVersions = {
  ...{ kubernetes: "1.36.3", etcd: "3.6.15", containerd: "2.3.7" },
  ...companionVersions,
};

describe("listArtifacts", () => {
  const platform = platformOf(inventory(1));
  const list = listArtifacts(platform, resolveArtifacts({ kind: "upstream" }, versions), ["amd64"]);

  it("names every file with its checksum, for each architecture", () => {
    expect(list.files.map(({ name, arch }) => `${name} ${arch}`)).toEqual(
      ["cniPlugins", "containerd", "etcd", "kubeadm", "kubectl", "kubelet", "runc"].map(
        (name) => `${name} amd64`,
      ),
    );
    expect(list.files.find(({ name }) => name === "kubeadm")).toEqual({
      name: "kubeadm",
      arch: "amd64",
      url: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm",
      checksum: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm.sha256",
    });
    const both = listArtifacts(platform, resolveArtifacts({ kind: "upstream" }, versions));
    expect(both.files.length).toBe(2 * list.files.length);
    expect(JSON.stringify(both)).not.toContain("@ARCH@");
  });

  it("names the images of the cluster and of its pod network, and no etcd where it has hosts of its own", () => {
    expect(list.images).toEqual([
      "ghcr.io/flannel-io/flannel-cni-plugin:v1.6.2-flannel1",
      "ghcr.io/flannel-io/flannel:v0.26.7",
      "registry.k8s.io/coredns/coredns:v1.14.2",
      "registry.k8s.io/kube-apiserver:v1.36.3",
      "registry.k8s.io/kube-controller-manager:v1.36.3",
      "registry.k8s.io/kube-proxy:v1.36.3",
      "registry.k8s.io/kube-scheduler:v1.36.3",
      "registry.k8s.io/pause:3.10.2",
    ]);
  });

  it("names packages by family, those of a repository with it and with their version", () => {
    expect(list.packages.filter(({ name }) => name.startsWith("conntrack"))).toEqual([
      { family: "debian", name: "conntrack", repository: "distribution" },
      { family: "redhat", name: "conntrack-tools", repository: "distribution" },
    ]);
    const packaged = listArtifacts(platform, resolveArtifacts({ kind: "aliyun" }, versions));
    expect(packaged.packages.filter(({ name }) => /^(kube|containerd)/.test(name))).toEqual(
      ["debian", "redhat"].flatMap((family) =>
        [
          "containerd.io=2.3.7-*",
          "kubeadm=1.36.3-*",
          "kubectl=1.36.3-*",
          "kubelet=1.36.3-*",
          "kubernetes-cni",
        ].map((name) => ({
          family,
          name,
          repository: expect.stringMatching(/^https:\/\/mirrors\.aliyun\.com\//),
        })),
      ),
    );
    expect(packaged.files.map(({ name }) => name)).toEqual(["etcd", "etcd"]);
  });

  it("is the same however often it is asked, and reads as groups", () => {
    const again = listArtifacts(platform, resolveArtifacts({ kind: "upstream" }, versions), ["amd64"]);
    expect(again).toEqual(list);
    expect(
      renderList(list)
        .split("\n")
        .filter((line) => /^\w/.test(line)),
    ).toEqual([
      "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
      "packages, debian (13)",
      "packages, redhat (13)",
      "files (7)",
      "images (8)",
    ]);
  });

  it("names Docker, and a sum where no checksum file is published", () => {
    const docker = {
      ...platform,
      config: { ...platform.config, runtime: { ...platform.config.runtime, kind: "criDockerd" as const } },
    };
    const artifacts = resolveArtifacts(
      { kind: "upstream" },
      { ...versions, docker: "29.7.2", criDockerd: "0.3.26" },
    );
    const { files, packages } = listArtifacts(docker, artifacts, ["arm64"]);
    expect(files.find(({ name }) => name === "criDockerd")?.checksum).toMatch(/^sha256:d33e46e0/);
    expect(files.map(({ name }) => name)).not.toContain("containerd");
    expect(packages).toContainEqual({
      family: "debian",
      name: "docker-ce=5:29.7.2-*",
      repository: "https://download.docker.com/linux/@ID@ @CODENAME@ stable",
    });
  });

  it("takes a sandbox as it takes machines", () => {
    const artifacts = resolveArtifacts({ kind: "upstream" }, versions);
    expect(listArtifacts(platformOf(sandbox()), artifacts, ["amd64"]).images).toEqual(list.images);
  });
});
