import { describe, expect, it } from "vitest";
import { dnsImageFor, imageTags, kubernetesImages, pauseImage } from "../../../components/artifacts/images";
import { imageRepositories } from "../../../components/artifacts/sources";

const { upstream, aliyun } = imageRepositories;
const all = { kubeProxy: true, stackedEtcd: true };

describe("kubernetesImages", () => {
  it("names every image of a version, sorted", () => {
    const args = { kubernetes: "1.36.3", imageRepository: upstream, ...all };
    expect(kubernetesImages(args)).toEqual([
      "registry.k8s.io/coredns/coredns:v1.14.2",
      "registry.k8s.io/etcd:3.6.8-0",
      "registry.k8s.io/kube-apiserver:v1.36.3",
      "registry.k8s.io/kube-controller-manager:v1.36.3",
      "registry.k8s.io/kube-proxy:v1.36.3",
      "registry.k8s.io/kube-scheduler:v1.36.3",
      "registry.k8s.io/pause:3.10.2",
    ]);
  });

  it("leaves out what does not run, and knows the flat names of a public mirror", () => {
    expect(
      kubernetesImages({
        kubernetes: "1.20.7",
        imageRepository: aliyun,
        kubeProxy: false,
        stackedEtcd: false,
      }),
    ).toEqual(
      ["coredns:1.7.0", "kube-apiserver:v1.20.7", "kube-controller-manager:v1.20.7"]
        .concat(["kube-scheduler:v1.20.7", "pause:3.2"])
        .map((name) => `${aliyun}/${name}`),
    );
  });
});

describe("imageTags", () => {
  it.each([
    ["1.18.20", "3.2", "3.4.3-0", "1.6.7"],
    ["1.21.14", "3.4.1", "3.4.13-0", "v1.8.0"],
    ["1.24.17", "3.7", "3.5.3-0", "v1.8.6"],
    ["1.31.1", "3.10", "3.5.15-0", "v1.11.3"],
    ["1.31.14", "3.10", "3.5.24-0", "v1.11.3"],
    ["1.37.1", "3.10.2", "3.7.0-0", "v1.14.6"],
  ])("of Kubernetes %s are pause %s, etcd %s, CoreDNS %s", (kubernetes, pause, etcd, coredns) => {
    expect(imageTags(kubernetes)).toEqual({ pause, etcd, coredns });
    expect(pauseImage(kubernetes)).toBe(`pause:${pause}`);
  });

  it("are refused for a version of which nothing is known", () => {
    expect(() => imageTags("1.17.17")).toThrow("no image tags are known for Kubernetes 1.17.17");
  });
});

describe("dnsImageFor", () => {
  it("sets kubeadm right where it would look in the wrong folder", () => {
    expect(dnsImageFor("1.20.7", aliyun)).toBeUndefined();
    expect(dnsImageFor("1.21.14", aliyun)).toEqual({ imageRepository: aliyun });
    expect(dnsImageFor("1.23.17", upstream)).toEqual({ imageRepository: `${upstream}/coredns` });
    expect(dnsImageFor("1.25.0", aliyun)).toBeUndefined();
  });
});
