import { createHash } from "node:crypto";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

/** The repository's root folder, wherever a command is started from. */
export const projectRoot = resolve(__dirname, "..", "..");

/** Things that can be made again, shared by all checkouts of a user: tools, the sandbox's image, its mirror. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.MESH_PLATFORM_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mesh-platform");
}

/**
 * What belongs to a checkout and is not in git: the embedded backend with its passphrase, kubeconfigs. Losing it loses
 * the stacks. So it is a folder of the user's home by default, since `git clean -fdx` empties a checkout of all that
 * git does not know. `MESH_PLATFORM_STATE` puts it elsewhere, as tests do. `.state` of the checkout is a link to it, and
 * where an older version has left a folder of that name, that is still the one.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env, checkout = projectRoot): string {
  if (env.MESH_PLATFORM_STATE) return resolve(env.MESH_PLATFORM_STATE);
  const inCheckout = stateLink(checkout);
  const kind = lstatSync(inCheckout, { throwIfNoEntry: false });
  if (kind?.isSymbolicLink()) return resolve(checkout, readlinkSync(inCheckout));
  return kind?.isDirectory() ? inCheckout : homeState(env, checkout);
}

/** The name in a checkout by which its state is found. */
export const stateLink = (checkout = projectRoot) => join(checkout, ".state");

/** The state's folder in the user's home. One for each checkout: two of them may each have a stack `dev`. */
export function homeState(env: NodeJS.ProcessEnv = process.env, checkout = projectRoot): string {
  const digest = createHash("sha256").update(checkout).digest("hex").slice(0, 8);
  const states = join(env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "mesh-platform");
  return join(states, `${basename(checkout)}-${digest}`);
}

/** The folder with the `.git` of the checkout that a path, which need not exist, lies in; nothing outside of any. */
export function workTreeOf(path: string): string | undefined {
  const folder = resolve(path);
  if (existsSync(join(folder, ".git"))) return folder;
  return dirname(folder) === folder ? undefined : workTreeOf(dirname(folder));
}
