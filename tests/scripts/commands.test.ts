/** Every command of package.json, as users type it: what it understands is told, what it does not is refused. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { projectFiles, projectRoot, readProjectFile } from "../support/rendered";

/** Commands that read words: a wrong one, and the one that is meant where there is one nearby. */
const commands: Readonly<Record<string, readonly [wrong: string, meant?: string]>> = {
  setup: ["--rerty", "--retry"],
  mirror: ["--adons", "--addons"],
  schema: ["--chekc", "--check"],
  render: ["--cluster-onyl", "--cluster-only"],
  analyze: ["--ouptut", "--output"],
  traffic: ["--reqeusts", "--requests"],
  simulate: ["--gatway", "--gateway"],
  artifacts: ["--stakc", "--stack"],
  sandbox: ["lsit", "list"],
  drift: ["--jsno", "--json"],
  etcd: ["restroe", "restore"],
  bench: ["--mock", "--mocks"],
  "bench:preview": ["--rusn", "--runs"],
  "scripts/bench-analyze.ts": ["--bogus"],
  "scripts/bench-build.ts": ["--bogus"],
  "scripts/shell-check.ts": ["--bogus"],
};

/** Scripts of package.json that read no words themselves, and who does. */
const others: Readonly<Record<string, string>> = {
  preview: "pulumi",
  up: "pulumi",
  refresh: "pulumi",
  destroy: "pulumi",
  pulumi: "pulumi",
  format: "biome",
  check: "several programs",
  pretest: "setup",
  test: "several programs",
  "test:unit": "vitest",
  "test:engine": "vitest",
  "pretest:sandbox": "setup",
  "test:sandbox": "vitest",
  "pretest:sandbox:long": "setup",
  "test:sandbox:long": "vitest",
};

const { scripts } = JSON.parse(readProjectFile("package.json")) as { scripts: Record<string, string> };
const fileOf = (command: string) =>
  command.endsWith(".ts")
    ? command
    : (/^node -r tsx\/cjs (\S+\.ts)$/.exec(scripts[command] ?? "")?.[1] ?? "");

const folder = mkdtempSync(join(tmpdir(), "mesh-commands-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
  /** Whatever is in the home, the state and the cache afterwards. */
  readonly made: readonly string[];
  /** Modules that were loaded. */
  readonly loaded: readonly string[];
}

const probe = join(folder, "probe.cjs");
writeFileSync(
  probe,
  'process.on("exit", () => require("node:fs").writeFileSync(process.env.PROBE, Object.keys(require.cache).join("\\n")));',
);

async function run(command: string, ...words: string[]): Promise<Ran> {
  const home = mkdtempSync(join(folder, "home-"));
  const loaded = `${home}.loaded`;
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    MESH_PLATFORM_STATE: join(home, "state"),
    MESH_PLATFORM_CACHE: join(home, "cache"),
    PROBE: loaded,
  };
  const args = ["-r", probe, "-r", "tsx/cjs", fileOf(command), ...words];
  const child = spawn(process.execPath, args, { cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  const made = readdirSync(home, { recursive: true }).map(String);
  return { code, ...output, made, loaded: readFileSync(loaded, "utf8").split("\n") };
}

describe("the commands", () => {
  it("are all in these tables", () => {
    expect(Object.keys(scripts).sort()).toEqual(
      [...Object.keys(commands).filter((name) => !name.endsWith(".ts")), ...Object.keys(others)].sort(),
    );
    const files = projectFiles(["scripts"], (path) => /^scripts\/[^/]+\.ts$/.test(path));
    expect(files).toEqual([...Object.keys(commands).map(fileOf), "scripts/pulumi.ts"].sort());
  });
});

describe.each(Object.entries(commands))("%s", (command, [wrong, meant]) => {
  it("tells what it understands at --help and -h, wherever they stand, and does nothing", async () => {
    const runs = await Promise.all([
      run(command, "--help"),
      run(command, "-h"),
      run(command, wrong, "--help"),
    ]);
    for (const { code, stdout, stderr, made } of runs) {
      expect([code, stderr, made]).toEqual([0, "", []]);
      expect(stdout).toMatch(/^Usage: (npm run|node -r tsx\/cjs) /);
      expect(stdout).toBe(runs[0].stdout);
    }
  }, 120_000);

  it("refuses what it does not understand, names what is near and what is allowed, and does nothing", async () => {
    const { code, stdout, stderr, made } = await run(command, wrong);
    expect([code, stdout, made]).toEqual([2, "", []]);
    const [first = "", allowed = ""] = stderr.split("\n");
    expect(first).toMatch(/^unknown (option|command) /);
    expect(first.split(". Did you mean ")[1]).toBe(meant === undefined ? undefined : `${meant}?`);
    expect(allowed).toMatch(/^allowed: .* tells more\.$/);
  }, 120_000);
});

describe("start-up", () => {
  it.each(["analyze", "simulate"])("of %s loads nothing of Pulumi", async (command) => {
    const words =
      { analyze: ["examples"], simulate: ["examples", "--host", "a", "--from", "a/b"] }[command] ?? [];
    const { loaded } = await run(command, ...words);
    expect(loaded.some((file) => file.endsWith("/yaml/dist/index.js"))).toBe(true);
    expect(loaded.filter((file) => file.includes("/@pulumi/"))).toEqual([]);
  });
});
