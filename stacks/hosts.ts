import type { Machine } from "../components/hosts/machine";
import { type HostProfile, machineProfile, sharedKernelProfile } from "../components/hosts/profile";
import { projectRoot } from "../components/lib/folders";
import type { SshEndpoint } from "../components/remote/connection";
import { Sandbox } from "../components/sandbox/hosts";
import { readBootId, sandboxId } from "../components/sandbox/requirements";
import type { SandboxMirror } from "./artifacts";
import type { Member, Platform } from "./config/load";
import { mirrorGroups } from "./mirror-groups";

/** A member of the platform as a machine that steps can run on. */
export interface Host extends Machine, Pick<Member, "roles" | "labels" | "taints" | "generation" | "gone"> {
  readonly gone: boolean;
}

export interface Hosts {
  readonly all: readonly Host[];
  readonly profile: HostProfile;
}

/** The sandbox of this checkout and stack. */
export const ownSandboxId = (stack: string): string => sandboxId(projectRoot, stack);

/** Makes the disposable hosts, or names the existing ones. From here on the two are the same. */
export function createHosts(platform: Platform, mirror: SandboxMirror | undefined): Hosts {
  const { hosts } = platform.config;
  return hosts.kind === "sandbox"
    ? { all: sandboxHosts(platform, mirror), profile: sharedKernelProfile }
    : {
        all: inventoryHosts(platform, hosts),
        profile: hosts.sharedKernel ? sharedKernelProfile : machineProfile,
      };
}

function sandboxHosts(platform: Platform, mirror: SandboxMirror | undefined): Host[] {
  const sandbox = new Sandbox("sandbox", {
    id: ownSandboxId(platform.stack),
    cidr: platform.sandboxCidr ?? "",
    hosts: platform.members.map(({ name, address }) => ({ name, address })),
    bootId: readBootId(),
    ...(mirror === undefined
      ? {}
      : { mirror: { directory: mirror.folder, port: mirror.port, groups: mirrorGroups(platform.config) } }),
  });
  return platform.members.map((member) => {
    const host = sandbox.hosts[member.name];
    if (host === undefined) throw new Error(`the sandbox has no host ${member.name}`);
    return { ...member, ...host, connection: { ...host.connection, generation: member.generation } };
  });
}

type Inventory = Extract<Platform["config"]["hosts"], { kind: "inventory" }>;

function inventoryHosts(platform: Platform, hosts: Inventory): Host[] {
  const login = platform.sshPrivateKey === undefined ? {} : { privateKey: platform.sshPrivateKey };
  const bastion: { bastion: SshEndpoint } | object =
    hosts.bastion === undefined ? {} : { bastion: { ...hosts.bastion, ...login } };
  return hosts.members.map(({ hostKey, sshHost, ...member }) => ({
    ...member,
    taints: member.taints,
    connection: {
      host: sshHost ?? member.address,
      port: hosts.ssh.port,
      user: hosts.ssh.user,
      hostKey,
      generation: member.generation,
      ...login,
      ...bastion,
    },
  }));
}
