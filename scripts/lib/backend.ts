/** Where the state of stacks is kept: where the user says, or else in a file backend inside of the repository. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { pulumiHome, stateFolder } from "./paths";
import type { Project } from "./project";

export interface Backend {
  /** The embedded backend is ours to look into and to repair; any other is not. */
  readonly embedded: boolean;
  /** The folder of the embedded backend. */
  readonly folder: string;
  /** What to add to Pulumi's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Finds the backend to use; makes the embedded one on its first use. */
export function chooseBackend(env: NodeJS.ProcessEnv = process.env): Backend {
  const folder = path.join(stateFolder(env), "backend");
  const url = pathToFileURL(folder).href;
  if (
    ![undefined, "", url].includes(env.PULUMI_BACKEND_URL) ||
    env.PULUMI_ACCESS_TOKEN ||
    isLoggedIn(env, url)
  ) {
    return { embedded: false, folder, env: {} };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const hasPassphrase =
    env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    embedded: true,
    folder,
    env: {
      PULUMI_BACKEND_URL: url,
      ...(hasPassphrase
        ? {}
        : { PULUMI_CONFIG_PASSPHRASE_FILE: ensurePassphrase(path.join(stateFolder(env), "passphrase")) }),
    },
  };
}

/** Whether a stack exists in the embedded backend. */
export function stackExists(backend: Backend, project: Project, stack: string): boolean {
  const file = path.join(backend.folder, ".pulumi", "stacks", project.name, `${stack}.json`);
  return [file, `${file}.gz`, `${file}.zst`].some((each) => existsSync(each));
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
