import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import {
  Flannel,
  flannelImages,
  renderFlannelConfig,
  renderFlannelPod,
} from "../../../components/network/flannel";
import { record } from "../../support/recorder";
import { input } from "../../support/recording";

describe("renderFlannelConfig", () => {
  it.each(["vxlan", "host-gw"] as const)("names the pod network and the backend %s", (backend) => {
    const config = renderFlannelConfig({ version: "0.26.7", podSubnet: "10.100.0.0/17", backend });
    expect(JSON.parse(config["net-conf.json"])).toEqual({
      Network: "10.100.0.0/17",
      EnableNFTables: false,
      Backend: { Type: backend },
    });
    expect(JSON.parse(config["cni-conf.json"])).toEqual({
      name: "cbr0",
      cniVersion: "0.3.1",
      plugins: [
        { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } },
        { type: "portmap", capabilities: { portMappings: true } },
      ],
    });
  });
});

describe("flannelImages", () => {
  it.each([
    ["0.26.7", "docker.io/flannel/flannel:v0.26.7", "docker.io/flannel/flannel-cni-plugin:v1.6.2-flannel1"],
    ["0.27.0", "ghcr.io/flannel-io/flannel:v0.27.0", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"],
    ["1.0.0", "ghcr.io/flannel-io/flannel:v1.0.0", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"],
  ])("finds those of %s where its project publishes them", (version, daemon, plugin) => {
    expect(flannelImages(version)).toEqual({ daemon, plugin });
  });
});

describe("renderFlannelPod", () => {
  const pod = renderFlannelPod("0.26.7");
  /** The pod in plain values; none of them is an output. */
  const plain = JSON.parse(JSON.stringify(pod));

  it("puts the plugin and its config in place before the daemon runs", () => {
    expect(plain.initContainers).toEqual([
      {
        name: "install-cni-plugin",
        image: "docker.io/flannel/flannel-cni-plugin:v1.6.2-flannel1",
        command: ["cp"],
        args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
        volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
      },
      {
        name: "install-cni",
        image: "docker.io/flannel/flannel:v0.26.7",
        command: ["cp"],
        args: ["-f", "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
        volumeMounts: [
          { name: "cni", mountPath: "/etc/cni/net.d" },
          { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
        ],
      },
    ]);
    expect(plain.containers).toEqual([
      {
        name: "kube-flannel",
        image: "docker.io/flannel/flannel:v0.26.7",
        command: ["/opt/bin/flanneld"],
        args: ["--ip-masq", "--kube-subnet-mgr"],
        resources: { requests: { cpu: "100m", memory: "50Mi" } },
        securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
          { name: "EVENT_QUEUE_DEPTH", value: "5000" },
        ],
        volumeMounts: [
          { name: "run", mountPath: "/run/flannel" },
          { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
          { name: "xtables-lock", mountPath: "/run/xtables.lock" },
        ],
      },
    ]);
  });

  it("runs on every Linux node, also where nothing else may yet", () => {
    expect(plain).toMatchObject({
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
    });
    expect(JSON.stringify(plain.affinity)).toContain(
      '{"key":"kubernetes.io/os","operator":"In","values":["linux"]}',
    );
  });

  it("mounts no volume that it does not have", () => {
    const mounts = [...plain.initContainers, ...plain.containers]
      .flatMap((container) => container.volumeMounts)
      .map((mount) => mount.name);
    expect([...new Set(mounts)].sort()).toEqual(
      plain.volumes.map((volume: { name: string }) => volume.name).sort(),
    );
  });
});

describe("Flannel", () => {
  it("declares its objects in the order in which the cluster needs them", async () => {
    const recording = await record(() => {
      const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
      new Flannel(
        "flannel",
        { version: "0.26.7", podSubnet: "10.100.0.0/17", backend: "vxlan", cluster },
        { provider: cluster },
      );
    });
    const objects = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)).toEqual([
      "Namespace flannel-namespace",
      "ServiceAccount flannel-account",
      "ClusterRole flannel-role",
      "ClusterRoleBinding flannel-binding",
      "ConfigMap flannel-config",
      "DaemonSet flannel-daemonset",
    ]);
    for (const earlier of [
      "flannel-namespace",
      "flannel-account",
      "flannel-role",
      "flannel-binding",
      "flannel-config",
    ]) {
      expect(recording.path("flannel-daemonset", earlier)).toBeDefined();
    }
    expect(objects.every(({ provider }) => provider.startsWith(recording.find("cluster").urn))).toBe(true);
  });

  it("starts its pods anew for another config, which flanneld reads only once", async () => {
    const annotations = async (podSubnet: string, backend: "vxlan" | "host-gw") => {
      const recording = await record(() => {
        const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
        new Flannel("flannel", { version: "0.26.7", podSubnet, backend, cluster }, { provider: cluster });
      });
      return JSON.stringify(
        input(recording.find("flannel-daemonset"), "spec", "template", "metadata", "annotations"),
      );
    };
    const base = await annotations("10.100.0.0/17", "vxlan");
    expect(base).toMatch(/^\{"mesh-platform\/config":"[0-9a-f]{16}"\}$/);
    expect(await annotations("10.100.0.0/17", "vxlan")).toBe(base);
    expect(await annotations("10.101.0.0/17", "vxlan")).not.toBe(base);
    expect(await annotations("10.100.0.0/17", "host-gw")).not.toBe(base);
  });

  it("may read pods and nodes and set its own mark on a node, no more", async () => {
    const recording = await record(() => {
      const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
      new Flannel(
        "flannel",
        { version: "0.26.7", podSubnet: "10.100.0.0/17", backend: "vxlan", cluster },
        { provider: cluster },
      );
    });
    expect(input(recording.find("flannel-role"), "rules")).toEqual([
      { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
    ]);
    expect(input(recording.find("flannel-binding"), "subjects")).toEqual([
      { kind: "ServiceAccount", name: "flannel", namespace: "kube-flannel" },
    ]);
    expect(input(recording.find("flannel-daemonset"), "spec", "selector")).toEqual({
      matchLabels: { app: "flannel" },
    });
    expect(input(recording.find("flannel-daemonset"), "spec", "template", "metadata", "labels", "app")).toBe(
      "flannel",
    );
  });
});
