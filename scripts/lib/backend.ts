/** Where the state of stacks is kept: where the user says, or else in a file backend inside of the repository. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { pulumiHome, stateFolder } from "./paths";
import type { Project } from "./project";
import { ensureStateFolder } from "./state-folder";

export interface Backend {
  /** The embedded backend is ours to look into and to repair; any other is not. */
  readonly embedded: boolean;
  /** The folder of the embedded backend. */
  readonly folder: string;
  /** What to add to Pulumi's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Which backend it would be, without making anything. */
export function findBackend(env: NodeJS.ProcessEnv = process.env): Pick<Backend, "embedded" | "folder"> {
  const folder = path.join(stateFolder(env), "backend");
  const url = pathToFileURL(folder).href;
  const isElsewhere =
    ![undefined, "", url].includes(env.PULUMI_BACKEND_URL) ||
    Boolean(env.PULUMI_ACCESS_TOKEN) ||
    isLoggedIn(env, url);
  return { embedded: !isElsewhere, folder };
}

/** Finds the backend to use; makes the embedded one on its first use. */
export function chooseBackend(env: NodeJS.ProcessEnv = process.env): Backend {
  const { embedded, folder } = findBackend(env);
  if (!embedded) return { embedded, folder, env: {} };
  ensureStateFolder(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const hasPassphrase =
    env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    embedded: true,
    folder,
    env: {
      PULUMI_BACKEND_URL: pathToFileURL(folder).href,
      ...(hasPassphrase
        ? {}
        : { PULUMI_CONFIG_PASSPHRASE_FILE: ensurePassphrase(path.join(stateFolder(env), "passphrase")) }),
    },
  };
}

type Folder = Pick<Backend, "folder">;

/** Where the embedded backend keeps the state of a stack, unless it is compressed. */
export const checkpointFile = ({ folder }: Folder, project: Project, stack: string) =>
  path.join(folder, ".pulumi", "stacks", project.name, `${stack}.json`);

/** Whether a stack exists in the embedded backend. */
export function stackExists(backend: Folder, project: Project, stack: string): boolean {
  const file = checkpointFile(backend, project, stack);
  return [file, `${file}.gz`, `${file}.zst`].some((each) => existsSync(each));
}

/**
 * Whether a stack of the embedded backend has resources, or was making its first when it was killed; true also where a
 * state is there that cannot be looked into, since it is compressed.
 */
export function hasResources(backend: Folder, project: Project, stack: string): boolean {
  if (!stackExists(backend, project, stack)) return false;
  try {
    const { checkpoint } = JSON.parse(readFileSync(checkpointFile(backend, project, stack), "utf8")) as {
      checkpoint: { latest?: { resources?: unknown[]; pending_operations?: unknown[] } };
    };
    const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
    return resources.length + pending.length > 0;
  } catch {
    return true;
  }
}

function isLoggedIn(env: NodeJS.ProcessEnv, embeddedUrl: string): boolean {
  try {
    const folder = env.PULUMI_CREDENTIALS_PATH || pulumiHome(env);
    const text = readFileSync(path.join(folder, "credentials.json"), "utf8");
    const { current } = JSON.parse(text) as { current?: string };
    return current !== undefined && current !== "" && current !== embeddedUrl;
  } catch {
    return false;
  }
}

function ensurePassphrase(file: string): string {
  try {
    // Exclusive, so that of two first runs at once both use the same passphrase.
    const passphrase = `${randomBytes(32).toString("base64url")}\n`;
    writeFileSync(file, passphrase, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    const { size, mode } = statSync(file);
    if (size === 0) {
      throw new Error(`${file} is empty. Restore it: without it the stacks cannot be read.`);
    }
    if (mode & 0o077) {
      throw new Error(`${file} can be read by others. Run: chmod 600 ${file}`);
    }
  }
  return file;
}
