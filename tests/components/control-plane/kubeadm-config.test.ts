import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import {
  type KubeadmApi,
  type KubeadmModel,
  renderInitConfig,
  renderJoinConfig,
} from "../../../components/control-plane/kubeadm-config";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";

const model = (api: KubeadmApi): KubeadmModel => ({
  api,
  kubernetesVersion: "1.36.3",
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
    const [init, , kubelet, proxy] = documents(
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
    expect(kubelet).toMatchObject({ cgroupDriver: "cgroupfs", failSwapOn: false, failCgroupV1: false });
    expect(proxy).toEqual({ ...kubeProxy, conntrack: { maxPerCore: 0 } });
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

describe("both", () => {
  it.each<KubeadmApi>(["v1beta3", "v1beta4"])(
    "hold no token and no key in %s, so that their diff can be read",
    (api) => {
      const text = renderInitConfig(model(api), cp1) + renderJoinConfig(model(api), node1, discoveryFile);
      expect(text).not.toMatch(/token|certificateKey|PRIVATE/i);
    },
  );
});
