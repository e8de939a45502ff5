/** Where things are kept. Nothing here depends on the folder that a command is started from. */
import { homedir } from "node:os";
import path from "node:path";

/** The repository's root folder. */
export const REPOSITORY = path.resolve(__dirname, "..", "..");

/**
 * Git-ignored: the embedded backend with the state of the stacks, and its passphrase. Losing it loses them.
 * `MESH_PLATFORM_STATE` puts it elsewhere, as tests do.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env.MESH_PLATFORM_STATE || path.join(REPOSITORY, ".state"));
}

/** Things that can be made again: the Pulumi CLI, transpiled stand-ins. Shared by all checkouts of a user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const userCache = env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  return env.MESH_PLATFORM_CACHE || path.join(userCache, "mesh-platform");
}

/** Pulumi's own folder, with its logins and plugins. */
export function pulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.PULUMI_HOME || path.join(homedir(), ".pulumi");
}
