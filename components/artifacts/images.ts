import { atLeast } from "../lib/versions";
import { imageRepositories } from "./sources";

/**
 * Tags of the images that kubeadm names by itself, by the version from which on they hold: its constants.go. Newest
 * first.
 */
interface Tags {
  readonly from: string;
  readonly pause: string;
  /** Only of a stacked etcd. */
  readonly etcd: string;
  readonly coredns: string;
}

const table: readonly Tags[] = [
  { from: "1.37", pause: "3.10.2", etcd: "3.7.0-0", coredns: "v1.14.6" },
  { from: "1.36", pause: "3.10.2", etcd: "3.6.8-0", coredns: "v1.14.2" },
  { from: "1.35", pause: "3.10.1", etcd: "3.6.6-0", coredns: "v1.13.1" },
  { from: "1.34.2", pause: "3.10.1", etcd: "3.6.5-0", coredns: "v1.12.1" },
  { from: "1.34", pause: "3.10.1", etcd: "3.6.4-0", coredns: "v1.12.1" },
  { from: "1.33.6", pause: "3.10", etcd: "3.5.24-0", coredns: "v1.12.0" },
  { from: "1.33", pause: "3.10", etcd: "3.5.21-0", coredns: "v1.12.0" },
  { from: "1.32.10", pause: "3.10", etcd: "3.5.24-0", coredns: "v1.11.3" },
  { from: "1.32", pause: "3.10", etcd: "3.5.16-0", coredns: "v1.11.3" },
  { from: "1.31.14", pause: "3.10", etcd: "3.5.24-0", coredns: "v1.11.3" },
  { from: "1.31.1", pause: "3.10", etcd: "3.5.15-0", coredns: "v1.11.3" },
  { from: "1.31", pause: "3.10", etcd: "3.5.15-0", coredns: "v1.11.1" },
  { from: "1.30.5", pause: "3.9", etcd: "3.5.15-0", coredns: "v1.11.3" },
  { from: "1.30", pause: "3.9", etcd: "3.5.12-0", coredns: "v1.11.1" },
  { from: "1.29.14", pause: "3.9", etcd: "3.5.16-0", coredns: "v1.11.1" },
  { from: "1.29.9", pause: "3.9", etcd: "3.5.15-0", coredns: "v1.11.1" },
  { from: "1.29.3", pause: "3.9", etcd: "3.5.12-0", coredns: "v1.11.1" },
  { from: "1.29", pause: "3.9", etcd: "3.5.10-0", coredns: "v1.11.1" },
  { from: "1.28.14", pause: "3.9", etcd: "3.5.15-0", coredns: "v1.10.1" },
  { from: "1.28.8", pause: "3.9", etcd: "3.5.12-0", coredns: "v1.10.1" },
  { from: "1.28.6", pause: "3.9", etcd: "3.5.10-0", coredns: "v1.10.1" },
  { from: "1.28", pause: "3.9", etcd: "3.5.9-0", coredns: "v1.10.1" },
  { from: "1.27.13", pause: "3.9", etcd: "3.5.12-0", coredns: "v1.10.1" },
  { from: "1.27.10", pause: "3.9", etcd: "3.5.10-0", coredns: "v1.10.1" },
  { from: "1.27.7", pause: "3.9", etcd: "3.5.9-0", coredns: "v1.10.1" },
  { from: "1.27", pause: "3.9", etcd: "3.5.7-0", coredns: "v1.10.1" },
  { from: "1.26.13", pause: "3.9", etcd: "3.5.10-0", coredns: "v1.9.3" },
  { from: "1.26.10", pause: "3.9", etcd: "3.5.9-0", coredns: "v1.9.3" },
  { from: "1.26", pause: "3.9", etcd: "3.5.6-0", coredns: "v1.9.3" },
  { from: "1.25.15", pause: "3.8", etcd: "3.5.9-0", coredns: "v1.9.3" },
  { from: "1.25.5", pause: "3.8", etcd: "3.5.6-0", coredns: "v1.9.3" },
  { from: "1.25.4", pause: "3.8", etcd: "3.5.5-0", coredns: "v1.9.3" },
  { from: "1.25", pause: "3.8", etcd: "3.5.4-0", coredns: "v1.9.3" },
  { from: "1.24.9", pause: "3.7", etcd: "3.5.6-0", coredns: "v1.8.6" },
  { from: "1.24", pause: "3.7", etcd: "3.5.3-0", coredns: "v1.8.6" },
  { from: "1.23.15", pause: "3.6", etcd: "3.5.6-0", coredns: "v1.8.6" },
  { from: "1.23.14", pause: "3.6", etcd: "3.5.5-0", coredns: "v1.8.6" },
  { from: "1.23", pause: "3.6", etcd: "3.5.1-0", coredns: "v1.8.6" },
  { from: "1.22.17", pause: "3.5", etcd: "3.5.6-0", coredns: "v1.8.4" },
  { from: "1.22", pause: "3.5", etcd: "3.5.0-0", coredns: "v1.8.4" },
  { from: "1.21", pause: "3.4.1", etcd: "3.4.13-0", coredns: "v1.8.0" },
  { from: "1.19.1", pause: "3.2", etcd: "3.4.13-0", coredns: "1.7.0" },
  { from: "1.19", pause: "3.2", etcd: "3.4.9-1", coredns: "1.7.0" },
  { from: "1.18", pause: "3.2", etcd: "3.4.3-0", coredns: "1.6.7" },
];

