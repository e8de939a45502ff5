import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import {
  Flannel,
  flannelImages,
  renderFlannelConfig,
  renderFlannelPod,
} from "../../../components/network/flannel";
import { type FlannelRelease, flannelRelease } from "../../../components/network/flannel-versions";
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
  const cni = "flannel-cni-plugin";
  it.each<[string, string, string | undefined]>([
    ["0.12.0", "quay.io/coreos/flannel:v0.12.0-amd64", undefined],
    ["0.14.0", "quay.io/coreos/flannel:v0.14.0", undefined],
    ["0.15.1", "quay.io/coreos/flannel:v0.15.1", `docker.io/rancher/mirrored-flannelcni-${cni}:v1.0.0`],
    [
      "0.18.1",
      "docker.io/rancher/mirrored-flannelcni-flannel:v0.18.1",
      `docker.io/rancher/mirrored-flannelcni-${cni}:v1.1.0`,
    ],
    ["0.22.0", "docker.io/flannel/flannel:v0.22.0", `docker.io/flannel/${cni}:v1.1.2`],
    ["0.26.7", "ghcr.io/flannel-io/flannel:v0.26.7", `ghcr.io/flannel-io/${cni}:v1.6.2-flannel1`],
    ["0.27.0", "ghcr.io/flannel-io/flannel:v0.27.0", `ghcr.io/flannel-io/${cni}:v1.7.1-flannel1`],
    ["0.28.9", "ghcr.io/flannel-io/flannel:v0.28.9", `ghcr.io/flannel-io/${cni}:v1.9.1-flannel3`],
    ["1.0.0", "ghcr.io/flannel-io/flannel:v1.0.0", `ghcr.io/flannel-io/${cni}:v1.9.1-flannel3`],
  ])("finds those of %s where its project publishes them", (version, daemon, plugin) => {
    expect(flannelImages(version)).toEqual(plugin === undefined ? { daemon } : { daemon, plugin });
  });

  it("refuses a version that is older than the table", () => {
    expect(() => flannelImages("0.11.0")).toThrow(
      "flannel 0.11.0 is not known; 0.12.0 is the oldest; choose a newer one",
    );
  });
});

