/** Which packages a program has, and which of them come with a provider plugin. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DependencyInfo } from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency } from "@pulumi/pulumi/proto/plugin_pb";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly pulumi?: { readonly resource?: boolean; readonly name?: string; readonly version?: string };
}

/**
 * The provider plugins that the installed packages ask for, for the engine to install before the program runs.
 * None where it may not install any: it would only look for each one twice and warn about it twice.
 */
export function requiredPackages(programFolder: string): PackageDependency[] {
  if (process.env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION === "true") {
    return [];
  }
  return packageFolders(path.join(programFolder, "node_modules")).flatMap((folder) => {
    const manifest = readManifest(folder);
    if (!manifest?.pulumi?.resource) {
      return [];
    }
    const name = manifest.pulumi.name ?? manifest.name?.replace(/^@pulumi\//, "") ?? "";
    const version = manifest.pulumi.version ?? manifest.version ?? "";
    return [
      new PackageDependency()
        .setName(name)
        .setKind("resource")
        .setVersion(version.startsWith("v") ? version : `v${version}`),
    ];
  });
}

/** What the program's own package.json names, with the versions that are installed; `pulumi about` shows them. */
export function installedDependencies(programFolder: string): DependencyInfo[] {
  const manifest = readManifest(programFolder);
  return Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies }).map((name) => {
    const installed = readManifest(path.join(programFolder, "node_modules", name));
    return new DependencyInfo().setName(name).setVersion(installed?.version ?? "");
  });
}

function packageFolders(nodeModules: string): string[] {
  return folderNames(nodeModules).flatMap((name) =>
    name.startsWith("@")
      ? folderNames(path.join(nodeModules, name)).map((scoped) => path.join(nodeModules, name, scoped))
      : [path.join(nodeModules, name)],
  );
}

function folderNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
