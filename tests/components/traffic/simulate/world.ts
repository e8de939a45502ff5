import type { KubeObject } from "../../../../components/lib/objects";

const injected = { labels: { "istio-injection": "enabled" } };

export const namespace = (name: string, metadata: object = injected): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...metadata },
});

export const deployment = (
  place: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  { replicas = 1, account = "default" } = {},
): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: place },
  spec: {
    replicas,
    template: { metadata: { labels }, spec: { serviceAccountName: account, containers: [] } },
  },
});

export const service = (
  place: string,
  name: string,
  port: number,
  { selector = { app: name } as Readonly<Record<string, string>>, portName = "http", targetPort = port } = {},
): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: place },
  spec: { selector, ports: [{ name: portName, port, targetPort }] },
});

const istio =
  (group: string, kind: string) =>
  (place: string, name: string, spec: object): KubeObject => ({
    apiVersion: `${group}.istio.io/v1`,
    kind,
    metadata: { name, namespace: place },
    spec,
  });

export const virtualService = istio("networking", "VirtualService");
export const destinationRule = istio("networking", "DestinationRule");
export const gateway = istio("networking", "Gateway");
export const sidecar = istio("networking", "Sidecar");
export const peers = istio("security", "PeerAuthentication");
export const authorization = istio("security", "AuthorizationPolicy");

/** A DestinationRule with subsets by the label `version`. */
export const versions = (place: string, host: string, ...names: readonly string[]): KubeObject =>
  destinationRule(place, host, { host, subsets: names.map((name) => ({ name, labels: { version: name } })) });

/** An app with a Service and a Deployment per version. */
export const app = (place: string, name: string, port: number, ...names: readonly string[]): KubeObject[] => [
  service(place, name, port),
  ...names.map((version) => deployment(place, `${name}-${version}`, { app: name, version })),
];

export const to = (host: string, subset?: string, weight?: number) => ({
  destination: { host, ...(subset === undefined ? {} : { subset }) },
  ...(weight === undefined ? {} : { weight }),
});

export const user = (name: string) => [{ headers: { "end-user": { exact: name } } }];

/** The shop of the documents, without any rule. */
export const bookinfo: readonly KubeObject[] = [
  namespace("bookinfo"),
  ...app("bookinfo", "productpage", 9080, "v1"),
  ...app("bookinfo", "details", 9080, "v1"),
  ...app("bookinfo", "ratings", 9080, "v1"),
  ...app("bookinfo", "reviews", 9080, "v1", "v2", "v3"),
  versions("bookinfo", "reviews", "v1", "v2", "v3"),
  versions("bookinfo", "ratings", "v1"),
];

export const ingress = deployment("istio-system", "istio-ingressgateway", { istio: "ingressgateway" });

/** A Gateway on port 80 of the ingress gateway. */
export const door = (place: string, name: string, ...hosts: readonly string[]): KubeObject =>
  gateway(place, name, {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
  });
