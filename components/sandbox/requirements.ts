import { accessSync, constants, statfsSync } from "node:fs";
import { delimiter, join } from "node:path";

export { pickCidr, sandboxId } from "./plan";
export { readBootId, resolveCidr } from "./state";

/** What is asked of the computer; tests answer in its place. */
export interface Probe {
  readonly platform: string;
  /** Numeric id of the user that runs Pulumi. */
  readonly user: number;
  readonly hasProgram: (name: string) => boolean;
  /** Whether hosts' disks would lie on a file system that cannot carry containerd's layers. */
  readonly onOverlay: () => boolean;
}

const PROGRAMS = [
  { name: "systemd-nspawn", package: "systemd-container" },
  { name: "debootstrap", package: "debootstrap" },
  { name: "ip", package: "iproute2" },
  { name: "iptables", package: "iptables" },
  { name: "nsenter", package: "util-linux" },
  { name: "flock", package: "util-linux" },
] as const;

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const OVERLAYFS_MAGIC = 0x794c7630;

export const realProbe: Probe = {
  platform: process.platform,
  user: process.getuid?.() ?? -1,
  hasProgram: (name) =>
    [...SYSTEM_FOLDERS, ...(process.env.PATH ?? "").split(delimiter)].some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  onOverlay: () =>
    ["/var/lib/mesh-platform", "/var/lib"].map(fileSystemOf).find((type) => type !== undefined) ===
    OVERLAYFS_MAGIC,
};

function fileSystemOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch {
    return undefined;
  }
}

const ALTERNATIVE = "or use machines that exist already, with hosts: { kind: inventory, … }";

/**
 * Why sandbox hosts cannot be made on this computer, one sentence each; empty if they can. Asked before any
 * resource is registered, so that the answer comes at preview and not from a step half-way.
 */
export function sandboxProblems(probe: Probe = realProbe): string[] {
  if (probe.platform !== "linux") {
    return [
      `Sandbox hosts need Linux (namespaces and systemd-nspawn), and this is ${probe.platform}: run this on a Linux machine, ${ALTERNATIVE}.`,
    ];
  }
  const problems: string[] = [];
  if (probe.user !== 0) {
    problems.push(
      `Sandbox hosts need root, and Pulumi runs as user ${probe.user}: run it with sudo or in a root shell, ${ALTERNATIVE}.`,
    );
  }
  for (const program of PROGRAMS) {
    if (!probe.hasProgram(program.name)) {
      problems.push(
        `Sandbox hosts need ${program.name}: run \`npm run setup\` or install the package ${program.package}, ${ALTERNATIVE}.`,
      );
    }
  }
  if (probe.onOverlay()) {
    problems.push(
      "Sandbox hosts need /var/lib/mesh-platform on a plain file system, and it is an overlay, as in a container: " +
        `containerd could unpack no image there. Mount a volume at that path, ${ALTERNATIVE}.`,
    );
  }
  return problems;
}
