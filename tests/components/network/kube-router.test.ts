import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import { KubeRouter, kubeRouterRules } from "../../../components/network/kube-router";
import {
  type KubeRouterSettings,
  kubeRouterImage,
  renderKubeRouterArgs,
  renderKubeRouterCni,
  renderKubeRouterPod,
} from "../../../components/network/kube-router-pod";
import { record } from "../../support/recorder";
import { input } from "../../support/recording";

const all: KubeRouterSettings = {
  version: "2.11.1",
  router: true,
  firewall: true,
  serviceProxy: true,
  serviceSubnet: "10.200.0.0/19",
  apiServer: "172.30.0.11:6443",
};
const besideFlannel = { ...all, router: false, firewall: false };

describe("kubeRouterImage", () => {
  it("is one version", () => {
    expect(kubeRouterImage("2.11.1")).toBe("docker.io/cloudnativelabs/kube-router:v2.11.1");
  });
});

describe("renderKubeRouterArgs", () => {
  it("says each duty, and every range that has another default", () => {
    expect(renderKubeRouterArgs(all)).toEqual([
      "--run-router=true",
      "--run-firewall=true",
      "--run-service-proxy=true",
      "--enable-cni=true",
      "--service-cluster-ip-range=10.200.0.0/19",
      "--service-node-port-range=30000-32767",
      "--health-port=20244",
      "--bgp-graceful-restart=true",
      "--strict-external-ip-validation=false",
    ]);
  });

  it("leaves CNI and routes alone beside another pod network", () => {
    expect(renderKubeRouterArgs({ ...besideFlannel, nodePortRange: "20000-40000" })).toEqual([
      "--run-router=false",
      "--run-firewall=false",
      "--run-service-proxy=true",
      "--enable-cni=false",
      "--service-cluster-ip-range=10.200.0.0/19",
      "--service-node-port-range=20000-40000",
      "--health-port=20244",
      "--strict-external-ip-validation=false",
    ]);
  });

  const ranges = {
    loadBalancerRanges: ["192.0.2.0/24"],
    externalIpRanges: ["198.51.100.0/24", "203.0.113.0/24"],
  };
  const flags = [
    "--loadbalancer-ip-range=192.0.2.0/24",
    "--service-external-ip-range=198.51.100.0/24",
    "--service-external-ip-range=203.0.113.0/24",
  ];
  it.each<[string, string[]]>([
    ["2.11.1", ["--strict-external-ip-validation=true", ...flags]],
    ["2.7.1", flags],
    ["1.3.2", flags.slice(1)],
    ["1.0.1", []],
  ])("tells %s the ranges that it knows of", (version, expected) => {
    expect(renderKubeRouterArgs({ ...besideFlannel, ...ranges, version }).slice(7)).toEqual(expected);
  });
});

describe("renderKubeRouterCni", () => {
  it("is a bridge whose addresses kube-router fills in", () => {
    expect(JSON.parse(renderKubeRouterCni())).toEqual({
      cniVersion: "0.3.0",
      name: "kube-router",
      plugins: [
        {
          name: "kubernetes",
          type: "bridge",
          bridge: "kube-bridge",
          isDefaultGateway: true,
          hairpinMode: true,
          ipam: { type: "host-local" },
        },
        { type: "portmap", capabilities: { portMappings: true, snat: true } },
      ],
    });
  });
});

