/** Who counts requests: Istio's own filter, or Envoy alone, as in a stock build that lacks that filter. */
export type MetricsKind = "istio" | "envoy";

/**
 * The few questions that rules and dashboards ask, as PromQL. All answers have the same labels and units whoever
 * counts: `service` is a host name such as `reviews.default.svc.cluster.local`; durations are in milliseconds.
 */
export interface Vocabulary {
  /** Requests per second by called service, as the callers see them. */
  readonly requests: (window: string) => string;
  /** Those of them that failed with 5xx. */
  readonly failures: (window: string) => string;
  /** Buckets of the durations by called service and `le`, per second. */
  readonly durations: (window: string) => string;
  /** Requests per second by the workload that answers: labels `namespace` and `workload`. */
  readonly answered: (window: string) => string;
  /** Those of them that failed with 5xx. */
  readonly answeredFailures: (window: string) => string;
  /** Buckets of the durations by answering workload and `le`, per second. */
  readonly answeredDurations: (window: string) => string;
  /** Bytes per second over TCP connections by called service, both directions. */
  readonly tcpBytes: (window: string) => string;
}

/** Sums rates of a selector under one label that is renamed. */
const renamed = (by: string, to: string, pattern: string, rate: string, also = "") =>
  `sum by (${to}${also}) (label_replace(${rate}, "${to}", "$1", "${by}", "${pattern}"))`;

/** Two sums together. One rate over both names would lose the names, and then hold every series twice. */
const both = (ways: readonly [string, string], sum: (way: string) => string) => ways.map(sum).join(" + ");

// The caller counts: it alone sees requests that no server ever got, the gateway included.
const bySource = (metric: string, more = "") => `${metric}{reporter="source"${more}}`;
const byDestination = (metric: string, more = "") => `${metric}{reporter="destination"${more}}`;

const istioService = (metric: string, more: string, window: string, also = "") =>
  renamed("destination_service", "service", "(.+)", `rate(${bySource(metric, more)}[${window}])`, also);

const istioWorkload = (metric: string, more: string, window: string, also = "") =>
  `sum by (namespace, workload${also}) (label_replace(label_replace(` +
  `rate(${byDestination(metric, more)}[${window}]), ` +
  `"workload", "$1", "destination_workload", "(.+)"), "namespace", "$1", "destination_workload_namespace", "(.+)"))`;

const istio: Vocabulary = {
  requests: (window) => istioService("istio_requests_total", "", window),
  failures: (window) => istioService("istio_requests_total", ', response_code=~"5.."', window),
  durations: (window) => istioService("istio_request_duration_milliseconds_bucket", "", window, ", le"),
  answered: (window) => istioWorkload("istio_requests_total", "", window),
  answeredFailures: (window) => istioWorkload("istio_requests_total", ', response_code=~"5.."', window),
  answeredDurations: (window) =>
    istioWorkload("istio_request_duration_milliseconds_bucket", "", window, ", le"),
  tcpBytes: (window) =>
    both(["sent", "received"], (way) =>
      renamed(
        "destination_service",
        "service",
        "(.+)",
        `rate(${bySource(`istio_tcp_${way}_bytes_total`)}[${window}])`,
      ),
    ),
};

// Envoy counts by cluster, whose name istiod makes: outbound|PORT|SUBSET|HOST to others, inbound|PORT|| to the
// application beside it. Classes and single codes of answers share a metric's name, and differ in their label alone.
const outbound = "outbound[|].*[|].*[|](.+)";

const envoyService = (metric: string, more: string, window: string, also = "") =>
  renamed(
    "cluster_name",
    "service",
    outbound,
    `rate(${metric}{cluster_name=~"outbound[|].+"${more}}[${window}])`,
    also,
  );

/** `namespace` and `workload` are labels that the scrape gives: Envoy does not know who it stands beside. */
const envoyWorkload = (metric: string, more: string, window: string, also = "") =>
  `sum by (namespace, workload${also}) (rate(${metric}{cluster_name=~"inbound[|].+"${more}}[${window}]))`;

const serverError = ', response_code_class="5xx"';

const envoy: Vocabulary = {
  requests: (window) => envoyService("envoy_cluster_upstream_rq_total", "", window),
  failures: (window) => envoyService("envoy_cluster_upstream_rq", serverError, window),
  durations: (window) => envoyService("envoy_cluster_upstream_rq_time_bucket", "", window, ", le"),
  answered: (window) => envoyWorkload("envoy_cluster_upstream_rq_total", "", window),
  answeredFailures: (window) => envoyWorkload("envoy_cluster_upstream_rq", serverError, window),
  answeredDurations: (window) => envoyWorkload("envoy_cluster_upstream_rq_time_bucket", "", window, ", le"),
  tcpBytes: (window) =>
    both(["rx", "tx"], (way) => envoyService(`envoy_cluster_upstream_cx_${way}_bytes_total`, "", window)),
};

export const vocabularies: Readonly<Record<MetricsKind, Vocabulary>> = { istio, envoy };
