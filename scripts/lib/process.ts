/** Running other programs. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program after this many milliseconds. */
  readonly timeout?: number;
  /** Says that the work goes on, at least every 15 s. */
  readonly progress?: string;
}

export interface RunResult {
  readonly code: number;
  /** What it printed, both streams together. */
  readonly output: string;
}

const PROGRESS_INTERVAL_MS = 15_000;

/** Runs a program to its end and collects what it prints. A program that cannot be started has code 127. */
export function capture(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const started = Date.now();
  const ticker = options.progress
    ? setInterval(
        () => console.error(`  ${options.progress}: ${Math.round((Date.now() - started) / 1000)} s`),
        PROGRESS_INTERVAL_MS,
      )
    : undefined;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeout,
    });
    const finish = (code: number, extra = "") => {
      clearInterval(ticker);
      resolve({ code, output: Buffer.concat(chunks).toString("utf8") + extra });
    };
    child.stdout.on("data", (data: Buffer) => chunks.push(data));
    child.stderr.on("data", (data: Buffer) => chunks.push(data));
    child.on("error", (error) => finish(127, error.message));
    child.on("close", (code) => finish(code ?? 1));
  });
}

/** Runs a program to its end and keeps its two streams apart, where one of them is data. */
export function runSeparately(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    child.once("error", reject).once("close", (code) => resolve({ code: code ?? 1, ...output }));
  });
}

/**
 * Runs a program on this terminal and passes signals on, so that Ctrl-C and a `kill` of npm reach it.
 * Returns its exit code, or 128 and the signal's number as a shell does.
 */
export function runInForeground(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const forward = (signal: NodeJS.Signals) => {
      // A terminal sends Ctrl-C to the whole group: the child has it already, a second one would mean "now".
      if (!(signal === "SIGINT" && process.stdin.isTTY)) {
        child.kill(signal);
      }
    };
    process.on("SIGINT", forward);
    process.on("SIGTERM", forward);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", forward);
      process.off("SIGTERM", forward);
      resolve(code ?? 128 + (signal === "SIGKILL" ? 9 : signal === "SIGTERM" ? 15 : 2));
    });
  });
}

/** The full path of a program on PATH, or nothing. */
export function findOnPath(program: string, searchPath = process.env.PATH ?? ""): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter(Boolean)
    .map((folder) => path.join(folder, program))
    .find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
