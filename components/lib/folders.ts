import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The repository's root folder, wherever a command is started from. */
export const projectRoot = resolve(__dirname, "..", "..");

/** Things that can be made again, shared by all checkouts of a user: tools, the sandbox's image, its mirror. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.MESH_PLATFORM_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mesh-platform");
}

/**
 * What belongs to this checkout and is not in git: the embedded backend with its passphrase, kubeconfigs. Losing it
 * loses the stacks. `MESH_PLATFORM_STATE` puts it elsewhere, as tests do.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.MESH_PLATFORM_STATE || join(projectRoot, ".state"));
}
