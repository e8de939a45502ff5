import type { GrafanaArgs } from "../../../components/addons/grafana";
import type { JaegerArgs } from "../../../components/addons/jaeger";
import type { KialiArgs } from "../../../components/addons/kiali";
import type { LoggingArgs } from "../../../components/addons/logging";
import { defaultThresholds, meshRules } from "../../../components/addons/mesh-rules";
import type { PrometheusArgs } from "../../../components/addons/prometheus";
import type { KubeObject } from "../../../components/lib/objects";
import { titleOf } from "../../../components/lib/objects";

const small = { requests: { cpu: "10m", memory: "64Mi" } };
const base = { namespace: "istio-system", resources: small, exposure: { kind: "clusterIP" } } as const;

export const prometheusArgs: PrometheusArgs = {
  ...base,
  version: "3.10.0",
  persistence: { kind: "none" },
  retention: { time: "15d" },
  intervalSeconds: 15,
  scrape: { meshNamespace: "istio-system", proxies: "merged", nodes: false, apiServer: false },
  metrics: "istio",
  thresholds: defaultThresholds,
};

export const grafanaArgs: GrafanaArgs & { adminPassword: string } = {
  ...base,
  version: "12.0.1",
  persistence: { kind: "none" },
  prometheusUrl: "http://prometheus.istio-system:9090",
  intervalSeconds: 15,
  anonymousViewer: false,
  alerting: { rules: meshRules(), receiver: { kind: "none" }, repeatHours: 4 },
  adminPassword: "open sesame",
};

export const jaegerArgs: JaegerArgs = {
  ...base,
  version: "2.13.0",
  persistence: { kind: "none" },
  retentionHours: 72,
  maxTraces: 50_000,
  clientSampling: 1,
};

export const kialiArgs: KialiArgs & { signingKey: string } = {
  ...base,
  version: "2.27.0",
  meshNamespace: "istio-system",
  auth: "token",
  access: "readOnly",
  prometheusUrl: "http://prometheus.istio-system:9090",
  signingKey: "0123456789abcdef",
};

export const loggingArgs: LoggingArgs = {
  namespace: "logging",
  elasticsearch: {
    version: "8.19.16",
    persistence: { kind: "none" },
    resources: small,
    heapMiB: 512,
    mapFiles: false,
  },
  kibana: { version: "8.19.16", resources: small, exposure: { kind: "clusterIP" } },
  shipper: { kind: "fluentBit", version: "4.2.3", resources: small },
  indexPrefix: "mesh",
  retentionDays: 7,
  logFormat: "cri",
};

export const titles = (objects: readonly KubeObject[]): string[] => objects.map(titleOf);

/** The object of a title, in plain values that a test may look into. */
// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes are of every shape
export function the(objects: readonly KubeObject[], title: string): any {
  const found = objects.filter((object) => titleOf(object) === title);
  if (found.length !== 1)
    throw new Error(`${found.length} objects are ${title}; there are ${titles(objects).join(", ")}`);
  return JSON.parse(JSON.stringify(found[0]));
}
