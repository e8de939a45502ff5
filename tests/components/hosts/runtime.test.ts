import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { type Artifacts, resolveArtifacts } from "../../../components/artifacts/sources";
import { kubernetesPackages } from "../../../components/hosts/kubernetes-packages";
import type { Machine } from "../../../components/hosts/machine";
import { machineProfile } from "../../../components/hosts/profile";
import { containerRuntime, criSocketOf, deliveryParameters } from "../../../components/hosts/runtime";
import { record } from "../../support/recorder";
import { textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const versions = {
  kubernetes: "1.36.3",
  etcd: "3.6.15",
  containerd: "2.3.7",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
};
const upstream = resolveArtifacts({ kind: "upstream" }, versions);
const aliyun = resolveArtifacts({ kind: "aliyun" }, versions);
const connection = { host: "10.0.0.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const machine: Machine = { name: "node1", address: "10.0.0.1", connection };

describe("deliveryParameters", () => {
  it("is a line per file with its address and that of its checksum", () => {
    expect(deliveryParameters(upstream.kubernetes)).toEqual({
      FILES: ["kubeadm", "kubelet", "kubectl"].map((name) => {
        const url = `https://dl.k8s.io/release/v1.36.3/bin/linux/@ARCH@/${name}`;
        return `${name} ${url} ${url}.sha256`;
      }),
      REPOSITORY: "",
      PACKAGES: "",
    });
  });

  it("is four addresses, in the order in which the script reads them, and the packages", () => {
    const tree = "https://mirrors.aliyun.com/kubernetes-new/core/stable/v1.36";
    expect(deliveryParameters(aliyun.kubernetes)).toEqual({
      FILES: "",
      REPOSITORY: [
        `${tree}/deb/ /`,
        `${tree}/deb/Release.key`,
        `${tree}/rpm/`,
        `${tree}/rpm/repodata/repomd.xml.key`,
      ],
      PACKAGES: ["kubeadm", "kubectl", "kubelet", "kubernetes-cni"],
    });
  });
});

/** The parameters that a step is given. */
async function parametersOf(make: (parent: pulumi.Resource) => pulumi.Resource, name: string) {
  const recording = await record(() => {
    const parent = new (class extends pulumi.ComponentResource {
      constructor() {
        super("test:index:Parent", "parent");
        this.registerOutputs();
      }
    })();
    make(parent);
  });
  return parseRendered(textInput(recording.find(name), "stdin")).parameters;
}

const runtime = (artifacts: Artifacts, more: object = {}) =>
  parametersOf(
    (parent) =>
      containerRuntime(
        "node1",
        {
          machine,
          artifacts,
          version: "2.3.7",
          profile: machineProfile,
          sandboxImage: "registry.k8s.io/pause:3.10.2",
          ...more,
        },
        parent,
        parent,
      ),
    "node1-runtime",
  );

describe("containerRuntime", () => {
  it("asks no mirror where there is none", async () => {
    expect(await runtime(upstream)).toMatchObject({ VERSION: "2.3.7", REGISTRY_HOSTS: "" });
  });

  it("asks the mirror first for every registry", async () => {
    const source = {
      kind: "mirror",
      files: "http://m",
      registry: "10.0.0.9:5000",
      registryScheme: "http",
    } as const;
    expect(await runtime(resolveArtifacts(source, versions))).toMatchObject({
      REGISTRY_HOSTS: "_default http://10.0.0.9:5000",
    });
  });

  it("asks the operator's mirrors before those of the artifacts", async () => {
    const source = {
      kind: "mirror",
      files: "http://m",
      registry: "10.0.0.9:5000",
      registryScheme: "http",
    } as const;
    const registryMirrors = { "docker.io": ["https://a", "https://b"] };
    expect((await runtime(resolveArtifacts(source, versions), { registryMirrors })).REGISTRY_HOSTS).toBe(
      "_default http://10.0.0.9:5000\ndocker.io https://a https://b http://10.0.0.9:5000",
    );
  });

  it("is Docker where the kind says so, and cri-dockerd with it where the kubelet speaks CRI alone", async () => {
    const artifacts = resolveArtifacts(
      { kind: "aliyun" },
      { ...versions, docker: "20.10.24", criDockerd: "0.3.26" },
    );
    expect(await runtime(artifacts, { kind: "dockershim" })).toMatchObject({
      KIND: "dockershim",
      CRI_DOCKERD_UNIT: "",
      CGROUP_DRIVER: "systemd",
    });
    const unit = (await runtime(artifacts, { kind: "criDockerd" })).CRI_DOCKERD_UNIT;
    expect(unit).toContain(
      "ExecStart=/usr/local/bin/cri-dockerd --container-runtime-endpoint=unix:///run/cri-dockerd.sock --network-plugin=cni --pod-infra-container-image=registry.k8s.io/pause:3.10.2\n",
    );
  });

  it("needs artifacts with a Docker in them for that", async () => {
    await expect(runtime(upstream, { kind: "dockershim" })).rejects.toThrow(
      "runtime.kind is dockershim, and the artifacts were resolved without a version of Docker",
    );
  });

  it("lets containers live on when containerd restarts", async () => {
    expect((await runtime(upstream)).CONTAINERD_UNIT).toBe(`[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target local-fs.target

[Service]
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=1048576
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`);
  });
});

describe("criSocketOf", () => {
  it.each([
    ["containerd", "1.36.3", "unix:///run/containerd/containerd.sock"],
    ["containerd", "1.23.17", "/run/containerd/containerd.sock"],
    ["criDockerd", "1.24.0", "unix:///run/cri-dockerd.sock"],
    ["dockershim", "1.20.7", "/var/run/dockershim.sock"],
  ] as const)("is what kubeadm expects of %s with Kubernetes %s", (kind, kubernetes, socket) => {
    expect(criSocketOf(kind, kubernetes)).toBe(socket);
  });
});

describe("kubernetesPackages", () => {
  const kubernetes = () =>
    parametersOf(
      (parent) =>
        kubernetesPackages("node1", { machine, artifacts: upstream, version: "1.36.3" }, parent, parent),
      "node1-kubernetes",
    );

  it("starts the kubelet again and again until kubeadm has configured it", async () => {
    expect((await kubernetes()).KUBELET_UNIT).toBe(`[Unit]
Description=kubelet: the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target containerd.service docker.service cri-docker.service

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
`);
  });

  it("gives the kubelet what kubeadm writes, with one ExecStart in the end", async () => {
    expect((await kubernetes()).KUBEADM_DROP_IN).toBe(`[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
EnvironmentFile=-/etc/sysconfig/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`);
  });
});
