import type { KubeObject } from "../lib/objects";
import { renderSlbAnnotations, slbAnnotationsIn } from "./aliyun-slb";
import { filled } from "./exposure-fields";
import type {
  Exposed,
  ExposedPort,
  ExposedService,
  Exposure,
  IngressExposure,
  NodePorts,
  PodSettings,
} from "./exposure-types";

export type * from "./exposure-types";

/** For Pulumi alone: do not wait until the object is ready. */
export const skipAwait = { "pulumi.com/skipAwait": "true" } as const;

/** The objects of an exposure. Throws where it names a port that the Service lacks. */
export function expose(exposure: Exposure, service: ExposedService): Exposed {
  const { name, namespace, labels, selector, ports } = service;
  const { type, annotations, ...settings } = serviceSettings(exposure);
  const ingress = exposure.kind === "ingress" ? { ingress: renderIngress(exposure, service) } : ({} as const);
  return {
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, ...filled({ labels, annotations }) },
      spec: {
        type,
        selector,
        ports: servicePorts(exposure, ports, `Service ${namespace}/${name}`),
        ...settings,
      },
    },
    ...ingress,
    pod: podSettings(exposure),
  };
}

/** Fields of a Service that an exposure decides. */
export interface ServiceSettings {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer";
  readonly annotations?: Readonly<Record<string, string>>;
  readonly sessionAffinity?: "None";
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  readonly healthCheckNodePort?: number;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly loadBalancerClass?: string;
}

/** Type, annotations and policies of the Service. */
export function serviceSettings(exposure: Exposure): ServiceSettings {
  switch (exposure.kind) {
    case "nodePort":
      return { type: "NodePort", ...filled({ externalTrafficPolicy: exposure.externalTrafficPolicy }) };
    case "loadBalancer": {
      const { externalTrafficPolicy, healthCheckNodePort, loadBalancerSourceRanges, loadBalancerClass } =
        exposure;
      refuseSlbAnnotations(exposure.annotations ?? {});
      const annotations = { ...exposure.annotations, ...(exposure.awaitAddress ? {} : skipAwait) };
      const fields = {
        externalTrafficPolicy,
        healthCheckNodePort,
        loadBalancerSourceRanges,
        loadBalancerClass,
      };
      return { type: "LoadBalancer", ...filled({ annotations, ...fields }) };
    }
    case "aliyunSlb":
      return {
        type: "LoadBalancer",
        annotations: renderSlbAnnotations(exposure),
        sessionAffinity: "None",
        externalTrafficPolicy: exposure.externalTrafficPolicy ?? "Local",
        ...filled({ loadBalancerSourceRanges: exposure.loadBalancerSourceRanges }),
      };
    default:
      // The pod's own address serves; the name is still wanted inside the cluster.
      return { type: "ClusterIP" };
  }
}

function refuseSlbAnnotations(annotations: Readonly<Record<string, string>>): void {
  const [foreign] = slbAnnotationsIn(annotations);
  if (foreign === undefined) return;
  throw new Error(
    `loadBalancer: annotations has ${foreign}; allowed are others than Aliyun's; ` +
      "write kind: aliyunSlb, which asks whether listeners of that instance may be replaced",
  );
}

/** Ports as a Service has them. `owner` is for the message where a node port belongs to none of them. */
export function servicePorts(exposure: Exposure, ports: readonly ExposedPort[], owner: string): object[] {
  const nodePorts: NodePorts = "nodePorts" in exposure ? (exposure.nodePorts ?? {}) : {};
  const unknown = Object.keys(nodePorts).filter((name) => ports.every((port) => port.name !== name));
  if (unknown.length > 0) {
    const names = ports.map(({ name }) => name).join(", ");
    throw new Error(
      `${owner}: nodePorts names ${unknown.join(", ")}; allowed are its ports ${names}; correct the name`,
    );
  }
  return ports.map(({ name, port, targetPort = port, protocol = "TCP", appProtocol }) => ({
    name,
    port,
    protocol,
    targetPort,
    ...filled({ nodePort: nodePorts[name], appProtocol }),
  }));
}

/** What the pods need so that the exposure works. */
export function podSettings(exposure: Exposure): PodSettings {
  if (exposure.kind !== "hostNetwork") return {};
  // Without this policy such a pod asks the node's name servers, which know no Service.
  return {
    hostNetwork: true,
    dnsPolicy: "ClusterFirstWithHostNet",
    ...filled({ nodeSelector: exposure.nodeSelector }),
  };
}

/** The whole host goes to one port of the Service. Not awaited: a controller may never write its address. */
export function renderIngress(exposure: IngressExposure, service: ExposedService): KubeObject {
  const { host, ingressClassName, tlsSecretName, annotations } = exposure;
  const { name, namespace, labels, ports } = service;
  const port = exposure.port === undefined ? ports[0] : ports.find((one) => one.name === exposure.port);
  if (port === undefined) {
    throw new Error(
      `Ingress ${namespace}/${name}: port is ${exposure.port ?? "not given"}; allowed are the Service's ports ` +
        `${ports.map((one) => one.name).join(", ")}; correct the name`,
    );
  }
  const backend = { service: { name, port: { number: port.port } } };
  const tls = tlsSecretName === undefined ? undefined : [{ hosts: [host], secretName: tlsSecretName }];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: exposure.name ?? name,
      namespace,
      ...filled({ labels }),
      annotations: { ...annotations, ...skipAwait },
    },
    spec: {
      ...filled({ ingressClassName, tls }),
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  };
}
