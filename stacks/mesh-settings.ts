import { ofMinor } from "../components/mesh/api-versions";
import { demoPorts, gatewayChartPorts, operatorGatewayPorts } from "../components/mesh/gateway-service";
import { FIRST_CHARTS } from "../components/mesh/install";
import { defaultTracingPort } from "../components/mesh/mesh-config";
import type {
  ControlPlaneSettings,
  GatewaySettings,
  MeshSettings,
  Resources,
  Scaling,
  Tracing,
  Values,
} from "../components/mesh/mesh-settings";
import { type ProfilePreset, profiles } from "../components/mesh/profiles";
import { overlay } from "../components/mesh/values";
import type { MeshConfig } from "./config/mesh-schema";
import { type ChartValues, hostPreset } from "./mesh-host-values";

export type { ChartValues } from "./mesh-host-values";

/** How a mesh is installed. */
export const installsByIstioctl = ({ install, version }: MeshConfig): boolean =>
  install === "istioctl" || (install === "auto" && !ofMinor(version, FIRST_CHARTS));

type GatewayConfig = NonNullable<MeshConfig["gateways"]>[number];

const atLeastTwo = (scaling: Scaling) =>
  ("replicas" in scaling ? scaling.replicas : scaling.minReplicas) >= 2;

const portsOf = (mesh: MeshConfig, direction: GatewaySettings["direction"]) => [
  ...(installsByIstioctl(mesh) ? operatorGatewayPorts : gatewayChartPorts),
  ...(mesh.profile === "demo" && direction === "ingress" ? demoPorts : []),
];

function gatewayOf(
  config: Pick<GatewayConfig, "name" | "direction"> & Partial<GatewayConfig>,
  preset: ProfilePreset,
  mesh: MeshConfig,
): GatewaySettings {
  const { name, direction, namespace, expose, scaling, resources, revision, values } = config;
  return {
    name,
    direction,
    namespace: namespace ?? mesh.namespace,
    expose: expose ?? { kind: direction === "ingress" ? "nodePort" : "clusterIP" },
    ports: portsOf(mesh, direction),
    scaling: scaling ?? preset.gatewayScaling,
    resources: (resources as Resources | undefined) ?? preset.gatewayResources,
    ...(revision === undefined ? {} : { revision }),
    ...(values === undefined ? {} : { values }),
  };
}

function tracingOf(
  mesh: MeshConfig,
  preset: ProfilePreset,
  version: string,
  dnsDomain: string,
): Tracing | false {
  if (mesh.tracing === false) return false;
  const { provider, service, port, samplingPercent } = mesh.tracing;
  const number = port ?? defaultTracingPort(provider, version);
  const addOn = number === 9411 ? "zipkin" : "jaeger-collector";
  return {
    provider,
    service: service ?? `${addOn}.${mesh.namespace}.svc.${dnsDomain}`,
    port: number,
    samplingPercent: samplingPercent ?? preset.samplingPercent,
  };
}

const controlPlanesOf = ({ version, revisions = [] }: MeshConfig): MeshSettings["controlPlanes"] => {
  const [first = { revision: "", version }, ...others] = revisions.map(
    (plane): ControlPlaneSettings => ({ revision: plane.name, version: plane.version ?? version }),
  );
  return [first, ...others];
};

/** Values of the hosts below those of the config, chart by chart. */
function valuesOf(config: MeshConfig["values"], below: ChartValues): ChartValues {
  const charts = ["base", "istiod", "gateway", "cni", "ztunnel"] as const;
  return Object.fromEntries(
    charts.map((chart): [string, Values] => [chart, overlay(below[chart] ?? {}, config[chart])]),
  );
}

/** The config with every default of its profile filled in. */
export function resolveMesh(
  mesh: MeshConfig,
  { dnsDomain, below: given = {} }: { readonly dnsDomain: string; readonly below?: ChartValues },
): MeshSettings {
  const { preset, below } = hostPreset(profiles[mesh.profile], given);
  const controlPlanes = controlPlanesOf(mesh);
  const scaling = mesh.istiod.scaling ?? preset.istiodScaling;
  return {
    profile: mesh.profile,
    namespace: mesh.namespace,
    controlPlanes,
    tags: mesh.tags,
    components: { base: preset.base, istiod: preset.istiod, cni: mesh.cni, ambient: mesh.ambient },
    mtls: mesh.mtls,
    accessLog: mesh.accessLog ?? preset.accessLog,
    tracing: tracingOf(mesh, preset, controlPlanes[0].version, dnsDomain),
    outboundTrafficPolicy: mesh.outboundTrafficPolicy,
    holdApplicationUntilProxyStarts: mesh.holdApplicationUntilProxyStarts,
    trustDomain: mesh.trustDomain ?? dnsDomain,
    dnsDomain,
    proxy: {
      resources: (mesh.proxy.resources as Resources | undefined) ?? preset.proxyResources,
      statsMatcher: mesh.proxy.statsMatcher as MeshSettings["proxy"]["statsMatcher"],
    },
    istiod: {
      resources: (mesh.istiod.resources as Resources | undefined) ?? preset.istiodResources,
      scaling,
      podDisruptionBudget: mesh.istiod.podDisruptionBudget ?? atLeastTwo(scaling),
    },
    gateways: (mesh.gateways ?? preset.gateways).map((gateway) => gatewayOf(gateway, preset, mesh)),
    extensionProviders: mesh.extensionProviders,
    values: valuesOf(mesh.values, below),
    hub: mesh.hub,
  };
}
