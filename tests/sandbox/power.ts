import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { hostNames } from "../../components/sandbox/plan";

/**
 * Power switches of sandbox hosts, and a new disk. They use what the host's own step has left on the computer: the file
 * `machine` with its functions, and the text of the step, which a stack's state holds.
 */
const folder = (id: string, host: string) => hostNames(id, host).state;

function machine(id: string, host: string, ...words: string[]) {
  return spawnSync("bash", [join(folder(id, host), "machine"), ...words], { encoding: "utf8" });
}

/** Off within so many seconds of an orderly power-off; 0 is a power cut: nothing inside gets to write a last word. */
export function powerOff(id: string, host: string, seconds: number): void {
  const leader = machine(id, host, "leader").stdout.trim();
  if (seconds === 0 && leader !== "") process.kill(Number(leader), "SIGKILL");
  const { status, stderr } = machine(id, host, "stop", String(seconds));
  if (status !== 0) throw new Error(`${host} does not stop: ${stderr.slice(-400)}`);
}

/** Runs a host's own step again, which starts what is down and makes a disk where there is none. */
export function bootHost(step: Record<string, unknown>): void {
  const { status, stderr } = spawnSync("sh", ["-c", String(step.create)], {
    encoding: "utf8",
    input: String(step.stdin),
  });
  if (status !== 0) throw new Error(`the host does not start: ${stderr.slice(-400)}`);
}

export function wipeDisk(id: string, host: string): void {
  rmSync(join(folder(id, host), "root"), { recursive: true });
}

/** A command inside a host, without SSH and without a look into the state: quick enough to be asked all the time. */
export function inside(
  id: string,
  host: string,
  command: string,
): { status: number | null; stdout: string; stderr: string } {
  const leader = machine(id, host, "leader").stdout.trim();
  if (leader === "") return { status: null, stdout: "", stderr: `${host} does not run` };
  return spawnSync("nsenter", ["-t", leader, "-a", "timeout", "60", "bash", "-c", command], {
    encoding: "utf8",
  });
}
