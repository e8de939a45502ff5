import type { Preset } from "./preset";

/** One Ubuntu 18.04 machine and whoever joins it, by kubeadm's flags alone. */
export const seed001: Preset = {
  document:
    "A stack for microservices on Kubernetes 1.19.0 and Istio 1.7.0, on Ubuntu 18.04 (September 2020)",
  config: {
    kubernetes: {
      version: "1.19.0",
      controlPlaneEndpoint: { kind: "firstControlPlane" },
      podSubnet: "10.244.0.0/16",
      // Written 10.1.0.0/12 in the document, which names the same network.
      serviceSubnet: "10.0.0.0/12",
    },
    // Nothing is said of etcd, so kubeadm runs it.
    etcd: { kind: "kubeadm" },
    // Docker is there already, of no stated version; this was the newest of that week.
    runtime: { kind: "dockershim", version: "19.03.13" },
    network: {
      kind: "flannel",
      // Stated is the newest of that week.
      flannel: { version: "0.12.0" },
      kubeProxy: "iptables",
    },
    nodes: { swap: "off", firewall: "off" },
    artifacts: { kind: "aliyun" },
    mesh: {
      version: "1.7.0",
      install: "istioctl",
      profile: "demo",
      mtls: "unset",
      tracing: { provider: "zipkin" },
    },
    // samples/addons as they are: reached inside the cluster, and Kiali asks nobody who he is.
    addons: { prometheus: {}, grafana: {}, jaeger: {}, kiali: { auth: "anonymous" } },
    apps: {
      bookinfo: { namespace: "default" },
      // Its Drone needs an application that a person makes in Gitea.
      delivery: {},
    },
  },
  hosts: [
    // Its name is not in the document; the worker's is, its address is not.
    { name: "master", address: "192.168.98.3", roles: ["controlPlane"] },
  ],
};
