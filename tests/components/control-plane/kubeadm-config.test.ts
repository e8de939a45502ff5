import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import {
  initFlags,
  type KubeadmApi,
  type KubeadmModel,
  renderControlPlaneJoinConfig,
  renderInitConfig,
  renderJoinConfig,
} from "../../../components/control-plane/kubeadm-config";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";

const versions = { v1beta2: "1.21.14", v1beta3: "1.30.14", v1beta4: "1.36.3" } as const;
const model = (api: KubeadmApi): KubeadmModel => ({
  api,
  kubernetesVersion: versions[api],
  clusterName: "lab",
  controlPlaneEndpoint: "api.example.com:8443",
  bindPort: 6443,
  podSubnet: "10.100.0.0/17",
  serviceSubnet: "10.200.0.0/19",
  dnsDomain: "cluster.local",
  certSANs: ["172.16.8.241", "api.example.com"],
  imageRepository: "registry.k8s.io",
  criSocket: "unix:///run/containerd/containerd.sock",
  etcd: {
    endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379"],
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
  },
  profile: machineProfile,
});
const cp1 = { name: "cp1", address: "10.0.0.1" };
const node1 = { name: "node1", address: "10.0.0.3" };
const discoveryFile = "/etc/kubernetes/mesh-platform-discovery.conf";

const documents = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJS());

const kubeProxy = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "iptables",
  clusterCIDR: "10.100.0.0/17",
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
};

describe("renderInitConfig", () => {
  it("is complete in v1beta4: lists of arguments, timeouts of their own", () => {
    expect(documents(renderInitConfig(model("v1beta4"), cp1))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "InitConfiguration",
        localAPIEndpoint: { advertiseAddress: "10.0.0.1", bindPort: 6443 },
        nodeRegistration: {
          name: "cp1",
          criSocket: "unix:///run/containerd/containerd.sock",
          imagePullPolicy: "IfNotPresent",
          ignorePreflightErrors: [],
          kubeletExtraArgs: [{ name: "node-ip", value: "10.0.0.1" }],
          taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
        },
        timeouts: { controlPlaneComponentHealthCheck: "4m0s" },
      },
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "ClusterConfiguration",
        kubernetesVersion: "v1.36.3",
        clusterName: "lab",
        controlPlaneEndpoint: "api.example.com:8443",
        certificatesDir: "/etc/kubernetes/pki",
        imageRepository: "registry.k8s.io",
        networking: {
          dnsDomain: "cluster.local",
          podSubnet: "10.100.0.0/17",
          serviceSubnet: "10.200.0.0/19",
        },
        apiServer: { certSANs: ["api.example.com", "172.16.8.241"] },
        etcd: {
          external: {
            endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379"],
            caFile: "/etc/kubernetes/pki/etcd/ca.crt",
            certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
            keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
          },
        },
      },
      {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        cgroupDriver: "systemd",
        failSwapOn: true,
        failCgroupV1: true,
      },
      kubeProxy,
    ]);
  });

  it("differs in v1beta3 only by that API's own forms", () => {
    const [init, cluster, kubelet, proxy] = documents(renderInitConfig(model("v1beta3"), cp1)) as Record<
      string,
      unknown
    >[];
    const [newInit, newCluster] = documents(renderInitConfig(model("v1beta4"), cp1)) as Record<
      string,
      Record<string, unknown>
    >[];
    const { timeouts: _, ...common } = newInit ?? {};
    expect(init).toEqual({
      ...common,
      apiVersion: "kubeadm.k8s.io/v1beta3",
      nodeRegistration: { ...newInit?.nodeRegistration, kubeletExtraArgs: { "node-ip": "10.0.0.1" } },
    });
    expect(cluster).toEqual({
      ...newCluster,
      apiVersion: "kubeadm.k8s.io/v1beta3",
      kubernetesVersion: "v1.30.14",
      apiServer: { certSANs: ["api.example.com", "172.16.8.241"], timeoutForControlPlane: "4m0s" },
    });
    // A kubelet of that time would refuse failCgroupV1.
    expect(kubelet).toEqual({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "systemd",
      failSwapOn: true,
    });
    expect(proxy).toEqual(kubeProxy);
  });

  it("takes from the profile what a disposable host cannot do", () => {
    const [init, , kubelet] = documents(
      renderInitConfig({ ...model("v1beta4"), profile: sharedKernelProfile }, cp1),
    );
    expect(init).toMatchObject({
      nodeRegistration: {
        ignorePreflightErrors: [
          "SystemVerification",
          "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables",
          "Swap",
          "Mem",
          "NumCPU",
        ],
      },
    });
    expect(kubelet).toMatchObject({
      cgroupDriver: "cgroupfs",
      failSwapOn: false,
      failCgroupV1: false,
      evictionHard: { "nodefs.available": "1Gi", "imagefs.available": "1Gi" },
      imageGCHighThresholdPercent: 100,
    });
  });
});

