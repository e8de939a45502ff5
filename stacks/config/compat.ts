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

export type KubeadmApi = "v1beta3" | "v1beta4";

/** A version as numbers, for comparison: `1.36.3` is [1, 36, 3]. */
function parts(version: string): readonly number[] {
  return version.split(".").map(Number);
}

/** Negative, zero or positive as in a sort. Missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many minor versions lie between two versions; a new major version counts as many. */
export function minorsBetween(from: string, to: string): number {
  const [[major = 0, minor = 0], [toMajor = 0, toMinor = 0]] = [parts(from), parts(to)];
  return (toMajor - major) * 100 + toMinor - minor;
}

const atLeast = (version: string, minimum: string) => compareVersions(version, minimum) >= 0;

/**
 * The kubeadm config API for a Kubernetes version: v1beta3 came with 1.22 and is gone in 1.37, v1beta4 came with
 * 1.31 and is preferred from there on.
 */
export function kubeadmApiFor(kubernetes: string): KubeadmApi {
  return atLeast(kubernetes, "1.31") ? "v1beta4" : "v1beta3";
}

interface Range {
  /** Kubernetes from this version on … */
  readonly from: string;
  /** … needs the part from this version on (inclusive), below `below` where given. */
  readonly min: string;
  readonly below?: string;
  readonly why: string;
}

/** Newest matching row first. */
const etcdRanges: readonly Range[] = [
  { from: "1.31", min: "3.5.24", below: "4.0", why: "kubeadm's preflight of the external etcd" },
  {
    from: "1.22",
    min: "3.5.6",
    below: "3.6",
    why: "3.5.0 to 3.5.2 corrupt data; 3.5.6 is the production floor",
  },
];

const containerdRanges: readonly Range[] = [
  { from: "1.36", min: "2.2.0", why: "containerd's own table" },
  { from: "1.35", min: "2.1.5", why: "containerd's own table" },
  { from: "1.34", min: "2.0.6", why: "containerd's own table" },
  { from: "1.33", min: "2.0.4", why: "containerd's own table" },
  {
    from: "1.24",
    min: "2.0.0",
    why: "the config file is written in version 3, which containerd 1.x cannot read",
  },
];

const flannelRanges: readonly Range[] = [
  { from: "1.25", min: "0.19.0", why: "older manifests use PodSecurityPolicy, gone in 1.25" },
  { from: "1.22", min: "0.14.0", why: "older manifests use rbac v1beta1, gone in 1.22" },
];

/** Sets that were run for real by this project's own tests. */
const tested = [{ kubernetes: "1.36", etcd: "3.6", containerd: "2.3", flannel: "0.26" }] as const;

/** Kubernetes minors that this program renders for; outside of them kubeadm's config API is another one. */
const firstKubernetes = "1.24.0";
const lastKubernetes = "1.37";

export interface VersionSet {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly flannel: string;
}

function judge(path: string, given: string, kubernetes: string, ranges: readonly Range[]): Finding[] {
  const range = ranges.find((candidate) => atLeast(kubernetes, candidate.from));
  if (range === undefined) return [];
  const tooNew = range.below !== undefined && atLeast(given, range.below);
  if (atLeast(given, range.min) && !tooNew) return [];
  const allowed = `${range.min} or later${range.below === undefined ? "" : `, below ${range.below},`} with Kubernetes ${kubernetes} (${range.why})`;
  return [
    {
      verdict: "impossible",
      path,
      given,
      allowed,
      change: tooNew ? "choose an older version" : "choose a newer version",
    },
  ];
}

/** Every objection to a set of versions; none means supported. */
export function checkVersions(set: VersionSet): Finding[] {
  if (!atLeast(set.kubernetes, firstKubernetes)) {
    return [
      {
        verdict: "impossible",
        path: "kubernetes.version",
        given: set.kubernetes,
        allowed: `${firstKubernetes} or later (older ones cannot use containerd 2)`,
        change: "choose a newer version",
      },
    ];
  }
  const impossible = [
    ...judge("etcd.version", set.etcd, set.kubernetes, etcdRanges),
    ...judge("runtime.version", set.containerd, set.kubernetes, containerdRanges),
    ...judge("network.version", set.flannel, set.kubernetes, flannelRanges),
  ];
  if (impossible.length > 0) return impossible;
  const minor = (version: string) => parts(version).slice(0, 2).join(".");
  const known = tested.some(
    (row) =>
      row.kubernetes === minor(set.kubernetes) &&
      row.etcd === minor(set.etcd) &&
      row.containerd === minor(set.containerd) &&
      row.flannel === minor(set.flannel),
  );
  if (known) return [];
  const newest =
    compareVersions(minor(set.kubernetes), lastKubernetes) > 0
      ? `; ${lastKubernetes} is the newest minor that was looked at`
      : "";
  return [
    {
      verdict: "untested",
      path: "kubernetes.version",
      given: `Kubernetes ${set.kubernetes} with etcd ${set.etcd}, containerd ${set.containerd}, flannel ${set.flannel}`,
      allowed: `tested: ${tested.map((row) => `Kubernetes ${row.kubernetes}, etcd ${row.etcd}, containerd ${row.containerd}, flannel ${row.flannel}`).join("; ")}${newest}`,
      change: "nothing needs to change; try it on a sandbox first",
    },
  ];
}

/** kubeadm's pause image by minor, newest first; containerd must be told the same one. */
const pauseImages: readonly (readonly [from: string, tag: string])[] = [
  ["1.36", "3.10.2"],
  ["1.34", "3.10.1"],
  ["1.31", "3.10"],
  ["1.26", "3.9"],
  ["1.25", "3.8"],
  ["1.24", "3.7"],
];

/** Name and tag of the pause image, without its registry. */
export function pauseImageFor(kubernetes: string): string {
  const row = pauseImages.find(([from]) => atLeast(kubernetes, from));
  if (row === undefined) throw new Error(`no pause image is known for Kubernetes ${kubernetes}`);
  return `pause:${row[1]}`;
}
