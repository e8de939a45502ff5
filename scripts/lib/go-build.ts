/** Programs that are built from pinned Go modules below `tools/`, and kept in the cache. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { compilerSettings } from "../../components/lib/go-compiler";
import { cacheFolder, REPOSITORY } from "./paths";
import { capture } from "./process";

export interface GoProgram {
  /** The folder below `tools/` with `go.mod` and `go.sum`. */
  readonly module: string;
  /** The package to build; its last part names the program. */
  readonly package: string;
  /** Part of the folder's name in the cache. */
  readonly version: string;
  /** `-X` settings of the linker. */
  readonly variables: Readonly<Record<string, string>>;
}

const moduleFolder = ({ module }: GoProgram) => path.join(REPOSITORY, "tools", module);

/** Where the program is kept. Another version or set of pinned modules is another folder, so that checkouts do not fight. */
export function builtProgram(program: GoProgram, prefix = ""): string {
  const digest = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) {
    digest.update(readFileSync(path.join(moduleFolder(program), file)));
  }
  const folder = `${prefix}${program.version}-${digest.digest("hex").slice(0, 12)}`;
  return path.join(cacheFolder(), "bin", folder, path.basename(program.package));
}

/** Builds a program into its place; takes some minutes. */
export async function buildProgram(go: string, program: GoProgram, executable: string): Promise<void> {
  const started = Date.now();
  await intoPlace(path.dirname(executable), (partial) => {
    const variables = Object.entries(program.variables).map(([name, value]) => `-X ${name}=${value}`);
    const flags = ["-s -w", ...variables].join(" ");
    const output = path.join(partial, path.basename(executable));
    const args = ["build", "-trimpath", "-ldflags", flags, "-o", output, program.package];
    const env = { ...process.env, ...compilerSettings() };
    return capture(go, args, { cwd: moduleFolder(program), env, progress: "building" });
  });
  console.error(`Built in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** Fills a folder beside its final place and moves it there, so that a half-done one is never found. */
export async function intoPlace(
  target: string,
  fill: (partial: string) => Promise<{ code: number; output: string }>,
): Promise<void> {
  mkdirSync(path.dirname(target), { recursive: true });
  const partial = mkdtempSync(`${target}.partial-`);
  try {
    const { code, output } = await fill(partial);
    if (code !== 0) {
      throw new Error(`it exited with ${code}:\n${output.split("\n").slice(-30).join("\n")}`);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
