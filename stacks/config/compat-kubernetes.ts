import { compareVersions } from "../../components/lib/versions";
import type { Finding } from "./compat";

/**
 * What a Kubernetes version allows of kubeadm's config API, kube-proxy and etcd. Everything is a row of data with the
 * versions for which it holds. Container runtimes and pod networks have tables of their own beside this one.
 */

export type KubeadmApi = "v1beta2" | "v1beta3" | "v1beta4";

/** Newest first: which config API is written for a Kubernetes version. */
const writtenApis: readonly (readonly [from: string, api: KubeadmApi])[] = [
  ["1.31", "v1beta4"],
  ["1.22", "v1beta3"],
  ["1.15", "v1beta2"],
];

/** kubeadm's config API for a Kubernetes version: the newest one that it knows. */
export function kubeadmApiOf(kubernetes: string): KubeadmApi {
  const row = writtenApis.find(([from]) => compareVersions(kubernetes, from) >= 0);
  if (row === undefined) throw new Error(`kubeadm's config API for Kubernetes ${kubernetes} is not known`);
  return row[1];
}

/** A value of the config that not every Kubernetes takes. */
interface ValueRow {
  readonly path: string;
  readonly value: string;
  /** Kubernetes versions that take it without objection: from … (inclusive) up to below … (exclusive). */
  readonly from?: string;
  readonly below?: string;
  readonly why: string;
  readonly change: string;
}

const valueRows: readonly ValueRow[] = [
  {
    path: "kubernetes.kubeadmApi",
    value: "v1beta2",
    from: "1.15",
    below: "1.27",
    why: "kubeadm 1.27 no longer reads it",
    change: "write v1beta3 or v1beta4",
  },
  {
    path: "kubernetes.kubeadmApi",
    value: "v1beta3",
    from: "1.22",
    below: "1.37",
    why: "it came with kubeadm 1.22, and 1.37 no longer reads it",
    change: "write v1beta4 from 1.31 on, v1beta2 before 1.22",
  },
  {
    path: "kubernetes.kubeadmApi",
    value: "v1beta4",
    from: "1.31",
    why: "it came with kubeadm 1.31",
    change: "write v1beta3",
  },
  {
    path: "network.kubeProxy",
    value: "userspace",
    below: "1.26",
    why: "kube-proxy lost it in 1.26",
    change: "choose iptables",
  },
];

/** A part whose versions depend on that of Kubernetes. */
interface PartRow {
  readonly path: string;
  /** Kubernetes from this version on, up to the row before. */
  readonly kubernetes: string;
  readonly min: string;
  readonly below?: string;
  readonly why: string;
}

/** Per part newest Kubernetes first. */
const etcdRows: readonly PartRow[] = [
  {
    path: "etcd.version",
    kubernetes: "1.31",
    min: "3.5.24",
    below: "4.0",
    why: "kubeadm's preflight of etcd",
  },
  {
    path: "etcd.version",
    kubernetes: "1.22",
    min: "3.5.6",
    below: "3.6",
    why: "3.5.0 to 3.5.2 corrupt data; 3.5.6 is the production floor",
  },
  {
    path: "etcd.version",
    kubernetes: "1.15",
    min: "3.3.13",
    below: "3.5",
    why: "kubeadm's own is 3.4; 3.3 before 3.3.13 answers reads too slowly",
  },
];

/** kubeadm versions that look for CoreDNS under a path that mirrors with flat names do not have. */
const nestedDns = { from: "1.21.0", below: "1.21.2" } as const;

export interface KubernetesSet {
  readonly kubernetes: string;
  /** Default: the one that is written for the version. */
  readonly kubeadmApi?: KubeadmApi | undefined;
  /** Version of our own etcd; undefined where kubeadm runs etcd. */
  readonly etcd?: string | undefined;
  /** Default: one that every version has. */
  readonly kubeProxy?: "iptables" | "nftables" | "ipvs" | "none" | "userspace" | undefined;
  /** Whether images come from a registry other than Kubernetes' own. Default false. */
  readonly ownImageRepository?: boolean | undefined;
}

/** The oldest Kubernetes that files are rendered for at all. */
const FIRST_KUBERNETES = "1.18.0";

/** Every objection to what goes with a Kubernetes version; none means that nothing is known against it. */
export function checkKubernetes(set: KubernetesSet): Finding[] {
  const { kubernetes } = set;
  if (compareVersions(kubernetes, FIRST_KUBERNETES) < 0) {
    return [
      finding("kubernetes.version", kubernetes, `${FIRST_KUBERNETES} or later`, "choose a newer version"),
    ];
  }
  return [
    ...values(kubernetes, "kubernetes.kubeadmApi", set.kubeadmApi ?? kubeadmApiOf(kubernetes)),
    ...(set.etcd === undefined ? [] : part(kubernetes, set.etcd, etcdRows)),
    ...values(kubernetes, "network.kubeProxy", set.kubeProxy ?? "iptables"),
    ...dnsPath(set),
  ];
}

function finding(path: string, given: string, allowed: string, change: string): Finding {
  return { verdict: "impossible", path, given, allowed, change };
}

const within = (version: string, from?: string, below?: string) =>
  (from === undefined || compareVersions(version, from) >= 0) &&
  (below === undefined || compareVersions(version, below) < 0);

function range(subject: string, from?: string, below?: string): string {
  const words = [
    ...(from === undefined ? [] : [`${from} or later`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return `${subject} ${words.join(", ")}`.trim();
}

function values(kubernetes: string, path: string, value: string): Finding[] {
  return valueRows
    .filter((row) => row.path === path && row.value === value)
    .filter((row) => !within(kubernetes, row.from, row.below))
    .map((row) =>
      finding(
        path,
        `${value} with Kubernetes ${kubernetes}`,
        `${range(`${value} with Kubernetes`, row.from, row.below)} (${row.why})`,
        row.change,
      ),
    );
}

function part(kubernetes: string, version: string, rows: readonly PartRow[]): Finding[] {
  const row = rows.find((candidate) => compareVersions(kubernetes, candidate.kubernetes) >= 0);
  if (row === undefined || within(version, row.min, row.below)) return [];
  const tooNew = compareVersions(version, row.min) >= 0;
  return [
    finding(
      row.path,
      version,
      `${range("", row.min, row.below)} with Kubernetes ${kubernetes} (${row.why})`,
      tooNew ? "choose an older version" : "choose a newer version",
    ),
  ];
}

function dnsPath({ kubernetes, ownImageRepository }: KubernetesSet): Finding[] {
  if (ownImageRepository !== true || !within(kubernetes, nestedDns.from, nestedDns.below)) return [];
  return [
    finding(
      "kubernetes.version",
      `${kubernetes} with images of another registry`,
      `${nestedDns.below} or later: kubeadm before it asks every registry for coredns/coredns, which mirrors have as coredns`,
      `choose ${nestedDns.below} or later`,
    ),
  ];
}
