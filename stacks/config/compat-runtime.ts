import type { RuntimeKind } from "../../components/hosts/cri-socket";
import { atLeast, minorOf } from "../../components/lib/versions";
import type { Finding } from "./compat";

export interface RuntimeSet {
  readonly kind: RuntimeKind;
  /** Of containerd, or of Docker. */
  readonly version: string;
  readonly kubernetes: string;
  /** Where the kind is criDockerd. */
  readonly criDockerd?: string | undefined;
}

interface Range {
  /** Kubernetes from this minor on … */
  readonly from: string;
  /** … runs with these, each a line of releases from its first fitting patch on … */
  readonly lines: Readonly<Record<string, string>>;
  /** … and with every later line from this one on. */
  readonly andLaterThan: string;
}

/** containerd's own table (RELEASES.md), newest first. A line that is not named does not fit. */
const containerd: readonly Range[] = [
  { from: "1.36", lines: { "2.2": "2.2.0" }, andLaterThan: "2.3" },
  { from: "1.35", lines: { "1.7": "1.7.28", "2.1": "2.1.5" }, andLaterThan: "2.2" },
  {
    from: "1.34",
    lines: { "1.6": "1.6.39", "1.7": "1.7.28", "2.0": "2.0.6", "2.1": "2.1.3" },
    andLaterThan: "2.2",
  },
  { from: "1.33", lines: { "1.6": "1.6.36", "1.7": "1.7.24", "2.0": "2.0.4" }, andLaterThan: "2.1" },
  { from: "1.32", lines: { "1.6": "1.6.36", "1.7": "1.7.24" }, andLaterThan: "2.0" },
  { from: "1.31", lines: { "1.6": "1.6.34", "1.7": "1.7.20" }, andLaterThan: "2.0" },
  { from: "1.30", lines: { "1.6": "1.6.28", "1.7": "1.7.13" }, andLaterThan: "2.0" },
  { from: "1.29", lines: { "1.6": "1.6.27", "1.7": "1.7.11" }, andLaterThan: "2.0" },
  { from: "1.26", lines: { "1.6": "1.6.15", "1.7": "1.7.0" }, andLaterThan: "2.0" },
  { from: "1.24", lines: { "1.5": "1.5.11", "1.6": "1.6.4", "1.7": "1.7.0" }, andLaterThan: "2.0" },
  { from: "1.23", lines: { "1.5": "1.5.0", "1.6": "1.6.0", "1.7": "1.7.0" }, andLaterThan: "2.0" },
  // Kubelets up to 1.22 speak v1alpha2 alone, which containerd 2.0 no longer understands.
  { from: "1.18", lines: { "1.5": "1.5.0", "1.6": "1.6.0", "1.7": "1.7.0" }, andLaterThan: "" },
];

const WITHOUT_DOCKERSHIM = "1.24";
/** Releases of Docker that kubeadm itself knew when it had dockershim. */
const dockershimKnows: readonly string[] = ["18.09", "19.03", "20.10"];

function checkContainerd({ version, kubernetes }: RuntimeSet): Finding[] {
  const range = containerd.find(({ from }) => atLeast(kubernetes, from));
  if (range === undefined) return [];
  const minimum = range.lines[minorOf(version)];
  const later = range.andLaterThan !== "" && atLeast(version, range.andLaterThan);
  if (later || (minimum !== undefined && atLeast(version, minimum))) return [];
  const allowed = [
    ...Object.values(range.lines).map((patch) => `${minorOf(patch)} from ${patch} on`),
    ...(range.andLaterThan === "" ? [] : [`${range.andLaterThan} or later`]),
  ].join(", ");
  const tooNew = range.andLaterThan === "" && atLeast(version, "2.0");
  return [
    {
      verdict: "impossible",
      path: "runtime.version",
      given: version,
      allowed: `containerd ${allowed} with Kubernetes ${kubernetes}`,
      change: tooNew ? "choose an older version" : "choose a newer version",
    },
  ];
}

function checkDockershim({ version, kubernetes }: RuntimeSet): Finding[] {
  if (atLeast(kubernetes, WITHOUT_DOCKERSHIM)) {
    return [
      {
        verdict: "impossible",
        path: "runtime.kind",
        given: "dockershim",
        allowed: `containerd or criDockerd with Kubernetes ${kubernetes} (dockershim ended with 1.23)`,
        change: "set runtime.kind: criDockerd to keep Docker",
      },
    ];
  }
  if (dockershimKnows.includes(minorOf(version))) return [];
  return [
    {
      verdict: "untested",
      path: "runtime.version",
      given: `Docker ${version} with Kubernetes ${kubernetes}`,
      allowed: `Docker ${dockershimKnows.join(", ")}, which kubeadm of that time knew`,
      change: "nothing needs to change; try it on a sandbox first",
    },
  ];
}

function checkCriDockerd({ kubernetes }: RuntimeSet): Finding[] {
  if (atLeast(kubernetes, WITHOUT_DOCKERSHIM)) return [];
  return [
    {
      verdict: "impossible",
      path: "runtime.kind",
      given: "criDockerd",
      allowed: `dockershim or containerd with Kubernetes ${kubernetes} (cri-dockerd took its place in 1.24)`,
      change: "set runtime.kind: dockershim",
    },
  ];
}

const checks: Readonly<Record<RuntimeKind, (set: RuntimeSet) => Finding[]>> = {
  containerd: checkContainerd,
  criDockerd: checkCriDockerd,
  dockershim: checkDockershim,
};

/** Objections to a container runtime with a Kubernetes version; none means that its own tables allow it. */
export const checkRuntime = (set: RuntimeSet): Finding[] => checks[set.kind](set);
