import { stringify } from "yaml";
import { atLeast } from "../lib/versions";

/** One program with a config in OpenTelemetry's manner; before, an all-in-one that is set by variables. */
export const isSecondGeneration = (version: string): boolean => atLeast(version, "2.0");

/** From here on the first generation takes OTLP too. */
const OTLP_IN_FIRST = "1.35";

export const takesOtlp = (version: string): boolean =>
  isSecondGeneration(version) || atLeast(version, OTLP_IN_FIRST);

export interface JaegerStoreArgs {
  readonly version: string;
  /** Whether traces are written to the volume; otherwise they are in memory. */
  readonly durable: boolean;
  /** How long traces are kept on the volume, in hours. */
  readonly retentionHours: number;
  /** How many traces are kept in memory, where they are in memory. */
  readonly maxTraces: number;
  /** Share of traces that clients are told to take who ask Jaeger, 0 to 1. Proxies of a mesh ask istiod. */
  readonly clientSampling: number;
}

/** Ports of the pod by what comes in there. */
export const jaegerPorts = {
  query: 16686,
  queryGrpc: 16685,
  grpc: 14250,
  http: 14268,
  zipkin: 9411,
  otlpGrpc: 4317,
  otlpHttp: 4318,
} as const;

/** The page lies below this, as in Istio's sample and everybody's bookmarks. */
export const jaegerPath = "/jaeger";
export const dataPath = "/badger";

const anyAddress = (port: number) => ({ endpoint: `0.0.0.0:${port}` });

const STORE = "store";

const backend = ({ durable, retentionHours, maxTraces }: JaegerStoreArgs) =>
  durable
    ? {
        badger: {
          ephemeral: false,
          directories: { keys: `${dataPath}/keys`, values: `${dataPath}/values` },
          ttl: { spans: `${retentionHours}h` },
        },
      }
    : { memory: { max_traces: maxTraces } };

/** Config of the second generation. */
export function jaegerConfig(args: JaegerStoreArgs) {
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "remote_sampling", "healthcheckv2"],
      pipelines: {
        traces: {
          receivers: ["otlp", "jaeger", "zipkin"],
          processors: ["batch"],
          exporters: ["jaeger_storage_exporter"],
        },
      },
      telemetry: {
        resource: { "service.name": "jaeger" },
        metrics: {
          level: "normal",
          readers: [{ pull: { exporter: { prometheus: { host: "0.0.0.0", port: 8888 } } } }],
        },
        logs: { level: "info" },
      },
    },
    extensions: {
      jaeger_query: {
        base_path: jaegerPath,
        storage: { traces: STORE },
        http: anyAddress(jaegerPorts.query),
        grpc: anyAddress(jaegerPorts.queryGrpc),
      },
      jaeger_storage: { backends: { [STORE]: backend(args) } },
      remote_sampling: {
        file: { default_sampling_probability: args.clientSampling },
        http: anyAddress(5778),
        grpc: anyAddress(5779),
      },
      healthcheckv2: { use_v2: true, http: anyAddress(13133) },
    },
    receivers: {
      otlp: {
        protocols: { grpc: anyAddress(jaegerPorts.otlpGrpc), http: anyAddress(jaegerPorts.otlpHttp) },
      },
      jaeger: {
        protocols: { grpc: anyAddress(jaegerPorts.grpc), thrift_http: anyAddress(jaegerPorts.http) },
      },
      zipkin: anyAddress(jaegerPorts.zipkin),
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: STORE } },
  };
}

export const renderJaegerConfig = (args: JaegerStoreArgs): string =>
  stringify(jaegerConfig(args), { lineWidth: 0 });

/** Variables of the first generation. */
export function jaegerVariables(args: JaegerStoreArgs): Record<string, string> {
  const { version, durable, retentionHours, maxTraces } = args;
  const zipkin = atLeast(version, "1.23")
    ? { COLLECTOR_ZIPKIN_HOST_PORT: `:${jaegerPorts.zipkin}` }
    : { COLLECTOR_ZIPKIN_HTTP_PORT: String(jaegerPorts.zipkin) };
  const store = durable
    ? {
        SPAN_STORAGE_TYPE: "badger",
        BADGER_EPHEMERAL: "false",
        BADGER_DIRECTORY_KEY: `${dataPath}/keys`,
        BADGER_DIRECTORY_VALUE: `${dataPath}/values`,
        BADGER_SPAN_STORE_TTL: `${retentionHours}h0m0s`,
      }
    : { SPAN_STORAGE_TYPE: "memory", MEMORY_MAX_TRACES: String(maxTraces) };
  return {
    ...store,
    ...zipkin,
    ...(takesOtlp(version) ? { COLLECTOR_OTLP_ENABLED: "true" } : {}),
    QUERY_BASE_PATH: jaegerPath,
  };
}
