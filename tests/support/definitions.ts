import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { chartFile } from "../../components/sandbox/mirror/charts";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { projectRoot } from "./rendered";

export interface Definitions {
  /** Istio's chart of definitions, packed. */
  readonly chart: string;
  /** Gateway API's definitions. */
  readonly gatewayApi: string;
}

/**
 * Istio's and Gateway API's definitions, made from their pinned modules by the recipe of the mirror: once in a run, in
 * a folder of the run's own, and by the first file that asks. A sentence where this computer cannot make them.
 */
export function findDefinitions(): Definitions | string {
  const folder = join(inject("folders").own, "definitions");
  const note = join(folder, "missing");
  if (!existsSync(note)) make(folder, note);
  const missing = readFileSync(note, "utf8");
  if (missing !== "") return missing;
  return {
    chart: chartFile("base", meshVersions.istio, folder),
    gatewayApi: join(folder, "files/gateway-api", `v${meshVersions.gatewayApi}`, "standard-install.yaml"),
  };
}

/** The note says why they are missing; it is written last, and empty where they are there. */
function make(folder: string, note: string): void {
  mkdirSync(folder, { recursive: true });
  // Files that run side by side may both come here: the second one waits for the first one's lock, and has no work.
  const fill = ["-r", "tsx/cjs", "scripts/mirror.ts", "--charts", "--out", folder];
  const { status, stderr, error } = spawnSync(process.execPath, fill, { cwd: projectRoot, encoding: "utf8" });
  const why = error?.message ?? stderr.trim().replaceAll(/\s+/g, " ").slice(0, 400);
  const draft = `${note}.${process.pid}`;
  writeFileSync(draft, status === 0 ? "" : `Istio's definitions cannot be made here: ${why}`);
  renameSync(draft, note);
}
