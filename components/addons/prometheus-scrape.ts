/** One `relabel_configs` entry. Regular expressions match a whole value. */
type Relabel = Readonly<Record<string, string | readonly string[]>>;

export interface ScrapeArgs {
  /** Namespace of istiod. */
  readonly meshNamespace: string;
  /**
   * Which of a proxy's two pages is read. `merged`: 15020, on which the proxy's agent puts Envoy's counters, its own
   * and those of the application together. `envoy`: 15090, Envoy alone. One of them, or everything counts twice.
   */
  readonly proxies: "merged" | "envoy";
  /** Containers' CPU and memory from the kubelets. */
  readonly nodes: boolean;
  /** The API server's own counters; a great many. */
  readonly apiServer: boolean;
}

const pod = (field: string) => `__meta_kubernetes_pod_${field}`;
const keep = (source: string, regex: string): Relabel => ({ action: "keep", source_labels: [source], regex });
const copy = (source: string, target: string): Relabel => ({ source_labels: [source], target_label: target });
const drop = (sources: readonly string[], regex: string): Relabel => ({
  action: "drop",
  source_labels: sources,
  regex,
});

const agentPort = 15020;
const istiodPort = 15014;
const mergedPath = "/stats/prometheus";

/** Only what runs, and where and what it is. A pod of a finished job answers no more, and would look like a failure. */
const ofPods: readonly Relabel[] = [
  drop([pod("phase")], "Pending|Succeeded|Failed|Unknown"),
  copy("__meta_kubernetes_namespace", "namespace"),
  copy(pod("name"), "pod"),
  copy(pod("node_name"), "node"),
  copy(pod("label_app"), "app"),
  copy(pod("label_version"), "version"),
];

/** The workload behind a pod: the name that the mesh gives it, else that of its controller. The last match wins. */
const workload: readonly Relabel[] = [
  copy(pod("controller_name"), "workload"),
  {
    source_labels: [pod("controller_kind"), pod("controller_name")],
    regex: "ReplicaSet;(.+)-[a-z0-9]+",
    target_label: "workload",
  },
  {
    source_labels: [pod("label_service_istio_io_canonical_name")],
    regex: "(.+)",
    target_label: "workload",
  },
];

const atPort = (port: number): Relabel => ({
  source_labels: [pod("ip")],
  regex: "(.+)",
  target_label: "__address__",
  replacement: `$1:${port}`,
});

const pods = { kubernetes_sd_configs: [{ role: "pod" }] };

/** What Prometheus does with the API server's certificate and its own token. */
const asAccount = {
  scheme: "https",
  tls_config: { ca_file: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" },
  bearer_token_file: "/var/run/secrets/kubernetes.io/serviceaccount/token",
};

/** By label and not by Service or port: revisions have Services of their own, and old istiods do not declare the port. */
const istiod = ({ meshNamespace }: ScrapeArgs) => ({
  job_name: "istiod",
  kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [meshNamespace] } }],
  relabel_configs: [keep(pod("label_app"), "istiod"), atPort(istiodPort), ...ofPods],
});

/** Sidecars and gateways, whatever their injection: each declares the port of Envoy's page. ztunnel has its own. */
const proxies = (args: ScrapeArgs) => ({
  job_name: "mesh-proxies",
  ...pods,
  metrics_path: mergedPath,
  relabel_configs: [
    keep(pod("container_port_name"), ".*-envoy-prom|ztunnel-stats"),
    ...(args.proxies === "merged" ? [atPort(agentPort)] : []),
    ...ofPods,
    ...workload,
  ],
});

/** The custom of the annotations prometheus.io/*, for everything that is not a proxy or istiod. */
const annotated = (args: ScrapeArgs) => ({
  job_name: "pods",
  ...pods,
  relabel_configs: [
    keep(pod("annotation_prometheus_io_scrape"), "true"),
    // Injection turns an application's annotations to the agent's page, which is read already.
    drop([pod("annotation_prometheus_io_port")], String(agentPort)),
    drop(["__meta_kubernetes_namespace", pod("label_app")], `${args.meshNamespace};istiod`),
    {
      source_labels: [pod("annotation_prometheus_io_scheme")],
      regex: "(https?)",
      target_label: "__scheme__",
    },
    {
      source_labels: [pod("annotation_prometheus_io_path")],
      regex: "(.+)",
      target_label: "__metrics_path__",
    },
    {
      source_labels: [pod("ip"), pod("annotation_prometheus_io_port")],
      regex: "(.+);(\\d+)",
      target_label: "__address__",
      replacement: "$1:$2",
    },
    ...ofPods,
    ...workload,
  ],
});

const cadvisor = {
  job_name: "cadvisor",
  ...asAccount,
  // Kubelets sign their certificates themselves unless rotation of them is set up.
  tls_config: { ...asAccount.tls_config, insecure_skip_verify: true },
  metrics_path: "/metrics/cadvisor",
  kubernetes_sd_configs: [{ role: "node" }],
  relabel_configs: [copy("__meta_kubernetes_node_name", "node")],
};

const kubelet = { ...cadvisor, job_name: "kubelet", metrics_path: "/metrics" };

const apiServer = {
  job_name: "api-server",
  ...asAccount,
  kubernetes_sd_configs: [{ role: "endpoints", namespaces: { names: ["default"] } }],
  relabel_configs: [
    keep("__meta_kubernetes_service_name", "kubernetes"),
    keep("__meta_kubernetes_endpoint_port_name", "https"),
  ],
};

/** `scrape_configs`, in a fixed order. */
export function scrapeConfigs(args: ScrapeArgs): object[] {
  return [
    { job_name: "prometheus", static_configs: [{ targets: ["localhost:9090"] }] },
    istiod(args),
    proxies(args),
    annotated(args),
    ...(args.nodes ? [kubelet, cadvisor] : []),
    ...(args.apiServer ? [apiServer] : []),
  ];
}
