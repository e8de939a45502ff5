import { spawnSync } from "node:child_process";

/** Runs a program to its end and gives its standard output. Throws, with what it said, where it does not end well. */
export function must(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
