import { atLeast } from "../../components/lib/versions";
import type { Finding, Verdict } from "./compat";

/** What the rules look at; `network` is that part of the config. */
export interface NetworkChoice {
  readonly kubernetesVersion: string;
  readonly network: {
    readonly kind: "flannel" | "kubeRouter";
    readonly flannel: { readonly version: string };
    readonly kubeRouter: {
      readonly version: string;
      readonly firewall?: boolean | undefined;
      readonly serviceProxy: boolean;
    };
    readonly kubeProxy: "iptables" | "nftables" | "ipvs" | "none";
    readonly legacyDoublePodNetwork: boolean;
  };
  /** Kernel modules that this kind of host goes without; of the host profile. */
  readonly modulesLeftOut: readonly string[];
  /** Kernel version by host, where it is known before anything has run. Default: of no host. */
  readonly kernels?: Readonly<Record<string, string>>;
}

type Network = NetworkChoice["network"];

/** Whether kube-router has anything to do. */
const hasKubeRouter = ({ kind, legacyDoublePodNetwork, kubeRouter }: Network) =>
  kind === "kubeRouter" || legacyDoublePodNetwork || kubeRouter.serviceProxy || kubeRouter.firewall === true;

interface Row {
  readonly verdict: Exclude<Verdict, "supported">;
  readonly when: (choice: NetworkChoice) => boolean;
  readonly path: string;
  readonly given: (choice: NetworkChoice) => string;
  readonly allowed: string;
  readonly change: string;
}

const kubeProxy = { path: "network.kubeProxy", given: ({ network }: NetworkChoice) => network.kubeProxy };
const serviceProxy = { path: "network.kubeRouter.serviceProxy", given: () => "true" };
const kubeRouterVersion = {
  path: "network.kubeRouter.version",
  given: ({ network }: NetworkChoice) => network.kubeRouter.version,
};
const legacy = { path: "network.legacyDoublePodNetwork", given: () => "true" };

const lacksIpvs = ({ modulesLeftOut }: NetworkChoice) => modulesLeftOut.includes("ip_vs");

