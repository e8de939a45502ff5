import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { sandboxId } from "../../components/sandbox/requirements";
import { bootHost, powerOff, wipeDisk } from "./power";
import { killSession } from "./processes";

const root = join(__dirname, "..", "..");
const wrapper = ["-r", "tsx/cjs", "scripts/pulumi.ts"];

export interface Run {
  /** Null where the run was cut. */
  readonly code: number | null;
  readonly output: string;
}

/** Is told each line of a run, and may cut the run: SIGKILL to all of its processes on this computer. */
export type Watch = (line: string, cut: () => void) => void;

/** A resource of the state with its secrets in clear; for comparison only, never printed. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** Where its commands run. */
export interface Surroundings {
  /** Words before each command. */
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface StackFile {
  config: Record<string, unknown>;
  encryptionsalt?: string;
}

/**
 * A stack of its own with a state folder of its own, driven as users drive it: by scripts/pulumi.ts in a process. What
 * it prints is passed on line by line, so that a long run shows where it is.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), "mesh-platform-lab-"));
  private readonly configFile = join(this.folder, "stack.yaml");
  readonly transcript: string[] = [];

  readonly stack: string;
  private readonly surroundings: Surroundings;

  /** @throws unless it runs as root on Linux: the hosts are real. */
  constructor(stack: string, surroundings: Surroundings = { prefix: [], env: process.env }) {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      throw new Error("these tests make real hosts: run them as root on Linux");
    }
    this.stack = stack;
    this.surroundings = surroundings;
    mkdirSync(this.stateFolder, { mode: 0o700 });
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  get kubeconfig(): string {
    return join(this.stateFolder, `kubeconfig-${this.stack}`);
  }

  get stateFile(): string {
    return join(this.stateFolder, "backend", ".pulumi", "stacks", "mesh-platform", `${this.stack}.json`);
  }

