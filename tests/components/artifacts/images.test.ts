import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dnsImageFor, imageTags, kubernetesImages, pauseImage } from "../../../components/artifacts/images";
import { imageRepositories } from "../../../components/artifacts/sources";

const { upstream, aliyun } = imageRepositories;
const constants = JSON.parse(readFileSync(join(__dirname, "kubeadm-constants.json"), "utf8")) as {
  readonly versions: Readonly<
    Record<string, { readonly pause: string; readonly etcd: string; readonly coredns: string }>
  >;
};
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
  it.each(Object.entries(constants.versions))(
    "of Kubernetes %s are those of kubeadm's own constants",
    (version, tags) => {
      expect(imageTags(version)).toEqual(tags);
      expect(pauseImage(version)).toBe(`pause:${tags.pause}`);
    },
  );

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