/** What goes with what. Each row stands for itself; several may object to one choice. */
const rows: readonly Row[] = [
  {
    verdict: "impossible",
    when: ({ network }) => network.kubeProxy !== "none" && network.kubeRouter.serviceProxy,
    path: "network.kubeRouter.serviceProxy",
    given: ({ network }) => `true, with network.kubeProxy ${network.kubeProxy}`,
    allowed: "one service proxy: two of them answer for the same addresses",
    change: "set network.kubeProxy to none, or network.kubeRouter.serviceProxy to false",
  },
  {
    verdict: "impossible",
    when: ({ network }) => network.legacyDoublePodNetwork && network.kind === "kubeRouter",
    ...legacy,
    allowed: "network.kind flannel; without it there is one pod network only",
    change: "set network.legacyDoublePodNetwork to false",
  },
  {
    verdict: "untested",
    when: ({ network }) => network.legacyDoublePodNetwork && network.kind === "flannel",
    ...legacy,
    allowed: "one pod network: two bridges hold the same addresses, and two programs write the same routes",
    change:
      "set network.legacyDoublePodNetwork to false; CoreDNS is restarted once both run, other pods that started in between have no network until they are restarted",
  },
  {
    verdict: "impossible",
    when: (choice) => choice.network.kubeRouter.serviceProxy && lacksIpvs(choice),
    ...serviceProxy,
    allowed: "false on hosts that have no kernel module ip_vs of their own",
    change: "set network.kubeRouter.serviceProxy to false and network.kubeProxy to iptables, or use machines",
  },
  {
    verdict: "impossible",
    when: (choice) => choice.network.kubeProxy === "ipvs" && lacksIpvs(choice),
    ...kubeProxy,
    allowed: "iptables, nftables or none on hosts that have no kernel module ip_vs of their own",
    change: "set network.kubeProxy to iptables, or use machines",
  },
  {
    verdict: "untested",
    when: ({ network, kubernetesVersion }) =>
      network.kubeProxy === "ipvs" && atLeast(kubernetesVersion, "1.35"),
    ...kubeProxy,
    allowed: "iptables or nftables: ipvs is deprecated since Kubernetes 1.35",
    change: "set network.kubeProxy to nftables where the kernel is 5.13 or later, else to iptables",
  },
  {
    verdict: "impossible",
    when: ({ network, kubernetesVersion }) =>
      network.kubeProxy === "nftables" && !atLeast(kubernetesVersion, "1.31"),
    ...kubeProxy,
    allowed: "nftables with Kubernetes 1.31 or later; before it is off unless a feature gate is set",
    change: "set network.kubeProxy to iptables",
  },
  {
    verdict: "untested",
    when: ({ network, kubernetesVersion }) =>
      network.kubeProxy === "nftables" &&
      atLeast(kubernetesVersion, "1.31") &&
      !atLeast(kubernetesVersion, "1.33"),
    ...kubeProxy,
    allowed: "nftables with Kubernetes 1.33 or later, where it is stable",
    change: "set network.kubeProxy to iptables, or take a newer Kubernetes",
  },
  {
    verdict: "untested",
    when: ({ network }) => network.kubeProxy === "none" && !network.kubeRouter.serviceProxy,
    ...kubeProxy,
    allowed: "a service proxy: without one no Service can be reached by its address, DNS included",
    change: "set network.kubeRouter.serviceProxy to true, or bring a proxy of your own",
  },
  {
    verdict: "impossible",
    when: ({ network, kubernetesVersion }) =>
      hasKubeRouter(network) &&
      atLeast(network.kubeRouter.version, "2.0") &&
      !atLeast(kubernetesVersion, "1.21"),
    ...kubeRouterVersion,
    allowed: "1.x with Kubernetes below 1.21, which has no EndpointSlices as 2.x reads them",
    change: "choose 1.6.1, or a newer Kubernetes",
  },
  {
    verdict: "untested",
    when: ({ network, kubernetesVersion }) =>
      hasKubeRouter(network) &&
      !atLeast(network.kubeRouter.version, "2.0") &&
      atLeast(kubernetesVersion, "1.25"),
    ...kubeRouterVersion,
    allowed: "2.x with Kubernetes 1.25 or later: 1.x ended before it",
    change: "choose a newer version of kube-router",
  },
  {
    verdict: "impossible",
    when: ({ network }) => hasKubeRouter(network) && !atLeast(network.kubeRouter.version, "1.0"),
    ...kubeRouterVersion,
    allowed: "1.0.0 or later",
    change: "choose a newer version",
  },
  {
    verdict: "impossible",
    when: ({ network, kubernetesVersion }) =>
      network.kind === "flannel" &&
      !atLeast(network.flannel.version, atLeast(kubernetesVersion, "1.25") ? "0.19" : "0.12"),
    path: "network.flannel.version",
    given: ({ network }) => network.flannel.version,
    allowed: "0.19.0 or later with Kubernetes 1.25 or later, 0.12.0 or later before",
    change: "choose a newer version",
  },
];

/** nftables as kube-proxy uses it. */
const nftablesKernel = "5.13";

function oldKernels({ network, kernels = {} }: NetworkChoice): Finding[] {
  if (network.kubeProxy !== "nftables") return [];
  const old = Object.entries(kernels).filter(
    ([, version]) => !atLeast(kernelNumber(version), nftablesKernel),
  );
  return old.map(([host, version]) => ({
    verdict: "impossible",
    path: "network.kubeProxy",
    given: `nftables, with Linux ${version} on ${host}`,
    allowed: `Linux ${nftablesKernel} or later on every host`,
    change: "set network.kubeProxy to iptables, or renew the host's kernel",
  }));
}

/** The numbers in front of a distribution's own text: `5.10.0-28-amd64` is 5.10.0. */
const kernelNumber = (version: string) => /^\d+(?:\.\d+){0,2}/.exec(version)?.[0] ?? "0";

/** Every objection to a choice of pod network and service proxy; none means supported. */
export function networkFindings(choice: NetworkChoice): Finding[] {
  const objections = rows.filter(({ when }) => when(choice));
  return [
    ...objections.map(({ verdict, path, given, allowed, change }) => ({
      verdict,
      path,
      given: given(choice),
      allowed,
      change,
    })),
    ...oldKernels(choice),
  ];
}
