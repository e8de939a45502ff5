import { readdirSync, readFileSync, statSync } from "node:fs";

/** A process of this computer, hosts' processes included: they share its kernel. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Together with the number it is unique. */
  readonly started: number;
  readonly words: readonly string[];
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    return { pid, parent: Number(fields[1]), session: Number(fields[3]), started: Number(fields[19]), words };
  } catch {
    return undefined; // ended meanwhile
  }
}

/** All of them but those that are known, which makes it quick enough to be asked every few milliseconds. */
export function allProcesses(known: ReadonlySet<number> = new Set()): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !known.has(Number(name)))
    .map((name) => read(Number(name)))
    .filter((process) => process !== undefined);
}

/** Ends them at once, parents first, so that no parent sees a child's end. */
export function kill(processes: readonly Process[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended meanwhile.
    }
  }
}

/**
 * Ends everything that a detached child has started on this computer, by its session: Pulumi gives its plugins
 * process groups of their own. Hosts' supervisors are not among them, they have sessions of their own.
 */
export function killSession(session: number): void {
  kill(allProcesses().filter((process) => process.session === session));
}

/** A process and all that it has started, itself first. */
export function treeOf(root: Process, all: readonly Process[]): Process[] {
  return [root, ...all.filter(({ parent }) => parent === root.pid).flatMap((child) => treeOf(child, all))];
}

/** The nearest process above that a predicate accepts. */
export function above(
  process: Process,
  all: readonly Process[],
  accepts: (process: Process) => boolean,
): Process | undefined {
  const parent = all.find(({ pid }) => pid === process.parent);
  return parent === undefined || accepts(parent) ? parent : above(parent, all, accepts);
}

/** Whether a process lives in this network namespace, which is what tells hosts of a sandbox apart. */
export function inNamespace(process: Process, namespace: string): boolean {
  try {
    return statSync(`/proc/${process.pid}/ns/net`).ino === statSync(`/run/netns/${namespace}`).ino;
  } catch {
    return false;
  }
}
