import { deployment, plainShop, shop, space } from "../../../support/mesh-objects";
import type { Example } from "./example";

const mode = "istio.io/dataplane-mode";
const waypoint = "istio.io/use-waypoint";
const ambient = space("shop", { [mode]: "ambient" });
const proxy = { containers: [{ name: "istio-proxy", image: "proxyv2:1.31.0" }] };
const waypointGateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "way", namespace: "shop" },
  spec: { gatewayClassName: "istio-waypoint" },
};

export const ambientExamples: readonly Example[] = [
  {
    code: "KIA1311",
    name: "a pod that asks for both",
    bad: [space("shop"), deployment({ labels: { [mode]: "ambient", "sidecar.istio.io/inject": "true" } })],
    at: "Deployment shop/cart spec.template.metadata.labels.istio.io/dataplane-mode",
    good: [space("shop"), deployment({ labels: { [mode]: "ambient", "sidecar.istio.io/inject": "false" } })],
  },
  {
    code: "KIA1315",
    name: "a pod with a proxy of its own that asks for ambient",
    bad: [plainShop, deployment({ labels: { [mode]: "ambient" }, spec: proxy })],
    at: "Deployment shop/cart spec.template.metadata.labels.istio.io/dataplane-mode",
    good: [plainShop, deployment({ labels: { [mode]: "none" }, spec: proxy })],
  },
  {
    code: "KIA1316",
    name: "a sidecar in an ambient namespace",
    bad: [ambient, deployment({ labels: { "sidecar.istio.io/inject": "true" } })],
    at: "Deployment shop/cart spec.template.metadata.labels",
    good: [ambient, deployment({ labels: { "sidecar.istio.io/inject": "true", [mode]: "none" } })],
  },
  {
    code: "KIA1312",
    name: "a waypoint outside ambient",
    bad: [space("shop", { "istio-injection": "enabled", [waypoint]: "way" }), waypointGateway],
    at: "Namespace shop metadata.labels.istio.io/use-waypoint",
    good: [space("shop", { [mode]: "ambient", [waypoint]: "way" }), waypointGateway],
  },
  {
    code: "KIA1312",
    name: "a pod's waypoint outside ambient",
    bad: [shop, waypointGateway, deployment({ labels: { [waypoint]: "way" } })],
    at: "Deployment shop/cart spec.template.metadata.labels.istio.io/use-waypoint",
    good: [shop, waypointGateway, deployment({ labels: { [waypoint]: "none" } })],
  },
  {
    code: "KIA1313",
    name: "a waypoint that does not exist",
    bad: [space("shop", { [mode]: "ambient", [waypoint]: "other" }), waypointGateway],
    at: "Namespace shop metadata.labels.istio.io/use-waypoint",
    // In a namespace that others fill it may be there.
    good: [
      space("shop", { [mode]: "ambient", [waypoint]: "other", "istio.io/use-waypoint-namespace": "theirs" }),
      waypointGateway,
    ],
  },
];
