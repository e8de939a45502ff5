import type { KubeObject } from "../../../../components/lib/objects";
import type { TrafficCode } from "../../../../components/traffic/analysis";
import { deployment, service, shop } from "../../../support/mesh-objects";

/** A mistake and the nearest thing to it that is none. */
export interface Example {
  readonly code: TrafficCode;
  readonly name: string;
  readonly bad: readonly KubeObject[];
  /** `Kind namespace/name path` of what is found, once or more often. */
  readonly at: string | readonly string[];
  readonly good: readonly KubeObject[];
  /** Everything there is is declared. */
  readonly closed?: boolean;
}

type Spec = Readonly<Record<string, unknown>>;

const kind =
  (apiVersion: string, name: string) =>
  (spec: unknown, own = "cart", namespace = "shop"): KubeObject => ({
    apiVersion,
    kind: name,
    metadata: { name: own, namespace },
    spec,
  });

const networking = "networking.istio.io/v1";
const security = "security.istio.io/v1";
const kube = "gateway.networking.k8s.io/v1";
export const virtual = kind(networking, "VirtualService");
export const rule = kind(networking, "DestinationRule");
export const entry = kind(networking, "ServiceEntry");
export const sidecar = kind(networking, "Sidecar");
export const machine = kind(networking, "WorkloadEntry");
export const group = kind(networking, "WorkloadGroup");
export const envoy = kind("networking.istio.io/v1alpha3", "EnvoyFilter");
export const proxyConfig = kind("networking.istio.io/v1beta1", "ProxyConfig");
export const peer = kind(security, "PeerAuthentication");
export const request = kind(security, "RequestAuthentication");
export const authorization = kind(security, "AuthorizationPolicy");
export const telemetry = kind("telemetry.istio.io/v1", "Telemetry");
export const wasm = kind("extensions.istio.io/v1alpha1", "WasmPlugin");
export const kubeGateway = kind(kube, "Gateway");
export const httpRoute = kind(kube, "HTTPRoute");
export const grant = kind("gateway.networking.k8s.io/v1beta1", "ReferenceGrant");
export const canary = kind("flagger.app/v1beta1", "Canary");
export const rollout = kind("argoproj.io/v1alpha1", "Rollout");
export const chaos = kind("chaosblade.io/v1alpha1", "ChaosBlade");

export const account = (name: string, namespace = "shop"): KubeObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace },
});

export const config = (
  data: Readonly<Record<string, string>>,
  name = "istio",
  namespace = "istio-system",
): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data });

/** The mesh's own config. */
export const mesh = (text: string) => config({ mesh: text });

export const v1 = { app: "cart", version: "v1" };
export const v2 = { app: "cart", version: "v2" };

/** A Service with two versions, in a namespace that injects. */
export const world: readonly KubeObject[] = [
  shop,
  service(),
  deployment({ name: "cart-v1", labels: v1 }),
  deployment({ name: "cart-v2", labels: v2 }),
];

export const subsets = [
  { name: "v1", labels: { version: "v1" } },
  { name: "v2", labels: { version: "v2" } },
];
export const cartRule = rule({ host: "cart", subsets });

export const to = (subset?: string, weight?: number): Spec => ({
  destination: { host: "cart", ...(subset === undefined ? {} : { subset }) },
  ...(weight === undefined ? {} : { weight }),
});

/** Rules for the Service in the mesh. */
export const routes = (...http: readonly unknown[]) => virtual({ hosts: ["cart"], http });
export const all = { route: [to()] };
export const match = (text: string, kindOf = "prefix"): Spec => ({
  match: [{ uri: { [kindOf]: text } }],
  ...all,
});
