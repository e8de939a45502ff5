import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../hosts/machine";
import { coreDns } from "./coredns";
import { digestOf } from "./digest";
import { Flannel, type FlannelArgs, renderFlannelConfig } from "./flannel";
import { withoutKubeProxy } from "./kube-proxy";
import { KubeRouter } from "./kube-router";

/** What the operator chose; `network` of the config. */
export interface NetworkSettings {
  /** What connects the pods. */
  readonly kind: "flannel" | "kubeRouter";
  readonly flannel: Pick<FlannelArgs, "version" | "backend">;
  readonly kubeRouter: {
    readonly version: string;
    /** Whether NetworkPolicy is enforced. Default: where kube-router connects the pods. */
    readonly firewall?: boolean | undefined;
    /** Whether Services are served by IPVS, in place of kube-proxy. */
    readonly serviceProxy: boolean;
  };
  /** How kube-proxy serves Services; `none` takes it out of the cluster. */
  readonly kubeProxy: "iptables" | "nftables" | "ipvs" | "none";
  readonly corednsReplicas: number;
  /** Whether kube-router routes beside flannel. */
  readonly legacyDoublePodNetwork: boolean;
}

export interface PodNetworkArgs {
  readonly settings: NetworkSettings;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** Ports of NodePort services; the API server's flag. Default: its default. */
  readonly nodePortRange?: string | undefined;
  /** HOST:PORT by which everyone reaches the API server. */
  readonly endpoint: string;
  readonly kubernetesVersion: string;
  /** Registry and path of Kubernetes' images. */
  readonly imageRepository: string;
  /** A control plane, from which kube-proxy is taken away. */
  readonly seat: Machine;
  /** The step after which the API server answers; objects in the cluster go with it. */
  readonly cluster: pulumi.Resource;
  /** Every control plane: kubeadm writes its add-ons when the last one is upgraded. */
  readonly controlPlanes: readonly pulumi.Resource[];
  /** Parent of the step on the seat. */
  readonly parent: pulumi.Resource;
}

/** What kube-router has to do, from what the operator chose. */
export function kubeRouterDuties({ kind, kubeRouter, legacyDoublePodNetwork }: NetworkSettings) {
  const router = kind === "kubeRouter" || legacyDoublePodNetwork;
  return {
    router,
    firewall: kubeRouter.firewall ?? kind === "kubeRouter",
    serviceProxy: kubeRouter.serviceProxy,
  };
}

/**
 * The pod network, the service proxy and CoreDNS, one after the other: what is cleaned away with kube-proxy would
 * otherwise be the new proxy's rules, and CoreDNS needs the network. `done` is what nodes wait for to become Ready,
 * `dns` is when names are served.
 */
export function podNetwork(args: PodNetworkArgs, options: { readonly provider: pulumi.ProviderResource }) {
  const { settings, cluster } = args;
  const duties = kubeRouterDuties(settings);
  const without = settings.kubeProxy === "none";
  // A kube-router that also serves Services is up only later, and does not help itself.
  const apiServer = without ? args.endpoint : undefined;

  const flannel = (after: readonly pulumi.Resource[]) =>
    new Flannel(
      "flannel",
      {
        ...settings.flannel,
        podSubnet: args.podSubnet,
        kubernetesVersion: args.kubernetesVersion,
        apiServer,
        cluster,
        after,
      },
      options,
    ).done;
  const kubeRouter = (after: readonly pulumi.Resource[]) =>
    new KubeRouter(
      "kube-router",
      {
        version: settings.kubeRouter.version,
        ...duties,
        serviceSubnet: args.serviceSubnet,
        nodePortRange: args.nodePortRange,
        apiServer: args.endpoint,
        cluster,
        after,
      },
      options,
    ).done;

  const legacy = settings.kind === "flannel" && settings.legacyDoublePodNetwork;
  const first = settings.kind === "flannel" && !legacy ? [flannel([])] : [];
  const removal = without
    ? [withoutKubeProxy({ ...args, after: [...args.controlPlanes, cluster, ...first] })]
    : [];
  const second = Object.values(duties).includes(true) ? [kubeRouter([...removal, ...first])] : [];
  const third = legacy ? [flannel(second)] : [];
  const done = [...first, ...second, ...third];

  const dns = coreDns(
    "coredns",
    {
      replicas: settings.corednsReplicas,
      kubernetesVersion: args.kubernetesVersion,
      apiServer,
      // Pods that were made before flannel hang on kube-router's bridge, and are unreachable once flannel's is there.
      restartFor: legacy
        ? digestOf(renderFlannelConfig({ ...settings.flannel, podSubnet: args.podSubnet }))
        : undefined,
      cluster,
      after: [...args.controlPlanes, ...removal, ...done],
    },
    options,
  );
  return { done, dns };
}
