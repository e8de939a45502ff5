import {
  chartOf,
  grafanaValues,
  jaegerValues,
  kialiValues,
  prometheusValues,
} from "../components/addons/charts";
import { grafanaPort } from "../components/addons/grafana";
import { jaegerUrl, tracingOf } from "../components/addons/jaeger";
import { jaegerPath, jaegerPorts } from "../components/addons/jaeger-config";
import { kialiPort } from "../components/addons/kiali";
import { kialiPath } from "../components/addons/kiali-config";
import { kibanaPort } from "../components/addons/kibana";
import { meshRules } from "../components/addons/mesh-rules";
import { outsideUrls } from "../components/addons/outside";
import { prometheusPort } from "../components/addons/prometheus";
import { addonVersions } from "../components/addons/versions";
import type { MetricsKind } from "../components/addons/vocabulary";
import type { ChartArgs } from "../components/lib/chart";
import type { KubeObject } from "../components/lib/objects";
import type { Exposure } from "../components/mesh/exposure-types";
import type { MeshHandle } from "../components/mesh/mesh-handle";
import type { Tracing } from "../components/mesh/mesh-settings";
import { renderNamespace } from "../components/mesh/namespace";
import type { AddonsConfig } from "./config/addons-schema";

/** What the add-ons have to know of the rest of the platform; all of it is plain. */
export interface AddonContext {
  /** The mesh without its gate; undefined where there is none, and then logging alone can be there. */
  readonly mesh: Pick<MeshHandle, "version" | "namespace" | "dnsDomain"> | undefined;
  readonly kubernetesVersion: string;
  /** Addresses of the nodes, for the addresses that people are told. */
  readonly nodeAddresses: readonly string[];
  /** Where the config says nothing: `envoy` on hosts whose proxies are a stock build. */
  readonly metrics: MetricsKind;
  /** How the nodes' runtime writes logs. */
  readonly logFormat: "cri" | "docker";
  /** Renders a chart. */
  readonly renderChart: (chart: ChartArgs) => Promise<readonly KubeObject[]>;
}

/** The args of every add-on that is wanted, to the last field, before there is a cluster. */
export type PlannedAddons = Awaited<ReturnType<typeof planAddons>>;

