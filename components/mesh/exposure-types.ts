import type { KubeObject } from "../lib/objects";
import type { AliyunSlbExposure } from "./aliyun-slb";

/** Ports of the nodes by the name of the Service's port. A port that is not named gets one from the cluster. */
export type NodePorts = Readonly<Record<string, number>>;

/** Only inside the cluster, by the Service's name. */
export interface ClusterIpExposure {
  readonly kind: "clusterIP";
}

/** A port on the address of every node. */
export interface NodePortExposure {
  readonly kind: "nodePort";
  /** Default: chosen by the cluster, so that they are known only after an `up`. */
  readonly nodePorts?: NodePorts | undefined;
  /** `Local` keeps the client's address, and only nodes with a pod of it answer. Default `Cluster`. */
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
}

/** An address of a load balancer, from whatever serves those in the cluster. */
export interface LoadBalancerExposure {
  readonly kind: "loadBalancer";
  /** Default: chosen by the cluster. */
  readonly nodePorts?: NodePorts | undefined;
  /** Settings for the implementation. Default none. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** `Local` keeps the client's address. Default `Cluster`. */
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  /** Where the balancer asks a node for pods, with `Local` only. Default: chosen by the cluster. */
  readonly healthCheckNodePort?: number | undefined;
  /** Networks of clients that may come in. Default: everyone. */
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  /** Which implementation, where there are several; can never be changed. Default: the cluster's own. */
  readonly loadBalancerClass?: string | undefined;
  /**
   * Hold the run until there is an address. Default false: where nothing assigns one, as on bare hosts, each run would
   * wait ten minutes and then fail.
   */
  readonly awaitAddress?: boolean | undefined;
}

/** The pod uses the network of its node, and thus ports of the node itself, 80 too. */
export interface HostNetworkExposure {
  readonly kind: "hostNetwork";
  /** Labels of the nodes it may run on. Default: any node. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
}

/** A host name at an ingress controller that the cluster has. */
export interface IngressExposure {
  readonly kind: "ingress";
  readonly host: string;
  /** Default: the cluster's default class. */
  readonly ingressClassName?: string | undefined;
  /** Secret of type kubernetes.io/tls in the same namespace. Default: plain HTTP. */
  readonly tlsSecretName?: string | undefined;
  /** Settings for the controller. Default none. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Name of the Service's port. Default: the first. */
  readonly port?: string | undefined;
  /** Name of the Ingress. Default: the Service's. */
  readonly name?: string | undefined;
}

/** How something in the cluster can be reached: the ingress gateway, a dashboard, an application. */
export type Exposure =
  | ClusterIpExposure
  | NodePortExposure
  | LoadBalancerExposure
  | AliyunSlbExposure
  | HostNetworkExposure
  | IngressExposure;

export interface ExposedPort {
  readonly name: string;
  readonly port: number;
  /** Number or name of the container's port. Default: `port`. */
  readonly targetPort?: number | string | undefined;
  /** Default TCP. */
  readonly protocol?: "TCP" | "UDP" | undefined;
  /** What is spoken on it, such as `http`. Default: the mesh reads it from the name. */
  readonly appProtocol?: string | undefined;
}

/** What is exposed. */
export interface ExposedService {
  readonly name: string;
  readonly namespace: string;
  /** Default none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ExposedPort[];
}

/** What an exposure asks of the pods; goes into their spec. */
export interface PodSettings {
  readonly hostNetwork?: boolean;
  readonly dnsPolicy?: "ClusterFirstWithHostNet";
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

export interface Exposed {
  readonly service: KubeObject;
  readonly ingress?: KubeObject;
  readonly pod: PodSettings;
}
