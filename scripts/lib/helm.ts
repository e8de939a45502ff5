/** The helm program, by which the stand-in kubernetes provider renders charts. The official one has Helm built in. */
import path from "node:path";
import { buildProgram, builtProgram, type GoProgram } from "./go-build";
import { withLock } from "./lock";
import { cacheFolder } from "./paths";
import type { PluginChoice } from "./plugins";
import { findOnPath, isExecutable } from "./process";

/** The version that the official provider has built in, so that both render alike; tools/helm/go.mod names the same. */
export const HELM_VERSION = "3.20.2";

const PROGRAM: GoProgram = {
  module: "helm",
  package: "helm.sh/helm/v3/cmd/helm",
  version: HELM_VERSION,
  variables: { "helm.sh/helm/v3/internal/version.version": `v${HELM_VERSION}` },
};

const executable = () => builtProgram(PROGRAM, "helm-");

/** The program that was built before, or nothing. */
export function findHelm(): string | undefined {
  return isExecutable(executable()) ? executable() : undefined;
}

/** Builds helm, unless it is there or an official provider makes it needless. Gives its path where it is needed. */
export async function ensureHelm(plugins: readonly PluginChoice[]): Promise<string | undefined> {
  if (!plugins.some(({ name, source }) => name === "kubernetes" && source === "stand-in")) return undefined;
  return (
    findHelm() ??
    withLock(path.join(cacheFolder(), "bin.lock"), "building helm", async () => findHelm() ?? (await build()))
  );
}

async function build(): Promise<string> {
  const go = findOnPath("go");
  if (!go) {
    throw new Error(
      "Without the official kubernetes plugin, charts are rendered by helm, which is built with Go: " +
        "install Go (https://go.dev/doc/install), or the plugin.",
    );
  }
  console.error(`Building helm ${HELM_VERSION} from its Go module; the first time takes some minutes.`);
  await buildProgram(go, PROGRAM, executable());
  return executable();
}
