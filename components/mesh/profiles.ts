import type { AccessLog, Resources, Scaling } from "./mesh-settings";

export type Profile = "default" | "demo" | "minimal" | "empty";

/** A gateway that a profile brings. */
export interface ProfileGateway {
  readonly name: string;
  readonly direction: "ingress" | "egress";
}

/** What a profile says where the config is silent. */
export interface ProfilePreset {
  /** Custom resource definitions and what goes with them. */
  readonly base: boolean;
  readonly istiod: boolean;
  readonly gateways: readonly ProfileGateway[];
  readonly accessLog: AccessLog | false;
  /** Share of traced requests, in percent, once there is a tracing provider. */
  readonly samplingPercent: number;
  readonly proxyResources: Resources;
  readonly istiodResources: Resources;
  readonly istiodScaling: Scaling;
  readonly gatewayResources: Resources;
  readonly gatewayScaling: Scaling;
  /** Name of the profile in the charts, from Istio 1.21 on. Default: the charts' own defaults. */
  readonly chartProfile?: string;
}

const ingress: ProfileGateway = { name: "istio-ingressgateway", direction: "ingress" };
const egress: ProfileGateway = { name: "istio-egressgateway", direction: "egress" };

const proxyResources: Resources = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { cpu: "2000m", memory: "1024Mi" },
};
const smallResources: Resources = { requests: { cpu: "10m", memory: "40Mi" } };
const automatic: Scaling = { minReplicas: 1, maxReplicas: 5, targetCpuPercent: 80 };

const production: ProfilePreset = {
  base: true,
  istiod: true,
  gateways: [ingress],
  accessLog: false,
  samplingPercent: 1,
  proxyResources,
  istiodResources: { requests: { cpu: "500m", memory: "2048Mi" } },
  istiodScaling: automatic,
  gatewayResources: proxyResources,
  gatewayScaling: automatic,
};

/** Istio's own profiles of these names, as far as they differ between versions of Istio in nothing that matters. */
export const profiles: Readonly<Record<Profile, ProfilePreset>> = {
  default: production,
  demo: {
    ...production,
    gateways: [ingress, egress],
    accessLog: { file: "/dev/stdout", encoding: "text" },
    samplingPercent: 100,
    proxyResources: smallResources,
    istiodResources: { requests: { cpu: "10m", memory: "100Mi" } },
    istiodScaling: { replicas: 1 },
    gatewayResources: smallResources,
    gatewayScaling: { replicas: 1 },
    chartProfile: "demo",
  },
  minimal: { ...production, gateways: [] },
  empty: { ...production, base: false, istiod: false, gateways: [] },
};
