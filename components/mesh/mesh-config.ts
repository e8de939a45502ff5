import type { KubeObject } from "../lib/objects";
import { istioApi, ofMinor } from "./api-versions";
import type { MeshSettings, StatsMatcher, Tracing, Values } from "./mesh-settings";

/** From here on Istio speaks OTLP to collectors. */
const OPEN_TELEMETRY = "1.16";
/** From here on Telemetry resources choose a tracing provider; before, each proxy's own config names the collector. */
const TRACING_BY_TELEMETRY = "1.13";

/** Name under which the mesh's own tracing provider stands in meshConfig, and its Telemetry resource chooses it. */
export const tracingProvider = "mesh-tracing";

/** Without fields that nobody asked for: istiod would take an empty text for a setting. */
const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const byTelemetry = (version: string) => ofMinor(version, TRACING_BY_TELEMETRY);

/** Protocol of the spans. */
function spansOf({ provider }: Tracing, version: string): "zipkin" | "opentelemetry" {
  if (provider === "jaeger") return ofMinor(version, OPEN_TELEMETRY) ? "opentelemetry" : "zipkin";
  return provider;
}

/** The collector's port where the config names none: it follows from the protocol. */
export const defaultTracingPort = (provider: Tracing["provider"], version: string): number =>
  provider === "zipkin" || (provider === "jaeger" && !ofMinor(version, OPEN_TELEMETRY)) ? 9411 : 4317;

function proxyTracing(tracing: Tracing | false, version: string) {
  if (tracing === false || byTelemetry(version)) return undefined;
  const { service, port, samplingPercent } = tracing;
  return { sampling: samplingPercent, zipkin: { address: `${service}:${port}` } };
}

function providers({ tracing, extensionProviders }: MeshSettings, version: string): readonly Values[] {
  if (tracing === false || !byTelemetry(version)) return extensionProviders;
  const { service, port } = tracing;
  return [{ name: tracingProvider, [spansOf(tracing, version)]: { service, port } }, ...extensionProviders];
}

const statsMatcher = (matcher: StatsMatcher | undefined) =>
  matcher === undefined ? undefined : given({ ...matcher });

/** What istiod and all proxies read, as one version of Istio understands it. */
export function renderMeshConfig(settings: MeshSettings, version: string): Values {
  const { accessLog, tracing, proxy, holdApplicationUntilProxyStarts } = settings;
  const extensionProviders = providers(settings, version);
  const defaultConfig = given({
    // Before 1.8 it is a value of the injector; see the IstioOperator document.
    holdApplicationUntilProxyStarts: holdApplicationUntilProxyStarts || undefined,
    tracing: proxyTracing(tracing, version),
    proxyStatsMatcher: statsMatcher(proxy.statsMatcher),
  });
  return given({
    ...(accessLog === false
      ? // An empty name overrules the chart profile `demo`, which has one.
        { accessLogFile: "" }
      : {
          accessLogFile: accessLog.file,
          accessLogEncoding: accessLog.encoding.toUpperCase(),
          accessLogFormat: accessLog.format,
        }),
    enableTracing: tracing !== false,
    outboundTrafficPolicy: {
      mode: settings.outboundTrafficPolicy === "registryOnly" ? "REGISTRY_ONLY" : "ALLOW_ANY",
    },
    trustDomain: settings.trustDomain,
    defaultConfig: Object.keys(defaultConfig).length === 0 ? undefined : defaultConfig,
    extensionProviders: extensionProviders.length === 0 ? undefined : extensionProviders,
  });
}

/** Policies of the whole mesh, in its root namespace. They need the CRDs and a validating webhook that answers. */
export function renderMeshPolicies(settings: MeshSettings, version: string): KubeObject[] {
  const { namespace, mtls, tracing } = settings;
  const api = istioApi(version);
  const metadata = { name: "default", namespace };
  const policies: KubeObject[] = [];
  if (mtls !== "unset") {
    const spec = { mtls: { mode: mtls.toUpperCase() } };
    policies.push({ apiVersion: api.security, kind: "PeerAuthentication", metadata, spec });
  }
  if (tracing !== false && byTelemetry(version) && api.telemetry !== undefined) {
    const chosen = {
      providers: [{ name: tracingProvider }],
      randomSamplingPercentage: tracing.samplingPercent,
    };
    policies.push({ apiVersion: api.telemetry, kind: "Telemetry", metadata, spec: { tracing: [chosen] } });
  }
  return policies;
}
