import { tmpdir } from "node:os";
import { join } from "node:path";
import { secret } from "@pulumi/pulumi";
import { vi } from "vitest";
import { type Computer, resolvePlatform } from "../../stacks/config/load";
import { buildPlatform } from "../../stacks/platform";
import { type RecordOptions, record } from "./recorder";

/** A computer that can hold disposable hosts and has both minors in its mirror, whatever the tests run on. */
export const capableComputer: Computer = {
  sandboxProblems: () => [],
  sandboxCidr: () => "172.30.7.0/24",
  servedVersions: () => ({ kubernetes: ["1.36.3", "1.35.4"], etcd: ["3.6.15", "3.5.35"] }),
};

export const SSH_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-of-the-operators-login-key\n-----END OPENSSH PRIVATE KEY-----\n";

/** Two or more disposable hosts, fed by the sandbox's own mirror. */
export function sandbox(workers = 1, more: object = {}): object {
  return { hosts: { kind: "sandbox", workers }, artifacts: { kind: "sandbox" }, ...more };
}

export const hostKey = (name: string) =>
  `ssh-ed25519 ${Buffer.from(`host key of ${name}`.padEnd(48, "=")).toString("base64")}`;

export const member = (name: string, address: string, ...roles: readonly string[]) => ({
  name,
  address,
  roles,
  hostKey: hostKey(name),
});

/** Existing machines behind a bastion, with a login user that needs sudo. */
export function inventory(workers = 2, more: object = {}): object {
  return {
    hosts: {
      kind: "inventory",
      ssh: { user: "admin", port: 2222 },
      bastion: { host: "203.0.113.9", user: "jump", hostKey: hostKey("bastion") },
      members: [
        { ...member("cp1", "172.16.8.241", "controlPlane", "etcd"), sshHost: "192.168.0.241" },
        ...Array.from({ length: workers }, (_, index) =>
          member(`node${index + 1}`, `172.16.8.${index + 1}`, "worker"),
        ),
      ],
    },
    artifacts: { kind: "upstream" },
    ...more,
  };
}

/** Three control planes that are etcd members, behind haproxy, and two workers: the stack `lab`, or machines like it. */
export function lab(members: readonly object[] = labMembers(), more: object = {}): object {
  return {
    hosts: { kind: "inventory", members },
    artifacts: { kind: "upstream" },
    kubernetes: {
      controlPlaneEndpoint: { kind: "haproxy", address: "10.0.0.10" },
      auditLog: {},
      encryptionAtRest: {},
    },
    etcd: { snapshots: { copyTo: { host: "10.0.0.200", path: "/srv/etcd", hostKey: hostKey("store") } } },
    ...more,
  };
}

/** `changed` says more of a member by its name. */
export const labMembers = (changed: Readonly<Record<string, object>> = {}) =>
  [
    ...[1, 2, 3].map((number) => member(`cp${number}`, `10.0.0.${10 + number}`, "controlPlane", "etcd")),
    ...[1, 2].map((number) => member(`worker${number}`, `10.0.0.${20 + number}`, "worker")),
  ].map((each) => ({ ...each, ...changed[each.name] }));

/** The whole platform as the engine is told of it. */
export function recordPlatform(config: object, options: RecordOptions = {}) {
  // Paths of the operator's computer are inputs of a resource; they must not depend on where the tests run.
  vi.stubEnv("MESH_PLATFORM_STATE", join(tmpdir(), "mesh-platform-unit-state"));
  vi.stubEnv("MESH_PLATFORM_CACHE", join(tmpdir(), "mesh-platform-unit-cache"));
  return record(
    () =>
      buildPlatform(
        resolvePlatform(config, options.stack ?? "unit", capableComputer, { sshPrivateKey: secret(SSH_KEY) }),
      ),
    options,
  ).finally(() => vi.unstubAllEnvs());
}
