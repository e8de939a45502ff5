/** `npm run bench:preview`: where the time of a preview goes, by its processes. See docs/benchmarks.md. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCli } from "./lib/cli";
import { type CommandLine, runCommand, wholeNumber } from "./lib/command-line";
import { pulumiHome, REPOSITORY } from "./lib/paths";
import { choosePlugins } from "./lib/plugins";

const SAMPLE_MS = 25;
const ENDED = "ended";
/** Of /proc: 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** What one process has used, as of the last time that it was seen. */
interface Usage {
  readonly role: string;
  readonly ticks: number;
}

interface Run {
  readonly what: string;
  readonly wallSeconds: number;
  /** Of all processes together; steadier than wall time on a busy computer. */
  readonly cpuSeconds: number;
  /** Largest sum of the processes that lived at the same time. */
  readonly peakMemoryMiB: number;
  /** Processor seconds by what the process was. */
  readonly byProcess: Readonly<Record<string, number>>;
}

/** Who a process is, by its command line; the first that fits. */
const ROLES: readonly (readonly [role: string, pattern: RegExp])[] = [
  ["program", /@pulumi\/pulumi\/cmd\/run/],
  ["language host", /pulumi-language-nodejs|language-host/],
  ["plugin command", /pulumi-resource-command/],
  ["plugin tls", /pulumi-resource-tls/],
  ["plugin random", /pulumi-resource-random/],
  ["plugin kubernetes", /pulumi-resource-kubernetes/],
  ["stand-ins", /stand-ins|engine\/providers/],
  ["helm", /\/helm\0/],
  ["cli", /\/pulumi\0/],
  ["npm script", /scripts\/pulumi\.ts/],
];

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** All processes that descend from one, with what each has used so far. */
function descendants(root: number): ReadonlyMap<number, Usage & { readonly residentKiB: number }> {
  const stats = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields.length < 14) continue;
    stats.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
  }
  const found = new Map<number, Usage & { residentKiB: number }>();
  const isOurs = (pid: number): boolean =>
    pid === root || (stats.has(pid) && isOurs(stats.get(pid)?.parent ?? 0));
  for (const [pid, { ticks }] of stats) {
    if (!isOurs(pid)) continue;
    const command = read(`/proc/${pid}/cmdline`);
    const status = read(`/proc/${pid}/status`);
    const role =
      command === "" ? ENDED : (ROLES.find(([, pattern]) => pattern.test(command))?.[0] ?? "other");
    const residentKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    found.set(pid, { role, ticks, residentKiB });
  }
  return found;
}

/** Runs one operation through the same script as users, and watches its processes. */
async function measure(what: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  process.stderr.write(`bench: ${what}\n`);
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ["-r", "tsx/cjs", "scripts/pulumi.ts", ...args], {
    cwd: REPOSITORY,
    stdio: ["ignore", 2, 2],
    env,
  });
  const seen = new Map<number, Usage>();
  let peakKiB = 0;
  const timer = setInterval(() => {
    const now = descendants(child.pid ?? 0);
    for (const [pid, usage] of now) {
      // One that has ended, and that its parent has not asked after, still has its times but no command line.
      seen.set(pid, usage.role === ENDED ? { ...usage, role: seen.get(pid)?.role ?? "other" } : usage);
    }
    peakKiB = Math.max(
      peakKiB,
      [...now.values()].reduce((sum, { residentKiB }) => sum + residentKiB, 0),
    );
  }, SAMPLE_MS);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
  const byProcess: Record<string, number> = {};
  for (const { role, ticks } of seen.values()) {
    byProcess[role] = (byProcess[role] ?? 0) + ticks / TICKS_PER_SECOND;
  }
  const rounded = Object.entries(byProcess).map(([role, seconds]) => [role, tenths(seconds)] as const);
  return {
    what,
    wallSeconds: tenths(Number(process.hrtime.bigint() - start) / 1e9),
    cpuSeconds: tenths(Object.values(byProcess).reduce((sum, seconds) => sum + seconds, 0)),
    peakMemoryMiB: Math.round(peakKiB / 1024),
    byProcess: Object.fromEntries(rounded.sort(([, one], [, other]) => other - one)),
  };
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10;

const commandLine = {
  typed: "npm run bench:preview --",
  what: "Measures a preview by its processes, and prints JSON.",
  flags: {
    stack: { value: "NAME", default: "dev", what: "the stack; one that is new has everything to plan" },
    up: { what: "measures an `up` after it; takes a stack that is up, where it has nothing to do" },
    runs: { value: "NUMBER", default: "1", what: "how often", read: (text) => wholeNumber(text, "--runs") },
    log: { what: "leaves the CLI its log of every property" },
  },
  notes: ["MESH_PLATFORM_PLUGINS chooses the plugins, as for every run. Linux only: it reads /proc."],
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values }) => {
  const { stack, log } = values;
  const home = mkdtempSync(join(tmpdir(), "mesh-platform-bench-"));
  try {
    // A home that the user has chosen keeps the log, and has the user's plugins here.
    if (log) symlinkSync(join(pulumiHome(), "plugins"), join(home, "plugins"));
    const env = log ? { ...process.env, PULUMI_HOME: home } : process.env;
    const operations = [["preview"], ...(values.up ? [["up", "--yes"]] : [])];
    const runs: Run[] = [];
    for (let round = 0; round < values.runs; round++) {
      for (const [operation = "", ...words] of operations) {
        runs.push(await measure(operation, [operation, "--stack", stack, ...words], env));
      }
    }
    const plugins = choosePlugins(await ensureCli()).map(({ name, source }) => [name, source]);
    const machine = { cpus: availableParallelism(), node: process.version };
    const result = { machine, stack, log, plugins: Object.fromEntries(plugins), runs };
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
