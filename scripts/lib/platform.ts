/** The one way in which `pulumi` is run here: by the npm scripts, by tests and by benchmarks. */
import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import path from "node:path";
import { YamlError } from "../../components/lib/yaml-text";
import { type Backend, chooseBackend, findBackend, hasResources, stackExists } from "./backend";
import { type Cli, ensureCli } from "./cli";
import { asksForHelp, helpOf, printHelp } from "./help";
import { type Invocation, readInvocation, requireKnownOptions, withWords } from "./invocation";
import { REPOSITORY } from "./paths";
import { ensurePlugins, type PluginChoice, standInFolder } from "./plugins";
import { capture, runInForeground } from "./process";
import { type Project, readProject } from "./project";
import { ownHome } from "./pulumi-home";
import { clearStaleLocks, settlePendingCreates } from "./recovery";
import { leftoverOf } from "./sandbox/look";
import { setUp } from "./set-up";
import { plainSettings } from "./settings";
import { configCopy, createStack, prepareStackConfig } from "./stack-config";
import { hasStackFile, stackFile, unknownStack } from "./stacks";
import { STATE_PAGE, stateFolderFault } from "./state-folder";
import { UsageError } from "./usage";

const DEFAULT_STACK = "dev";

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
  const invocation = readInvocation(args);
  if (asksForHelp(invocation)) return printHelp(invocation);
  const order = invocation.aboutStack ? orderOf(invocation) : undefined;
  if (order !== undefined) await setUpFor(order);
  const platform = await platformEnvironment();
  const words = order === undefined ? args : await prepare(platform, order);
  return runInForeground(platform.cli.executable, words, { cwd: REPOSITORY, env: platform.env });
}

/** Runs `pulumi` on a stack with these arguments and collects its output, for tests and benchmarks. */
export async function capturePulumi(
  args: readonly string[],
  extraEnv: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const order = orderOf(readInvocation(args));
  const platform = await platformEnvironment();
  const words = await prepare(platform, order);
  return capture(platform.cli.executable, words, {
    cwd: REPOSITORY,
    env: { ...platform.env, ...extraEnv },
  });
}

/** What is to be done, and to which stack. */
interface Order {
  readonly invocation: Invocation;
  readonly stack: string;
  readonly project: Project;
  /** Nobody sits at a terminal who could be asked. */
  readonly unattended: boolean;
}

/**
 * Finds out what is meant, and refuses what nobody can have meant, before anything is installed, built or written.
 *
 * @throws UsageError with every fault.
 */
