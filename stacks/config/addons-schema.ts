import { z } from "zod";
import { defaultThresholds } from "../../components/addons/mesh-rules";
import { exposure } from "./exposure-schema";
import * as p from "./primitives";

const quantity = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/, {
  error: "an amount as Kubernetes writes it\nwrite it like 100m, 512Mi or 20Gi",
});

const resources = (cpu: string, memory: string, limit?: string) =>
  z
    .strictObject({
      requests: z.strictObject({ cpu: quantity.default(cpu), memory: quantity.default(memory) }).prefault({}),
      limits: z
        .strictObject({ cpu: quantity.optional(), memory: quantity.optional() })
        .default(limit === undefined ? {} : { memory: limit }),
    })
    .prefault({})
    .meta({ description: "CPU and memory of the pod" });

const folder = z
  .string()
  .regex(/^\/[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/, {
    error: "an absolute path of at least two parts\nwrite it like /var/lib/mesh-platform-data/prometheus",
  })
  .meta({ description: "Folder on the node; made if it is not there, kept when everything else goes" });

/** Of add-ons and applications alike. */
export const persistence = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({
      kind: z.literal("claim"),
      storageClassName: p.dnsDomain
        .optional()
        .meta({ description: "Storage class. Default: the cluster's default one" }),
      size: z
        .string()
        .regex(/^[1-9]\d*[KMGT]i$/, { error: "a size such as 20Gi\nwrite a number and Ki, Mi, Gi or Ti" })
        .default("10Gi")
        .meta({ description: "Size of the volume" }),
    }),
    z.strictObject({
      kind: z.literal("hostPath"),
      path: folder,
      node: p.hostName.meta({ description: "Host whose disk it is; the pod runs there and nowhere else" }),
    }),
  ])
  .default({ kind: "none" })
  .meta({
    description:
      "Where data are kept. none: in the pod, lost with it; claim: a volume, which needs a storage class with a provisioner; hostPath: a folder of one host",
  });

const version = (what: string) =>
  p.version.optional().meta({ description: `Version of ${what}. Default: what goes with mesh.version` });

const source = z
  .union([z.literal("manifests"), z.strictObject({ chart: p.version })])
  .default("manifests")
  .meta({
    description:
      "manifests: objects of this program; or the official chart in this version, which has to be downloaded",
  });

const expose = exposure.default({ kind: "clusterIP" });

const optional = <T extends z.ZodType>(settings: T, description: string) =>
  z
    .union([z.literal(false), settings])
    .default(false)
    .meta({ description });

const count = (description: string, least: number, most: number, normal: number) =>
  z.number().int().min(least).max(most).default(normal).meta({ description });

const prometheus = z.strictObject({
  version: version("Prometheus"),
  source,
  expose,
  persistence,
  retention: z
    .strictObject({
      time: z
        .string()
        .regex(/^\d+[hdwy]$/)
        .default("15d")
        .meta({ description: "How long samples are kept" }),
      size: z
        .string()
        .regex(/^\d+(MB|GB|TB)$/)
        .optional()
        .meta({ description: "Size on disk at which the oldest go. Default: no limit" }),
    })
    .prefault({}),
  intervalSeconds: count("Seconds between two scrapes", 5, 300, 15),
  proxies: z.enum(["merged", "envoy"]).default("merged").meta({
    description: "Page of a proxy: merged has the application's counters too (15020), envoy its own (15090)",
  }),
  nodes: z
    .boolean()
    .default(false)
    .meta({ description: "Also CPU and memory of containers, from the kubelets" }),
  apiServer: z.boolean().default(false).meta({ description: "Also the API server's own counters" }),
  remoteWrite: z.array(p.url).default([]).meta({ description: "Addresses that get a copy of each sample" }),
  alertmanagers: z
    .array(p.hostPort)
    .default([])
    .meta({ description: "Alertmanagers that are told. Grafana tells by itself: alerts.receiver" }),
  resources: resources("100m", "512Mi"),
});

const grafana = z.strictObject({
  version: version("Grafana"),
  source,
  expose,
  persistence,
  anonymousViewer: z
    .boolean()
    .default(false)
    .meta({ description: "Let people look at everything without a login" }),
  resources: resources("50m", "192Mi"),
});

const jaeger = z.strictObject({
  version: version("Jaeger"),
  source,
  expose,
  persistence,
  retentionHours: count("Hours that traces are kept where there is a volume", 1, 8760, 72),
  maxTraces: count("Traces that are kept where there is none", 100, 10_000_000, 50_000),
  clientSampling: z.number().min(0).max(1).default(1).meta({
    description: "Share of traces that programs take who ask Jaeger; proxies follow mesh.tracing",
  }),
  resources: resources("50m", "256Mi"),
});