describe("flannelRelease", () => {
  it.each<[string, Partial<FlannelRelease>]>([
    ["0.18.1", { namespace: "kube-system", podSecurityPolicy: true, limits: true, healthPort: 0 }],
    ["0.19.0", { namespace: "kube-flannel", podSecurityPolicy: false, limits: true, healthPort: 0 }],
    ["0.26.7", { namespace: "kube-flannel", podSecurityPolicy: false, limits: false, healthPort: 0 }],
    ["0.28.9", { namespace: "kube-flannel", podSecurityPolicy: false, limits: false, healthPort: 8081 }],
  ])("knows how %s is run", (version, traits) => {
    expect(flannelRelease(version)).toMatchObject(traits);
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
        image: "ghcr.io/flannel-io/flannel-cni-plugin:v1.6.2-flannel1",
        command: ["cp"],
        args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
        volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
      },
      {
        name: "install-cni",
        image: "ghcr.io/flannel-io/flannel:v0.26.7",
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
        image: "ghcr.io/flannel-io/flannel:v0.26.7",
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

/** A pod in plain values. */
const pod = (version: string, apiServer?: string) =>
  JSON.parse(JSON.stringify(renderFlannelPod(version, apiServer)));

describe("renderFlannelPod of other versions", () => {
  it("installs no plugin where the host brings it", () => {
    const { initContainers, volumes } = pod("0.14.0");
    expect(initContainers.map((container: { name: string }) => container.name)).toEqual(["install-cni"]);
    expect(volumes.map((volume: { name: string }) => volume.name)).toEqual([
      "run",
      "cni",
      "flannel-cfg",
      "xtables-lock",
    ]);
  });

  it("limits what it used to limit", () => {
    const amounts = { cpu: "100m", memory: "50Mi" };
    expect(pod("0.20.2").containers[0].resources).toEqual({ requests: amounts, limits: amounts });
    expect(pod("0.21.0").containers[0].resources).toEqual({ requests: amounts });
  });

  it("is asked whether it is well since it answers that", () => {
    const [daemon] = pod("0.28.9").containers;
    expect(daemon.args).toEqual(["--ip-masq", "--kube-subnet-mgr", "--healthz-port=8081"]);
    expect([daemon.livenessProbe, daemon.readinessProbe]).toEqual([
      { httpGet: { path: "/healthz", port: 8081 }, initialDelaySeconds: 10, periodSeconds: 30 },
      { httpGet: { path: "/readyz", port: 8081 }, initialDelaySeconds: 5, periodSeconds: 10 },
    ]);
    expect(pod("0.28.8").containers[0]).not.toHaveProperty("livenessProbe");
  });

  it("puts its config in place with its own program since it has one", () => {
    const files = ["/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"];
    const install = (version: string) => pod(version).initContainers.at(-1);
    expect(install("0.28.6")).toMatchObject({ command: ["/opt/bin/install-conf"], args: files });
    expect(install("0.28.5")).toMatchObject({ command: ["cp"], args: ["-f", ...files] });
  });

  it("goes to the endpoint of the API server where it is told to", () => {
    expect(pod("0.26.7", "10.0.0.9:8443").containers[0].env.slice(3)).toEqual([
      { name: "KUBERNETES_SERVICE_HOST", value: "10.0.0.9" },
      { name: "KUBERNETES_SERVICE_PORT", value: "8443" },
    ]);
  });
});

/** The objects of a flannel of this version on this Kubernetes. */
const objectsOf = async (version: string, kubernetesVersion: string) => {
  const recording = await record(() => {
    const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
    const args = { version, kubernetesVersion, podSubnet: "10.100.0.0/17", backend: "vxlan" } as const;
    new Flannel("flannel", { ...args, cluster }, { provider: cluster });
  });
  return recording;
};

describe("Flannel before 0.19", () => {
  it("has a policy for its pods where Kubernetes asks for one", async () => {
    const recording = await objectsOf("0.18.1", "1.24.17");
    expect(input(recording.find("flannel-policy"), "metadata")).toEqual({ name: "psp.flannel.unprivileged" });
    expect(recording.find("flannel-policy").type).toBe("kubernetes:policy/v1beta1:PodSecurityPolicy");
    expect(input(recording.find("flannel-policy"), "spec", "allowedCapabilities")).toEqual([
      "NET_ADMIN",
      "NET_RAW",
    ]);
    expect(input(recording.find("flannel-role"), "rules", "0")).toEqual({
      apiGroups: ["policy"],
      resources: ["podsecuritypolicies"],
      verbs: ["use"],
      resourceNames: ["psp.flannel.unprivileged"],
    });
    expect(recording.path("flannel-daemonset", "flannel-policy")).toBeDefined();
  });

  it("has none where Kubernetes has no policies, or flannel asks for none", async () => {
    for (const [version, kubernetes] of [
      ["0.18.1", "1.25.0"],
      ["0.19.0", "1.24.17"],
    ] as const) {
      const recording = await objectsOf(version, kubernetes);
      expect(recording.names()).not.toContain("flannel-policy");
      expect(input(recording.find("flannel-role"), "rules")).toHaveLength(3);
    }
  });

  it("lives in kubeadm's own namespace", async () => {
    const recording = await objectsOf("0.18.1", "1.24.17");
    expect(recording.names()).not.toContain("flannel-namespace");
    expect(input(recording.find("flannel-daemonset"), "metadata", "namespace")).toBe("kube-system");
    expect(input(recording.find("flannel-binding"), "subjects")).toEqual([
      { kind: "ServiceAccount", name: "flannel", namespace: "kube-system" },
    ]);
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