function orderOf(invocation: Invocation): Order {
  const order = {
    invocation,
    stack: text(invocation.option("stack")) ?? (process.env.PULUMI_STACK || DEFAULT_STACK),
    project: readProject(path.resolve(REPOSITORY, text(invocation.option("cwd")) ?? ".")),
    unattended: !process.stdin.isTTY || invocation.option("non-interactive") === true,
  };
  const faults = [
    stateFolderFault(),
    missingStack(order),
    unreadableFile(order),
    missingConsent(order),
    hostsWithoutState(order),
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new UsageError(faults.join("\n"));
  return order;
}

/** A preview or an `up` of a stack without a file would plan another cluster, and leave a stack behind. */
function missingStack({ invocation, stack, project }: Order): string | undefined {
  const { operation, option } = invocation;
  if (operation === undefined || option("create") || option("config-file") !== undefined) return undefined;
  if (hasStackFile(project, stack)) return undefined;
  const backend = findBackend();
  const isKnown = stackExists(backend, project, stack);
  if (operation === "preview" || operation === "up") {
    const kept = configCopy(project, stack);
    const change =
      isKnown && existsSync(kept)
        ? `The stack itself exists, and the config of its last run is kept: cp ${kept} ${stackFile(project, stack)}`
        : `For a new stack with nothing but defaults: npm run ${operation} -- --stack ${stack} --create`;
    return `${unknownStack(project, stack)}\n${change}`;
  }
  // What exists can be taken away without its file; other backends know by themselves.
  return isKnown || !backend.embedded ? undefined : unknownStack(project, stack);
}

/** Pulumi asks before it changes anything; where nobody can answer, consent has to come with the command. */
function missingConsent({ invocation, unattended }: Order): string | undefined {
  const { operation, option } = invocation;
  if (operation === undefined || operation === "preview" || !unattended) return undefined;
  if (option("yes") || option("preview-only")) return undefined;
  return (
    `npm run ${operation} changes things, and there is no terminal to ask at. ` +
    `Look first: npm run preview. Then: npm run ${operation} -- --yes`
  );
}

/**
 * An `up` that was killed before its state was written leaves hosts that no state knows, and so does a state that was
 * deleted; a second `up` would fail halfway, on the names that are taken.
 */
function hostsWithoutState({ invocation, stack, project }: Order): string | undefined {
  if (invocation.operation !== "up" || project.folder !== REPOSITORY) return undefined;
  const backend = findBackend();
  if (!backend.embedded || hasResources(backend, project, stack)) return undefined;
  const leftover = leftoverOf(stack);
  return leftover && hostsAreLeft(stack, leftover.id);
}

const hostsAreLeft = (stack: string, id: string) =>
  `This computer has hosts of the stack ${stack} that its state does not know: the sandbox ${id}. ` +
  `Look: npm run sandbox -- list. Remove them: npm run sandbox -- remove ${id}. ` +
  `Where the state was lost, bring it back first (${STATE_PAGE}).`;

/** What a first run on a computer lacks. A preview gets its tools, and installs nothing on the computer. */
async function setUpFor(order: Order): Promise<void> {
  const { operation } = order.invocation;
  // Other projects' programs, as the tests run them, need neither charts nor hosts.
  if (order.project.folder !== REPOSITORY || (operation !== "preview" && operation !== "up")) return;
  await setUp({ say: console.error, sandbox: operation === "up" && wantsSandbox(order) });
}

/** Whether the stack makes its hosts on this computer, which takes packages of the distribution. */
function wantsSandbox(order: Order): boolean {
  const file = configFile(order);
  const { hosts } = (existsSync(file) ? plainSettings(file) : {}) as { hosts?: { kind?: unknown } };
  return hosts?.kind !== "inventory";
}

const configFile = ({ invocation, project, stack }: Order) =>
  text(invocation.option("config-file")) ?? stackFile(project, stack);

/** Pulumi would say it in the middle of a run, and without the line. */
function unreadableFile(order: Order): string | undefined {
  const file = configFile(order);
  if (order.invocation.operation === undefined || !existsSync(file)) return undefined;
  try {
    plainSettings(file);
    return undefined;
  } catch (error) {
    if (error instanceof YamlError) return error.message;
    throw error;
  }
}

/** Adds what a user would otherwise have to type, and puts the stack in order. */
async function prepare(platform: PlatformEnvironment, order: Order): Promise<string[]> {
  const { cli, backend, env } = platform;
  const { invocation, stack, project, unattended } = order;
  const { operation, option } = invocation;
  const added = option("stack") === undefined ? ["--stack", stack] : [];
  if (operation === undefined) return withWords(invocation, added);
  await requireKnownOptions(invocation, (name) => helpOf(cli, name));
  if (unattended && option("non-interactive") === undefined) added.push("--non-interactive");
  if (backend.embedded) {
    const isNew = !stackExists(backend, project, stack);
    if (isNew) await createStack(cli.executable, project, stack, env);
    const own = text(option("config-file"));
    const config = own ?? prepareStackConfig(project, stack);
    const target = { backend, cli: cli.executable, project, stack, env, config };
    const free = await clearStaleLocks(target);
    if (free && operation !== "preview") await settlePendingCreates(target);
    if (config && own === undefined) added.push("--config-file", config);
    if (operation === "up" && !hasResources(backend, project, stack)) console.error(backUp(backend));
  }
  return withWords(invocation, added);
}

/** Said before a stack gets its first resource. */
const backUp = ({ folder }: Backend) =>
  `The keys of this cluster, encrypted, and the passphrase that opens them will be in ${path.dirname(folder)}. Without ` +
  `that folder nobody can change the cluster any more: keep a copy of it elsewhere (${STATE_PAGE}).`;

const text = (value: string | true | undefined) => (typeof value === "string" ? value : undefined);

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
