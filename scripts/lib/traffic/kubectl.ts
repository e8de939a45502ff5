import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { cacheFolder, stateFolder } from "../paths";
import { findOnPath, isExecutable } from "../process";

/** That of the user's PATH, else the one that the sandbox's mirror has built. */
function findKubectl(): string {
  const built = path.join(cacheFolder(), "mirror", "build", "kubernetes", "kubectl");
  const found = findOnPath("kubectl") ?? (isExecutable(built) ? built : undefined);
  if (found === undefined)
    throw new Error("there is no kubectl on the PATH; install one that fits the cluster's version");
  return found;
}

/** What a program is given and how long it may take. */
interface Limits {
  /** For its standard input. */
  readonly input?: string;
  /** Default 60. */
  readonly seconds?: number;
}

/** kubectl with the kubeconfig of a stack. Its errors say what was tried. */
export class Kubectl {
  private readonly program: string;
  private readonly kubeconfig: string;

  private constructor(program: string, kubeconfig: string) {
    this.program = program;
    this.kubeconfig = kubeconfig;
  }

  static ofStack(stack: string): Kubectl {
    const file = path.join(stateFolder(), `kubeconfig-${stack}`);
    if (!existsSync(file))
      throw new Error(
        `the stack ${stack} has no cluster yet: ${path.relative(process.cwd(), file)} is missing. Run \`npm run up -- --stack ${stack}\`, or say another --stack`,
      );
    return new Kubectl(findKubectl(), file);
  }

  /** Runs it and returns its standard output. */
  run(args: readonly string[], { input, seconds = 60 }: Limits = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, ["--kubeconfig", this.kubeconfig, ...args], {
        stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        timeout: seconds * 1000,
      });
      const said = { stdout: "", stderr: "" };
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        said.stdout += text;
      });
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said.stderr += text;
      });
      child.stdin?.on("error", () => {
        // It has ended before it read all; its own words say why.
      });
      child.stdin?.end(input);
      child.once("error", reject).once("close", (code, signal) => {
        if (code === 0) resolve(said.stdout);
        else reject(new Error(this.failure(args, said.stderr, signal === null ? undefined : seconds)));
      });
    });
  }

  private failure(args: readonly string[], stderr: string, late: number | undefined): string {
    const what = `kubectl ${args.slice(0, 8).join(" ")}`;
    if (late !== undefined) return `${what} was ended after ${late} s`;
    const lines = stderr
      .trim()
      .split("\n")
      .filter((line) => line !== "");
    return `${what}: ${lines.slice(-3).join("; ").slice(0, 600) || "failed without a word"}`;
  }

  async json<T>(args: readonly string[], limits: Limits = {}): Promise<T> {
    const text = await this.run([...args, "-o", "json"], limits);
    return (text.trim() === "" ? { items: [] } : JSON.parse(text)) as T;
  }
}
