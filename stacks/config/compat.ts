import { compareVersions, minorOf } from "../../components/lib/versions";

/**
 * Which versions go together. A verdict has three values because the source documents themselves ran sets that
 * their authors' tools did not list: those may be built with a warning, and only what cannot work is refused.
 */
export type Verdict = "supported" | "untested" | "impossible";

export interface Finding {
  readonly verdict: Verdict;
  readonly path: string;
  readonly given: string;
  readonly allowed: string;
  readonly change: string;
}

/** How many minor versions lie between two versions; a new major version counts as many. */
export function minorsBetween(from: string, to: string): number {
  const [[major = 0, minor = 0] = [], [toMajor = 0, toMinor = 0] = []] = [from, to].map((version) =>
    version.split(".").map(Number),
  );
  return (toMajor - major) * 100 + toMinor - minor;
}

/** Sets that were run for real by this project's own tests. */
const tested = [
  { kubernetes: "1.36", etcd: "3.6", runtime: "containerd 2.3", network: "flannel 0.26" },
  { kubernetes: "1.35", etcd: "3.5", runtime: "containerd 2.3", network: "flannel 0.26" },
] as const;

/** Newest minor whose changes were looked at. */
const LAST_KUBERNETES = "1.37";

/** The parts of a config that were, or were not, run together. */
interface VersionSet {
  readonly kubernetes: { readonly version: string };
  readonly etcd: { readonly kind: string; readonly version: string };
  readonly runtime: { readonly kind: string; readonly version: string };
  readonly network: {
    readonly kind: string;
    readonly flannel: { readonly version: string };
    readonly kubeRouter: { readonly version: string };
  };
}

/** A warning for a set that this project never ran as a whole, whatever its parts' own tables say. */
export function untestedSet({ kubernetes, etcd, runtime, network }: VersionSet): Finding[] {
  const pods = network.kind === "flannel" ? network.flannel.version : network.kubeRouter.version;
  const set = {
    kubernetes: kubernetes.version,
    etcd: etcd.kind === "external" ? etcd.version : "of kubeadm",
    runtime: `${runtime.kind} ${runtime.version}`,
    network: `${network.kind} ${pods}`,
  };
  const known = tested.some(
    (row) =>
      row.kubernetes === minorOf(set.kubernetes) &&
      row.etcd === minorOf(set.etcd) &&
      row.runtime === `${runtime.kind} ${minorOf(runtime.version)}` &&
      row.network === `${network.kind} ${minorOf(pods)}`,
  );
  if (known) return [];
  const name = (row: typeof set) =>
    `Kubernetes ${row.kubernetes} with etcd ${row.etcd}, ${row.runtime}, ${row.network}`;
  const newest =
    compareVersions(minorOf(set.kubernetes), LAST_KUBERNETES) > 0
      ? `; ${LAST_KUBERNETES} is the newest minor that was looked at`
      : "";
  return [
    {
      verdict: "untested",
      path: "kubernetes.version",
      given: name(set),
      allowed: `tested: ${tested.map(name).join("; ")}${newest}`,
      change: "nothing needs to change; try it on a sandbox first",
    },
  ];
}
