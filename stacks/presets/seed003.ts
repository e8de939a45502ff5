import { exposurePresets } from "../../components/mesh/exposure-presets";
import type { Preset } from "./preset";

const { ingress, grafana, kiali, tracing, prometheus } = exposurePresets.seed003;

/** Its two names at the edge, each handed on to the ingress gateway, whose cluster address stands in the document. */
const edgeServer = (name: string, upstream: string, host: string) => ({
  name,
  hosts: [host],
  upstream: { name: upstream, host: "istio-ingressgateway.istio-system.svc.cluster.local", port: 80 },
  websocket: false,
});

/** A course on Istio; the cluster below it is hardly described. */
export const seed003: Preset = {
  document: "A course on the service mesh with Istio 1.13.2, on Docker (2022)",
  config: {
    kubernetes: {
      // Not stated. Ingress v1 needs 1.19, Docker without cri-dockerd ends with 1.23, Istio 1.13 lists 1.20 to 1.23.
      version: "1.20.15",
      controlPlaneEndpoint: { kind: "firstControlPlane" },
      // Not stated; from the addresses of its pods (10.244.0.x) and Services (10.97.x to 10.111.x).
      podSubnet: "10.244.0.0/16",
      serviceSubnet: "10.96.0.0/12",
    },
    // Not stated; kubeadm's default.
    etcd: { kind: "kubeadm" },
    // `docker ps` is used; no version is stated. The one of seed000, which is of the same Kubernetes.
    runtime: { kind: "dockershim", version: "19.03.12" },
    // Not stated. The course stops kube-proxy once, to show that traffic in the mesh goes on; it runs otherwise.
    network: { kind: "flannel", flannel: { version: "0.14.0" }, kubeProxy: "iptables" },
    artifacts: { kind: "aliyun" },
    mesh: {
      version: "1.13.2",
      // There are charts of it; the document takes its program.
      install: "istioctl",
      profile: "demo",
      mtls: "unset",
      tracing: { provider: "zipkin" },
      gateways: [
        { name: "istio-ingressgateway", expose: ingress },
        { name: "istio-egressgateway", direction: "egress" },
      ],
    },
    // The host with this label; it is given in hosts.members, which are no part of a preset.
    gateways: {
      edge: {
        image: "nginx:alpine",
        nodeSelector: { "istio-nginx": "true" },
        fallback: "page",
        servers: [
          edgeServer("tomcat", "tomcat-istiodemo", "tomcat.istio-demo.com"),
          edgeServer("bookinfo-productpage", "bookinfo-productpage", "bookinfo.luffy.com"),
        ],
      },
    },
    addons: {
      prometheus: { expose: prometheus },
      grafana: { expose: grafana },
      jaeger: { expose: tracing },
      kiali: { expose: kiali },
    },
    apps: {
      bookinfo: {
        hosts: ["bookinfo.luffy.com"],
        gateway: "productpage-gateway",
        virtualService: "vs-bookinfo",
        routes: "everything",
      },
      billDemo: {},
      httpbin: { namespace: "bookinfo", versions: ["v1", "v2"] },
    },
  },
  hosts: [
    // An address in its listings, of a host without a name; the other name is by analogy.
    { name: "k8s-master", address: "172.21.51.143", roles: ["controlPlane"] },
    { name: "k8s-slave1", address: "172.21.51.67", roles: ["worker"] },
  ],
};
