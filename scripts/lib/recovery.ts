/**
 * After a killed run. The embedded backend still holds the run's lock, which nobody would ever release; and the
 * state lists as pending what the run was creating. `pulumi up` creates such resources again, but never forgets
 * the pending entry, and in a cluster the object may be there already.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { type Backend, checkpointFile } from "./backend";
import { isAlive } from "./lock";
import { capture } from "./process";
import type { Project } from "./project";

export interface RecoveryTarget {
  readonly backend: Backend;
  readonly cli: string;
  readonly project: Project;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  /** The stack's configuration file, if it is not the committed one. */
  readonly config: string | undefined;
}

/**
 * Clears the stack's locks if every one of them belongs to a process of this computer that has died. Returns whether
 * the stack is free now; if another run holds it, Pulumi itself says so.
 */
export async function clearStaleLocks(target: RecoveryTarget): Promise<boolean> {
  const { backend, project, stack } = target;
  const owners = lockOwners(
    path.join(backend.folder, ".pulumi", "locks", "organization", project.name, stack),
  );
  if (owners.length === 0) {
    return true;
  }
  if (!owners.every(isGone)) {
    return false;
  }
  dropHalfWritten(path.join(backend.folder, ".pulumi", "stacks", project.name), stack);
  const pids = owners.map(({ pid }) => pid).join(", ");
  console.error(`Clearing the lock of a run that was killed (process ${pids}): pulumi cancel --yes`);
  await pulumi(target, ["cancel", "--yes", "--stack", stack]);
  return true;
}

/**
 * Removes the notes of the backend about its own files that a kill has left empty. The state itself is replaced in one
 * piece, these beside it are not, and with an empty one Pulumi reads nothing any more ("failed to load checkpoint: EOF").
 * Without one it takes what it needs from the state.
 */
function dropHalfWritten(folder: string, stack: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.startsWith(`${stack}.json`) && name.endsWith(".attrs") && !isJson(readFileSync(file, "utf8"))) {
      rmSync(file);
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Clears pending creates from the state. Steps on hosts can simply run again. An object in a cluster may exist
 * by now, and creating it again would be refused for ever: those are entered into the state by their names, and
 * a refresh then reads them, or drops the ones that are not there.
 */
export async function settlePendingCreates(target: RecoveryTarget): Promise<void> {
  const pending = pendingCreates(target);
  if (pending.length === 0) {
    return;
  }
  const names = pending.map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2)).join(", ");
  console.error(`Settling what a killed run was creating: ${names}`);
  const original = path.join(path.dirname(target.backend.folder), `before-recovery-${target.stack}.json`);
  await pulumi(target, ["stack", "export", "--stack", target.stack, "--file", original]);
  chmodSync(original, 0o600);
  const { edited, objects } = withoutPendingCreates(readFileSync(original, "utf8"));
  const file = `${original}.edited`;
  writeFileSync(file, edited, { mode: 0o600 });
  try {
    await pulumi(target, ["stack", "import", "--stack", target.stack, "--file", file]);
    if (objects.length > 0) {
      const targets = objects.flatMap((urn) => ["--target", urn]);
      const config = target.config ? ["--config-file", target.config] : [];
      await pulumi(target, [
        ...["refresh", "--yes", "--skip-preview", "--stack", target.stack],
        ...config,
        ...targets,
      ]);
    }
    rmSync(original);
  } catch (error) {
    // With objects that nobody has read the state would be of no use.
    await pulumi(target, ["stack", "import", "--stack", target.stack, "--file", original]);
    console.error(`That failed and was undone; going on without it. ${(error as Error).message}`);
  } finally {
    rmSync(file, { force: true });
  }
}

/** The state without pending creates; those of cluster objects become resources that are still to be read. */
export function withoutPendingCreates(exported: string): { edited: string; objects: string[] } {
  const state = JSON.parse(exported) as {
    deployment: { resources?: StoredResource[]; pending_operations?: PendingOperation[] };
  };
  const { resources = [], pending_operations: operations = [] } = state.deployment;
  const known = new Set(resources.map(({ urn }) => urn));
  const objects = operations.flatMap(({ type, resource }) => {
    const { name, namespace } = resource.inputs?.metadata ?? {};
    const isObject =
      type === "creating" && resource.type.startsWith("kubernetes:") && typeof name === "string";
    const id = namespace ? `${namespace}/${name}` : name;
    return isObject && !known.has(resource.urn) ? [{ ...resource, id: String(id) }] : [];
  });
  const deployment = {
    ...state.deployment,
    resources: [...resources, ...objects],
    pending_operations: operations.filter(({ type }) => type !== "creating"),
  };
  return { edited: JSON.stringify({ ...state, deployment }), objects: objects.map(({ urn }) => urn) };
}

async function pulumi({ cli, project, env }: RecoveryTarget, args: readonly string[]): Promise<void> {
  const { code, output } = await capture(cli, [...args, "--non-interactive"], { cwd: project.folder, env });
  if (code !== 0) {
    throw new Error(`pulumi ${args.slice(0, 2).join(" ")} said:\n${output}`);
  }
}

interface LockOwner {
  readonly pid: number;
  readonly hostname: string;
}

function lockOwners(folder: string): LockOwner[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")) as LockOwner);
  } catch {
    // No lock, or one that is being written or released right now.
    return [];
  }
}

/** A pid may have been given to another program since; on Linux that can be told from its name. */
function isGone({ pid, hostname: host }: LockOwner): boolean {
  if (host !== hostname()) {
    return false;
  }
  if (!isAlive(pid)) {
    return true;
  }
  try {
    return !readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("pulumi");
  } catch {
    return false;
  }
}

interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: { readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } };
}

interface PendingOperation {
  readonly type: string;
  readonly resource: StoredResource;
}

/** What the state file lists; nothing for a compressed one. */
function pendingCreates({ backend, project, stack }: RecoveryTarget): StoredResource[] {
  try {
    const { checkpoint } = JSON.parse(readFileSync(checkpointFile(backend, project, stack), "utf8")) as {
      checkpoint: { latest?: { pending_operations?: PendingOperation[] } };
    };
    const operations = checkpoint.latest?.pending_operations ?? [];
    return operations.filter(({ type }) => type === "creating").map(({ resource }) => resource);
  } catch {
    return [];
  }
}
