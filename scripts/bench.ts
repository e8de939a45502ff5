/**
 * `npm run bench`: figures as one JSON object on stdout, progress on stderr. Builds under mocks need nothing; the rest
 * brings up a cluster on disposable hosts and needs Linux and root (`--mocks` leaves it out).
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

const root = join(__dirname, "..");
const STACK = "bench";
const folder = mkdtempSync(join(tmpdir(), "mesh-platform-bench-"));
const configFile = join(folder, "stack.yaml");
const seconds = (since: number) => Math.round((Date.now() - since) / 100) / 10;

function configure(workers: number, composition = "dev"): void {
  const salt =
    /^encryptionsalt:.*$/m.exec(existsSync(configFile) ? readFileSync(configFile, "utf8") : "")?.[0] ?? "";
  const config = {
    "mesh-platform:composition": composition,
    "mesh-platform:hosts": { kind: "sandbox", workers },
  };
  writeFileSync(configFile, `${stringify({ config })}${salt}\n`);
}

/** Runs one operation through the same script as users; returns its wall time. */
async function pulumi(label: string, operation: string, ...args: string[]): Promise<number> {
  process.stderr.write(`bench: ${label}\n`);
  const start = Date.now();
  const child = spawn(
    process.execPath,
    [
      "-r",
      "ts-node/register/transpile-only",
      "scripts/pulumi.ts",
      operation,
      "--stack",
      STACK,
      "--config-file",
      configFile,
      ...args,
    ],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      env: { ...process.env, MESH_PLATFORM_STATE: join(folder, "state") },
    },
  );
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${label} ended with ${code}`);
  return seconds(start);
}

/** Registers the whole program against mocks in a process of its own, since Pulumi's settings are global. */
function build(workers: number): unknown {
  const result = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "scripts/bench-build.ts", String(workers)],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "");
}

async function cluster() {
  configure(1);
  try {
    const preview = await pulumi("preview of a new stack", "preview");
    configure(1, "machines");
    const hosts = await pulumi("hosts alone", "up", "--yes");
    configure(1);
    const ready = await pulumi("from booted hosts to Ready", "up", "--yes");
    const noop = await pulumi("up again", "up", "--yes");
    configure(2);
    const addNode = await pulumi("one more worker", "up", "--yes");
    const destroy = await pulumi("destroy", "destroy", "--yes");
    return {
      previewSeconds: preview,
      hostsSeconds: hosts,
      bootedToReadySeconds: ready,
      noopUpSeconds: noop,
      addNodeSeconds: addNode,
      destroySeconds: destroy,
    };
  } catch (error) {
    await pulumi("destroy after a failure", "destroy", "--yes").catch(() => undefined);
    throw error;
  }
}

async function main(): Promise<void> {
  try {
    const mocks = { hosts2: build(1), hosts50: build(49) };
    const real = process.argv.includes("--mocks") ? undefined : await cluster();
    const machine = {
      cpus: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    };
    process.stdout.write(
      `${JSON.stringify({ machine, programBuild: mocks, ...(real === undefined ? {} : { cluster: real }) }, undefined, 2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