describe("renderJoinConfig", () => {
  it("is complete in v1beta4", () => {
    expect(documents(renderJoinConfig(model("v1beta4"), node1, discoveryFile))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: discoveryFile } },
        nodeRegistration: {
          name: "node1",
          criSocket: "unix:///run/containerd/containerd.sock",
          imagePullPolicy: "IfNotPresent",
          ignorePreflightErrors: [],
          kubeletExtraArgs: [{ name: "node-ip", value: "10.0.0.3" }],
        },
        timeouts: { discovery: "5m0s" },
      },
    ]);
  });

  it("is complete in v1beta3", () => {
    expect(documents(renderJoinConfig(model("v1beta3"), node1, discoveryFile))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta3",
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: discoveryFile }, timeout: "5m0s" },
        nodeRegistration: {
          name: "node1",
          criSocket: "unix:///run/containerd/containerd.sock",
          imagePullPolicy: "IfNotPresent",
          ignorePreflightErrors: [],
          kubeletExtraArgs: { "node-ip": "10.0.0.3" },
        },
      },
    ]);
  });
});

type Documents = Record<string, Record<string, unknown>>[];
const apis: readonly KubeadmApi[] = ["v1beta2", "v1beta3", "v1beta4"];

describe("renderControlPlaneJoinConfig", () => {
  it("is complete in v1beta4", () => {
    expect(documents(renderControlPlaneJoinConfig(model("v1beta4"), cp1, discoveryFile))).toEqual([
      {
        apiVersion: "kubeadm.k8s.io/v1beta4",
        kind: "JoinConfiguration",
        discovery: { file: { kubeConfigPath: discoveryFile } },
        controlPlane: { localAPIEndpoint: { advertiseAddress: "10.0.0.1", bindPort: 6443 } },
        nodeRegistration: {
          name: "cp1",
          criSocket: "unix:///run/containerd/containerd.sock",
          imagePullPolicy: "IfNotPresent",
          ignorePreflightErrors: [],
          kubeletExtraArgs: [{ name: "node-ip", value: "10.0.0.1" }],
          taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
        },
        timeouts: { controlPlaneComponentHealthCheck: "4m0s", discovery: "5m0s" },
      },
    ]);
  });
});

describe("what a version changes", () => {
  it.each([
    ["1.23.17", ["node-role.kubernetes.io/master"]],
    ["1.24.17", ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]],
    ["1.25.0", ["node-role.kubernetes.io/control-plane"]],
  ])("taints a control plane of %s with %j", (kubernetesVersion, keys) => {
    const [init] = documents(renderInitConfig({ ...model("v1beta3"), kubernetesVersion }, cp1)) as Documents;
    expect(init?.nodeRegistration?.taints).toEqual(keys.map((key) => ({ key, effect: "NoSchedule" })));
  });

  it("gives failCgroupV1 to a kubelet that knows it, whatever the API", () => {
    const kubelet = (kubernetesVersion: string) =>
      documents(renderInitConfig({ ...model("v1beta3"), kubernetesVersion }, cp1))[2];
    expect(kubelet("1.30.14")).not.toHaveProperty("failCgroupV1");
    expect(kubelet("1.31.0")).toHaveProperty("failCgroupV1", true);
  });

  it("names CoreDNS in v1beta2, where it was still a choice, and has no pull policy there", () => {
    const [init, cluster] = documents(renderInitConfig(model("v1beta2"), cp1)) as Documents;
    expect(cluster?.dns).toEqual({ type: "CoreDNS" });
    expect(init?.nodeRegistration).not.toHaveProperty("imagePullPolicy");
    expect(cluster?.apiServer?.timeoutForControlPlane).toBe("4m0s");
  });
});

