import type { Exposure, IngressExposure } from "./exposure-types";

/** Who is exposed. The names are those of the Services, the ingress gateway apart. */
export type ExposedName = "ingress" | "grafana" | "kiali" | "tracing" | "prometheus";

const ingressHost = (name: string, ingressName = name): IngressExposure => ({
  kind: "ingress",
  host: `${ingressName}.istio.com`,
  ...(ingressName === name ? {} : { name: ingressName }),
});

/**
 * How the source documents reach things. Where a gateway stands there as a LoadBalancer that stays pending, it is a node
 * port here: that is all they use of it. Document 002's gateway has the ports of the profile demo.
 */
export const exposurePresets = {
  seed000: {
    ingress: {
      kind: "nodePort",
      nodePorts: { "status-port": 30197, http2: 32430, https: 30032 },
    },
    grafana: { kind: "nodePort", nodePorts: { service: 30300 } },
    kiali: { kind: "nodePort", nodePorts: { http: 30201 } },
    tracing: { kind: "nodePort", nodePorts: { "http-query": 30686 } },
    prometheus: { kind: "clusterIP" },
  },
  seed002: {
    ingress: {
      kind: "nodePort",
      nodePorts: { "status-port": 31880, http2: 31966, https: 32273, tcp: 31340, tls: 30333 },
    },
    grafana: { kind: "nodePort", nodePorts: { service: 30190 } },
    tracing: { kind: "nodePort", nodePorts: { "http-query": 30111 } },
    prometheus: { kind: "nodePort", nodePorts: { http: 30046 } },
  },
  seed003: {
    ingress: { kind: "nodePort", nodePorts: { http2: 30779 } },
    grafana: ingressHost("grafana"),
    kiali: ingressHost("kiali"),
    tracing: ingressHost("tracing", "jaeger"),
    prometheus: ingressHost("prometheus"),
  },
} as const satisfies Record<string, Partial<Record<ExposedName, Exposure>>>;

export type ExposurePreset = keyof typeof exposurePresets;

/**
 * The private load balancer of source document 000, in its spelling; the document hides the id. For a new platform take
 * the present spelling: leave `annotations` out.
 */
export const seed000Slb = (id: string): Exposure => ({
  kind: "aliyunSlb",
  id,
  addressType: "intranet",
  forceOverrideListeners: true,
  nodePorts: { "status-port": 32045, http2: 30080, https: 30443 },
  externalTrafficPolicy: "Local",
  annotations: "alicloud",
});
