import { existsSync } from "node:fs";
import path from "node:path";
import { describeMesh } from "../../../components/mesh/mesh";
import type { ScenarioContext } from "../../../components/traffic/scenarios";
import { parseConfig } from "../../../stacks/config/load";
import type { Config } from "../../../stacks/config/schema";
import { tierOf } from "../../../stacks/config/tier";
import { resolveMesh } from "../../../stacks/mesh-settings";
import { settledBefore } from "../../../stacks/settle";
import { scenarioContext } from "../../../stacks/traffic-scenarios";
import { trafficSite } from "../../../stacks/traffic-site";
import { UsageError } from "../command-line";
import { REPOSITORY } from "../paths";
import { plainSettings } from "../settings";

export interface Stack {
  readonly name: string;
  readonly file: string;
  readonly config: Config;
  /** Part of Services' names after `.svc.`. */
  readonly dnsDomain: string;
  readonly context: ScenarioContext;
}

function readConfig(stack: string, file: string): Config {
  if (!existsSync(file))
    throw new UsageError(`there is no stack ${stack}: ${path.basename(file)} is missing`);
  // As it was settled for the stack: the source decides which Istio is there.
  return parseConfig(plainSettings(file), settledBefore(stack));
}

/** What the config says of the mesh and the applications: whatever scenarios have to know. */
export function readStack(name: string, configFile?: string): Stack {
  const file = path.resolve(configFile ?? path.join(REPOSITORY, `Pulumi.${name}.yaml`));
  const config = readConfig(name, file);
  const { dnsDomain } = config.kubernetes;
  if (config.mesh === false)
    throw new Error(`the stack ${name} has no mesh: set mesh in ${path.basename(file)}, then \`npm run up\``);
  const mesh = describeMesh(resolveMesh(config.mesh, { dnsDomain }));
  const { apps, gateways } = config;
  const { canaryWeight } = config.traffic;
  const around = { mesh, dnsDomain, apps, gateways, canaryWeight, tier: tierOf(config), nodes: [] };
  return { name, file, config, dnsDomain, context: scenarioContext(trafficSite(around)) };
}
