import { z } from "zod";
import { istioHub } from "../../components/artifacts/charts";
import { exposure } from "./exposure-schema";
import * as p from "./primitives";
import { versions } from "./versions";

/** Also versions before a release, as a mirror may have built them. */
const istioVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+(-[a-z0-9]+(\.[a-z0-9]+)*)?$/, {
    error: 'a version of three numbers, perhaps with an ending\nwrite it in quotes, such as "1.31.1"',
  })
  .meta({ description: "Version of Istio, without a leading v" });

const name = (description: string) =>
  z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .meta({ description });

const quantities = z.partialRecord(
  z.enum(["cpu", "memory"]),
  z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|k|M|G)?$/),
);
const resources = z
  .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
  .optional()
  .meta({ description: "CPU and memory. Default: the profile's" });

const scaling = z
  .union([
    z.strictObject({ replicas: z.number().int().min(1).max(50) }),
    z.strictObject({
      minReplicas: z.number().int().min(1).max(50),
      maxReplicas: z.number().int().min(1).max(100),
      targetCpuPercent: z.number().int().min(1).max(100).default(80),
    }),
  ])
  .optional()
  .meta({
    description:
      "A number of pods, or a range for an autoscaler, which needs a metrics server. Default: the profile's",
  });

const values = (chart: string) =>
  z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: `Values of the chart ${chart}, over all others: for what has no field here` });

const host = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

const accessLog = z
  .union([
    z.literal(false),
    z.strictObject({
      file: z.string().default("/dev/stdout"),
      encoding: z.enum(["text", "json"]).default("text"),
      format: z.string().optional().meta({ description: "Envoy's format. Default: Istio's" }),
    }),
  ])
  .optional()
  .meta({ description: "A line for each request of each proxy; false for none. Default: the profile's" });

const tracing = z
  .union([
    z.literal(false),
    z.strictObject({
      provider: z.enum(["zipkin", "jaeger", "opentelemetry"]).default("jaeger").meta({
        description: "How spans travel; jaeger is OTLP from Istio 1.16 on, Zipkin's protocol before",
      }),
      service: host.optional().meta({
        description: "Host name of the collector. Default: the tracing add-on's in the mesh's namespace",
      }),
      port: p.port.optional().meta({ description: "Default: 9411 for Zipkin's protocol, 4317 for OTLP" }),
      samplingPercent: z
        .number()
        .min(0)
        .max(100)
        .optional()
        .meta({ description: "Share of requests that are traced. Default: 1, with profile demo 100" }),
    }),
  ])
  .default(false)
  .meta({ description: "Where proxies send spans; false for nowhere" });

const gateway = z.strictObject({
  name: name("Name of Deployment and Service; without istio- in front it is the label istio of the pods"),
  direction: z.enum(["ingress", "egress"]).default("ingress"),
  namespace: name("Namespace. Default: the mesh's").optional(),
  expose: exposure
    .optional()
    .meta({ description: "How it is reached. Default: ingress nodePort, egress clusterIP" }),
  scaling,
  resources,
  revision: name("Revision or tag of the control plane that it follows. Default: the default one").optional(),
  values: values("gateway"),
});

const controlPlane = z.strictObject({
  name: z
    .union([z.literal(""), name("Revision")])
    .default("")
    .meta({
      description: "The revision, part of every name; empty for one control plane without",
    }),
  version: istioVersion.optional().meta({ description: "Default: mesh.version" }),
});

const settings = z.strictObject({
  version: istioVersion.default(versions.istio.release).meta({
    description: `Version of Istio, without a leading v. Default from the sandbox's own mirror: ${versions.istio.sandbox[0]}, which it builds`,
  }),
  profile: z.enum(["default", "demo", "minimal", "empty"]).default("default").meta({
    description:
      "Istio's profile of that name: which parts there are, and what is said where nothing is said here",
  }),
  namespace: name("Where istiod lives; policies in it hold for the whole mesh").default("istio-system"),
  install: z.enum(["auto", "charts", "istioctl"]).default("auto").meta({
    description: "How it is installed; auto takes charts from Istio 1.12 on, istioctl before",
  }),
  revisions: z
    .array(controlPlane)
    .min(1)
    .optional()
    .meta({ description: "Control planes side by side, for upgrades. Default: one without a revision" }),
  tags: z.record(z.string(), z.string()).default({}).meta({
    description: "Names for revisions that namespaces choose by. With revisions, default is the first one",
  }),
  cni: z
    .boolean()
    .default(false)
    .meta({ description: "Redirect traffic by a CNI plugin, not by init containers" }),
  ambient: z.boolean().default(false).meta({
    description: "Proxies per node in place of sidecars, where a namespace asks for it; brings cni",
  }),
  mtls: z.enum(["strict", "permissive", "disable", "unset"]).default("permissive").meta({
    description: "What proxies take from others in the whole mesh; unset leaves it to Istio and others",
  }),
  accessLog,
  tracing,
  outboundTrafficPolicy: z
    .enum(["allowAny", "registryOnly"])
    .default("allowAny")
    .meta({ description: "Whether proxies let requests to hosts out that the mesh does not know" }),
  holdApplicationUntilProxyStarts: z.boolean().default(false).meta({
    description: "Start containers after the proxy; Istio 1.27 and later does so by itself",
  }),
  trustDomain: host.optional().meta({ description: "Of certificates. Default: kubernetes.dnsDomain" }),
  proxy: z
    .strictObject({
      resources,
      statsMatcher: z
        .strictObject({
          inclusionPrefixes: z.array(z.string()).optional(),
          inclusionSuffixes: z.array(z.string()).optional(),
          inclusionRegexps: z.array(z.string()).optional(),
        })
        .optional()
        .meta({ description: "Which of Envoy's own counters are kept. Default: Istio's choice" }),
    })
    .prefault({})
    .meta({ description: "Sidecars" }),
  istiod: z
    .strictObject({
      resources,
      scaling,
      podDisruptionBudget: z.boolean().optional().meta({
        description:
          "Keep one istiod while nodes are drained. Default: with two or more; one alone would stop every drain",
      }),
    })
    .prefault({}),
  gateways: z.array(gateway).optional().meta({ description: "Gateways at the edge. Default: the profile's" }),
  extensionProviders: z
    .array(z.record(z.string(), z.unknown()))
    .default([])
    .meta({ description: "Further entries of meshConfig.extensionProviders" }),
  charts: z
    .string()
    .regex(/^((https?|oci):\/\/|\/)\S+$/)
    .optional()
    .meta({
      description:
        "Chart repository, or a folder of this computer with NAME-VERSION.tgz in it. Default: as artifacts say; upstream where they say nothing",
    }),
  hub: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:/_-]*$/)
    .default(istioHub)
    .meta({ description: "Registry and path of images; registry mirrors of the hosts stand before it" }),
  values: z
    .strictObject({
      base: values("base"),
      istiod: values("istiod"),
      gateway: values("gateway, for all of them"),
      cni: values("cni"),
      ztunnel: values("ztunnel"),
    })
    .prefault({})
    .meta({ description: "The last resort" }),
});

export const mesh = z
  .union([z.literal(false), settings])
  .default(false)
  .meta({ description: "Istio; false for none" });

export type MeshConfig = z.infer<typeof settings>;
