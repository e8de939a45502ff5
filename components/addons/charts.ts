import type { ChartSource } from "../lib/chart";
import { type GrafanaFilesArgs, grafanaProvisioning, grafanaSettings } from "./grafana-files";
import { type JaegerStoreArgs, jaegerConfig } from "./jaeger-config";
import { type KialiConfigArgs, kialiConfig } from "./kiali-config";
import type { Persistence } from "./persistence";
import { type PrometheusArgs, prometheusSettings } from "./prometheus";
import { alertGroups, recordingGroups } from "./prometheus-rules";
import type { AddonArgs, Resources } from "./workload";

/** Add-ons that have an official chart here. */
export type ChartedAddon = "prometheus" | "grafana" | "jaeger" | "kiali";

type Values = Readonly<Record<string, unknown>>;

const repositories: Readonly<Record<ChartedAddon, { readonly repo: string; readonly name: string }>> = {
  prometheus: { repo: "https://prometheus-community.github.io/helm-charts", name: "prometheus" },
  grafana: { repo: "https://grafana-community.github.io/helm-charts", name: "grafana" },
  jaeger: { repo: "https://jaegertracing.github.io/helm-charts", name: "jaeger" },
  kiali: { repo: "https://kiali.org/helm-charts", name: "kiali-server" },
};

/** The chart of an add-on in its project's repository. */
export const chartOf = (addon: ChartedAddon, version: string): ChartSource => ({
  ...repositories[addon],
  version,
});

const outside = { "sidecar.istio.io/inject": "false" };
const off = { enabled: false };

/** The claim is ours, under the add-on's name, so that both sources of an add-on find the same data. */
const claimed = (name: string, { kind }: Persistence) =>
  kind === "none" ? off : { enabled: true, existingClaim: name };

export function prometheusValues(args: PrometheusArgs): Values {
  const { retention, resources, version, persistence } = args;
  const { global, alerting, ...config } = prometheusSettings(args) as Values;
  return {
    alertmanager: off,
    "kube-state-metrics": off,
    "prometheus-node-exporter": off,
    "prometheus-pushgateway": off,
    configmapReload: { prometheus: off },
    server: {
      fullnameOverride: "prometheus",
      image: { tag: `v${version}` },
      global,
      ...(alerting === undefined ? {} : { alertmanagers: (alerting as Values).alertmanagers }),
      service: { servicePort: 9090 },
      statefulSet: { enabled: true },
      persistentVolume: claimed("prometheus", persistence),
      retention: retention.time,
      ...(retention.size === undefined ? {} : { retentionSize: retention.size }),
      resources,
      podLabels: outside,
    },
    serverFiles: {
      "prometheus.yml": {
        ...config,
        rule_files: ["/etc/config/recording_rules.yml", "/etc/config/alerting_rules.yml"],
      },
      "recording_rules.yml": recordingGroups(args.metrics),
      "alerting_rules.yml": alertGroups(args.thresholds),
    },
  };
}

interface Volume {
  readonly persistence: Persistence;
  readonly resources: Resources;
}

export function grafanaValues(args: AddonArgs & GrafanaFilesArgs & Volume): Values {
  const provisioning = grafanaProvisioning(args, "/var/lib/grafana/dashboards/mesh");
  return {
    fullnameOverride: "grafana",
    image: { tag: args.version },
    admin: { existingSecret: "grafana", userKey: "admin-user", passwordKey: "admin-password" },
    deploymentStrategy: { type: "Recreate" },
    persistence: claimed("grafana", args.persistence),
    initChownData: off,
    resources: args.resources,
    podLabels: outside,
    testFramework: off,
    rbac: { create: false },
    "grafana.ini": grafanaSettings(args),
    datasources: { "datasources.yaml": provisioning["datasources.yaml"] },
    dashboardProviders: { "dashboards.yaml": provisioning["dashboards.yaml"] },
    dashboardsConfigMaps: { mesh: "grafana-dashboards" },
    ...("alerting.yaml" in provisioning
      ? { alerting: { "alerting.yaml": provisioning["alerting.yaml"] } }
      : {}),
  };
}

export const jaegerValues = (args: JaegerStoreArgs & { readonly resources: Resources }): Values => ({
  fullnameOverride: "jaeger",
  jaeger: { image: { tag: args.version }, resources: args.resources },
  userconfig: jaegerConfig({ ...args, durable: false }),
});

export function kialiValues(args: KialiConfigArgs & { readonly resources: Resources }): Values {
  const { deployment, ...config } = kialiConfig(args);
  return {
    ...config,
    fullnameOverride: "kiali",
    deployment: {
      ...deployment,
      image_version: `v${args.version}`,
      resources: args.resources,
      pod_labels: outside,
    },
    // A key of the chart's own would be a new one with every rendering, and log everybody out.
    login_token: { signing_key: "secret:kiali-signing-key:value.txt" },
  };
}
