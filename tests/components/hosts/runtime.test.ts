import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { type Artifacts, resolveArtifacts } from "../../../components/artifacts/sources";
import { kubernetesPackages } from "../../../components/hosts/kubernetes-packages";
import type { Machine } from "../../../components/hosts/machine";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";
import {
  containerRuntime,
  deliveryParameters,
  renderContainerdConfig,
} from "../../../components/hosts/runtime";
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

describe("renderContainerdConfig", () => {
  it("is version 3, with one pause image and systemd's control groups on a machine", () => {
    expect(
      renderContainerdConfig(machineProfile.containerd, "registry.k8s.io/pause:3.10.2"),
    ).toBe(`version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'registry.k8s.io/pause:3.10.2'

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin']
  conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true
`);
  });

  it("differs in two values on a disposable host", () => {
    const image = "registry.k8s.io/pause:3.10.2";
    const lines = renderContainerdConfig(sharedKernelProfile.containerd, image).split("\n");
    const others = renderContainerdConfig(machineProfile.containerd, image).split("\n");
    expect(lines.filter((line, index) => line !== others[index])).toEqual([
      "  restrict_oom_score_adj = true",
      "  SystemdCgroup = false",
    ]);
  });
});

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

const runtime = (artifacts: Artifacts) =>
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
After=network-online.target containerd.service

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
