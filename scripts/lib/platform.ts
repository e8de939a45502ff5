/** The one way in which `pulumi` is run here: by the npm scripts, by tests and by benchmarks. */
import { createConnection } from "node:net";
import path from "node:path";
import { type Backend, chooseBackend, stackExists } from "./backend";
import { type Cli, ensureCli } from "./cli";
import { REPOSITORY } from "./paths";
import { ensurePlugins, type PluginChoice, standInFolder } from "./plugins";
import { capture, runInForeground } from "./process";
import { readProject } from "./project";
import { ownHome } from "./pulumi-home";
import { clearStaleLocks, settlePendingCreates } from "./recovery";
import { createStack, prepareStackConfig } from "./stack-config";

const DEFAULT_STACK = "dev";

/** Subcommands that work on a stack's resources: they get `--config-file`, and create the stack if need be. */
const OPERATIONS = ["preview", "up", "refresh", "destroy"];

/** Subcommands that take `--stack`. */
const STACK_COMMANDS = [
  ...OPERATIONS,
  "stack",
  "config",
  "cancel",
  "state",
  "import",
  "watch",
  "logs",
  "console",
];

/** Forms of `pulumi stack` that are about no stack, or name it themselves. */
const STACK_LISTINGS = ["ls", "init", "new", "select", "rm"];

export interface PlatformEnvironment {
  readonly cli: Cli;
  readonly plugins: readonly PluginChoice[];
  readonly backend: Backend;
  /** Everything that the `pulumi` command needs. */
  readonly env: NodeJS.ProcessEnv;
}

/** Gets the CLI and the plugins if they are missing, and says how to run them. */
export async function platformEnvironment(): Promise<PlatformEnvironment> {
  const cli = await ensureCli();
  const plugins = await ensurePlugins(cli);
  const backend = chooseBackend();
  const standIns = standInFolder(plugins);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...backend.env,
    ...(backend.embedded ? ownHome() : {}),
    // The stand-ins start by `env node`; the folder of this Node comes last, so that it hides nothing.
    PATH: [standIns, path.dirname(cli.executable), process.env.PATH, path.dirname(process.execPath)]
      .filter(Boolean)
      .join(path.delimiter),
    // `npm run check` does the type-checking; here it would cost 2 to 10 s per run.
    PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...(standIns ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
  };
  if (env.SSH_AUTH_SOCK && !(await isListening(env.SSH_AUTH_SOCK))) {
    // The command provider fails every SSH connection on a dead agent, even when it has a key.
    delete env.SSH_AUTH_SOCK;
  }
  return { cli, plugins, backend, env };
}

/** Runs `pulumi` with these arguments on this terminal. Returns its exit code. */
export async function runPulumi(args: readonly string[]): Promise<number> {
  const platform = await platformEnvironment();
  const prepared = await prepare(platform, [...args]);
  return runInForeground(platform.cli.executable, prepared, { cwd: REPOSITORY, env: platform.env });
}

/** Runs `pulumi` with these arguments and collects its output, for tests and benchmarks. */
export async function capturePulumi(
  args: readonly string[],
  extraEnv: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const platform = await platformEnvironment();
  const prepared = await prepare(platform, [...args]);
  return capture(platform.cli.executable, prepared, {
    cwd: REPOSITORY,
    env: { ...platform.env, ...extraEnv },
  });
}

/** Adds what a user would otherwise have to type, and puts the stack in order. */
async function prepare({ cli, backend, env }: PlatformEnvironment, args: string[]): Promise<string[]> {
  const command = args.find((argument) => STACK_COMMANDS.includes(argument));
  if (!command || hasAny(args, ["--help", "-h"]) || (command === "stack" && hasAny(args, STACK_LISTINGS))) {
    return args;
  }
  const named = flag(args, "--stack", "-s");
  const stack = named ?? process.env.PULUMI_STACK ?? DEFAULT_STACK;
  const added = named === undefined ? ["--stack", stack] : [];
  if (!OPERATIONS.includes(command)) {
    return insert(args, command, added);
  }
  const unattended = !process.stdin.isTTY || args.includes("--non-interactive");
  if (unattended) {
    added.push("--non-interactive");
  }
  if (backend.embedded) {
    const project = readProject(path.resolve(REPOSITORY, flag(args, "--cwd", "-C") ?? "."));
    if (!stackExists(backend, project, stack)) {
      await createStack(cli.executable, project, stack, env);
    }
    const config = flag(args, "--config-file") ?? prepareStackConfig(project, stack);
    const target = { backend, cli: cli.executable, project, stack, env, config };
    const free = await clearStaleLocks(target);
    if (free && command !== "preview") {
      await settlePendingCreates(target);
    }
    if (config && flag(args, "--config-file") === undefined) {
      added.push("--config-file", config);
    }
  }
  if (command !== "preview" && unattended && !hasAny(args, ["--yes", "-y", "--preview-only"])) {
    // There is nobody to ask.
    added.push("--yes");
  }
  return insert(args, command, added);
}

function insert(args: readonly string[], command: string, added: readonly string[]): string[] {
  const position = args.indexOf(command) + 1;
  return [...args.slice(0, position), ...added, ...args.slice(position)];
}

function hasAny(args: readonly string[], flags: readonly string[]): boolean {
  return args.some((argument) => flags.includes(argument));
}

/** The value of `--name value`, `--name=value` or `-n value`. */
function flag(args: readonly string[], ...names: string[]): string | undefined {
  for (const [index, argument] of args.entries()) {
    if (names.includes(argument)) {
      return args[index + 1];
    }
    const name = names.find((each) => argument.startsWith(`${each}=`));
    if (name) {
      return argument.slice(name.length + 1);
    }
  }
  return undefined;
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}
