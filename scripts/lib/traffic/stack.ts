import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { describeMesh } from "../../../components/mesh/mesh";
import type { ScenarioContext } from "../../../components/traffic/scenarios";
import { ConfigError, toFaults } from "../../../stacks/config/faults";
import { type Config, config as schema } from "../../../stacks/config/schema";
import { tierOf } from "../../../stacks/config/tier";
import { resolveMesh } from "../../../stacks/mesh-settings";
import { withPreset } from "../../../stacks/presets/presets";
import { scenarioContext } from "../../../stacks/traffic-scenarios";
import { trafficSite } from "../../../stacks/traffic-site";
import { REPOSITORY } from "../paths";
import { UsageError } from "./options";

const NAMESPACE = "mesh-platform:";
/** Not needed here, so not looked at. */
const SECRET_KEYS = ["sshPrivateKey", "droneGiteaClientSecret", "gatewayCertificates"];

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
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const own = Object.entries(config)
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, value]) => [key.slice(NAMESPACE.length), value] as const)
    .filter(([key]) => !SECRET_KEYS.includes(key));
  const raw = withPreset(Object.fromEntries(own));
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new ConfigError(toFaults(parsed.error.issues, raw));
  return parsed.data;
}

/** What the config says of the mesh and the applications: whatever scenarios have to know. */
export function readStack(name: string, configFile?: string): Stack {
  const file = path.resolve(configFile ?? path.join(REPOSITORY, `Pulumi.${name}.yaml`));
  const config = readConfig(name, file);
  const { dnsDomain } = config.kubernetes;
  if (config.mesh === false)
    throw new UsageError(
      `the stack ${name} has no mesh: set mesh in ${path.basename(file)}, then \`npm run up\``,
    );
  const mesh = describeMesh(resolveMesh(config.mesh, { dnsDomain }));
  const { apps, gateways } = config;
  const { canaryWeight } = config.traffic;
  const around = { mesh, dnsDomain, apps, gateways, canaryWeight, tier: tierOf(config), nodes: [] };
  return { name, file, config, dnsDomain, context: scenarioContext(trafficSite(around)) };
}
