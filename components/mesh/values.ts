import { ofMinor } from "./api-versions";
import { gatewayServiceValues } from "./gateway-service";
import { renderMeshConfig } from "./mesh-config";
import type { ControlPlaneSettings, GatewaySettings, MeshSettings, Scaling, Values } from "./mesh-settings";
import { profiles } from "./profiles";
import { controlPlaneFor, defaultRevision, defaultTag, tagsOf } from "./revisions";

/** From here on the charts know profiles; an unknown value `profile` is an error before. */
const CHART_PROFILES = "1.21";
/** From here on the injector asks `pilot.cni`; before, `istio_cni`. */
const PILOT_CNI = "1.22";

/** Maps laid over each other key by key; lists and everything else are taken whole from the upper one, as Helm does. */
export function overlay(lower: Values, upper: Values = {}): Values {
  const isMap = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    [...new Set([...Object.keys(lower), ...Object.keys(upper)])].map((key) => {
      const [below, above] = [lower[key], upper[key]];
      if (!(key in upper)) return [key, below];
      return [key, isMap(below) && isMap(above) ? overlay(below, above) : above];
    }),
  );
}

/** The profile's name in the charts. Ambient is a profile of its own there, with more in it than any other. */
function chartProfile({ profile, components }: MeshSettings, version: string): Values {
  const name = components.ambient ? "ambient" : profiles[profile].chartProfile;
  return name === undefined || !ofMinor(version, CHART_PROFILES) ? {} : { profile: name };
}

const images = ({ hub }: MeshSettings, version: string) => ({ hub, tag: version });

/** Values of the chart `base`: CRDs, and the webhook that validates what names no revision. */
export function baseValues(settings: MeshSettings): Values {
  const values = {
    defaultRevision: defaultRevision(settings) || "default",
    global: { istioNamespace: settings.namespace },
    // istiod turns Ignore into Fail as soon as it answers. Told so from the start, nobody takes it back.
    base: { validationFailurePolicy: "Fail" },
  };
  return overlay(values, settings.values.base);
}

/** How many istiods there are in the chart's words. An autoscaler owns the number; else nothing else may. */
const pilotScaling = (scaling: Scaling) =>
  "replicas" in scaling
    ? { autoscaleEnabled: false, replicaCount: scaling.replicas }
    : {
        autoscaleEnabled: true,
        autoscaleMin: scaling.minReplicas,
        autoscaleMax: scaling.maxReplicas,
        cpu: { targetAverageUtilization: scaling.targetCpuPercent },
      };

/** Settings of istiod itself that are said here. */
const ofPilot = new Set([
  ...["autoscaleEnabled", "autoscaleMin", "autoscaleMax", "cni", "cpu", "env"],
  ...["replicaCount", "resources", "traceSampling"],
]);

/** Newer charts also take these without `pilot` before them, but what is said below `pilot` wins: that is ours. */
function belowPilot(values: Values = {}): Values {
  const entries = Object.entries(values);
  const pilot = Object.fromEntries(entries.filter(([key]) => ofPilot.has(key)));
  const others = Object.fromEntries(entries.filter(([key]) => !ofPilot.has(key)));
  return Object.keys(pilot).length === 0 ? values : overlay({ pilot }, others);
}

/** Values of the chart `istiod` for one control plane. */
export function istiodValues(settings: MeshSettings, plane: ControlPlaneSettings): Values {
  const { namespace, dnsDomain, proxy, istiod, components } = settings;
  const { revision, version } = plane;
  const tags = tagsOf(settings, revision);
  const cni = components.cni || components.ambient;
  const newCni = ofMinor(version, PILOT_CNI);
  const values = {
    ...chartProfile(settings, version),
    ...(revision === "" ? {} : { revision }),
    ...(tags.length === 0 ? {} : { revisionTags: tags }),
    global: {
      ...images(settings, version),
      istioNamespace: namespace,
      proxy: { clusterDomain: dnsDomain, resources: proxy.resources },
      defaultPodDisruptionBudget: { enabled: istiod.podDisruptionBudget },
    },
    pilot: {
      resources: istiod.resources,
      ...pilotScaling(istiod.scaling),
      // The charts' profile `demo` has a number of its own.
      ...(settings.tracing === false ? {} : { traceSampling: settings.tracing.samplingPercent }),
      ...(cni && newCni ? { cni: { enabled: true } } : {}),
    },
    ...(cni && !newCni ? { istio_cni: { enabled: true } } : {}),
    base: { validationFailurePolicy: "Fail" },
    meshConfig: renderMeshConfig(settings, version),
  };
  return overlay(values, belowPilot(settings.values.istiod));
}

const gatewayScaling = (scaling: Scaling) =>
  "replicas" in scaling
    ? { replicaCount: scaling.replicas, autoscaling: { enabled: false } }
    : {
        autoscaling: {
          enabled: true,
          minReplicas: scaling.minReplicas,
          maxReplicas: scaling.maxReplicas,
          targetCPUUtilizationPercentage: scaling.targetCpuPercent,
        },
      };

/** The control plane that a gateway follows, as the value of its label: a tag, a revision, or nothing. */
export const gatewayRevision = (settings: MeshSettings, { revision }: GatewaySettings): string =>
  revision ?? (defaultRevision(settings) === "" ? "" : defaultTag);

/** Values of the chart `gateway`. Its image is the injector's business, so that it follows the control plane. */
export function gatewayValues(settings: MeshSettings, gateway: GatewaySettings): Values {
  const revision = gatewayRevision(settings, gateway);
  const plane = controlPlaneFor(settings, revision);
  const values = {
    ...(revision === "" ? {} : { revision }),
    resources: gateway.resources,
    ...gatewayScaling(gateway.scaling),
    // Neither a moved tag nor a new version changes the pod by itself, so it would keep its old proxy.
    podAnnotations: { "mesh-platform/control-plane": `${plane.version} ${plane.revision}`.trim() },
  };
  const way = gatewayServiceValues(gateway.expose, gateway.ports);
  const layers = [{ ...way }, settings.values.gateway, gateway.values];
  return layers.reduce<Values>(overlay, values);
}

/** Values of the chart `cni`. */
export function cniValues(settings: MeshSettings, { version }: ControlPlaneSettings): Values {
  const values = {
    ...chartProfile(settings, version),
    global: images(settings, version),
    // Before 1.24 the chart reads its own settings below `cni` alone, from then on there too.
    cni: {
      ...images(settings, version),
      ...(settings.components.ambient ? { ambient: { enabled: true } } : {}),
    },
  };
  return overlay(values, settings.values.cni);
}

/** Values of the chart `ztunnel`, the proxy of each node in ambient mode. */
export function ztunnelValues(settings: MeshSettings, { version, revision }: ControlPlaneSettings): Values {
  const values = {
    ...images(settings, version),
    ...(revision === "" ? {} : { revision }),
    istioNamespace: settings.namespace,
  };
  return overlay(values, settings.values.ztunnel);
}
