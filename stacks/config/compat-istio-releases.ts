import { compareVersions, minorOf } from "../../components/lib/versions";
import type { Finding, Verdict } from "./compat";

/** What a minor of Istio says of itself. */
interface Release {
  /** Minors of Kubernetes that it supports. */
  readonly from: string;
  readonly to: string;
  /** Minor below which its own program refuses to install. Default: not known, nothing is refused. */
  readonly minimum?: string;
  /** Minor of the Gateway API that it is built with. Default: not known. */
  readonly gatewayApi?: string;
  /** First patch without known holes. Default: the line gets no more of them. */
  readonly secure?: string;
}

const releases: Readonly<Record<string, Release>> = {
  "1.31": { from: "1.32", to: "1.36", minimum: "1.32", gatewayApi: "1.6", secure: "1.31.0" },
  "1.30": { from: "1.32", to: "1.36", minimum: "1.32", gatewayApi: "1.5", secure: "1.30.4" },
  "1.29": { from: "1.31", to: "1.35", minimum: "1.30", gatewayApi: "1.4", secure: "1.29.7" },
  "1.28": { from: "1.30", to: "1.34", minimum: "1.30", gatewayApi: "1.4" },
  "1.27": { from: "1.29", to: "1.33", minimum: "1.29", gatewayApi: "1.3" },
  "1.26": { from: "1.29", to: "1.33", minimum: "1.29", gatewayApi: "1.3" },
  "1.25": { from: "1.29", to: "1.32", minimum: "1.29", gatewayApi: "1.2" },
  "1.24": { from: "1.28", to: "1.31", minimum: "1.28", gatewayApi: "1.2" },
  "1.23": { from: "1.27", to: "1.30", minimum: "1.26", gatewayApi: "1.1" },
  "1.22": { from: "1.27", to: "1.30", minimum: "1.26", gatewayApi: "1.1" },
  "1.21": { from: "1.26", to: "1.29" },
  "1.20": { from: "1.25", to: "1.29", minimum: "1.25" },
  "1.19": { from: "1.25", to: "1.28" },
  "1.18": { from: "1.24", to: "1.27", minimum: "1.24" },
  "1.17": { from: "1.23", to: "1.26" },
  "1.16": { from: "1.22", to: "1.25" },
  "1.15": { from: "1.22", to: "1.25" },
  "1.14": { from: "1.21", to: "1.24", minimum: "1.19" },
  "1.13": { from: "1.20", to: "1.23", minimum: "1.19" },
  "1.12": { from: "1.19", to: "1.22" },
  "1.11": { from: "1.18", to: "1.22" },
  "1.10": { from: "1.18", to: "1.21", minimum: "1.17" },
  "1.9": { from: "1.17", to: "1.20" },
  "1.8": { from: "1.16", to: "1.19" },
  "1.7": { from: "1.16", to: "1.18", minimum: "1.16" },
};

/** Kinds of Kubernetes without which a version of Istio cannot be installed: the first minor that lacks them. */
const removed: readonly { readonly below: string; readonly kubernetes: string; readonly what: string }[] = [
  { below: "1.8", kubernetes: "1.22", what: "webhook configurations of v1beta1" },
  { below: "1.14", kubernetes: "1.25", what: "autoscalers of v2beta1 and disruption budgets of v1beta1" },
];

/** Whether a version is of a minor before another. */
export const before = (version: string, minor: string) => compareVersions(minorOf(version), minor) < 0;
const known = Object.keys(releases);

/** A control plane with the place of its version in the config. */
export interface Plane {
  readonly path: string;
  /** Its revision. */
  readonly name: string;
  readonly version: string;
}

export const finding = (
  verdict: Exclude<Verdict, "supported">,
  path: string,
  given: string,
  allowed: string,
  change: string,
): Finding => ({
  verdict,
  path,
  given,
  allowed,
  change,
});

/** What a version runs on. */
export interface Ground {
  readonly kubernetesVersion: string;
  /** Version of the Gateway API's definitions in the cluster, without a leading v. Default: none are installed. */
  readonly gatewayApi?: string | undefined;
}

function unknownVersion({ path, version }: Plane): Finding[] {
  const verdict = before(version, "1.7") ? "impossible" : "untested";
  const range = `${known.at(-1)} to ${known[0]}, whose needs are known`;
  return [finding(verdict, path, version, range, "choose one of these")];
}

/** Whether the Kubernetes is one that Istio can be, and was, run on. */
function kubernetesFindings({ path, version }: Plane, kubernetes: string, release: Release): Finding[] {
  const { from, to, minimum } = release;
  const given = `${version} on Kubernetes ${kubernetes}`;
  const supported = `Kubernetes ${from} to ${to} with Istio ${minorOf(version)}`;
  const gone = removed.find((row) => before(version, row.below) && !before(kubernetes, row.kubernetes));
  if (gone !== undefined) {
    const allowed = `${supported}; it needs ${gone.what}, gone in ${gone.kubernetes}`;
    return [finding("impossible", path, given, allowed, "choose a newer Istio")];
  }
  if (minimum !== undefined && before(kubernetes, minimum)) {
    const allowed = `${supported}; it refuses what is below ${minimum}`;
    return [finding("impossible", path, given, allowed, "choose an older Istio, or a newer Kubernetes")];
  }
  if (!before(kubernetes, from) && compareVersions(minorOf(kubernetes), to) <= 0) return [];
  const change = before(kubernetes, from) ? "an older Istio, or a newer Kubernetes" : "a newer Istio";
  return [finding("untested", path, given, supported, `choose ${change}, or try it on a sandbox first`)];
}

function securityFindings({ path, version }: Plane, { secure }: Release): Finding[] {
  if (secure === undefined) {
    const lines = known.filter((minor) => releases[minor]?.secure !== undefined).join(", ");
    const change = "choose a newer Istio, unless it is for trying things";
    return [finding("untested", path, version, `${lines}, which still get security fixes`, change)];
  }
  // Builds before a release count as it: compareVersions knows numbers only.
  if (compareVersions(version.split("-")[0] ?? "", secure) >= 0) return [];
  const allowed = `${secure} or later; before it there are known holes`;
  return [finding("untested", path, version, allowed, "choose a newer patch")];
}

function gatewayApiFindings({ path, version }: Plane, release: Release, installed?: string): Finding[] {
  const newest = release.gatewayApi;
  if (installed === undefined || newest === undefined) return [];
  if (compareVersions(minorOf(installed), newest) <= 0) return [];
  const given = `${version} with Gateway API ${installed}`;
  const allowed = `Gateway API up to ${newest}: istiod of an older version may crash on newer definitions`;
  return [finding("untested", path, given, allowed, "choose older definitions")];
}

/** What speaks against a version where it is to run. */
export function versionFindings(plane: Plane, { kubernetesVersion, gatewayApi }: Ground): Finding[] {
  const release = releases[minorOf(plane.version)];
  if (release === undefined) return unknownVersion(plane);
  return [
    ...kubernetesFindings(plane, kubernetesVersion, release),
    ...securityFindings(plane, release),
    ...gatewayApiFindings(plane, release, gatewayApi),
  ];
}
