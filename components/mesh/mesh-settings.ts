import type { ExposedPort, Exposure } from "./exposure";
import type { Profile } from "./profiles";

/** As Kubernetes takes them: `{requests: {cpu: "100m"}}`. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** How many pods: a number, or a range that an autoscaler chooses from (it needs a metrics server). */
export type Scaling =
  | { readonly replicas: number }
  | {
      readonly minReplicas: number;
      readonly maxReplicas: number;
      /** Average CPU, in percent of the request, above which pods are added. */
      readonly targetCpuPercent: number;
    };

export interface AccessLog {
  /** Where proxies write it. */
  readonly file: string;
  readonly encoding: "text" | "json";
  /** Envoy's format. Default: Istio's own. */
  readonly format?: string | undefined;
}

export interface Tracing {
  /** How spans travel. `jaeger` is OTLP from Istio 1.16 on, Zipkin's protocol before. */
  readonly provider: "zipkin" | "jaeger" | "opentelemetry";
  /** Host name of the collector's Service. */
  readonly service: string;
  readonly port: number;
  /** Share of requests that are traced, 0 to 100. */
  readonly samplingPercent: number;
}

/** Which of Envoy's own counters proxies keep, beside Istio's. */
export interface StatsMatcher {
  readonly inclusionPrefixes?: readonly string[];
  readonly inclusionSuffixes?: readonly string[];
  readonly inclusionRegexps?: readonly string[];
}

/** Untyped values of a chart. */
export type Values = Readonly<Record<string, unknown>>;

/** A gateway of the mesh's edge. */
export interface GatewaySettings {
  /** Name of Deployment and Service. `istio-ingressgateway` gets the label `istio: ingressgateway`. */
  readonly name: string;
  readonly direction: "ingress" | "egress";
  readonly namespace: string;
  readonly scaling: Scaling;
  readonly resources: Resources;
  /** How it is reached. `hostNetwork` means ports of the nodes it runs on: a pod in the host's network is never injected. */
  readonly expose: Exposure;
  /** Ports of its Service. Default: status, 80 and 443. */
  readonly ports?: readonly ExposedPort[];
  /** Revision or tag of the control plane that it follows. Default: as `injectionLabels` of the mesh. */
  readonly revision?: string;
  /** Further values of the gateway chart. Default none. */
  readonly values?: Values;
}

/** One istiod. */
export interface ControlPlaneSettings {
  /** Part of every name; empty for the one control plane that needs none. */
  readonly revision: string;
  readonly version: string;
}

/** The whole mesh, every default filled in. */
export interface MeshSettings {
  readonly profile: Profile;
  /** Where istiod lives; the root namespace. */
  readonly namespace: string;
  /** Side by side; the first one owns the tag `default` unless `tags` says otherwise. */
  readonly controlPlanes: readonly [ControlPlaneSettings, ...ControlPlaneSettings[]];
  /** Revision by tag. */
  readonly tags: Readonly<Record<string, string>>;
  /** Which parts there are. */
  readonly components: {
    readonly base: boolean;
    readonly istiod: boolean;
    readonly cni: boolean;
    readonly ambient: boolean;
  };
  /** How proxies take connections from others, for the whole mesh. `unset` writes no policy. */
  readonly mtls: "strict" | "permissive" | "disable" | "unset";
  readonly accessLog: AccessLog | false;
  readonly tracing: Tracing | false;
  /** Whether proxies let requests to unknown hosts out. */
  readonly outboundTrafficPolicy: "allowAny" | "registryOnly";
  /** Containers start after the proxy. Without meaning where sidecars are native (Istio 1.27 and later by itself). */
  readonly holdApplicationUntilProxyStarts: boolean;
  /** Default: the cluster's domain. */
  readonly trustDomain: string;
  /** Domain of the cluster's Services. */
  readonly dnsDomain: string;
  readonly proxy: { readonly resources: Resources; readonly statsMatcher?: StatsMatcher | undefined };
  readonly istiod: {
    readonly resources: Resources;
    readonly scaling: Scaling;
    /** Keeps one istiod while nodes are drained; only with two or more, since with one it stops every drain. */
    readonly podDisruptionBudget: boolean;
  };
  readonly gateways: readonly GatewaySettings[];
  /** Further entries of meshConfig.extensionProviders. */
  readonly extensionProviders: readonly Values[];
  /** Values by chart, laid over everything else. */
  readonly values: Readonly<Partial<Record<"base" | "istiod" | "gateway" | "cni" | "ztunnel", Values>>>;
  /** Registry and path of images. */
  readonly hub: string;
}