describe("what the model can say", () => {
  const both = (more: Partial<KubeadmModel>) =>
    apis.map((api) => documents(renderInitConfig({ ...model(api), ...more }, cp1)) as Documents);

  it("leaves kube-proxy out as each API can", () => {
    const [old, middle, recent] = both({ kubeProxy: "none" });
    expect(old?.map(({ kind }) => kind)).toEqual([
      "InitConfiguration",
      "ClusterConfiguration",
      "KubeletConfiguration",
    ]);
    expect(initFlags({ ...model("v1beta2"), kubeProxy: "none" })).toEqual(["--skip-phases=addon/kube-proxy"]);
    expect(middle?.[0]?.skipPhases).toEqual(["addon/kube-proxy"]);
    expect(recent?.[1]?.proxy).toEqual({ disabled: true });
    expect(initFlags({ ...model("v1beta3"), kubeProxy: "none" })).toEqual([]);
    expect(initFlags(model("v1beta2"))).toEqual([]);
  });

  it.each(["iptables", "nftables", "ipvs"] as const)("runs kube-proxy in mode %s", (kubeProxy) => {
    expect(both({ kubeProxy }).map((all) => all[3]?.mode)).toEqual([kubeProxy, kubeProxy, kubeProxy]);
  });

  it("lets kubeadm run etcd where there are no members of our own", () => {
    expect(both({ etcd: {} }).map((all) => all[1]?.etcd)).toEqual(
      apis.map(() => ({ local: { dataDir: "/var/lib/etcd" } })),
    );
  });

  it("has flags as a map, from v1beta4 on as a list; own ones win", () => {
    const [old, , recent] = both({
      apiServerParts: [
        {
          flags: { "audit-log-path": "/a", "audit-log-maxage": "30" },
          volumes: [{ name: "log", path: "/var/log/a", readOnly: false, type: "DirectoryOrCreate" }],
        },
      ],
      extraArgs: {
        apiServer: { "audit-log-maxage": "7" },
        scheduler: { v: "4" },
        controllerManager: { v: "5" },
        kubelet: { "max-pods": "200" },
      },
    });
    expect(old?.[1]?.apiServer).toMatchObject({
      extraArgs: { "audit-log-path": "/a", "audit-log-maxage": "7" },
      extraVolumes: [
        {
          name: "log",
          hostPath: "/var/log/a",
          mountPath: "/var/log/a",
          readOnly: false,
          pathType: "DirectoryOrCreate",
        },
      ],
    });
    expect(recent?.[1]?.apiServer?.extraArgs).toEqual([
      { name: "audit-log-path", value: "/a" },
      { name: "audit-log-maxage", value: "7" },
    ]);
    expect(recent?.[1]?.scheduler).toEqual({ extraArgs: [{ name: "v", value: "4" }] });
    expect(old?.[1]?.controllerManager).toEqual({ extraArgs: { v: "5" } });
    expect(recent?.[0]?.nodeRegistration?.kubeletExtraArgs).toEqual([
      { name: "node-ip", value: "10.0.0.1" },
      { name: "max-pods", value: "200" },
    ]);
  });

  it("puts every control plane into the API servers' certificates once there are several", () => {
    const names = (...controlPlanes: { name: string; address: string }[]) =>
      both({ controlPlanes })[2]?.[1]?.apiServer?.certSANs;
    expect(names(cp1)).toEqual(["api.example.com", "172.16.8.241"]);
    expect(names(cp1, { name: "cp2", address: "10.0.0.2" })).toEqual([
      "api.example.com",
      "cp1",
      "10.0.0.1",
      "cp2",
      "10.0.0.2",
      "172.16.8.241",
    ]);
  });

  it("takes taints of the host in place of the usual ones, none of them too", () => {
    const taints = [{ key: "disk", value: "slow", effect: "NoExecute" }];
    const [init] = documents(renderInitConfig(model("v1beta4"), { ...cp1, taints: [] })) as Documents;
    const [join] = documents(
      renderJoinConfig(model("v1beta4"), { ...node1, taints }, discoveryFile),
    ) as Documents;
    expect(init?.nodeRegistration?.taints).toEqual([]);
    expect(join?.nodeRegistration?.taints).toEqual(taints);
  });

  it("passes on CoreDNS's registry, kubeadm's gates and the life of its token", () => {
    const [old, , recent] = both({
      dns: { imageRepository: "registry.example.com/coredns" },
      featureGates: { IPv6DualStack: false },
      bootstrapToken: { ttl: "108h0m0s", usages: ["signing"], groups: ["g"] },
    });
    expect(old?.[1]?.dns).toEqual({ type: "CoreDNS", imageRepository: "registry.example.com/coredns" });
    expect(recent?.[1]?.dns).toEqual({ imageRepository: "registry.example.com/coredns" });
    expect(old?.[1]?.featureGates).toEqual({ IPv6DualStack: false });
    expect(recent?.[0]?.bootstrapTokens).toEqual([{ ttl: "108h0m0s", usages: ["signing"], groups: ["g"] }]);
  });
});

describe("all files", () => {
  it.each<KubeadmApi>(["v1beta2", "v1beta3", "v1beta4"])(
    "hold no token and no key in %s, so that their diff can be read",
    (api) => {
      const text = renderInitConfig(model(api), cp1) + renderJoinConfig(model(api), node1, discoveryFile);
      expect(text).not.toMatch(/token|certificateKey|PRIVATE/i);
    },
  );
});
