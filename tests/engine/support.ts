/** Runs the programs of this folder with the real Pulumi CLI, as `npm run up` does. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findCli } from "../../scripts/lib/cli";
import { pulumiHome, REPOSITORY } from "../../scripts/lib/paths";
import { capturePulumi } from "../../scripts/lib/platform";
import { homeWithoutLogs } from "../../scripts/lib/pulumi-home";

/** Before a test has a home of its own. */
const USERS_HOME = pulumiHome();

/** A resource as `pulumi preview --json` plans it. */
export interface PlannedStep {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Record<string, { kind: string }> | null;
}

/** What a program left behind, for looking into. */
export interface StackState {
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly outputs?: Record<string, unknown>;
  }[];
  readonly pendingOperations: readonly unknown[];
}

/**
 * A stack of one program with a state folder and a Pulumi home of its own. Nothing of the user's is touched:
 * neither logins nor stacks nor the environment's passphrase are seen by it.
 */
export class TestStack {
  readonly folder: string;
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(program: string, env: NodeJS.ProcessEnv = {}) {
    this.folder = mkdtempSync(path.join(tmpdir(), `mesh-platform-${program}-`));
    this.#program = path.join("tests", "engine", "programs", program);
    // Without a package.json of its own the SDK would take the repository's: it would run the whole platform.
    if (!existsSync(path.join(REPOSITORY, this.#program, "package.json"))) {
      throw new Error(`${this.#program} has no package.json`);
    }
    this.#env = env;
    homeWithoutLogs(this.#isolation().PULUMI_HOME, USERS_HOME);
  }

  /** Arguments and variables for running `pulumi` on this stack in another process. */
  invocation(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [command = "", ...rest] = args;
    return {
      args: [command, "-C", this.#program, "--color", "never", ...consent(command), ...rest],
      env: { ...cleanEnvironment(), ...this.#isolation(), ...this.#env, ...env },
    };
  }

  /** Runs `pulumi` on this stack. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
    await requireCli();
    const { args: full } = this.invocation(args);
    // The wrapper looks at its own environment to choose the backend.
    Object.assign(process.env, this.#isolation());
    for (const name of FOREIGN) {
      delete process.env[name];
    }
    return capturePulumi(full, { ...this.#env, ...env });
  }

  /** `pulumi up` that must succeed. */
  async up(env: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<string> {
    return this.#succeed(["up", "--skip-preview", ...args], env);
  }

  async destroy(env: NodeJS.ProcessEnv = {}): Promise<string> {
    return this.#succeed(["destroy", "--skip-preview"], env);
  }

  async refresh(env: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<string> {
    return this.#succeed(["refresh", "--skip-preview", ...args], env);
  }

  /** What `pulumi preview` plans, by the resources' names: `{ step: "update" }`; unchanged ones are left out. */
  async plan(env: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> {
    const { code, output } = await this.run(["preview", "--json"], env);
    const json = output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1);
    if (code !== 0) {
      throw new Error(`preview exited with ${code}:\n${output}`);
    }
    const { steps } = JSON.parse(json) as { steps: PlannedStep[] };
    const changes = steps.filter(({ op }) => op !== "same");
    return Object.fromEntries(changes.map(({ urn, op }) => [nameOf(urn), op]));
  }

  /** The stack's outputs, secrets in clear. */
  async outputs(): Promise<Record<string, string>> {
    const { code, output } = await this.run(["stack", "output", "--json", "--show-secrets"]);
    if (code !== 0) {
      throw new Error(`stack output exited with ${code}:\n${output}`);
    }
    return JSON.parse(output.slice(output.indexOf("{"))) as Record<string, string>;
  }

  /** The state file as it lies on the disk, secrets encrypted. */
  stateText(): string {
    const stacks = path.join(this.folder, "state", "backend", ".pulumi", "stacks");
    const [project = ""] = readdirSync(stacks);
    return readFileSync(path.join(stacks, project, "dev.json"), "utf8");
  }

  state(): StackState {
    const { checkpoint } = JSON.parse(this.stateText()) as {
      checkpoint: { latest?: { resources?: StackState["resources"]; pending_operations?: unknown[] } };
    };
    return {
      resources: checkpoint.latest?.resources ?? [],
      pendingOperations: checkpoint.latest?.pending_operations ?? [],
    };
  }

  /** Every file that the runs left, for a search for what must not be there. */
  allText(): string {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1"))
      .join("\n");
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #succeed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const { code, output } = await this.run(args, env);
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${output}`);
    }
    return output;
  }

  #isolation() {
    return {
      MESH_PLATFORM_STATE: path.join(this.folder, "state"),
      PULUMI_HOME: path.join(this.folder, "home"),
    };
  }
}

/** The programs have no stack files, and nobody sits at a terminal. */
function consent(command: string): string[] {
  if (command === "preview") return ["--create"];
  return ["up", "refresh", "destroy"].includes(command) ? ["--create", "--yes"] : [];
}

const FOREIGN = [
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_BACKEND_URL",
  "PULUMI_CONFIG_PASSPHRASE",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_STACK",
];

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
}

function nameOf(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split(/[:$/]/).at(-1)} ${name}`;
}

async function requireCli(): Promise<void> {
  if (!(await findCli())) {
    throw new Error("The engine tests need the Pulumi CLI. Get it with: npm run setup");
  }
}
