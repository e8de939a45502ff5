import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot, stateFolder } from "../lib/folders";

/** Who made a sandbox, as its folder says in the file `owner`. */
export interface SandboxOwner {
  /** Root folder of the checkout. */
  readonly checkout: string;
  readonly stack: string;
  /** Folder with the stack's state; null where the state is in a backend of the user's own. */
  readonly state: string | null;
}

/** The owner of the sandbox that this run makes, as the text of that file. */
export function describeOwner(stack: string, env: NodeJS.ProcessEnv = process.env): string {
  const state = stateFolder(env);
  // Another backend's address is not written down: it may hold a password.
  const embedded = env.PULUMI_BACKEND_URL === pathToFileURL(join(state, "backend")).href;
  const owner: SandboxOwner = { checkout: projectRoot, stack, state: embedded ? state : null };
  return JSON.stringify(owner);
}

/** The owner that a file names; nothing where there is no file, as in sandboxes of before, or no such text in it. */
export function parseOwner(text: string | undefined): SandboxOwner | undefined {
  try {
    const { checkout, stack, state } = JSON.parse(text ?? "") as Record<string, unknown>;
    if (typeof checkout !== "string" || typeof stack !== "string") return undefined;
    return { checkout, stack, state: typeof state === "string" ? state : null };
  } catch {
    return undefined;
  }
}
