import { compareVersions } from "../../components/lib/versions";
import { minorsBetween } from "./compat";
import type { Fault } from "./faults";

/** What a cluster was formed of; plain, since it is kept in the state. */
export interface Formation {
  readonly etcdMembers: readonly string[];
  readonly controlPlanes: readonly string[];
  readonly kubernetesVersion: string;
  readonly etcdVersion: string;
  readonly etcdAuthorities: { readonly trusted: readonly number[]; readonly issuing: number };
  /** Generation of the key that Secrets are written with; 0 without encryption. Older states do not know it. */
  readonly encryptionKeyGeneration?: number;
  /** Settings that a running cluster cannot follow, by their path in the config. */
  readonly fixed: Readonly<Record<string, string>>;
}

/** A rule about the way from one formation to the next. */
type Transition = (before: Formation, after: Formation) => Fault[];

const fixedSettings: Transition = (before, after) =>
  Object.entries(after.fixed)
    .filter(([path, value]) => before.fixed[path] !== undefined && before.fixed[path] !== value)
    .map(([path, given]) => ({
      path,
      given,
      allowed: `${before.fixed[path]}: the cluster was formed with it`,
      change: "set it back, or build a new cluster in a stack of its own",
    }));

const version =
  (path: string, pick: (formation: Formation) => string): Transition =>
  (before, after) => {
    const [old, wanted] = [pick(before), pick(after)];
    const steps = minorsBetween(old, wanted);
    if (compareVersions(wanted, old) >= 0 && steps <= 1) return [];
    return [
      {
        path,
        given: wanted,
        allowed: `${old} or later, at most one minor version at a time`,
        change:
          steps > 1
            ? "go by way of every minor version between, each with an `up` of its own"
            : "set it back: data written by the newer version may not be readable by the older",
      },
    ];
  };

/**
 * Members that leave are removed one by one, each only while a majority is well. Where new ones come in the same run,
 * a majority of the present ones must stay: they are who the new ones learn the data from.
 */
const etcdQuorum: Transition = ({ etcdMembers: before }, { etcdMembers: after }) => {
  const staying = before.filter((name) => after.includes(name)).length;
  const arriving = after.length - staying;
  const majority = Math.floor(before.length / 2) + 1;
  if (before.length === 0 || (staying > 0 && (arriving === 0 || staying >= majority))) return [];
  return [
    {
      path: "hosts.members",
      given: `${staying} of the etcd members ${before.join(", ")} stay`,
      allowed: arriving === 0 ? "one at least" : `${majority} at least while others join in the same run`,
      change: `exchange at most ${before.length - majority || "none"} at a time, each with an \`up\` of its own`,
    },
  ];
};

const controlPlanesStay: Transition = ({ controlPlanes: before }, { controlPlanes: after }) =>
  before.length === 0 || before.some((name) => after.includes(name))
    ? []
    : [
        {
          path: "hosts.members",
          given: `control planes ${after.join(", ")}`,
          allowed: `at least one of those that are there (${before.join(", ")})`,
          change: "add the new ones first, with an `up` of its own, then take the old ones out",
        },
      ];

/** Members change one after the other: whoever signs must have been trusted by those that have not changed yet. */
const authoritiesOverlap: Transition = ({ etcdAuthorities: before }, { etcdAuthorities: after }) => {
  const path = "pki.etcdAuthorities";
  const faults: Fault[] = [];
  if (!after.trusted.includes(before.issuing)) {
    faults.push({
      path: `${path}.trusted`,
      given: after.trusted.join(", "),
      allowed: `with ${before.issuing}, which has signed what members use now`,
      change: `first let another one issue, with an \`up\` of its own, then take ${before.issuing} out`,
    });
  }
  if (!before.trusted.includes(after.issuing)) {
    faults.push({
      path: `${path}.issuing`,
      given: String(after.issuing),
      allowed: `one that every member trusts already (${before.trusted.join(", ")})`,
      change: "trust it first, with an `up` of its own, then let it issue",
    });
  }
  return faults;
};

/** Without the key that they were written with, the API server could read no Secret any more. */
const secretsStayReadable: Transition = (
  { encryptionKeyGeneration: before = 0 },
  { encryptionKeyGeneration: after = 0 },
) =>
  after >= before
    ? []
    : [
        {
          path: after === 0 ? "kubernetes.encryptionAtRest" : "kubernetes.encryptionAtRest.keyGeneration",
          given: after === 0 ? "false" : String(after),
          allowed: `a keyGeneration of ${before} or more: Secrets in etcd are written with that key`,
          change: "set it back",
        },
      ];

const transitions: readonly Transition[] = [
  fixedSettings,
  version("kubernetes.version", (formation) => formation.kubernetesVersion),
  version("etcd.version", (formation) => formation.etcdVersion),
  etcdQuorum,
  authoritiesOverlap,
  controlPlanesStay,
  secretsStayReadable,
];

/** Everything that a running cluster cannot follow, all at once. */
export const transitionFaults = (before: Formation, after: Formation): Fault[] =>
  transitions.flatMap((transition) => transition(before, after));
