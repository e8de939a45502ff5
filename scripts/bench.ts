/**
 * `npm run bench`: figures as one JSON object on stdout, progress on stderr. Builds under mocks need nothing; the rest
 * brings up two clusters on disposable hosts, one after the other, and needs Linux and root (`--mocks` leaves it out).
 *
 * The state is in a folder that the next run finds again: what a killed one has left is removed first.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { clearLeftover, InterruptedError, Interruption } from "./lib/bench-leftover";
import { type CommandLine, exitCodes, outFlag, runCommand, writeResult } from "./lib/command-line";
import { tryLock } from "./lib/lock";
import { stateFolder } from "./lib/paths";

const root = join(__dirname, "..");
const STACK = "bench";
const folder = join(stateFolder(), "bench");
const configFile = join(folder, "stack.yaml");
const seconds = (since: number) => Math.round((Date.now() - since) / 100) / 10;
const env = { ...process.env, MESH_PLATFORM_STATE: join(folder, "state") };
const interruption = new Interruption();

/** The cluster that the stack has: `dev` with so many workers, or `lab`. */
const dev = (workers: number) => ({
  "mesh-platform:composition": "dev",
  "mesh-platform:hosts": { kind: "sandbox", workers },
});
const lab = {
  "mesh-platform:composition": "lab",
  "mesh-platform:hosts": { kind: "sandbox", controlPlanes: 3, workers: 2 },
  "mesh-platform:kubernetes": { controlPlaneEndpoint: { kind: "haproxy" } },
};
/** The same hosts with nothing on them. */
const bare = (config: object) => ({ ...config, "mesh-platform:composition": "machines" });

function configure(config: object): void {
  const salt =
    /^encryptionsalt:.*$/m.exec(existsSync(configFile) ? readFileSync(configFile, "utf8") : "")?.[0] ?? "";
  writeFileSync(configFile, `${stringify({ config })}${salt}\n`);
}

/** Runs one operation through the same script as users; returns its wall time. */
async function pulumi(label: string, operation: string, ...args: string[]): Promise<number> {
  process.stderr.write(`bench: ${label}\n`);
  const start = Date.now();
  const child = spawn(
    process.execPath,
    ["-r", "tsx/cjs", "scripts/pulumi.ts", operation, "--stack", STACK, "--config-file", configFile, ...args],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      env,
    },
  );
  const code = await interruption.during(child);
  if (code !== 0) throw new Error(`${label} ended with ${code}`);
  const taken = seconds(start);
  // Here as well: where a later operation fails there will be no JSON.
  process.stderr.write(`bench: ${label}: ${taken} s\n`);
  return taken;
}

/** Registers the whole program against mocks in a process of its own, since Pulumi's settings are global. */
function build(workers: number, controlPlanes = 1): unknown {
  const result = spawnSync(
    process.execPath,
    ["-r", "tsx/cjs", "scripts/bench-build.ts", String(workers), String(controlPlanes)],
    { cwd: root, encoding: "utf8" },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "");
}

/** Measures, and leaves no host behind whatever happens. */
async function onHosts<T>(measure: () => Promise<T>): Promise<T & { readonly destroySeconds: number }> {
  try {
    const figures = await measure();
    return { ...figures, destroySeconds: await pulumi("destroy", "destroy", "--yes") };
  } catch (error) {
    await destroyAll().catch((second: Error) => process.stderr.write(`bench: ${second.message}\n`));
    throw error;
  }
}

/** Hosts first, then everything on them: what hosts of one's own would take is the second figure. */
async function fromHosts(name: string, config: object) {
  configure(bare(config));
  const hostsSeconds = await pulumi(`${name}: hosts alone`, "up", "--yes");
  configure(config);
  return { hostsSeconds, bootedToReadySeconds: await pulumi(`${name}: hosts to Ready`, "up", "--yes") };
}

const measureDev = () =>
  onHosts(async () => {
    configure(dev(1));
    const previewSeconds = await pulumi("preview of a new stack", "preview");
    const made = await fromHosts("dev", dev(1));
    const noopUpSeconds = await pulumi("dev: up again", "up", "--yes");
    configure(dev(2));
    const addNodeSeconds = await pulumi("dev: one more worker", "up", "--yes");
    return { previewSeconds, ...made, noopUpSeconds, addNodeSeconds };
  });

const measureLab = () =>
  onHosts(async () => {
    const made = await fromHosts("lab", lab);
    return { ...made, noopUpSeconds: await pulumi("lab: up again", "up", "--yes") };
  });

/** By Pulumi as long as there is a state, and by hand what is left then. */
async function destroyAll(): Promise<void> {
  interruption.over();
  const destroyed = existsSync(configFile) ? pulumi("destroy what is left", "destroy", "--yes") : undefined;
  await destroyed?.catch((error: Error) => process.stderr.write(`bench: ${error.message}\n`));
  await clearLeftover(STACK, env);
}

const measureBuilds = () => ({ hosts2: build(1), hosts8: build(7), hosts50: build(49), lab: build(2, 3) });

async function measureAll(yes: boolean) {
  const unlock = tryLock(`${folder}.lock`);
  if (unlock === undefined) throw new Error(`another bench of this checkout is running (${folder}.lock)`);
  try {
    await clearLeftover(STACK, env, { folder, yes, destroy: destroyAll });
    mkdirSync(env.MESH_PLATFORM_STATE, { recursive: true, mode: 0o700 });
    const programBuild = measureBuilds();
    interruption.watch();
    const figures = { programBuild, dev: await measureDev(), lab: await measureLab() };
    // Only now: after a failure the state says what there is.
    rmSync(folder, { recursive: true, force: true });
    return figures;
  } finally {
    interruption.end();
    unlock();
  }
}

const commandLine = {
  typed: "npm run bench --",
  what: "Measures two clusters of sandbox hosts, and prints the figures as JSON.",
  flags: {
    mocks: { what: "only the program, against mocks; needs no root" },
    yes: { short: "y", what: "removes first what a run that was killed has left, without asking" },
    ...outFlag,
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values: { mocks, yes, out } }) => {
  try {
    const figures = mocks ? { programBuild: measureBuilds() } : await measureAll(yes);
    const memoryGiB = Math.round(totalmem() / 2 ** 30);
    const machine = { cpus: cpus().length, memoryGiB, node: process.version };
    writeResult(out, JSON.stringify({ machine, ...figures }, undefined, 2));
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    return error.code;
  }
});
