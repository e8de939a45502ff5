import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { type Exposure, expose } from "../mesh/exposure";
import { type PolicyRule, renderAccount } from "./account";
import { withServices } from "./chart-services";
import { imageOf } from "./images";
import type { Thresholds } from "./mesh-rules";
import { DATA_VOLUME, type Persistence, renderStorage } from "./persistence";
import { alertGroups, recordingGroups } from "./prometheus-rules";
import { type ScrapeArgs, scrapeConfigs } from "./prometheus-scrape";
import type { MetricsKind } from "./vocabulary";
import {
  type AddonArgs,
  after,
  asUser,
  configMap,
  configVolume,
  confined,
  httpProbe,
  type Resources,
  renderKeeper,
} from "./workload";

export interface PrometheusArgs extends AddonArgs {
  readonly persistence: Persistence;
  readonly retention: {
    /** How long samples are kept: `15d`. */
    readonly time: string;
    /** Size on disk at which the oldest go, such as `8GB`. Default: no limit. */
    readonly size?: string | undefined;
  };
  readonly resources: Resources;
  /** Seconds between two scrapes, and between two looks at the rules. */
  readonly intervalSeconds: number;
  readonly scrape: ScrapeArgs;
  /** Who counts requests in this mesh. */
  readonly metrics: MetricsKind;
  readonly thresholds: Thresholds;
  /** Addresses that get a copy of every sample. Default none. */
  readonly remoteWrite?: readonly string[];
  /** Alertmanagers, HOST:PORT. Default none: alerts are seen in Prometheus and Grafana. */
  readonly alertmanagers?: readonly string[];
  readonly exposure: Exposure;
}

/** Port of its Service and its pod. */
export const prometheusPort = 9090;
const name = "prometheus";
/** `nobody` in the image. */
const USER = 65534;
const selector = { app: name, "app.kubernetes.io/name": name, "app.kubernetes.io/component": "server" };

/** Endpoints by both their names: the older one is what Prometheus below 2.37 asks for. */
const policies = ({ scrape }: PrometheusArgs): PolicyRule[] => [
  {
    apiGroups: [""],
    resources: ["nodes", "services", "endpoints", "pods"],
    verbs: ["get", "list", "watch"],
  },
  {
    apiGroups: ["discovery.k8s.io"],
    resources: ["endpointslices"],
    verbs: ["get", "list", "watch"],
  },
  ...(scrape.nodes ? [{ apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] }] : []),
  ...(scrape.apiServer ? [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }] : []),
];

/** Everything of prometheus.yml but where the rules are. */
export function prometheusSettings(args: PrometheusArgs) {
  const interval = `${args.intervalSeconds}s`;
  const { remoteWrite = [], alertmanagers = [] } = args;
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    ...(alertmanagers.length === 0
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }),
    scrape_configs: scrapeConfigs(args.scrape),
    ...(remoteWrite.length === 0 ? {} : { remote_write: remoteWrite.map((url) => ({ url })) }),
  };
}

/** The three files that it reads. */
export function renderPrometheusConfig(args: PrometheusArgs): Record<string, string> {
  const rule_files = ["/etc/prometheus/recordings.yml", "/etc/prometheus/alerts.yml"];
  return {
    // YAML's anchors for parts that occur twice would make the text harder to read than the repetition.
    "prometheus.yml": stringify(
      { rule_files, ...prometheusSettings(args) },
      { lineWidth: 0, aliasDuplicateObjects: false },
    ),
    "recordings.yml": stringify(recordingGroups(args.metrics), { lineWidth: 0 }),
    "alerts.yml": stringify(alertGroups(args.thresholds), { lineWidth: 0 }),
  };
}

function container({ version, retention, resources }: PrometheusArgs): object {
  return {
    name,
    image: imageOf("prometheus", version),
    imagePullPolicy: "IfNotPresent",
    // Without --web.enable-lifecycle: with it every pod of the cluster could stop Prometheus by one request.
    args: [
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/data",
      `--storage.tsdb.retention.time=${retention.time}`,
      ...(retention.size === undefined ? [] : [`--storage.tsdb.retention.size=${retention.size}`]),
    ],
    ports: [{ name: "http", containerPort: prometheusPort }],
    // Reading back what was not yet written into a block can take minutes after a crash.
    startupProbe: httpProbe("http", "/-/ready", 5, 120),
    readinessProbe: httpProbe("http", "/-/ready", 5),
    livenessProbe: httpProbe("http", "/-/healthy", 15),
    resources,
    securityContext: { ...confined, readOnlyRootFilesystem: true },
    volumeMounts: [
      { name: "config", mountPath: "/etc/prometheus" },
      { name: DATA_VOLUME, mountPath: "/data" },
    ],
  };
}

export function renderPrometheus(args: PrometheusArgs): KubeObject[] {
  const { namespace, persistence } = args;
  const files = renderPrometheusConfig(args);
  const storage = renderStorage({ name, namespace, labels: selector, persistence, user: USER });
  const ports = [{ name: "http", port: prometheusPort }];
  if (args.chart !== undefined) {
    const service = { name, exposure: args.exposure, ports };
    return [...storage.objects, ...withServices(args.chart, namespace, name, [service])];
  }
  const exposed = expose(args.exposure, { name, namespace, labels: selector, selector, ports });
  return [
    ...renderAccount(name, namespace, selector, policies(args)),
    configMap(name, namespace, selector, files),
    ...storage.objects,
    exposed.service,
    ...(exposed.ingress === undefined ? [] : [exposed.ingress]),
    renderKeeper(
      {
        name,
        namespace,
        selector,
        config: files,
        pod: exposed.pod,
        serviceAccountName: name,
        containers: [container(args)],
        volumes: [configVolume("config", name)],
        securityContext: asUser(USER),
        // What is in memory is written out at the end; a kill would mean to read it back from the log.
        terminationGracePeriodSeconds: 300,
      },
      storage,
    ),
  ];
}

/**
 * Prometheus for a mesh: scrapes istiod, every proxy and annotated pods, works out the series that rules and
 * dashboards use, and keeps them where `persistence` says.
 */
export class Prometheus extends pulumi.ComponentResource {
  /** All its objects; a dashboard needs them. */
  readonly objects: readonly pulumi.Resource[];

  constructor(name: string, args: PrometheusArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:addons:Prometheus", name, {}, options);
    this.objects = declareObjects(renderPrometheus(args), { parent: this, ...after(options) });
    this.registerOutputs({});
  }
}
