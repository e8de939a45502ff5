/** A mesh as applications see it. */
export const mesh = {
  version: "1.31.0",
  ingress: {
    namespace: "istio-system",
    selector: { istio: "ingressgateway" },
    service: "istio-ingressgateway",
  },
} as const;
