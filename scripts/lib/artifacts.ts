import { existsSync } from "node:fs";
import path from "node:path";
import { mirrorVersions, previousVersions } from "../../components/sandbox/mirror/versions";
import { chooseArtifacts } from "../../stacks/artifacts";
import { type Computer, type Platform, parseConfig, resolvePlatform } from "../../stacks/config/load";
import { isOpen } from "../../stacks/config/source";
import { settledBefore } from "../../stacks/settle";
import { type Arch, listArtifacts, renderList } from "./artifact-list";
import { UsageError } from "./command-line";
import { REPOSITORY } from "./paths";
import { plainSettings } from "./settings";

const both = [mirrorVersions, previousVersions];

/** What is printed does not depend on where it is printed: any computer may hold hosts, on a network of its own. */
const anyComputer: Computer = {
  sandboxProblems: () => [],
  sandboxCidr: () => "172.30.0.0/24",
  servedVersions: () => ({
    kubernetes: both.map(({ kubernetes }) => kubernetes),
    etcd: both.map(({ etcd }) => etcd),
  }),
};

/** The config of a stack's file, without its secrets. */
function readStack(stack: string): Record<string, unknown> {
  const file = path.join(REPOSITORY, `Pulumi.${stack}.yaml`);
  if (!existsSync(file))
    throw new UsageError(`There is no stack ${stack}: ${path.basename(file)} is missing.`);
  return plainSettings(file);
}

/** `auto` as it was settled for this stack; before that, upstream, with a word about it. */
function platformOf(stack: string): Platform {
  const settings = readStack(stack);
  const before = settledBefore(stack);
  if (before === undefined && isOpen(parseConfig(settings)))
    console.error("artifacts.kind is auto and was not settled yet; this is what upstream would need.");
  return resolvePlatform(settings, stack, anyComputer, {}, before);
}

/** What a stack needs, as text for people or as JSON. */
export function tellArtifacts(stack: string, archs: readonly Arch[] | undefined, json: boolean): string {
  const platform = platformOf(stack);
  const { artifacts } = chooseArtifacts(platform);
  const list = listArtifacts(platform, artifacts, archs);
  return json ? JSON.stringify(list, undefined, 2) : renderList(list);
}
