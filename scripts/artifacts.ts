/**
 * `npm run artifacts -- --stack NAME [--json] [--arch amd64]`: every package, file and image that the stack needs,
 * from its config alone. It asks no network and no Pulumi engine.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { chooseArtifacts } from "../stacks/artifacts";
import { type Computer, type Platform, resolvePlatform } from "../stacks/config/load";
import { type Arch, listArtifacts, renderList } from "./lib/artifact-list";
import { REPOSITORY, stateFolder } from "./lib/paths";
import { plainSettings } from "./lib/settings";

/** What is printed does not depend on where it is printed: any computer may hold hosts, on a network of its own. */
const anyComputer: Computer = { sandboxProblems: () => [], sandboxCidr: () => "172.30.0.0/24" };

/** The config of a stack's file, without its secrets. */
function readStack(stack: string): Record<string, unknown> {
  const file = path.join(REPOSITORY, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw new Error(`There is no stack ${stack}: ${path.basename(file)} is missing.`);
  return plainSettings(file);
}

/** `auto` as it was settled for this stack; before that, upstream, with a word about it. */
function settled(platform: Platform): Platform {
  const { config, stack } = platform;
  if (config.artifacts.kind !== "auto") return platform;
  const note = path.join(stateFolder(), `artifacts-${stack}`);
  const kept = config.hosts.kind === "sandbox" && existsSync(note) ? readFileSync(note, "utf8").trim() : "";
  if (kept === "" && config.hosts.kind === "sandbox")
    console.error("artifacts.kind is auto and was not settled yet; this is what upstream would need.");
  const kind = kept === "sandbox" ? "sandbox" : "upstream";
  return { ...platform, config: { ...config, artifacts: { ...config.artifacts, kind } } };
}

function archsOf(given: string | undefined): readonly Arch[] | undefined {
  if (given === undefined) return undefined;
  if (given !== "amd64" && given !== "arm64")
    throw new Error(`--arch is ${given}; allowed: amd64, arm64; leave it out for both`);
  return [given];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { stack: { type: "string", short: "s" }, json: { type: "boolean" }, arch: { type: "string" } },
  });
  const stack = values.stack ?? "dev";
  const platform = settled(resolvePlatform(readStack(stack), stack, anyComputer));
  const { artifacts } = await chooseArtifacts(platform);
  const list = listArtifacts(platform, artifacts, archsOf(values.arch));
  console.log(values.json === true ? JSON.stringify(list, undefined, 2) : renderList(list));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
