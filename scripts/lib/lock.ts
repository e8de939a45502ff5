/** A lock between processes of one computer: a folder, since making one either works or fails. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 500;
const PROGRESS_INTERVAL_MS = 15_000;

/** Does the work while no other process does it. A lock whose owner has died is taken over. */
export async function withLock<T>(folder: string, what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  let announced = started - PROGRESS_INTERVAL_MS;
  while (!acquire(folder)) {
    if (Date.now() - announced >= PROGRESS_INTERVAL_MS) {
      announced = Date.now();
      console.error(`  another process is at it (${what}): ${Math.round((announced - started) / 1000)} s`);
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes the lock if nobody has it, and returns what gives it back; nothing where another process has it. */
export function tryLock(folder: string): (() => void) | undefined {
  // The first try clears away the lock of a process that has died, and takes none.
  if (!acquire(folder) && !acquire(folder)) return undefined;
  return () => rmSync(folder, { recursive: true, force: true });
}

function acquire(folder: string): boolean {
  mkdirSync(path.dirname(folder), { recursive: true });
  try {
    mkdirSync(folder);
  } catch {
    if (ownerIsGone(folder)) {
      rmSync(folder, { recursive: true, force: true });
    }
    return false;
  }
  writeFileSync(path.join(folder, "pid"), String(process.pid));
  return true;
}

function ownerIsGone(folder: string): boolean {
  try {
    const pid = Number(readFileSync(path.join(folder, "pid"), "utf8"));
    return pid > 0 && !isAlive(pid);
  } catch {
    // Made a moment ago and not signed yet, or just released.
    return false;
  }
}

/**
 * Whether a process runs, of this user or of another. One that was killed together with its parent stays in the
 * process table until somebody asks for its exit code; it can be signalled, but it does nothing any more.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" && !isZombie(pid);
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    // The state is the first field behind the command's name, which is in parentheses and may hold some itself.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    // No /proc, as on macOS, or gone this very moment.
    return false;
  }
}