describe("renderKubeRouterPod", () => {
  const plain = (settings: KubeRouterSettings) => JSON.parse(JSON.stringify(renderKubeRouterPod(settings)));
  const names = (list: { name: string }[]) => list.map(({ name }) => name);

  it("puts a CNI configuration in place once, where it is the pod network", () => {
    const pod = plain(all);
    expect(pod.initContainers).toEqual([
      {
        name: "install-cni",
        image: "docker.io/cloudnativelabs/kube-router:v2.11.1",
        imagePullPolicy: "IfNotPresent",
        command: [
          "/bin/sh",
          "-c",
          "[ -f /etc/cni/net.d/10-kuberouter.conflist ] || { cp /etc/kube-router/cni-conf.json /etc/cni/net.d/10-kuberouter.conflist.tmp && mv /etc/cni/net.d/10-kuberouter.conflist.tmp /etc/cni/net.d/10-kuberouter.conflist; }",
        ],
        volumeMounts: [
          { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" },
          { name: "kube-router-cfg", mountPath: "/etc/kube-router" },
        ],
      },
    ]);
    expect(pod.containers[0].env[2]).toEqual({
      name: "KUBE_ROUTER_CNI_CONF_FILE",
      value: "/etc/cni/net.d/10-kuberouter.conflist",
    });
    expect(names(pod.volumes)).toEqual(["lib-modules", "cni-conf-dir", "kube-router-cfg", "xtables-lock"]);
  });

  it("touches no CNI configuration beside another pod network", () => {
    const pod = plain(besideFlannel);
    expect(pod).not.toHaveProperty("initContainers");
    expect(JSON.stringify(pod)).not.toContain("/etc/cni");
    expect(names(pod.volumes)).toEqual(["lib-modules", "xtables-lock"]);
  });

  it("asks the API server by its endpoint, runs everywhere and is restarted when it is not well", () => {
    const pod = plain(besideFlannel);
    const [container] = pod.containers;
    expect(container.env).toEqual([
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "KUBERNETES_SERVICE_HOST", value: "172.30.0.11" },
      { name: "KUBERNETES_SERVICE_PORT", value: "6443" },
    ]);
    expect(container.livenessProbe).toEqual({
      httpGet: { path: "/healthz", port: 20244 },
      initialDelaySeconds: 10,
      periodSeconds: 3,
    });
    expect(container.securityContext).toEqual({ privileged: true });
    expect(pod).toMatchObject({
      hostNetwork: true,
      hostPID: true,
      priorityClassName: "system-node-critical",
      serviceAccountName: "kube-router",
      tolerations: [{ operator: "Exists" }],
    });
  });

  it.each([all, besideFlannel])("mounts no volume that it does not have", (settings) => {
    const pod = plain(settings);
    const mounts = [...(pod.initContainers ?? []), ...pod.containers].flatMap(({ volumeMounts }) =>
      names(volumeMounts),
    );
    expect([...new Set(mounts)].sort()).toEqual(names(pod.volumes).sort());
  });
});

describe("kubeRouterRules", () => {
  it.each<[string, string[]]>([
    ["1.3.2", ["namespaces", "networkpolicies"]],
    ["2.0.1", ["namespaces", "networkpolicies", "endpointslices"]],
    ["2.11.1", ["namespaces", "networkpolicies", "endpointslices", "leases", "services/status"]],
  ])("lets %s read what it reads", (version, first) => {
    const rules: { resources: string[] }[] = JSON.parse(JSON.stringify(kubeRouterRules(version)));
    expect(rules.map(({ resources }) => resources[0])).toEqual(first);
  });
});

describe("KubeRouter", () => {
  const recorded = (settings: KubeRouterSettings) =>
    record(() => {
      const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
      const before = new k8s.core.v1.Namespace("before", {}, { provider: cluster });
      new KubeRouter("kube-router", { ...settings, cluster, after: [before] }, { provider: cluster });
    });

  it("declares its objects, the pods last", async () => {
    const recording = await recorded(all);
    const objects = recording.resources.filter(({ name }) => name.startsWith("kube-router-"));
    expect(objects.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)).toEqual([
      "ServiceAccount kube-router-account",
      "ClusterRole kube-router-role",
      "ClusterRoleBinding kube-router-binding",
      "ConfigMap kube-router-config",
      "DaemonSet kube-router-daemonset",
    ]);
    for (const { name, deletedWith } of objects) {
      expect(recording.path(name, "before")).toBeDefined();
      expect(recording.nameOf(deletedWith)).toBe("cluster");
    }
    for (const earlier of ["account", "role", "binding", "config"])
      expect(recording.path("kube-router-daemonset", `kube-router-${earlier}`)).toBeDefined();
    const labels = { "k8s-app": "kube-router", tier: "node" };
    const daemonSet = recording.find("kube-router-daemonset");
    expect(input(daemonSet, "metadata")).toEqual({ name: "kube-router", namespace: "kube-system", labels });
    expect(input(daemonSet, "spec", "selector")).toEqual({ matchLabels: labels });
    expect(input(daemonSet, "spec", "template", "metadata")).toEqual({
      labels,
      annotations: { "mesh-platform/config": expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
  });

  it("needs no config where it is not the pod network", async () => {
    const recording = await recorded(besideFlannel);
    expect(recording.names()).not.toContain("kube-router-config");
    expect(input(recording.find("kube-router-daemonset"), "spec", "template", "metadata")).toEqual({
      labels: { "k8s-app": "kube-router", tier: "node" },
    });
  });
});
