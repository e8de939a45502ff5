import { describe, expect, it } from "vitest";
import { type Formation, transitionFaults } from "../../stacks/config/transitions";

const before: Formation = {
  etcdMembers: ["e1", "e2", "e3"],
  controlPlanes: ["cp1", "cp2", "cp3"],
  kubernetesVersion: "1.35.4",
  etcdVersion: "3.5.26",
  etcdAuthorities: { trusted: [1, 2], issuing: 1 },
  fixed: { "kubernetes.podSubnet": "10.100.0.0/17", "etcd.kind": "external" },
};
const faults = (after: Partial<Formation>) =>
  transitionFaults(before, { ...before, ...after }).map(({ path, allowed }) => `${path}: ${allowed}`);

describe("a running cluster follows", () => {
  it.each<[string, Partial<Formation>]>([
    ["no change", {}],
    ["the next minor version of Kubernetes", { kubernetesVersion: "1.36.3" }],
    ["a patch", { kubernetesVersion: "1.35.9", etcdVersion: "3.5.30" }],
    ["the next minor version of etcd", { etcdVersion: "3.6.15" }],
    ["more members", { etcdMembers: ["e1", "e2", "e3", "e4", "e5"] }],
    ["one member in the place of another", { etcdMembers: ["e1", "e2", "e4"] }],
    ["a shrink, which is done one by one", { etcdMembers: ["e2"] }],
    ["control planes that change while one stays", { controlPlanes: ["cp3", "cp4", "cp5"] }],
    ["the second of two trusted authorities", { etcdAuthorities: { trusted: [1, 2], issuing: 2 } }],
    ["encryption of Secrets that begins", { encryptionKeyGeneration: 1 }],
    ["a setting that it did not know", { fixed: { ...before.fixed, "kubernetes.other": "new" } }],
  ])("%s", (_what, after) => {
    expect(faults(after)).toEqual([]);
  });
});

describe("a running cluster refuses", () => {
  it.each<[string, Partial<Formation>, string]>([
    [
      "another pod network",
      { fixed: { ...before.fixed, "kubernetes.podSubnet": "10.1.0.0/16" } },
      "kubernetes.podSubnet: 10.100.0.0/17: the cluster was formed with it",
    ],
    [
      "two minor versions at once",
      { kubernetesVersion: "1.37.1" },
      "kubernetes.version: 1.35.4 or later, at most one minor version at a time",
    ],
    [
      "an older version",
      { kubernetesVersion: "1.35.3" },
      "kubernetes.version: 1.35.4 or later, at most one minor version at a time",
    ],
    [
      "two minor versions of etcd",
      { etcdVersion: "3.7.2" },
      "etcd.version: 3.5.26 or later, at most one minor version at a time",
    ],
    [
      "a majority exchanged at once",
      { etcdMembers: ["e1", "e4", "e5"] },
      "hosts.members: 2 at least while others join in the same run",
    ],
    [
      "all members exchanged at once",
      { etcdMembers: ["e4", "e5", "e6"] },
      "hosts.members: 2 at least while others join in the same run",
    ],
    ["no member left", { etcdMembers: [] }, "hosts.members: one at least"],
    [
      "an authority that nobody trusts yet",
      { etcdAuthorities: { trusted: [1, 2, 3], issuing: 3 } },
      "pki.etcdAuthorities.issuing: one that every member trusts already (1, 2)",
    ],
    [
      "the authority in use taken away",
      { etcdAuthorities: { trusted: [2], issuing: 2 } },
      "pki.etcdAuthorities.trusted: with 1, which has signed what members use now",
    ],
    [
      "all control planes exchanged at once",
      { controlPlanes: ["cp4"] },
      "hosts.members: at least one of those that are there (cp1, cp2, cp3)",
    ],
  ])("%s", (_what, after, says) => {
    expect(faults(after)).toEqual([says]);
  });

  it("everything at once, not one fault per run", () => {
    expect(faults({ kubernetesVersion: "1.30.0", etcdMembers: [], controlPlanes: [] })).toHaveLength(3);
  });
});

describe("Secrets that are encrypted", () => {
  const encrypted = { ...before, encryptionKeyGeneration: 2 };
  it.each([
    [3, []],
    [1, ["kubernetes.encryptionAtRest.keyGeneration: 1"]],
    [0, ["kubernetes.encryptionAtRest: false"]],
  ])("with key 2 may go on with key %i", (encryptionKeyGeneration, refused) => {
    expect(
      transitionFaults(encrypted, { ...before, encryptionKeyGeneration }).map(
        ({ path, given }) => `${path}: ${given}`,
      ),
    ).toEqual(refused);
  });
});
