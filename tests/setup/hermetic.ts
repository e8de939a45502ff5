/** Before each test file of `unit` and `engine`: moves it to folders of its own, and watches that it stays there. */
import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, inject } from "vitest";
import { forbidFolders, takeForbiddenPaths } from "./fs-guard";

const { own, forbidden, go } = inject("folders");

const folder = mkdtempSync(join(own, "file-"));
const home = join(folder, "home");
const cache = join(folder, "cache");
for (const path of [home, cache]) mkdirSync(path);

/** Settings of the user that would reach the programs under test; which plugins to test with may be asked for. */
const foreign = /^(PULUMI_|MESH_PLATFORM_(?!PLUGINS$)|KUBECONFIG$|SSH_AUTH_SOCK$|XDG_)/;
for (const name of Object.keys(process.env)) if (foreign.test(name)) delete process.env[name];
Object.assign(process.env, go, {
  HOME: home,
  MESH_PLATFORM_CACHE: cache,
  MESH_PLATFORM_STATE: join(folder, "state"),
  PULUMI_HOME: join(home, ".pulumi"),
});

// The engine's set-up lays these ready; nobody else has them.
for (const [tools, place] of [
  [join(own, "bin"), join(cache, "bin")],
  [join(own, "downloads-unreachable"), join(cache, "downloads-unreachable")],
  [join(own, "plugins"), join(home, ".pulumi", "plugins")],
] as const)
  if (existsSync(tools)) {
    mkdirSync(join(place, ".."), { recursive: true });
    symlinkSync(tools, place);
  }

forbidFolders(forbidden);

function stayInside(): void {
  const paths = takeForbiddenPaths();
  if (paths.length > 0) throw new Error(`the user's own folders were looked at: ${paths.join(", ")}`);
}
afterEach(stayInside);
// While the file was loaded, or between tests.
afterAll(stayInside);
