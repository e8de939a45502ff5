/** What a bench that was killed has left behind, and what one does that is being ended. */
import type { ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { sandboxId } from "../../components/sandbox/plan";
import { confirm } from "./confirm";
import { REPOSITORY } from "./paths";
import { type FoundSandbox, findSandboxes, leftoverOf } from "./sandbox/look";
import { describeParts, removeSandbox } from "./sandbox/remove";

/** The program was asked to end. What it has made is removed before it does. */
export class InterruptedError extends Error {
  /** As a shell has it: 128 and the number of the signal. */
  readonly code: number;
  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.code = signal === "SIGINT" ? 130 : 143;
  }
}

/** Notes that the program was asked to end, and passes it on to the program that it waits for. */
export class Interruption {
  error: InterruptedError | undefined;
  private child: ChildProcess | undefined;
  /** Whether it has been answered: a second request is for the program that cleans up, which gets it by itself. */
  private answered = false;

  /** Asks the program to end. Once: of `timeout` the same signal comes twice, by npm and by the process group. */
  readonly ask = (signal: NodeJS.Signals): void => {
    if (this.error !== undefined || this.answered) return;
    this.error = new InterruptedError(signal);
    process.stderr.write(`bench: ${signal}: what was made is removed first\n`);
    // A terminal sends Ctrl-C to the whole group: the child has it already, a second one would mean "now".
    if (!(signal === "SIGINT" && process.stdin.isTTY)) this.child?.kill(signal);
  };

  watch(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, this.ask);
  }

  end(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, this.ask);
  }

  /** From here on what runs is the removal. */
  over(): void {
    this.answered = true;
  }

  /** Waits for a program, and throws where this one was asked to end meanwhile. */
  async during(child: ChildProcess): Promise<unknown> {
    this.child = child;
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    this.child = undefined;
    if (this.error !== undefined && !this.answered) throw this.error;
    return code;
  }
}

export interface Asking {
  /** Where the bench keeps its state. */
  readonly folder: string;
  readonly yes: boolean;
  /** Removes all that the state has, and then by hand what is left. */
  readonly destroy: () => Promise<void>;
}

const sandboxOf = (stack: string): FoundSandbox | undefined =>
  findSandboxes().find(({ id }) => id === sandboxId(REPOSITORY, stack));

/**
 * Removes what is there of the stack's sandbox although its state does not have it. With somebody to ask it looks for
 * all of it, says so, and asks before; without an answer it throws with what to run.
 */
export async function clearLeftover(stack: string, env: NodeJS.ProcessEnv, asking?: Asking): Promise<void> {
  if (asking === undefined) {
    const left = leftoverOf(stack, env);
    if (left !== undefined) await removeSandbox(left);
    return;
  }
  const { folder, yes, destroy } = asking;
  const found = sandboxOf(stack);
  if (found !== undefined) {
    process.stderr.write(`bench: a run before this one was killed and has left: ${describeParts(found)}\n`);
    if (!yes && !process.stdin.isTTY) {
      throw new Error(
        `Run \`npm run bench -- --yes\` to remove it and go on, or \`npm run sandbox -- remove ${found.id}\` to remove it alone.`,
      );
    }
    if (!(await confirm("Remove it and go on?", yes)))
      throw new Error("nothing was removed, and nothing measured");
    await destroy();
  }
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
