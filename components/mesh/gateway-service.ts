import { podSettings, servicePorts, serviceSettings } from "./exposure";
import { filled } from "./exposure-fields";
import type { ExposedPort, Exposure } from "./exposure-types";

const statusPort: ExposedPort = { name: "status-port", port: 15021 };

/** Ports of Istio's chart `gateway`: its pods may bind 80 and 443 by a sysctl. */
export const gatewayChartPorts: readonly ExposedPort[] = [
  statusPort,
  { name: "http2", port: 80 },
  { name: "https", port: 443 },
];

/** Ports of `istio-ingressgateway`, as istioctl and the operator make it: an Envoy without rights listens above 1024. */
export const operatorGatewayPorts: readonly ExposedPort[] = [
  statusPort,
  { name: "http2", port: 80, targetPort: 8080 },
  { name: "https", port: 443, targetPort: 8443 },
];

/** What the profile `demo` adds to either: a port for plain TCP, and one for other clusters. */
export const demoPorts: readonly ExposedPort[] = [
  { name: "tcp", port: 31400 },
  { name: "tls", port: 15443 },
];

/** Values of the chart `gateway` that an exposure decides; to be merged with the others. */
export interface GatewayServiceValues {
  readonly service: Readonly<Record<string, unknown>> & {
    readonly type: string;
    readonly ports: readonly object[];
  };
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/**
 * The exposure as values of the chart `gateway`. An Ingress is an object of its own, by `renderIngress`. Ports of the
 * host are no value of the chart, and a pod in the host's network gets no proxy; for `hostNetwork` the nodes are chosen
 * here, and the ports have to be put into the Deployment.
 */
export function gatewayServiceValues(
  exposure: Exposure,
  ports: readonly ExposedPort[] = gatewayChartPorts,
): GatewayServiceValues {
  // The chart has no sessionAffinity; None is what the API server takes without one.
  const { sessionAffinity: _, ...settings } = serviceSettings(exposure);
  return {
    service: { ...settings, ports: servicePorts(exposure, ports, "the gateway's Service") },
    ...filled({ nodeSelector: podSettings(exposure).nodeSelector }),
  };
}

/** The exposure in the words of an IstioOperator: `k8s` of an ingress gateway. */
export function operatorGatewayK8s(
  exposure: Exposure,
  ports: readonly ExposedPort[] = operatorGatewayPorts,
): { readonly service: object; readonly serviceAnnotations?: object; readonly nodeSelector?: object } {
  const { annotations, ...settings } = serviceSettings(exposure);
  return {
    service: { ...settings, ports: servicePorts(exposure, ports, "the gateway's Service") },
    ...filled({ serviceAnnotations: annotations, nodeSelector: podSettings(exposure).nodeSelector }),
  };
}

/** Labels that the operator of an older Istio gave the Service, as source document 000 shows them. */
export const operatorGatewayLabels = (version: string) => ({
  app: "istio-ingressgateway",
  "install.operator.istio.io/owning-resource": "unknown",
  "install.operator.istio.io/owning-resource-namespace": "istio-system",
  istio: "ingressgateway",
  "istio.io/rev": "default",
  "operator.istio.io/component": "IngressGateways",
  "operator.istio.io/managed": "Reconcile",
  "operator.istio.io/version": version,
  release: "istio",
});
