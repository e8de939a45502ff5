import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export interface ProgramRun {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. Its log is `NAME.log` beside. */
  readonly folder: string;
  readonly log: string;
}

/**
 * Ends the program, and whatever it has started, as soon as its own input closes: that is when the test ends, however
 * it does.
 */
const keeper = '"$@" </dev/null & read -r _; kill -KILL 0';

/** Programs that end with the test. */
export class Processes {
  private readonly running: { readonly run: ProgramRun; readonly child: ChildProcess }[] = [];

  start(run: ProgramRun): void {
    const log = openSync(run.log, "a");
    const child = spawn("bash", ["-c", keeper, "bash", ...run.command], {
      cwd: run.folder,
      env: { PATH: process.env.PATH ?? "", HOME: run.folder, ...run.env },
      detached: true,
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    this.running.push({ run, child });
  }

  /** Ends all of them, the last one first. */
  async stop(): Promise<void> {
    const gone = [...this.running]
      .reverse()
      .map(({ child }) => new Promise((resolve) => child.once("exit", resolve).stdin?.end()));
    await Promise.all(gone);
    this.running.length = 0;
  }

  /** The last lines of every log. */
  tails(lines = 15): string {
    return this.running
      .map(({ run: { name, log } }) => {
        const text = readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines);
        return [`--- ${name}`, ...text].join("\n");
      })
      .join("\n");
  }
}

/** Ports that nobody uses now, all of them different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Asks until there is an answer. Says what was waited for, and why it did not come. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let why: unknown = "no answer";
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      why = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not after ${seconds} s (${String(why)})`);
}

export const inside = (folder: string, ...path: string[]): string => join(folder, ...path);
