import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { chooseArtifacts } from "../../stacks/artifacts";
import { type Computer, type Platform, resolvePlatform } from "../../stacks/config/load";
import { type Arch, listArtifacts, renderList } from "./artifact-list";
import { UsageError } from "./command-line";
import { REPOSITORY, stateFolder } from "./paths";
import { plainSettings } from "./settings";

/** What is printed does not depend on where it is printed: any computer may hold hosts, on a network of its own. */
const anyComputer: Computer = { sandboxProblems: () => [], sandboxCidr: () => "172.30.0.0/24" };

/** The config of a stack's file, without its secrets. */
function readStack(stack: string): Record<string, unknown> {
  const file = path.join(REPOSITORY, `Pulumi.${stack}.yaml`);
  if (!existsSync(file))
    throw new UsageError(`There is no stack ${stack}: ${path.basename(file)} is missing.`);
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

/** What a stack needs, as text for people or as JSON. */
export async function tellArtifacts(
  stack: string,
  archs: readonly Arch[] | undefined,
  json: boolean,
): Promise<string> {
  const platform = settled(resolvePlatform(readStack(stack), stack, anyComputer));
  const { artifacts } = await chooseArtifacts(platform);
  const list = listArtifacts(platform, artifacts, archs);
  return json ? JSON.stringify(list, undefined, 2) : renderList(list);
}
