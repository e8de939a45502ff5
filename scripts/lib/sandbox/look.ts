/** Which sandboxes are on this computer, by everything that bears their ids. Looks only. */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { parseOwner, type SandboxOwner } from "../../../components/sandbox/owner";
import { hostNames, STATE_ROOT, sandboxId, sandboxNames } from "../../../components/sandbox/plan";
import { isAlive, type Look, thisComputer } from "../../../components/sandbox/state";
import { REPOSITORY, stateFolder } from "../paths";

/** How the computer is looked at; tests put their own in its place. */
export interface Computer extends Look {
  /** Names in a folder, none where there is no folder. */
  readonly list: (folder: string) => readonly string[];
  /** When a file was last changed, undefined where there is none. */
  readonly changed: (file: string) => Date | undefined;
  /** Where a link leads, undefined where there is none. */
  readonly link: (file: string) => string | undefined;
  /** Content of a packed file. */
  readonly unpack: (file: string) => string | undefined;
}

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

export const realComputer: Computer = {
  ...thisComputer,
  list: (folder) => attempt(() => readdirSync(folder)) ?? [],
  changed: (file) => attempt(() => statSync(file).mtime),
  link: (file) => attempt(() => readlinkSync(file)),
  unpack: (file) => attempt(() => gunzipSync(readFileSync(file)).toString("utf8")),
};

export interface FoundHost {
  readonly name: string;
  /** Undefined where it was never finished. */
  readonly address: string | undefined;
  readonly running: boolean;
}

export interface FoundProcess {
  readonly pid: number;
  readonly what: "supervisor" | "machine" | "mirror server";
}

export interface FoundSandbox {
  readonly id: string;
  /** Undefined for sandboxes that were made before owners were written down, and for those without a folder. */
  readonly owner: SandboxOwner | undefined;
  /** Whether the owner's state still has the sandbox; "unknown" where it cannot be read from here. */
  readonly known: "yes" | "no" | "unknown";
  readonly made: Date | undefined;
  readonly folder: string | undefined;
  readonly hosts: readonly FoundHost[];
  readonly bridge: string | undefined;
  readonly cidr: string | undefined;
  /** Network namespaces, one a host. */
  readonly namespaces: readonly string[];
  /** The computer's ends of hosts' cables. */
  readonly links: readonly string[];
  /** Rules of iptables. */
  readonly rules: number;
  readonly processes: readonly FoundProcess[];
}

const ID = "[0-9a-f]{6}";

/** Every sandbox, in the order of their ids. */
export function findSandboxes(computer: Computer = realComputer): FoundSandbox[] {
  const parts = {
    folders: pick(computer.list(STATE_ROOT), `^(${ID})$`),
    namespaces: pick(computer.list("/run/netns"), `^mp-(${ID})-`),
    interfaces: pick(computer.list("/sys/class/net"), `^mp(${ID})(?:-|$)`),
    rules: pick(rulesOf(computer), `mesh-platform-(${ID})(?:"| |$)`),
    processes: processesOf(computer),
  };
  const ids = new Set(Object.values(parts).flatMap((found) => found.map(([id]) => id)));
  return [...ids].sort().map((id) => {
    const own = <T>(found: readonly (readonly [string, T])[]) =>
      found.filter(([each]) => each === id).map(([, value]) => value);
    const { bridge, state } = sandboxNames(id);
    const interfaces = own(parts.interfaces);
    const owner = parseOwner(computer.read(`${state}/owner`));
    return {
      id,
      owner,
      known: owner === undefined ? "unknown" : knows(owner, id, computer),
      made: computer.changed(`${state}/cidr`) ?? computer.changed(state),
      folder: own(parts.folders).length > 0 ? state : undefined,
      hosts: hostsOf(id, computer),
      bridge: interfaces.includes(bridge) ? bridge : undefined,
      cidr: computer.read(`${state}/cidr`)?.trim(),
      namespaces: own(parts.namespaces),
      links: interfaces.filter((name) => name !== bridge),
      rules: own(parts.rules).length,
      processes: own(parts.processes),
    };
  });
}

/** Texts that name a sandbox, each behind its id. */
function pick(texts: readonly string[], pattern: string): [string, string][] {
  const expression = new RegExp(pattern);
  return texts.flatMap((text) => {
    const [, id] = expression.exec(text) ?? [];
    return id === undefined ? [] : [[id, text] as [string, string]];
  });
}

const rulesOf = ({ run }: Computer): string[] =>
  ["nat", "filter"].flatMap((table) => run("iptables", ["-w", "-t", table, "-S"])?.split("\n") ?? []);

function hostsOf(id: string, computer: Computer): FoundHost[] {
  const { state: folder } = sandboxNames(id);
  return computer
    .list(folder)
    .filter((name) =>
      ["identity", "machine", "root"].some((part) => computer.exists(`${folder}/${name}/${part}`)),
    )
    .map((name) => {
      const { state } = hostNames(id, name);
      const [, address] = /^ADDRESS='?([0-9.]+)/m.exec(computer.read(`${state}/settings`) ?? "") ?? [];
      return {
        name,
        address,
        running: isAlive(`${state}/supervisor.pid`, `${state}/machine supervise `, computer),
      };
    });
}

/** A mirror server bears no id on its command line; the file that it writes its log to does. */
function processesOf(computer: Computer): [string, FoundProcess][] {
  return computer
    .list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid): [string, FoundProcess][] => {
      const line = computer.read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ") ?? "";
      const is = (id: string | undefined, what: FoundProcess["what"]): [string, FoundProcess][] =>
        id === undefined ? [] : [[id, { pid: Number(pid), what }]];
      const matched = (pattern: string, text = line) => new RegExp(pattern).exec(text)?.[1];
      if (line.includes("sandbox/mirror/serve.ts "))
        return is(
          matched(`^${STATE_ROOT}/(${ID})/`, computer.link(`/proc/${pid}/fd/1`) ?? ""),
          "mirror server",
        );
      if (line.startsWith("systemd-nspawn ")) return is(matched(` --machine=mp-(${ID})-`), "machine");
      return is(matched(`^\\S*bash ${STATE_ROOT}/(${ID})/[^/ ]+/machine supervise `), "supervisor");
    });
}

/** Whether a state has a sandbox: the steps that made it name its folder. */
function knows(
  { checkout, stack, state }: SandboxOwner,
  id: string,
  computer: Computer,
): FoundSandbox["known"] {
  if (state === null) return computer.exists(checkout) ? "unknown" : "no";
  const file = path.join(state, "backend", ".pulumi", "stacks", "mesh-platform", `${stack}.json`);
  const text = computer.read(file) ?? computer.unpack(`${file}.gz`);
  if (text === undefined) return [`${file}.gz`, `${file}.zst`].some(computer.exists) ? "unknown" : "no";
  return text.includes(sandboxNames(id).state) ? "yes" : "no";
}

/**
 * What is on this computer of the sandbox of this checkout and stack, although the state of the embedded backend does
 * not have it: a run was killed before it wrote its state, or the state was deleted. Undefined where there is nothing,
 * or where the state has it. `known` of the result says whether another state, which it names, has it.
 */
export function leftoverOf(
  stack: string,
  env: NodeJS.ProcessEnv = process.env,
  computer: Computer = realComputer,
): FoundSandbox | undefined {
  const id = sandboxId(REPOSITORY, stack);
  const found = findSandboxes(computer).find((each) => each.id === id);
  const own = { checkout: REPOSITORY, stack, state: stateFolder(env) };
  return found === undefined || knows(own, id, computer) !== "no" ? undefined : found;
}
