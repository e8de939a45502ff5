/**
 * What the source documents state, block by block, as flat keys. A value is either rendered as it stands here, or it
 * is a deviation: then the test says what is rendered in its place, and why.
 */
export type Said = Readonly<Record<string, unknown>>;

/** Ours in place of the document's; `undefined` is: not there at all. */
export interface Deviation {
  readonly ours: unknown;
  readonly why: string;
}
export type Deviations = Readonly<Record<string, Deviation>>;

/** Nested objects and lists as flat keys: `etcd.external.endpoints.0`. Empty ones vanish, as in kubeadm's defaults. */
export function flatten(value: unknown, path = ""): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flatten(inner, path === "" ? key : `${path}.${key}`)),
  );
}

/** Every key of the document whose rendered value is neither the document's nor the deviation's; empty is good. */
export function differences(said: Said, rendered: Said, deviations: Deviations): string[] {
  const unknown = Object.keys(deviations).filter((key) => !(key in said));
  const wrong = Object.entries(said).flatMap(([key, value]) => {
    const deviation = deviations[key];
    if (deviation !== undefined && deviation.ours === value) return [`${key}: is no deviation any more`];
    const wanted = deviation === undefined ? value : deviation.ours;
    return rendered[key] === wanted
      ? []
      : [`${key}: rendered ${JSON.stringify(rendered[key])}, not ${JSON.stringify(wanted)}`];
  });
  return [...wrong, ...unknown.map((key) => `${key}: a deviation from nothing`)];
}

const kubeadm000 = {
  apiVersion: "kubeadm.k8s.io/v1beta2",
  "bootstrapTokens.0.groups.0": "system:bootstrappers:kubeadm:default-node-token",
  "bootstrapTokens.0.token": "(a token in clear)",
  "bootstrapTokens.0.ttl": "108h0m0s",
  "bootstrapTokens.0.usages.0": "signing",
  "bootstrapTokens.0.usages.1": "authentication",
  kind: "InitConfiguration",
  "localAPIEndpoint.advertiseAddress": "172.16.8.241",
  "localAPIEndpoint.bindPort": 6443,
  "nodeRegistration.criSocket": "/var/run/dockershim.sock",
  "nodeRegistration.name": "vm1",
  "nodeRegistration.taints.0.effect": "NoSchedule",
  "nodeRegistration.taints.0.key": "node-role.kubernetes.io/master",
};

const cluster000 = {
  "apiServer.timeoutForControlPlane": "4m0s",
  apiVersion: "kubeadm.k8s.io/v1beta2",
  certificatesDir: "/etc/kubernetes/pki",
  clusterName: "kubernetes",
  controlPlaneEndpoint: "172.16.8.241:6443",
  "dns.type": "CoreDNS",
  "etcd.external.caFile": "/etc/etcd/ssl/ca.pem",
  "etcd.external.certFile": "/etc/etcd/ssl/etcd.pem",
  "etcd.external.endpoints.0": "https://172.16.8.241:2379",
  "etcd.external.keyFile": "/etc/etcd/ssl/etcd-key.pem",
  imageRepository: "registry.cn-hangzhou.aliyuncs.com/google_containers",
  kind: "ClusterConfiguration",
  kubernetesVersion: "v1.20.7",
  "networking.dnsDomain": "cluster.local",
  "networking.podSubnet": "10.100.0.0/17",
  "networking.serviceSubnet": "10.200.0.0/19",
};

/** The lines of /etc/etcd/etcd.conf that are not comments. */
const etcd000 = {
  ETCD_NAME: "etcd1",
  ETCD_DATA_DIR: "/var/lib/etcd/default.etcd",
  ETCD_LISTEN_PEER_URLS: "https://172.16.8.241:2380",
  ETCD_LISTEN_CLIENT_URLS: "https://172.16.8.241:2379,http://127.0.0.1:2379",
  ETCD_INITIAL_ADVERTISE_PEER_URLS: "https://172.16.8.241:2380",
  ETCD_ADVERTISE_CLIENT_URLS: "https://172.16.8.241:2379",
  ETCD_INITIAL_CLUSTER: "etcd1=https://172.16.8.241:2380,",
  ETCD_INITIAL_CLUSTER_TOKEN: "etcd-cluster",
  ETCD_INITIAL_CLUSTER_STATE: "new",
  ETCD_ENABLE_V2: "false",
  ETCD_CERT_FILE: "/etc/etcd/ssl/etcd.pem",
  ETCD_KEY_FILE: "/etc/etcd/ssl/etcd-key.pem",
  ETCD_CLIENT_CERT_AUTH: "true",
  ETCD_TRUSTED_CA_FILE: "/etc/etcd/ssl/ca.pem",
  ETCD_AUTO_TLS: "true",
  ETCD_PEER_CERT_FILE: "/etc/etcd/ssl/etcd.pem",
  ETCD_PEER_KEY_FILE: "/etc/etcd/ssl/etcd-key.pem",
  ETCD_PEER_CLIENT_CERT_AUTH: "true",
  ETCD_PEER_TRUSTED_CA_FILE: "/etc/etcd/ssl/ca.pem",
  ETCD_PEER_AUTO_TLS: "true",
};

