import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { hostNames, pickCidr, sandboxNames } from "./plan";

/** How the computer is looked at; tests put their own in its place. */
export interface Look {
  /** Content of a file, undefined where there is none or where it may not be read. */
  readonly read: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
  /** Standard output of a command, undefined where it fails. */
  readonly run: (command: string, args: readonly string[]) => string | undefined;
  readonly now: () => string;
}

// One time for the whole run, so that describing the same sandbox twice gives the same.
const programStart = new Date().toISOString();

export const thisComputer: Look = {
  read: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  exists: existsSync,
  run: (command, args) => {
    const result = spawnSync(command, args, { encoding: "utf8" });
    return result.status === 0 ? result.stdout : undefined;
  },
  now: () => programStart,
};

/** Identifies the time since the computer was last switched on. Empty where there is no such thing (macOS). */
export function readBootId(look: Look = thisComputer): string {
  return look.read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** Networks that the computer has routes to, other than by the sandbox's own bridge. */
export function routesInUse(id: string, look: Look = thisComputer): string[] {
  const output = look.run("ip", ["-4", "-o", "route", "show", "table", "main"]) ?? "";
  return output
    .split("\n")
    .filter((line) => !line.startsWith("default") && !line.includes(` dev ${sandboxNames(id).bridge} `))
    .flatMap((line) => /\d+(\.\d+){3}(\/\d+)?/.exec(line)?.[0] ?? []);
}

/** The network of a sandbox for which the configuration names none (see `pickCidr`). */
export function resolveCidr(id: string, look: Look = thisComputer): string {
  return pickCidr(id, routesInUse(id, look), look.read(`${sandboxNames(id).state}/cidr`)?.trim());
}

/** Whether the process that a file names is there and is still the one that it was. */
export function isAlive(pidFile: string, mark: string, look: Look): boolean {
  const pid = look.read(pidFile)?.trim();
  if (pid === undefined || !/^\d+$/.test(pid)) return false;
  return look.read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").includes(mark) ?? false;
}

/**
 * The parameter `SINCE` of a step: when its work was last found missing. The step writes it down beside its work;
 * as long as the work is there it stays, and once it is gone (a host was killed, a cache was emptied) it is a new
 * time. So `preview` shows that the step will run again and `up` repairs, although no setting has changed.
 */
export function since(file: string, present: boolean, look: Look = thisComputer): string {
  const recorded = look.read(file)?.trim();
  return present && recorded !== undefined && recorded !== "" ? recorded : look.now();
}

/** See `since`: a host is there as long as its supervisor lives. */
export function hostSince(id: string, host: string, look: Look = thisComputer): string {
  const { state } = hostNames(id, host);
  return since(
    `${state}/since`,
    isAlive(`${state}/supervisor.pid`, `${state}/machine supervise `, look),
    look,
  );
}

/** See `since`: the network is there as long as its bridge and, if it has one, its mirror. */
export function networkSince(id: string, mirror: boolean, look: Look = thisComputer): string {
  const { bridge, state } = sandboxNames(id);
  const served = !mirror || isAlive(`${state}/mirror.pid`, "sandbox/mirror/serve.ts", look);
  return since(`${state}/since`, served && look.exists(`/sys/class/net/${bridge}`), look);
}
