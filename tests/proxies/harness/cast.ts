import type { Labels } from "../../../components/lib/fields";
import type { KubeObject } from "../../../components/lib/objects";

/** An application with a Service, and one workload per version. */
export interface App {
  readonly name: string;
  readonly namespace: string;
  readonly versions: readonly string[];
  /** By name, as in the Service. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether its servers speak TLS. Default false. */
  readonly tls?: boolean;
  /** Place by version, `region/zone`. Default: not known. */
  readonly localities?: Readonly<Record<string, string>>;
}

/** A pod that sends requests, with its sidecar. */
export interface Client {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount?: string;
}

/** Where the applications listen: away from ports that others may use, and other than the Service's. */
export const targetPort = (port: number): number => 20_000 + (port % 40_000);

export const labelsOf = ({ name }: App, version: string): Labels => ({ app: name, version });

export const namespaceObject = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});

/** The Service of an application; one without versions has no pods. */
export const serviceObject = ({ name, namespace, ports }: App): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: {
    selector: { app: name },
    ports: Object.entries(ports).map(([portName, port]) => ({
      name: portName,
      port,
      protocol: "TCP",
      targetPort: targetPort(port),
    })),
  },
});

/** A version as the simulator knows it. */
export const deploymentObject = (app: App, version: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: `${app.name}-${version}`, namespace: app.namespace },
  spec: { replicas: 1, template: { metadata: { labels: labelsOf(app, version) }, spec: { containers: [] } } },
});

/**
 * The same version as Istio knows it. The API server takes no loopback addresses for endpoints of Services, but Istio
 * takes WorkloadEntries for pods of the Services that select them.
 */
export const workloadEntry = (app: App, version: string, address: string): KubeObject => {
  const { name, namespace, localities = {} } = app;
  const locality = localities[version];
  const spec = { address, labels: labelsOf(app, version), ...(locality === undefined ? {} : { locality }) };
  const metadata = { name: `${name}-${version}`, namespace, labels: labelsOf(app, version) };
  return { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", metadata, spec };
};

/** Nothing captures the client's traffic, so its proxy listens at the client's own address for every Service. */
export const clientSidecar = ({ name, namespace, labels }: Client, address: string): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name, namespace },
  spec: { workloadSelector: { labels }, egress: [{ bind: address, hosts: ["*/*"] }] },
});

/** An application with a sidecar of its own, which takes requests for it at the port. */
export interface Guarded {
  readonly name: string;
  readonly namespace: string;
  /** Of its Service and of its pod. */
  readonly port: number;
}

export const guardedObjects = (
  { name, namespace, port }: Guarded,
  address: string,
  behind: number,
): readonly KubeObject[] => {
  const metadata = { name, namespace };
  const labels = { app: name };
  const listener = { number: port, protocol: "HTTP", name: "http" };
  const ingress = [{ port: listener, bind: address, defaultEndpoint: `127.0.0.1:${behind}` }];
  const egress = [{ bind: address, hosts: ["sentinel/*", "istio-system/*", "limits/*"] }];
  const networking = { apiVersion: "networking.istio.io/v1" };
  // The label tells other proxies that this one speaks mutual TLS.
  const known = { ...labels, "security.istio.io/tlsMode": "istio" };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "http", port, protocol: "TCP", targetPort: port }] },
    },
    { ...networking, kind: "Sidecar", metadata, spec: { workloadSelector: { labels }, ingress, egress } },
    {
      ...networking,
      kind: "WorkloadEntry",
      metadata: { ...metadata, labels: known },
      spec: { address, labels: known, serviceAccount: name },
    },
  ];
};

export const gatewayName = "istio-ingressgateway";
export const gatewayLabels = { istio: "ingressgateway" } as const;

/** The gateway's Service and, for the simulator, its Deployment. `listen` has the port at the pod for each port. */
export const gatewayObjects = (
  listen: Readonly<Record<number, number>>,
  namespace: string,
): { readonly service: KubeObject; readonly deployment: KubeObject } => ({
  service: {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: gatewayName, namespace },
    spec: {
      selector: gatewayLabels,
      ports: Object.entries(listen).map(([port, target]) => ({
        name: `http-${port}`,
        port: Number(port),
        protocol: "TCP",
        targetPort: target,
      })),
    },
  },
  deployment: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: gatewayName, namespace },
    spec: { template: { metadata: { labels: gatewayLabels }, spec: { containers: [] } } },
  },
});