/** /etc/sysctl.conf; of fs.file-max, which stands there twice, the one that wins. */
const sysctl000 = {
  "net.ipv4.ip_forward": "1",
  "net.ipv4.tcp_max_syn_backlog": "65536",
  "net.core.netdev_max_backlog": "32768",
  "net.core.somaxconn": "32768",
  "net.core.wmem_default": "8388608",
  "net.core.rmem_default": "8388608",
  "net.core.rmem_max": "16777216",
  "net.core.wmem_max": "16777216",
  "net.ipv4.tcp_timestamps": "0",
  "net.ipv4.tcp_synack_retries": "2",
  "net.ipv4.tcp_syn_retries": "2",
  "net.ipv4.tcp_tw_reuse": "1",
  "net.ipv4.tcp_mem": "94500000 915000000 927000000",
  "net.ipv4.tcp_max_orphans": "3276800",
  "net.ipv4.tcp_fin_timeout": "30",
  "net.ipv4.tcp_keepalive_time": "600",
  "net.ipv4.ip_local_port_range": "1024 65535",
  "net.netfilter.nf_conntrack_tcp_timeout_close_wait": "60",
  "net.netfilter.nf_conntrack_tcp_timeout_fin_wait": "120",
  "net.nf_conntrack_max": "655360",
  "net.netfilter.nf_conntrack_max": "655360",
  "net.netfilter.nf_conntrack_tcp_timeout_established": "180",
  "net.netfilter.nf_conntrack_tcp_timeout_time_wait": "30",
  "net.bridge.bridge-nf-call-ip6tables": "1",
  "net.bridge.bridge-nf-call-iptables": "1",
  "net.ipv6.conf.all.disable_ipv6": "1",
  "net.ipv6.conf.default.disable_ipv6": "1",
  "net.ipv6.conf.lo.disable_ipv6": "1",
  "vm.swappiness": "0",
  "vm.overcommit_memory": "1",
  "vm.panic_on_oom": "0",
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
  "kernel.pid_max": "4194303",
  "vm.max_map_count": "655350",
  "fs.aio-max-nr": "524288",
  "fs.file-max": "6590202",
};

/** Everything else that the first document does, as settings. */
const settings000 = {
  docker: "19.03.12",
  etcd: "3.3.13",
  corednsReplicas: 3,
  kubeProxy: "none",
  kubeRouterRouter: true,
  kubeRouterFirewall: true,
  kubeRouterServiceProxy: true,
  flannelNetwork: "10.100.0.0/17",
  swap: "off",
  firewall: "off",
  selinux: "disabled",
  nofile: 65535,
  nproc: 10240,
  historyTimeFormat: "%m/%d %T ",
  authorityHours: 87600,
  leafHours: 87600,
  authorityKey: "RSA-4096",
  leafKey: "RSA-2048",
  repository: "https://mirrors.tuna.tsinghua.edu.cn/kubernetes/yum/repos/kubernetes-el7-$basearch",
  packages:
    "epel-release vim vim-enhanced wget lrzsz unzip ntpdate sysstat dstat mlocate mtr lsof iotop bind-utils git net-tools ipvsadm ipset",
};

/** The flags of `kubeadm init` and the rest of the second document. */
const settings001 = {
  "pod-network-cidr": "10.244.0.0/16",
  "service-cidr": "10.1.0.0/12",
  "kubernetes-version": "v1.19.0",
  "image-repository": "registry.aliyuncs.com/google_containers",
  "apiserver-advertise-address": "192.168.98.3",
  cgroupDriver: "systemd",
  swap: "off",
  firewall: "off",
  flannelNetwork: "10.244.0.0/16",
  repository: "https://mirrors.aliyun.com/kubernetes/apt/ kubernetes-xenial main",
};

/** Both later documents show their clusters by addresses and a runtime alone. */
const settings002 = { kubernetesMinor: "1.18", criSocket: "/var/run/dockershim.sock" };
const settings003 = { criSocket: "/var/run/dockershim.sock" };