const kiali = z.strictObject({
  version: version("Kiali"),
  source,
  expose,
  auth: z.enum(["anonymous", "token"]).default("token").meta({
    description: "token: people log in with the token of a ServiceAccount; anonymous: nobody is asked",
  }),
  access: z
    .enum(["readOnly", "full"])
    .default("readOnly")
    .meta({ description: "Whether its wizards may write Istio's objects" }),
  resources: resources("50m", "128Mi", "1Gi"),
});

const shipper = z.strictObject({
  kind: z.enum(["fluentBit", "fluentd"]).default("fluentBit"),
  version: p.version.optional().meta({ description: "Default: the newest that this program knows" }),
  resources: resources("20m", "64Mi"),
});

const logging = z.strictObject({
  namespace: p.hostName.default("logging").meta({ description: "Namespace of its own" }),
  elasticsearch: z
    .strictObject({
      version: p.version.optional().meta({ description: "Of Elasticsearch and Kibana" }),
      persistence,
      heapMiB: count("Java's heap, in MiB; about half of the memory", 128, 31_744, 1024),
      mapFiles: z.boolean().default(false).meta({
        description: "Map files into memory: faster, and needs nodes.sysctl vm.max_map_count 262144",
      }),
      resources: resources("200m", "2Gi", "2Gi"),
    })
    .prefault({}),
  kibana: z.strictObject({ expose, resources: resources("100m", "768Mi") }).prefault({}),
  shipper: shipper.prefault({}).meta({ description: "What carries logs from the nodes" }),
  indexPrefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default("mesh")
    .meta({ description: "Indices are called by this and the day" }),
  retentionDays: count("Days that logs are kept", 1, 3650, 7),
});

const secretKey = {
  secretName: p.dnsDomain.meta({ description: "Secret in the namespace of the add-ons" }),
  key: z.string().regex(/^[-._a-zA-Z0-9]+$/),
};

const receiver = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("webhook"), url: p.url }),
    z.strictObject({ kind: z.literal("webhookFromSecret"), ...secretKey }),
    z.strictObject({
      kind: z.literal("email"),
      addresses: z.array(z.email()).min(1),
      smtp: z.strictObject({
        host: p.hostPort,
        from: z.email(),
        login: z.strictObject({ user: z.string().min(1), ...secretKey }).optional(),
      }),
    }),
  ])
  .default({ kind: "none" })
  .meta({ description: "Whom Grafana tells; webhookFromSecret for an address that holds a token" });

const number = (description: string, least: number, most: number, normal: number) =>
  z.number().min(least).max(most).default(normal).meta({ description });

const d = defaultThresholds;
const alerts = z.strictObject({
  receiver,
  repeatHours: count("Hours after which what still holds is told again", 1, 720, 4),
  thresholds: z
    .strictObject({
      errorRatio: number("Share of requests to a service that fail with 5xx", 0, 1, d.errorRatio),
      latencyMilliseconds: number("99 % are answered within", 1, 600_000, d.latencyMilliseconds),
      minimumRequestRate: number(
        "Services with fewer requests per second are left out",
        0,
        1e6,
        d.minimumRequestRate,
      ),
      workloadCertificateHours: number(
        "Before the end of a workload's certificate",
        0,
        24,
        d.workloadCertificateHours,
      ),
      gatewayCertificateDays: number(
        "Before the end of a gateway's certificate",
        0,
        3650,
        d.gatewayCertificateDays,
      ),
      rootCertificateDays: number("Before the end of the mesh's root", 0, 3650, d.rootCertificateDays),
      pushSeconds: number("99 % of changes reach the proxies within", 0.1, 600, d.pushSeconds),
      minutes: number("How long it has to be so before anyone is told", 0, 1440, d.minutes),
    })
    .prefault({}),
});

export const addons = z
  .strictObject({
    namespace: p.hostName
      .optional()
      .meta({ description: "Namespace of all but logging. Default: the mesh's" }),
    metrics: z.enum(["istio", "envoy"]).optional().meta({
      description:
        "Who counts requests: Istio's filter, or Envoy where a build of it lacks that filter. Default: envoy on a sandbox, else istio",
    }),
    prometheus: optional(prometheus, "Counters of the mesh, and rules about them"),
    grafana: optional(grafana, "Dashboards and alerts"),
    jaeger: optional(jaeger, "Traces; see mesh.tracing"),
    kiali: optional(kiali, "The mesh as a picture, and its mistakes"),
    logging: optional(logging, "Elasticsearch, Kibana, and Fluent Bit or Fluentd"),
    alerts: alerts.prefault({}).meta({ description: "When rules speak up, and to whom" }),
  })
  .prefault({})
  .meta({ description: "What looks at the mesh; docs/addons.md" });

export type AddonsConfig = z.infer<typeof addons>;
