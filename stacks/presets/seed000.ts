import { imageRepositories } from "../../components/artifacts/sources";
import { exposurePresets } from "../../components/mesh/exposure-presets";
import type { Preset } from "./preset";

const { ingress, grafana, kiali, tracing } = exposurePresets.seed000;

/** Two CentOS 7.9 machines, an etcd of its own, kube-router beside flannel and no kube-proxy. */
export const seed000: Preset = {
  document: "Kubernetes 1.20.7 and Istio 1.10.0 out of the box, on CentOS 7.9 with Docker (2021)",
  config: {
    kubernetes: {
      version: "1.20.7",
      clusterName: "kubernetes",
      controlPlaneEndpoint: { kind: "firstControlPlane" },
      bindPort: 6443,
      podSubnet: "10.100.0.0/17",
      serviceSubnet: "10.200.0.0/19",
      dnsDomain: "cluster.local",
    },
    etcd: {
      kind: "external",
      version: "3.3.13",
      dataDir: "/var/lib/etcd/default.etcd",
      initialClusterToken: "etcd-cluster",
    },
    runtime: { kind: "dockershim", version: "19.03.12" },
    network: {
      kind: "flannel",
      // Stated is the newest of that week. 0.14.0 was it; its DaemonSet has the name that the document shows.
      flannel: { version: "0.14.0" },
      // The manifest with all features; its image has no tag. 1.2.2 was the newest.
      kubeRouter: { version: "1.2.2", firewall: true, serviceProxy: true },
      kubeProxy: "none",
      corednsReplicas: 3,
    },
    nodes: {
      // Kernel parameters, modules and limits of the document are the project's defaults (components/hosts/kernel.ts).
      packages: {
        redhat: [
          "epel-release",
          "vim-enhanced",
          "wget",
          "lrzsz",
          "unzip",
          "ntpdate",
          "sysstat",
          "dstat",
          "mlocate",
          "mtr",
          "lsof",
          "iotop",
          "bind-utils",
          "git",
          "net-tools",
          "ipvsadm",
          "ipset",
        ],
      },
      limits: { nofile: 65535, nproc: 10240 },
      historyTimeFormat: "%m/%d %T ",
      swap: "off",
      firewall: "off",
      selinux: "disabled",
      hostsEntries: "all",
    },
    artifacts: { kind: "tuna", imageRepository: imageRepositories.aliyunHangzhou },
    // The document has RSA 4096 for the authority and 2048 under it; here is one algorithm for all keys.
    pki: { keyAlgorithm: "RSA-4096", authorityValidityHours: 87600 },
    // Of its two ways in that of the virtual machines. The other, an SLB, is Pulumi.aliyun-slb.yaml.
    mesh: {
      version: "1.10.0",
      install: "istioctl",
      profile: "default",
      mtls: "unset",
      tracing: { provider: "zipkin" },
      gateways: [{ name: "istio-ingressgateway", expose: ingress }],
    },
    addons: {
      prometheus: {},
      grafana: { expose: grafana },
      jaeger: { expose: tracing },
      // As the sample has it: the Kiali of that time can keep the key of its logins nowhere safe.
      kiali: { expose: kiali, auth: "anonymous" },
    },
    apps: {
      bookinfo: { namespace: "default" },
      // Of the nginx behind it only the Service's name is said.
      proxyCom: { namespace: "default" },
    },
  },
  hosts: [
    { name: "vm1", address: "172.16.8.241", roles: ["controlPlane", "etcd"] },
    { name: "vm2", address: "172.16.8.242", roles: ["worker"] },
  ],
};
