import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A step of filling that failed, told in a way that a person can act on. */
export class MirrorError extends Error {
  override name = "MirrorError";
}

const children = new Set<ReturnType<typeof spawn>>();

/**
 * Ends what runs now. SIGINT and not SIGTERM: on SIGTERM `go build` leaves its
 * compilers running behind it.
 */
export function stopChildren(): void {
  for (const child of children) child.kill("SIGINT");
}

export interface RunOptions {
  /** All output is appended here, and quoted from here when the command fails. */
  log: string;
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs one command without a shell; rejects with the end of its output. */
export function run(command: string, args: string[], options: RunOptions): Promise<void> {
  const log = openSync(options.log, "a");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: "C", ...options.env },
      stdio: ["ignore", log, log],
    });
    children.add(child);
    const end = (problem?: string) => {
      children.delete(child);
      closeSync(log);
      if (problem === undefined) resolve();
      else
        reject(new MirrorError(`${command} ${problem}\n${tail(options.log)}\nThe whole log: ${options.log}`));
    };
    child.once("error", (error) => end(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) =>
      end(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}:`),
    );
  });
}

/** The last lines of a log; cut, since a failed link prints its whole command line. */
export function tail(path: string, lines = 20, width = 300): string {
  const all = readFileSync(path, "utf8").trimEnd().split("\n");
  return all
    .slice(-lines)
    .map((line) => `  ${line.length > width ? `${line.slice(0, width)}…` : line}`)
    .join("\n");
}
