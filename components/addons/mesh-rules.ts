import { type MetricsKind, vocabularies } from "./vocabulary";

/** When rules speak up. Every one has a default in `defaultThresholds`. */
export interface Thresholds {
  /** Share of requests to a service that fail with 5xx, 0 to 1. */
  readonly errorRatio: number;
  /** 99 % of a service's requests are answered within so many milliseconds. */
  readonly latencyMilliseconds: number;
  /** Services with fewer requests per second are left out: one failure of two is no rate. */
  readonly minimumRequestRate: number;
  /** Hours before the end of a workload's certificate, which istiod renews at half of its 24. */
  readonly workloadCertificateHours: number;
  /** Days before the end of a certificate that a gateway shows its clients. */
  readonly gatewayCertificateDays: number;
  /** Days before the end of the mesh's root certificate. */
  readonly rootCertificateDays: number;
  /** Seconds within which 99 % of changes reach the proxies. */
  readonly pushSeconds: number;
  /** How long it has to be so, in minutes, before anyone is told. */
  readonly minutes: number;
}

export const defaultThresholds: Thresholds = {
  errorRatio: 0.05,
  latencyMilliseconds: 1000,
  minimumRequestRate: 0.1,
  workloadCertificateHours: 1,
  gatewayCertificateDays: 14,
  rootCertificateDays: 30,
  pushSeconds: 30,
  minutes: 5,
};

/** A series that Prometheus works out beforehand, so that rules and dashboards ask for a name. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** A condition, free of how Prometheus or Grafana writes it. */
export interface MeshRule {
  /** In Prometheus' manner, such as `MeshErrorRate`. */
  readonly name: string;
  /** A value for each thing that is watched. */
  readonly value: string;
  /** The rule speaks up where a value is above or below … */
  readonly comparison: "above" | "below";
  /** … this. */
  readonly threshold: number;
  readonly minutes: number;
  readonly severity: "critical" | "warning";
  /** A line for people; `{{ $labels.x }}` stands for a label of the value. */
  readonly summary: string;
  /** What to look at first. */
  readonly description: string;
}

/** Window of all rates: four scrapes of the longest usual interval. */
const WINDOW = "5m";

const quantile = (share: number, buckets: string, by: string) =>
  `histogram_quantile(${share}, sum by (${by}, le) (${buckets}))`;

/** Names of the recorded series. Level, metric, operation: as Prometheus' own guide wants them. */
export const series = {
  requests: "service:mesh_requests:rate5m",
  failures: "service:mesh_failures:rate5m",
  errorRatio: "service:mesh_errors:ratio5m",
  durations: "service:mesh_duration_milliseconds_bucket:rate5m",
  median: "service:mesh_duration_milliseconds:p50_5m",
  slowest: "service:mesh_duration_milliseconds:p99_5m",
  tcpBytes: "service:mesh_tcp_bytes:rate5m",
  answered: "workload:mesh_requests:rate5m",
  answeredErrorRatio: "workload:mesh_errors:ratio5m",
  answeredSlowest: "workload:mesh_duration_milliseconds:p99_5m",
  answeredMedian: "workload:mesh_duration_milliseconds:p50_5m",
} as const;

/** Failures through all; 0 where nothing failed yet, since a counter of failures is born with the first one. */
const ratio = (failures: string, all: string) => `((${failures}) or (0 * (${all}))) / ((${all}) > 0)`;

/** In the order in which they are worked out: later ones read earlier ones. */
export function meshRecordings(kind: MetricsKind): Recording[] {
  const words = vocabularies[kind];
  const answered = words.answeredDurations(WINDOW);
  return [
    { record: series.requests, expr: words.requests(WINDOW) },
    { record: series.failures, expr: words.failures(WINDOW) },
    { record: series.errorRatio, expr: ratio(series.failures, series.requests) },
    { record: series.durations, expr: words.durations(WINDOW) },
    { record: series.median, expr: quantile(0.5, series.durations, "service") },
    { record: series.slowest, expr: quantile(0.99, series.durations, "service") },
    { record: series.tcpBytes, expr: words.tcpBytes(WINDOW) },
    { record: series.answered, expr: words.answered(WINDOW) },
    {
      record: series.answeredErrorRatio,
      expr: ratio(words.answeredFailures(WINDOW), series.answered),
    },
    { record: series.answeredMedian, expr: quantile(0.5, answered, "namespace, workload") },
    { record: series.answeredSlowest, expr: quantile(0.99, answered, "namespace, workload") },
  ];
}

const busy = (name: string, least: number) => `${name} and on (service) (${series.requests} > ${least})`;