  /** Sets the whole config; the salt that Pulumi has put into the file stays. */
  configure(config: Record<string, unknown>): void {
    const salt = existsSync(this.configFile)
      ? (parse(readFileSync(this.configFile, "utf8")) as StackFile).encryptionsalt
      : undefined;
    const named = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [`mesh-platform:${key}`, value]),
    );
    writeFileSync(
      this.configFile,
      stringify({ config: named, ...(salt === undefined ? {} : { encryptionsalt: salt }) }),
    );
  }

  /** Runs one operation. It is cut as soon as a line matches `watch`, or when `watch` says so. */
  run(operation: string, args: readonly string[] = [], watch?: RegExp | Watch): Promise<Run> {
    const named = ["--stack", this.stack, "--config-file", this.configFile];
    const [program, words] = this.command([...wrapper, operation, ...named, ...args]);
    const child = spawn(program, words, {
      cwd: root,
      // A session of its own, by which everything that it starts is found again.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: this.env,
    });
    const cut = () => {
      if (child.pid !== undefined) killSession(child.pid);
    };
    const lines: string[] = [];
    const take = (line: string) => {
      lines.push(line);
      process.stdout.write(`[${operation}] ${line}\n`);
      if (typeof watch === "function") watch(line, cut);
      else if (watch?.test(line)) cut();
    };
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, take);
    return new Promise((resolve) => {
      child.on("close", (code) => {
        const output = `${lines.join("\n")}\n`;
        this.transcript.push(output);
        resolve({ code, output });
      });
    });
  }

  /** Runs another of the project's commands, `traffic` or `render`, on the stack; what it says meanwhile is shown. */
  script(
    name: string,
    ...args: readonly string[]
  ): { readonly status: number | null; readonly output: string } {
    const named = ["--stack", this.stack, "--config-file", this.configFile];
    const [program, words] = this.command(["-r", "tsx/cjs", `scripts/${name}.ts`, ...named, ...args]);
    const { status, stdout } = spawnSync(program, words, {
      cwd: root,
      encoding: "utf8",
      env: this.env,
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 1 << 26,
    });
    return { status, output: stdout };
  }

  /** Writes what the stack would make as files below a folder; returns the last line of what it says. */
  render(out: string): string {
    const { status, output } = this.script("render", "--out", out);
    if (status !== 0) throw new Error(`render ended with ${status}: ${output}`);
    return output.trim().split("\n").at(-1) ?? "";
  }

  /** A path of a host's disk as this computer sees it. */
  diskOf(host: string, path: string): string {
    return join("/var/lib/mesh-platform", this.id, host, "root", path);
  }

  /** One operation that has to succeed. */
  async must(operation: string, ...args: string[]): Promise<string> {
    const { code, output } = await this.run(operation, args);
    if (code !== 0) throw new Error(`${operation} ended with ${code}`);
    return output;
  }

  /** Sets a secret of the config; the value goes by stdin. */
  setSecret(key: string, value: string): void {
    this.tool(["config", "set", "--secret", `mesh-platform:${key}`, "--config-file", this.configFile], value);
  }

  /** Stack outputs, secrets in clear: for comparison only, never printed. */
  outputs(): Record<string, unknown> {
    return JSON.parse(this.tool(["stack", "output", "--json", "--show-secrets"]));
  }

  /** kubectl of cp1's own, over SSH, so that the computer needs none. Returns its standard output. */
  kubectl(...args: string[]): string {
    return this.kubectlOn("cp1", ...args);
  }

  /** The same by another control plane. */
  kubectlOn(host: string, ...args: string[]): string {
    return this.onHost(host, kubectlLine(args));
  }

  /** The same by cp1's, where it may fail. */
  tryKubectl(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    return this.tryOnHost("cp1", kubectlLine(args));
  }

  /** Switches a host off: in order, or at once as a power cut does. The next `up` would start it again. */
  stopHost(host: string, how: "orderly" | "powerCut" = "orderly"): void {
    powerOff(this.id, host, how === "orderly" ? 30 : 0);
  }

  /** Switches it on again, with the disk that it had. */
  startHost(host: string): void {
    bootHost(this.resource(`sandbox-${host}`).inputs);
  }

  /**
   * Makes it anew with an empty disk, the same name, address and host key, as somebody who reinstalls a machine.
   * The stack is not told: its steps believe that they have run.
   */
  wipe(host: string): void {
    powerOff(this.id, host, 0);
    wipeDisk(this.id, host);
    this.startHost(host);
  }

  /** The six digits by which the computer knows this sandbox. */
  get id(): string {
    return sandboxId(root, this.stack);
  }

  /** A command on a host, over SSH with the pinned key. */
  onHost(host: string, command: string): string {
    const { status, stdout, stderr } = this.tryOnHost(host, command);
    if (status !== 0)
      throw new Error(`${host}: ${command} ended with ${status}: ${`${stdout}${stderr}`.slice(-600)}`);
    return stdout;
  }

  tryOnHost(host: string, command: string): { status: number | null; stdout: string; stderr: string } {
    const key = join(this.folder, "login");
    writeFileSync(key, this.loginKey(), { mode: 0o600 });
    const options = [
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      "BatchMode=yes",
    ];
    const words = [
      "-i",
      key,
      ...options.flatMap((option) => ["-o", option]),
      `root@${this.address(host)}`,
      command,
    ];
    // All of Istio's definitions as JSON are some megabytes.
    return spawnSync("ssh", words, { encoding: "utf8", maxBuffer: 1 << 28 });
  }

  /** The private key that opens every host of the sandbox. */
  loginKey(): string {
    return String(this.resource("sandbox-login").outputs.privateKeyOpenssh);
  }

  /** The public key by which a host is known, as one line. */
  hostKey(host: string): string {
    return String(this.resource(`sandbox-${host}-key`).outputs.publicKeyOpenssh).trim();
  }

  /** A host's address, taken from the step that made it. */
  address(host: string): string {
    const [, address] =
      /^ADDRESS='([^']+)'$/m.exec(String(this.resource(`sandbox-${host}`).inputs.stdin)) ?? [];
    if (address === undefined) throw new Error(`the stack has no address for ${host}`);
    return address;
  }

  private resource(name: string): Resource {
    const found = this.deployment().find((resource) => resource.urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`the stack has no resource ${name}`);
    return found;
  }

  private known: { readonly at: number; readonly resources: Resource[] } | undefined;

  /** The resources of the state, decrypted; read again only when the state has changed, since it takes a second. */
  deployment(): Resource[] {
    const at = statSync(this.stateFile).mtimeMs;
    if (this.known?.at === at) return this.known.resources;
    const text = this.tool(["stack", "export", "--show-secrets"]);
    const found = JSON.parse(text).deployment.resources as Partial<Resource>[];
    const resources = found.map(({ urn = "", type = "", inputs, outputs }) => ({
      urn,
      type,
      inputs: reveal(inputs),
      outputs: reveal(outputs),
    }));
    this.known = { at, resources };
    return resources;
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...this.surroundings.env, MESH_PLATFORM_STATE: this.stateFolder };
  }

  /** A run of Node with these arguments, in its surroundings. */
  private command(args: readonly string[]): readonly [program: string, words: string[]] {
    const [program, ...words] = [...this.surroundings.prefix, process.execPath, ...args];
    return [program ?? process.execPath, words];
  }

  /** A subcommand that only talks; returns what it said on standard output. */
  private tool(args: readonly string[], input?: string): string {
    const [program, words] = this.command([...wrapper, ...args, "--stack", this.stack]);
    const result = spawnSync(program, words, {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: this.env,
      ...(input === undefined ? {} : { input }),
    });
    if (result.status !== 0) throw new Error(`pulumi ${args[0]} ${args[1]}: ${result.stderr}`);
    return result.stdout.slice(Math.max(0, result.stdout.indexOf("{")));
  }

  /** Destroys what is there. The state goes only with the hosts: without it they could not be destroyed any more. */
  async end(): Promise<void> {
    const { code } = await this.run("destroy", ["--yes"]);
    if (code === 0) this.forget();
    else console.log(`destroy ended with ${code}: the stack ${this.stack} is kept in ${this.folder}`);
  }

  /** What this computer still has of the sandbox: "nothing left", or a line for each thing. */
  leftovers(): string {
    const { stdout, stderr } = spawnSync("bash", [join(__dirname, "leftovers.sh"), this.id], {
      encoding: "utf8",
    });
    return `${stdout}${stderr}`.trim();
  }

  /** Removes the state, for a stack whose hosts are gone or another one's. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Hands on whole lines, however the text arrives. */