/** Tags for a Kubernetes version. Those of patches that the table does not know may have moved on. */
export function imageTags(kubernetes: string): Omit<Tags, "from"> {
  const row = table.find(({ from }) => atLeast(kubernetes, from));
  if (row === undefined) throw new Error(`no image tags are known for Kubernetes ${kubernetes}`);
  return { pause: row.pause, etcd: row.etcd, coredns: row.coredns };
}

/** Name and tag of the pause image, without its registry; the container runtime must be told the same one. */
export const pauseImage = (kubernetes: string): string => `pause:${imageTags(kubernetes).pause}`;

/** Upstream's registry has CoreDNS one folder deeper; everywhere else kubeadm expects flat names. */
const nested = (repository: string) => repository === imageRepositories.upstream;

/** Repository of CoreDNS as it really lies there. Up to 1.20 its images were flat everywhere. */
function corednsRepository(kubernetes: string, repository: string): string {
  return atLeast(kubernetes, "1.21") && nested(repository) ? `${repository}/coredns` : repository;
}

/**
 * kubeadm's `dns` where it would look for CoreDNS in the wrong folder: 1.21 asks every other registry for the deep
 * name, 1.22 to 1.24 take registry.k8s.io for one of those with flat names.
 */
export function dnsImageFor(
  kubernetes: string,
  repository: string,
): { readonly imageRepository: string } | undefined {
  if (!atLeast(kubernetes, "1.21") || atLeast(kubernetes, "1.25")) return undefined;
  return { imageRepository: corednsRepository(kubernetes, repository) };
}

export interface KubernetesImagesArgs {
  /** Three numbers without a leading v. */
  readonly kubernetes: string;
  /** kubeadm's imageRepository. */
  readonly imageRepository: string;
  /** Whether kube-proxy runs. */
  readonly kubeProxy: boolean;
  /** Whether kubeadm runs etcd itself, as a pod on every control plane. */
  readonly stackedEtcd: boolean;
}

/** Every image that kubeadm pulls, as `kubeadm config images list` names them, sorted. */
export function kubernetesImages(args: KubernetesImagesArgs): string[] {
  const { kubernetes, imageRepository } = args;
  const tags = imageTags(kubernetes);
  const own = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  return [
    ...[...own, ...(args.kubeProxy ? ["kube-proxy"] : [])].map(
      (name) => `${imageRepository}/${name}:v${kubernetes}`,
    ),
    `${corednsRepository(kubernetes, imageRepository)}/coredns:${tags.coredns}`,
    `${imageRepository}/pause:${tags.pause}`,
    ...(args.stackedEtcd ? [`${imageRepository}/etcd:${tags.etcd}`] : []),
  ].sort();
}
