/** What the sandbox and the tests need from the Linux distribution. Nothing else in the project needs it. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { capture, findOnPath, type RunResult } from "./process";

interface SystemPackage {
  readonly name: string;
  /** A program or file that shows that it is there. */
  readonly evidence: string;
  readonly purpose: string;
  /** Needed by `npm test`, which needs no sandbox. Default: false. */
  readonly tests?: true;
}

const PACKAGES: readonly SystemPackage[] = [
  { name: "debootstrap", evidence: "debootstrap", purpose: "makes the root file system of a host" },
  { name: "systemd-container", evidence: "systemd-nspawn", purpose: "boots a host" },
  { name: "iproute2", evidence: "ip", purpose: "connects the hosts" },
  { name: "iptables", evidence: "iptables", purpose: "lets the hosts out" },
  { name: "openssh-client", evidence: "ssh", purpose: "logs in to a host by hand" },
  { name: "openssl", evidence: "openssl", purpose: "looks at certificates", tests: true },
  {
    name: "shellcheck",
    evidence: "shellcheck",
    purpose: "checks the scripts that run on hosts",
    tests: true,
  },
  {
    name: "python3-pip",
    evidence: "/usr/lib/python3/dist-packages/pip",
    purpose: "fetches Envoy for the sandbox's mirror",
  },
  { name: "gcc", evidence: "gcc", purpose: "links flannel statically" },
  { name: "libc6-dev", evidence: "/usr/include/stdlib.h", purpose: "links flannel statically" },
];

/**
 * Installs what is missing where that is possible, and names it where it is not. Never fails: it is optional. `tests`
 * leaves out what only the sandbox needs.
 */
export async function ensureSystemPackages(wanted: "all" | "tests" = "all"): Promise<void> {
  const missing = PACKAGES.filter(
    ({ evidence, tests }) => (wanted === "all" || tests === true) && !isPresent(evidence),
  );
  if (missing.length === 0) {
    return;
  }
  const names = missing.map(({ name }) => name);
  if (process.getuid?.() === 0 && isDebianLike() && (await install(names))) {
    return;
  }
  console.error("Not installed; only the sandbox (hosts: { kind: sandbox }) and tests need them:");
  for (const { name, purpose } of missing) {
    console.error(`  ${name.padEnd(18)} ${purpose}`);
  }
  console.error(`On Debian or Ubuntu: sudo apt-get install ${names.join(" ")}`);
}

async function install(names: readonly string[]): Promise<boolean> {
  const aptGet = findOnPath("apt-get");
  if (!aptGet) {
    return false;
  }
  console.error(`Installing for the sandbox and tests: ${names.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt run, such as the daily one, holds the lock for a while.
  const common = ["-q", "-o", "DPkg::Lock::Timeout=300"];
  const steps = [
    [...common, "update"],
    [...common, "install", "-y", "--no-install-recommends", ...names],
  ];
  for (const args of steps) {
    const { code, output } = await unlocked(() =>
      capture(aptGet, args, { env, progress: `apt-get ${args[3]}` }),
    );
    if (code !== 0) {
      console.error(output.trim().split("\n").slice(-5).join("\n"));
      return false;
    }
  }
  return true;
}

/**
 * Runs it again while another apt holds the lock of the lists, for which there is no option, five minutes at most: on a
 * computer that has just booted the daily one does.
 */
export async function unlocked(
  run: () => Promise<RunResult>,
  { patienceMs = 300_000, pauseMs = 2000 } = {},
): Promise<RunResult> {
  const until = Date.now() + patienceMs;
  while (true) {
    const result = await run();
    if (result.code === 0 || !result.output.includes("/lists/lock") || Date.now() >= until) return result;
    await setTimeout(pauseMs);
  }
}

function isPresent(evidence: string): boolean {
  const systemPath = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
  return evidence.startsWith("/") ? existsSync(evidence) : findOnPath(evidence, systemPath) !== undefined;
}

function isDebianLike(): boolean {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
