import type { KubeObject } from "../../components/lib/objects";
import { renderInjector } from "../../components/mesh/injection-objects";

/** Small objects for tests of checks: what a test is about is given, the rest is right. */

type Labels = Readonly<Record<string, string>>;

export const space = (name: string, labels: Labels = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

/** A namespace that injects. */
export const shop = space("shop", { "istio-injection": "enabled" });
/** A namespace that says no. */
export const plainShop = space("shop", { "istio-injection": "disabled" });

export interface PodWishes {
  readonly name?: string;
  readonly namespace?: string;
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly labels?: unknown;
  readonly annotations?: Labels;
  readonly ownLabels?: Labels;
  readonly ownAnnotations?: Labels;
  /** More fields of the pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** More fields of the only container. */
  readonly container?: Readonly<Record<string, unknown>>;
}

export function deployment(wishes: PodWishes = {}): KubeObject {
  const { name = "cart", namespace = "shop", labels = { app: name }, annotations = {} } = wishes;
  const { ownLabels = {}, ownAnnotations = {}, spec = {}, container = {} } = wishes;
  return {
    apiVersion: wishes.apiVersion ?? "apps/v1",
    kind: wishes.kind ?? "Deployment",
    metadata: { name, namespace, labels: ownLabels, annotations: ownAnnotations },
    spec: {
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: "app", image: "shop/cart:1", ...container }], ...spec },
      },
    },
  };
}

export const service = (
  spec: Readonly<Record<string, unknown>> = {},
  name = "cart",
  namespace = "shop",
): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector: { app: "cart" }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
});

const ingressLabels = { app: "istio-ingressgateway", istio: "ingressgateway" };

/** The gateway's workload with its Service, as Istio's chart makes them. */
export const ingress: readonly KubeObject[] = [
  space("ingress", { "istio-injection": "enabled" }),
  deployment({
    name: "istio-ingressgateway",
    namespace: "ingress",
    labels: ingressLabels,
    annotations: { "inject.istio.io/templates": "gateway" },
    spec: { containers: [{ name: "istio-proxy", image: "auto" }] },
  }),
  service(
    {
      selector: ingressLabels,
      ports: [
        { name: "http2", port: 80, targetPort: 80 },
        { name: "https", port: 443, targetPort: 443 },
      ],
    },
    "istio-ingressgateway",
    "ingress",
  ),
];

export const server = (more: Readonly<Record<string, unknown>> = {}) => ({
  port: { number: 80, name: "http", protocol: "HTTP" },
  hosts: ["shop.example.com"],
  ...more,
});

export const secureServer = (tls: Readonly<Record<string, unknown>> = {}) =>
  server({
    port: { number: 443, name: "https", protocol: "HTTPS" },
    tls: { mode: "SIMPLE", credentialName: "shop-tls", ...tls },
  });

export const gateway = (
  servers: readonly unknown[] = [server()],
  name = "shop",
  namespace = "shop",
  selector: Labels = { istio: "ingressgateway" },
): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name, namespace },
  spec: { selector, servers },
});

export const virtualService = (
  spec: Readonly<Record<string, unknown>> = {},
  name = "shop",
  namespace = "shop",
): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace },
  spec: {
    hosts: ["shop.example.com"],
    gateways: ["shop"],
    http: [{ route: [{ destination: { host: "cart" } }] }],
    ...spec,
  },
});

export const secret = (
  data: unknown = { "tls.crt": "c", "tls.key": "k" },
  namespace = "ingress",
  name = "shop-tls",
): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  data,
});

/** The control planes that the chart of istiod makes, by default one without a revision. */
export const injector = renderInjector({ revision: "" });

/** An object with more annotations. */
export const noted = (object: KubeObject, annotations: Labels): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});
