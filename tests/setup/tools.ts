/** What engine tests run with: the CLI, its plugins and helm, which are got where they are missing. */
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { cacheFolder, pulumiHome } from "../../scripts/lib/paths";
import { ensurePrograms } from "../../scripts/lib/set-up";

/** Programs are tools and no facts: they come out of the user's cache, and besides them only what tells of the network. */
export default async function setup(project: TestProject): Promise<void> {
  await ensurePrograms(console.log);
  const { own } = project.getProvidedContext().folders;
  for (const [name, tools] of [
    ["bin", join(cacheFolder(), "bin")],
    ["downloads-unreachable", join(cacheFolder(), "downloads-unreachable")],
    ["plugins", join(pulumiHome(), "plugins")],
  ] as const)
    if (existsSync(tools)) symlinkSync(tools, join(own, name));
}