/** What is watched. The same list becomes Prometheus' alerts and Grafana's. */
export function meshRules(thresholds: Thresholds = defaultThresholds): MeshRule[] {
  const { minutes, minimumRequestRate: least } = thresholds;
  const [critical, warning] = ["critical", "warning"] as const;
  return [
    {
      name: "MeshErrorRate",
      value: busy(series.errorRatio, least),
      comparison: "above",
      threshold: thresholds.errorRatio,
      minutes,
      severity: critical,
      summary: "{{ $labels.service }} fails too many requests with 5xx",
      description:
        "Look at the service's pods and logs, then at its DestinationRule: open circuits answer 503 too.",
    },
    {
      name: "MeshLatency",
      value: busy(series.slowest, least),
      comparison: "above",
      threshold: thresholds.latencyMilliseconds,
      minutes,
      severity: warning,
      summary: "1 % of the requests to {{ $labels.service }} take too long",
      description:
        "Traces show where the time goes; a fault or timeout of a VirtualService may be the cause.",
    },
    {
      name: "MeshWorkloadCertificateExpires",
      value: 'min by (namespace, pod) (istio_agent_cert_expiry_seconds{resource_name="default"}) / 3600',
      comparison: "below",
      threshold: thresholds.workloadCertificateHours,
      minutes,
      severity: critical,
      summary: "The certificate of {{ $labels.namespace }}/{{ $labels.pod }} is about to end",
      description:
        "Its proxy does not get a new one: look at the proxy's log, and whether it reaches istiod.",
    },
    {
      // Envoy from 1.34 on has a gauge for each certificate, with the certificate's name in that of the metric. The
      // older gauge for the first one to end is of no use: it means the workload's own, which always ends within a day.
      name: "MeshGatewayCertificateExpires",
      value:
        '(min by (namespace, pod, certificate) (label_replace({__name__=~"envoy_listener_ssl_certificate_.+_expiration_unix_time_seconds", ' +
        '__name__!~".*_certificate_default_.*"}, "certificate", "$1", "__name__", ' +
        '"envoy_listener_ssl_certificate_(.+)_expiration_unix_time_seconds")) - time()) / 86400',
      comparison: "below",
      threshold: thresholds.gatewayCertificateDays,
      minutes,
      severity: warning,
      summary: "A certificate of gateway {{ $labels.namespace }}/{{ $labels.pod }} ends soon",
      description: "Renew the Secret {{ $labels.certificate }} that the Gateway names in credentialName.",
    },
    {
      name: "MeshRootCertificateExpires",
      value: "(min(citadel_server_root_cert_expiry_timestamp > 0) - time()) / 86400",
      comparison: "below",
      threshold: thresholds.rootCertificateDays,
      minutes,
      severity: critical,
      summary: "The root certificate of the mesh ends soon",
      description: "After its end no proxy trusts another. Plan the change of roots; it takes several steps.",
    },
    {
      name: "MeshPushErrors",
      value:
        "(sum(rate(pilot_total_xds_internal_errors[5m])) or vector(0)) + " +
        '(sum(rate(pilot_xds_pushes{type=~".+_(senderr|builderr)"}[5m])) or vector(0))',
      comparison: "above",
      threshold: 0,
      minutes,
      severity: warning,
      summary: "istiod fails to send configuration to proxies",
      description: "Look at istiod's log. Proxies go on with what they got last.",
    },
    {
      name: "MeshConfigRejected",
      // The counter is born with the first rejection: increase() sees none in a series that begins at 1 and stays there.
      value:
        "sum by (type) ((pilot_total_xds_rejects unless pilot_total_xds_rejects offset 10m) " +
        "or increase(pilot_total_xds_rejects[10m]))",
      comparison: "above",
      threshold: 0,
      minutes: 0,
      severity: critical,
      summary: "Proxies reject what istiod sends ({{ $labels.type }})",
      description:
        "`istioctl proxy-status` names the proxies. Most often it is an EnvoyFilter that does not fit.",
    },
    {
      name: "MeshPushSlow",
      value: "histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket[5m])))",
      comparison: "above",
      threshold: thresholds.pushSeconds,
      minutes,
      severity: warning,
      summary: "Changes reach proxies late",
      description: "istiod has too little CPU, or every proxy gets all of the mesh: limit that by a Sidecar.",
    },
    {
      name: "MeshControlPlaneDown",
      // Without any target there would be no value at all, and nothing to compare.
      value: 'sum(up{job="istiod"}) or vector(0)',
      comparison: "below",
      threshold: 1,
      minutes,
      severity: critical,
      summary: "No istiod answers",
      description: "Traffic goes on, but new pods are not injected and certificates are not renewed.",
    },
  ];
}
