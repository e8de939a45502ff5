/** Makes the state folder on its first use, away from what a clean of the checkout removes. */
import { existsSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { homeState, stateLink, workTreeOf } from "../../components/lib/folders";
import { REPOSITORY, stateFolder } from "./paths";
import { UsageError } from "./usage";

/** The page that says what is lost with the state, and what to do then. */
export const STATE_PAGE = "docs/engine.md#when-the-state-is-lost";

/**
 * Why no state may be kept where `MESH_PLATFORM_STATE` says: a new folder inside a checkout. `git clean -fdx`, which
 * build servers run before every job, would end the life of each cluster whose keys are there.
 */
export function stateFolderFault(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!env.MESH_PLATFORM_STATE) return undefined;
  const folder = stateFolder(env);
  const tree = workTreeOf(folder);
  if (tree === undefined || existsSync(folder)) return undefined;
  return (
    `MESH_PLATFORM_STATE is ${folder}; allowed: a folder outside of every checkout. This one is inside ${tree}, where ` +
    "`git clean -fdx` removes it, and with it the passphrase and the keys of every cluster. Name another folder, or " +
    "leave the variable out."
  );
}

/**
 * The folder, made if need be, and the link to it in the checkout.
 *
 * @throws UsageError where no state may be kept there.
 */
export function ensureStateFolder(
  env: NodeJS.ProcessEnv = process.env,
  say: (text: string) => void = console.error,
  checkout = REPOSITORY,
): string {
  const fault = stateFolderFault(env);
  if (fault !== undefined) throw new UsageError(fault);
  const folder = stateFolder(env, checkout);
  const tree = workTreeOf(folder);
  if (tree !== undefined) say(warning(folder, tree, env, checkout));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!env.MESH_PLATFORM_STATE) link(folder, checkout);
  return folder;
}

/** Lets `.state` of the checkout lead to the folder. Of use to people alone, so a checkout that is read-only goes without. */
function link(folder: string, checkout: string): void {
  const name = stateLink(checkout);
  if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) return;
  try {
    symlinkSync(folder, name);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // Another run has made it just now, or nobody may write here.
    if (!["EEXIST", "EACCES", "EPERM", "EROFS"].includes(code)) throw error;
  }
}

/** What a clean of the checkout would take, and how to be safe from it. */
function warning(folder: string, tree: string, env: NodeJS.ProcessEnv, checkout: string): string {
  const danger = `The keys of your clusters are in ${folder}, where \`git clean -fdx\` of ${tree} removes them (${STATE_PAGE}).`;
  if (env.MESH_PLATFORM_STATE) return `${danger} Move the folder, and say MESH_PLATFORM_STATE=…`;
  if (folder !== stateLink(checkout)) return danger;
  const target = homeState(env, checkout);
  return `${danger} Move it, when no run is under way: mkdir -p ${path.dirname(target)} && mv ${folder} ${target}`;
}
