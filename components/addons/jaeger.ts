import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { atLeast } from "../lib/versions";
import { expose } from "../mesh/exposure";
import type { ExposedPort, Exposure } from "../mesh/exposure-types";
import type { Tracing } from "../mesh/mesh-settings";
import { withServices } from "./chart-services";
import { imageOf } from "./images";
import {
  dataPath,
  isSecondGeneration,
  type JaegerStoreArgs,
  jaegerPath,
  jaegerPorts,
  jaegerVariables,
  renderJaegerConfig,
  takesOtlp,
} from "./jaeger-config";
import { DATA_VOLUME, type Persistence, renderStorage } from "./persistence";
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

export interface JaegerArgs extends AddonArgs, Omit<JaegerStoreArgs, "version" | "durable"> {
  /** For traces; without it they are in memory, and `maxTraces` is how many. */
  readonly persistence: Persistence;
  readonly resources: Resources;
  readonly exposure: Exposure;
}

const name = "jaeger";
/** What the images are built for. */
const USER = 10001;
const selector = { app: name, "app.kubernetes.io/name": name };

/** Since here there is a port for programs that ask for traces by gRPC, as Kiali does. */
const QUERY_BY_GRPC = "1.21";
/** Istio's proxies speak OTLP since here. */
const ISTIO_WITH_OTLP = "1.16";

const queryPorts = (version: string): ExposedPort[] => [
  { name: "http-query", port: 80, targetPort: jaegerPorts.query },
  ...(atLeast(version, QUERY_BY_GRPC)
    ? [{ name: "grpc-query", port: jaegerPorts.queryGrpc, targetPort: jaegerPorts.queryGrpc }]
    : []),
];

const collectorPorts = (version: string): ExposedPort[] => [
  { name: "jaeger-collector-http", port: jaegerPorts.http, appProtocol: "http" },
  { name: "jaeger-collector-grpc", port: jaegerPorts.grpc, appProtocol: "grpc" },
  { name: "http-zipkin", port: jaegerPorts.zipkin },
  ...(takesOtlp(version)
    ? [
        { name: "grpc-otel", port: jaegerPorts.otlpGrpc },
        { name: "http-otel", port: jaegerPorts.otlpHttp },
      ]
    : []),
];

const zipkinPorts: readonly ExposedPort[] = [{ name: "http-query", port: jaegerPorts.zipkin }];

const store = (args: JaegerArgs): JaegerStoreArgs => ({ ...args, durable: args.persistence.kind !== "none" });

function container(args: JaegerArgs): object {
  const { version, resources } = args;
  const second = isSecondGeneration(version);
  const health = second ? httpProbe(13133, "/status") : httpProbe(14269, "/");
  return {
    name,
    image: imageOf("jaeger", version),
    imagePullPolicy: "IfNotPresent",
    ...(second
      ? { args: ["--config", "/etc/jaeger/config.yaml"] }
      : {
          env: Object.entries(jaegerVariables(store(args))).map(([key, value]) => ({ name: key, value })),
        }),
    ports: Object.values(jaegerPorts).map((containerPort) => ({ containerPort })),
    startupProbe: { ...health, periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: health,
    livenessProbe: health,
    resources,
    securityContext: confined,
    volumeMounts: [
      ...(second ? [{ name: "config", mountPath: "/etc/jaeger" }] : []),
      { name: DATA_VOLUME, mountPath: dataPath },
    ],
  };
}

export function renderJaeger(args: JaegerArgs): KubeObject[] {
  const { namespace, version, persistence } = args;
  const second = isSecondGeneration(version);
  const files = second ? { "config.yaml": renderJaegerConfig(store(args)) } : {};
  const storage = renderStorage({ name, namespace, labels: selector, persistence, user: USER });
  const common = { namespace, labels: selector, selector };
  if (args.chart !== undefined) {
    const clusterIP: Exposure = { kind: "clusterIP" };
    return withServices(args.chart, namespace, name, [
      { name: "tracing", exposure: args.exposure, ports: queryPorts(version) },
      { name: "jaeger-collector", exposure: clusterIP, ports: collectorPorts(version) },
      { name: "zipkin", exposure: clusterIP, ports: zipkinPorts },
    ]);
  }
  const query = expose(args.exposure, { ...common, name: "tracing", ports: queryPorts(version) });
  const inside = (service: string, ports: readonly ExposedPort[]) =>
    expose({ kind: "clusterIP" }, { ...common, name: service, ports }).service;
  return [
    ...(second ? [configMap(name, namespace, selector, files)] : []),
    ...storage.objects,
    query.service,
    ...(query.ingress === undefined ? [] : [query.ingress]),
    inside("jaeger-collector", collectorPorts(version)),
    // By this name proxies find a collector that speaks Zipkin's protocol, whichever it is.
    inside("zipkin", zipkinPorts),
    renderKeeper(
      {
        name,
        namespace,
        selector,
        ...(second
          ? { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8888" } }
          : { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "14269" } }),
        config: { files, variables: second ? {} : jaegerVariables(store(args)) },
        pod: query.pod,
        containers: [container(args)],
        volumes: second ? [configVolume("config", name)] : [],
        securityContext: asUser(USER),
      },
      storage,
    ),
  ];
}

export interface TracedMesh {
  /** Version of Istio. */
  readonly istio: string;
  readonly dnsDomain: string;
  /** Share of requests that proxies trace, 0 to 100. */
  readonly samplingPercent: number;
}

/** What the mesh has to know so that its proxies send their spans here. Plain: the mesh is made before Jaeger is. */
export function tracingOf(jaeger: AddonArgs, mesh: TracedMesh): Tracing {
  const { samplingPercent } = mesh;
  const host = (service: string) => `${service}.${jaeger.namespace}.svc.${mesh.dnsDomain}`;
  return takesOtlp(jaeger.version) && atLeast(mesh.istio, ISTIO_WITH_OTLP)
    ? {
        provider: "jaeger",
        service: host("jaeger-collector"),
        port: jaegerPorts.otlpGrpc,
        samplingPercent,
      }
    : { provider: "zipkin", service: host("zipkin"), port: jaegerPorts.zipkin, samplingPercent };
}

/** Address inside the cluster, as Grafana and Kiali take it. */
export const jaegerUrl = (namespace: string): string => `http://tracing.${namespace}:80${jaegerPath}`;

/** Jaeger in one pod: takes spans by OTLP, Zipkin's and its own protocol, shows them, and keeps them on a volume. */
export class Jaeger extends pulumi.ComponentResource {
  readonly objects: readonly pulumi.Resource[];

  constructor(name: string, args: JaegerArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:addons:Jaeger", name, {}, options);
    this.objects = declareObjects(renderJaeger(args), { parent: this, ...after(options) });
    this.registerOutputs({});
  }
}
