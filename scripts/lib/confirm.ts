import { createInterface } from "node:readline/promises";
import { UsageError } from "./command-line";

/** Asks on the terminal. With `yes` nobody is asked; without it and without a terminal it is a `UsageError`. */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new UsageError("there is no terminal to ask on; run it with --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
