/** Where things are kept. Nothing here depends on the folder that a command is started from. */
import { homedir } from "node:os";
import path from "node:path";

export { cacheFolder, projectRoot as REPOSITORY, stateFolder } from "../../components/lib/folders";

/** Pulumi's own folder, with its logins and plugins. */
export function pulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.PULUMI_HOME || path.join(homedir(), ".pulumi");
}