/** How a gateway of the mesh lets in, as `NAMESPACE/NAME HOST:PORT`, and where its routes lead. */
const bookinfo = {
  "gateway default/bookinfo-gateway": "*:80",
  "route default/bookinfo": "productpage:9080",
  "injection default": "enabled",
};

/** What runs in the cluster: Services as `kubectl get services` prints them, Ingresses as `HOST to SERVICE:PORT`. */
const mesh000 = {
  istio: "1.10.0",
  profile: "default",
  "service istio-ingressgateway": "LoadBalancer 15021:30197,80:32430,443:30032",
  "service grafana": "NodePort 3000:30300",
  "service kiali": "NodePort 20001:30201,9090:31946",
  "service prometheus": "ClusterIP 9090",
  "service tracing": "NodePort 80:30686",
  "service zipkin": "ClusterIP 9411",
  ...bookinfo,
  "gateway default/nginx-gateway": "nginx.bbotte.com:80",
  "route default/nginx": "proxy-com:80",
};

const mesh001 = {
  istio: "1.7.0",
  profile: "demo",
  "service grafana": "ClusterIP 3000",
  "service kiali": "ClusterIP 20001,9090",
  ...bookinfo,
};

const mesh002 = {
  istio: "1.7.4",
  profile: "demo",
  "service istio-ingressgateway": "LoadBalancer 15021:31880,80:31966,443:32273,31400:31340,15443:30333",
  "service istio-egressgateway": "ClusterIP 80,443,15443",
  "service grafana": "NodePort 3000:30190",
  "service prometheus": "NodePort 9090:30046",
  "service tracing": "NodePort 80:30111",
  ...bookinfo,
};

const mesh003 = {
  istio: "1.13.2",
  profile: "demo",
  "service istio-ingressgateway http2": "80:30779",
  "ingress grafana": "grafana.istio.com to grafana:3000",
  "ingress jaeger": "jaeger.istio.com to tracing:80",
  "ingress kiali": "kiali.istio.com to kiali:20001",
  "ingress prometheus": "prometheus.istio.com to prometheus:9090",
  "gateway bookinfo/productpage-gateway": "bookinfo.luffy.com:80",
  "route bookinfo/vs-bookinfo": "productpage:9080",
  "gateway istio-demo/front-tomcat-gateway": "tomcat.istio-demo.com:80",
  "workload bookinfo/httpbin-v1": "httpbin",
  "workload bookinfo/httpbin-v2": "httpbin",
  "edge image": "nginx:alpine",
  "edge hostNetwork": true,
  "edge node": '{"istio-nginx":"true"}',
  "edge strategy": "Recreate",
  "edge tomcat.istio-demo.com": "tomcat-istiodemo 10.108.185.207:80",
  "edge bookinfo.luffy.com": "bookinfo-productpage 10.108.185.207:80",
};

/** The Service by which the first document ties its gateway to an SLB; the id is hidden there. */
const slb000 = {
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    annotations: {
      "service.beta.kubernetes.io/alicloud-loadbalancer-address-type": "intranet",
      "service.beta.kubernetes.io/alicloud-loadbalancer-force-override-listeners": "true",
      "service.beta.kubernetes.io/alicloud-loadbalancer-id": "lb-uf0000000000",
    },
    labels: {
      app: "istio-ingressgateway",
      "install.operator.istio.io/owning-resource": "unknown",
      "install.operator.istio.io/owning-resource-namespace": "istio-system",
      istio: "ingressgateway",
      "istio.io/rev": "default",
      "operator.istio.io/component": "IngressGateways",
      "operator.istio.io/managed": "Reconcile",
      "operator.istio.io/version": "1.10.0",
      release: "istio",
    },
    name: "istio-ingressgateway",
    namespace: "istio-system",
  },
  spec: {
    ports: [
      { name: "status-port", nodePort: 32045, port: 15021, protocol: "TCP", targetPort: 15021 },
      { name: "http2", nodePort: 30080, port: 80, protocol: "TCP", targetPort: 8080 },
      { name: "https", nodePort: 30443, port: 443, protocol: "TCP", targetPort: 8443 },
    ],
    selector: { app: "istio-ingressgateway", istio: "ingressgateway" },
    sessionAffinity: "None",
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
  },
};

export const documents = {
  seed000: {
    init: kubeadm000,
    cluster: cluster000,
    etcd: etcd000,
    sysctl: sysctl000,
    settings: settings000,
    mesh: mesh000,
    slb: flatten(slb000),
  },
  seed001: { settings: settings001, mesh: mesh001 },
  seed002: { settings: settings002, mesh: mesh002 },
  seed003: { settings: settings003, mesh: mesh003 },
} as const;
