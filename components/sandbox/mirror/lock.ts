import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MirrorError } from "./run";

/**
 * Holds `DIR/lock` while `work` runs; a second process waits and says for whom.
 *
 * Node cannot call flock(2), so flock(1) locks a descriptor that it inherits:
 * the lock belongs to the open file, which stays open here after flock(1) has
 * ended. The kernel drops it when this process ends, however it ends, so no
 * stale lock is ever left. Other children do not inherit the descriptor.
 */
export async function withLock<T>(
  dir: string,
  waiting: (holder: string, wait: () => Promise<void>) => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "lock");
  const descriptor = openSync(path, "a+");
  try {
    const first = spawnSync("flock", ["--nonblock", "3"], {
      stdio: ["ignore", "ignore", "ignore", descriptor],
    });
    if (first.error) throw new MirrorError(`flock(1) of util-linux is needed: ${first.error.message}`);
    if (first.status !== 0)
      await waiting(readFileSync(path, "utf8").trim() || "unknown", () => block(descriptor));
    writeFileSync(path, `${process.pid}\n`);
    return await work();
  } finally {
    closeSync(descriptor);
  }
}

function block(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["3"], { stdio: ["ignore", "ignore", "ignore", descriptor] });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new MirrorError(`flock ended with ${code}`)),
    );
  });
}
