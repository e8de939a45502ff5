import { exposurePresets } from "../../components/mesh/exposure-presets";
import type { Preset } from "./preset";

const { ingress, grafana, tracing, prometheus } = exposurePresets.seed002;

/** Notes on Istio; the cluster below it is known by version, runtime and the addresses in its listings. */
export const seed002: Preset = {
  document: "Notes on Istio 1.7.4 on Kubernetes 1.18, on CentOS 7 with Docker (November 2020)",
  config: {
    kubernetes: {
      // Stated is 1.18; this is its last patch.
      version: "1.18.20",
      controlPlaneEndpoint: { kind: "firstControlPlane" },
      // Not stated. Pods in the listings have 10.244.N.x, as flannel's manifest has it, Services 10.96.0.0/12, which
      // is kubeadm's default.
      podSubnet: "10.244.0.0/16",
      serviceSubnet: "10.96.0.0/12",
    },
    // Not stated; kubeadm's default.
    etcd: { kind: "kubeadm" },
    // Container ids begin with docker://. The newest version of that month.
    runtime: { kind: "dockershim", version: "19.03.13" },
    // Not stated; the network of the pods is that of flannel's manifest.
    network: { kind: "flannel", flannel: { version: "0.13.0" }, kubeProxy: "iptables" },
    artifacts: { kind: "aliyun" },
    mesh: {
      version: "1.7.4",
      install: "istioctl",
      profile: "demo",
      mtls: "unset",
      tracing: { provider: "zipkin" },
      gateways: [
        { name: "istio-ingressgateway", expose: ingress },
        { name: "istio-egressgateway", direction: "egress" },
      ],
    },
    addons: {
      prometheus: { expose: prometheus },
      grafana: { expose: grafana },
      jaeger: { expose: tracing },
    },
    apps: {
      // With the host that it settles on after bookinfo.example.com, and the rules of destination-rule-all.
      bookinfo: { namespace: "default", subsets: true },
      webDemo: { namespace: "default" },
    },
  },
  hosts: [
    // Addresses at which its pages are opened. One node is called cnu3; the other name is by analogy.
    { name: "cnu1", address: "192.168.3.11", roles: ["controlPlane"] },
    { name: "cnu3", address: "192.168.3.13", roles: ["worker"] },
  ],
};