function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
}

const kubectlLine = (args: readonly string[]) =>
  ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", ...args].map(shellWord).join(" ");

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Secrets are objects with a `plaintext` that is JSON; puts the value itself in their place. */
function reveal(value: unknown): Record<string, unknown> {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    if ("plaintext" in node && typeof node.plaintext === "string") return walk(JSON.parse(node.plaintext));
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
  };
  return (walk(value ?? {}) ?? {}) as Record<string, unknown>;
}

/** Names of resources that an `up` touched, from lines like ` +  command:remote:Command cp1-facts created (0.3s)`. */
export function touched(output: string): string[] {
  const names = [
    ...output.matchAll(
      /^ *[+~-]+ +\S+:\S+ (\S+) (?:create|update|delete|replace|created|updated|deleted|replaced)\b/gm,
    ),
  ];
  return [...new Set(names.map(([, name]) => name ?? ""))]
    .filter((name) => !name.startsWith("mesh-platform-"))
    .sort();
}

/** Waits for something to come true, and says so if it does not. */
export async function until(holds: () => boolean, seconds: number, what = "it"): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`${what} did not come true within ${seconds} s`);
}

/** What an `up` says it did, by kind: `{ created: 3, unchanged: 40 }`. */
export function changes(output: string): Record<string, number> {
  const found = [
    ...output.matchAll(
      /^ +(?:\S+ )?(\d+) (created|updated|deleted|replaced|unchanged|to create|to update|to delete|to replace)/gm,
    ),
  ];
  return Object.fromEntries(found.map(([, count, kind]) => [kind ?? "", Number(count)]));
}