/** Works out what each add-on is told of the others. Asks no cluster; charts are rendered here. */
export async function planAddons(config: AddonsConfig, context: AddonContext) {
  const { mesh, kubernetesVersion } = context;
  const versions = addonVersions(mesh?.version ?? "1.31");
  const namespace = config.namespace ?? mesh?.namespace ?? "istio-system";
  const meshNamespace = mesh?.namespace ?? namespace;
  const { thresholds } = config.alerts;
  const prometheusUrl = `http://prometheus.${namespace}:${prometheusPort}`;
  const chart = async (
    addon: Parameters<typeof chartOf>[0],
    { source }: { readonly source: "manifests" | { readonly chart: string } },
    values: () => Readonly<Record<string, unknown>>,
  ) =>
    source === "manifests"
      ? {}
      : {
          chart: await context.renderChart({
            chart: chartOf(addon, source.chart),
            releaseName: addon,
            namespace,
            values: values(),
            kubeVersion: kubernetesVersion,
          }),
        };
  const common = (own: string | undefined, usual: string) => ({ namespace, version: own ?? usual });
  const linked = (insideUrl: string, outsideUrl: string | undefined) => ({ insideUrl, outsideUrl });
  const urls = addonUrls(config, context.nodeAddresses);

  const { prometheus, grafana, jaeger, kiali, logging } = config;
  const prometheusArgs =
    prometheus === false
      ? undefined
      : {
          ...prometheus,
          ...common(prometheus.version, versions.prometheus),
          exposure: prometheus.expose,
          scrape: {
            meshNamespace,
            proxies: prometheus.proxies,
            nodes: prometheus.nodes,
            apiServer: prometheus.apiServer,
          },
          metrics: config.metrics ?? context.metrics,
          thresholds,
        };
  const jaegerArgs =
    jaeger === false
      ? undefined
      : {
          ...jaeger,
          ...common(jaeger.version, versions.jaeger),
          exposure: jaeger.expose,
        };
  const grafanaArgs =
    grafana === false
      ? undefined
      : {
          ...grafana,
          ...common(grafana.version, versions.grafana),
          exposure: grafana.expose,
          prometheusUrl,
          intervalSeconds: prometheus === false ? 15 : prometheus.intervalSeconds,
          jaegerUrl: jaeger === false ? undefined : jaegerUrl(namespace),
          alerting: {
            rules: meshRules(thresholds),
            receiver: config.alerts.receiver,
            repeatHours: config.alerts.repeatHours,
          },
        };
  const kialiArgs =
    kiali === false
      ? undefined
      : {
          ...kiali,
          ...common(kiali.version, versions.kiali),
          exposure: kiali.expose,
          meshNamespace,
          prometheusUrl,
          grafana:
            grafana === false
              ? undefined
              : linked(`http://grafana.${namespace}:${grafanaPort}`, urls.grafana?.[0]),
          tracing: jaeger === false ? undefined : linked(jaegerUrl(namespace), urls.tracing?.[0]),
        };
  const loggingArgs =
    logging === false
      ? undefined
      : {
          ...logging,
          logFormat: context.logFormat,
          elasticsearch: {
            ...logging.elasticsearch,
            version: logging.elasticsearch.version ?? versions.elasticsearch,
          },
          kibana: {
            version: logging.elasticsearch.version ?? versions.kibana,
            resources: logging.kibana.resources,
            exposure: logging.kibana.expose,
          },
          shipper: { ...logging.shipper, version: logging.shipper.version ?? versions[logging.shipper.kind] },
        };
  return {
    // The mesh's own namespace is the mesh's.
    namespaces:
      namespace === meshNamespace ? [] : [renderNamespace({ name: namespace, injection: "disabled" })],
    urls,
    ...(prometheusArgs === undefined
      ? {}
      : {
          prometheus: {
            ...prometheusArgs,
            ...(await chart("prometheus", prometheusArgs, () => prometheusValues(prometheusArgs))),
          },
        }),
    ...(grafanaArgs === undefined
      ? {}
      : {
          grafana: {
            ...grafanaArgs,
            ...(await chart("grafana", grafanaArgs, () => grafanaValues(grafanaArgs))),
          },
        }),
    ...(jaegerArgs === undefined
      ? {}
      : {
          jaeger: {
            ...jaegerArgs,
            ...(await chart("jaeger", jaegerArgs, () => jaegerValues({ ...jaegerArgs, durable: false }))),
          },
        }),
    ...(kialiArgs === undefined
      ? {}
      : { kiali: { ...kialiArgs, ...(await chart("kiali", kialiArgs, () => kialiValues(kialiArgs))) } }),
    ...(loggingArgs === undefined ? {} : { logging: loggingArgs }),
  };
}

/** Where people look, by add-on; those that can be told from the config. */
export function addonUrls(config: AddonsConfig, nodes: readonly string[]) {
  const { prometheus, grafana, jaeger, kiali, logging } = config;
  const known = (
    addon: false | { readonly expose: Exposure },
    name: string,
    container: number,
    path?: string,
  ): string[] | undefined => {
    const urls = addon === false ? [] : outsideUrls(addon.expose, { name, container }, nodes, path);
    return urls.length === 0 ? undefined : urls;
  };
  return {
    prometheus: known(prometheus, "http", prometheusPort),
    grafana: known(grafana, "service", grafanaPort),
    tracing: known(jaeger, "http-query", jaegerPorts.query, jaegerPath),
    kiali: known(kiali, "http", kialiPort, kialiPath),
    kibana: known(logging === false ? false : logging.kibana, "http", kibanaPort),
  };
}

/** What `mesh.tracing` is where the config leaves it to the add-ons: proxies send their spans to Jaeger. */
export function tracingOfAddons(
  { jaeger, namespace }: AddonsConfig,
  mesh: Pick<MeshHandle, "version" | "namespace" | "dnsDomain">,
  samplingPercent: number,
): Tracing | undefined {
  if (jaeger === false) return undefined;
  const version = jaeger.version ?? addonVersions(mesh.version).jaeger;
  return tracingOf(
    { namespace: namespace ?? mesh.namespace, version },
    { istio: mesh.version, dnsDomain: mesh.dnsDomain, samplingPercent },
  );
}
