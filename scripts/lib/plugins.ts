/**
 * Decides which plugin of each kind runs: the official one wherever it is installed or can be installed, else
 * the stand-in of tests/engine. This is the only place that decides it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { Cli } from "./cli";
import { downloadsAreReachable } from "./network";
import { cacheFolder, pulumiHome, REPOSITORY } from "./paths";
import { capture, findOnPath, isExecutable } from "./process";

/** The providers that the platform uses, named as their packages. */
const PROVIDERS = ["command", "tls", "random", "kubernetes"] as const;

const STAND_INS = path.join(REPOSITORY, "tests", "engine", "bin");
const INSTALL_TIMEOUT_MS = 120_000;

export interface PluginChoice {
  /** `command`, …, or `nodejs` for the language host. */
  readonly name: string;
  readonly version: string;
  readonly executableName: string;
  readonly source: "official" | "stand-in";
  /** Where the one that runs was found. */
  readonly location: string;
}

/** `MESH_PLATFORM_PLUGINS`: take whatever there is, or insist on one kind. */
type Preference = "auto" | "official" | "stand-in";

/** Chooses among the plugins that are on this computer; asks no network. */
export function choosePlugins(cli: Cli): PluginChoice[] {
  const preference = preferenceOf(process.env.MESH_PLATFORM_PLUGINS);
  const choices = [languageHost(cli, preference), ...PROVIDERS.map((name) => provider(name, preference))];
  const missing = choices.filter(({ source }) => source === "stand-in");
  if (preference === "official" && missing.length > 0) {
    const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
    throw new Error(`MESH_PLATFORM_PLUGINS=official, but these official plugins are not installed: ${names}`);
  }
  return choices;
}

/** Installs the official plugins that are missing, if they can be reached, and chooses then. */
export async function ensurePlugins(cli: Cli, force = false): Promise<PluginChoice[]> {
  if (preferenceOf(process.env.MESH_PLATFORM_PLUGINS) === "stand-in") {
    return choosePlugins(cli);
  }
  const missing = PROVIDERS.filter((name) => !officialProvider(name, pinnedVersion(name)));
  if (missing.length > 0 && (await downloadsAreReachable(force))) {
    for (const name of missing) {
      const args = ["plugin", "install", "resource", name, pinnedVersion(name)];
      const progress = `installing the ${name} plugin`;
      const { code, output } = await capture(cli.executable, args, { timeout: INSTALL_TIMEOUT_MS, progress });
      if (code !== 0) {
        console.error(
          `The official ${name} plugin could not be installed: ${output.trim().split("\n").at(-1)}`,
        );
      }
    }
  }
  return choosePlugins(cli);
}

/** One line per plugin, for people. */
export function describePlugins(choices: readonly PluginChoice[]): string[] {
  return choices.map(({ name, version, source, location }) => {
    const origin = source === "official" ? "official" : `stand-in (${location})`;
    return `${name.padEnd(11)}${version.padEnd(9)} ${origin}`;
  });
}

/**
 * A folder for PATH that holds the stand-ins in use and no others: the engine prefers what is on PATH, so a
 * stand-in beside an official plugin would hide it. Undefined when no stand-in is in use.
 */
export function standInFolder(choices: readonly PluginChoice[]): string | undefined {
  const names = choices.filter(({ source }) => source === "stand-in").map((choice) => choice.executableName);
  if (names.length === 0) {
    return undefined;
  }
  const digest = createHash("sha256")
    .update([STAND_INS, ...names].join("\n"))
    .digest("hex")
    .slice(0, 12);
  const folder = path.join(cacheFolder(), "stand-ins", digest);
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    try {
      symlinkSync(path.join(STAND_INS, name), path.join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
  }
  return folder;
}

function languageHost(cli: Cli, preference: Preference): PluginChoice {
  const executableName = "pulumi-language-nodejs";
  // The official archive and installer put it beside the CLI.
  const beside = path.join(path.dirname(cli.executable), executableName);
  const official = isExecutable(beside) ? beside : officialOnPath(executableName);
  return choice(
    "nodejs",
    cli.version,
    executableName,
    official,
    "tests/engine/language-host/main.ts",
    preference,
  );
}

function provider(name: string, preference: Preference): PluginChoice {
  const version = pinnedVersion(name);
  const standIn = `tests/engine/providers/${name}.ts`;
  return choice(
    name,
    version,
    `pulumi-resource-${name}`,
    officialProvider(name, version),
    standIn,
    preference,
  );
}

function choice(
  name: string,
  version: string,
  executableName: string,
  official: string | undefined,
  standIn: string,
  preference: Preference,
): PluginChoice {
  return official && preference !== "stand-in"
    ? { name, version, executableName, source: "official", location: official }
    : { name, version, executableName, source: "stand-in", location: standIn };
}

function officialProvider(name: string, version: string): string | undefined {
  const executableName = `pulumi-resource-${name}`;
  const installed = path.join(pulumiHome(), "plugins", `resource-${name}-v${version}`, executableName);
  return officialOnPath(executableName) ?? (isExecutable(installed) ? installed : undefined);
}

/** A plugin on PATH that is not one of ours: a stand-in's folder may be there in a nested run. */
function officialOnPath(executableName: string): string | undefined {
  const ours = [STAND_INS, path.join(cacheFolder(), "stand-ins") + path.sep];
  const searchPath = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => !ours.some((own) => folder === own || folder.startsWith(own)));
  return findOnPath(executableName, searchPath.join(path.delimiter));
}

/** The plugin version that the installed SDK asks the engine for. */
function pinnedVersion(name: string): string {
  const manifest = path.join(REPOSITORY, "node_modules", "@pulumi", name, "package.json");
  const parsed = JSON.parse(readFileSync(manifest, "utf8")) as {
    version: string;
    pulumi?: { version?: string };
  };
  return (parsed.pulumi?.version ?? parsed.version).replace(/^v/, "");
}

function preferenceOf(value: string | undefined): Preference {
  if (value === undefined || value === "" || value === "auto") {
    return "auto";
  }
  if (value === "official" || value === "stand-in") {
    return value;
  }
  throw new Error(`MESH_PLATFORM_PLUGINS is ${JSON.stringify(value)}; it takes auto, official or stand-in`);
}
