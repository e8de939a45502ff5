/**
 * A folder of the run's own for unit and engine tests, in place of the user's home, cache and state. What tests assert
 * may not depend on what an earlier `npm run up` or `npm run mirror` has left there.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { cacheFolder, pulumiHome, REPOSITORY, stateFolder } from "../../scripts/lib/paths";

export interface RunFolders {
  /** Removed when the run ends. */
  readonly own: string;
  /** Folders of the user and of the checkout that no test may look at. */
  readonly forbidden: readonly string[];
  /** Where Go keeps what it has downloaded and compiled: a tool's cache, which holds nothing that a test asserts. */
  readonly go: Readonly<Record<string, string>>;
}

declare module "vitest" {
  export interface ProvidedContext {
    folders: RunFolders;
  }
}

export default function setup(project: TestProject): () => void {
  const own = mkdtempSync(join(tmpdir(), `mesh-platform-${project.name}-`));
  const home = homedir();
  const forbidden = [
    ...[cacheFolder(), stateFolder(), pulumiHome()],
    // Where they lie unless told otherwise: a reader that does not know of the variables would look there.
    ...[join(home, ".cache", "mesh-platform"), join(home, ".local", "state", "mesh-platform")],
    ...[join(REPOSITORY, ".state"), join(home, ".pulumi"), join(home, ".kube")],
  ];
  project.provide("folders", { own, forbidden: [...new Set(forbidden)], go: goCaches() });
  return () => rmSync(own, { recursive: true, force: true });
}

/** Empty where Go is not installed. */
function goCaches(): Record<string, string> {
  const { status, stdout } = spawnSync("go", ["env", "-json", "GOENV", "GOCACHE", "GOMODCACHE"], {
    encoding: "utf8",
  });
  return status === 0 ? JSON.parse(stdout) : {};
}
