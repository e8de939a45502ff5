/** What the sandbox needs from the Linux distribution. Nothing else in the project needs it. */
import { existsSync, readFileSync } from "node:fs";
import { capture, findOnPath } from "./process";

interface SystemPackage {
  readonly name: string;
  /** A program or file that shows that it is there. */
  readonly evidence: string;
  readonly purpose: string;
}

const PACKAGES: readonly SystemPackage[] = [
  { name: "debootstrap", evidence: "debootstrap", purpose: "makes the root file system of a host" },
  { name: "systemd-container", evidence: "systemd-nspawn", purpose: "boots a host" },
  { name: "iproute2", evidence: "ip", purpose: "connects the hosts" },
  { name: "iptables", evidence: "iptables", purpose: "lets the hosts out" },
  { name: "openssh-client", evidence: "ssh", purpose: "logs in to a host by hand" },
  { name: "shellcheck", evidence: "shellcheck", purpose: "checks the scripts that run on hosts" },
  {
    name: "python3-pip",
    evidence: "/usr/lib/python3/dist-packages/pip",
    purpose: "fetches Envoy for the sandbox's mirror",
  },
  { name: "gcc", evidence: "gcc", purpose: "links flannel statically" },
  { name: "libc6-dev", evidence: "/usr/include/stdlib.h", purpose: "links flannel statically" },
];

/** Installs what is missing where that is possible, and names it where it is not. Never fails: it is optional. */
export async function ensureSystemPackages(): Promise<void> {
  const missing = PACKAGES.filter(({ evidence }) => !isPresent(evidence));
  if (missing.length === 0) {
    return;
  }
  const names = missing.map(({ name }) => name);
  if (process.getuid?.() === 0 && isDebianLike() && (await install(names))) {
    return;
  }
  console.error("Not installed; only the sandbox (hosts: { kind: sandbox }) and its tests need them:");
  for (const { name, purpose } of missing) {
    console.error(`  ${name.padEnd(18)} ${purpose}`);
  }
}

async function install(names: readonly string[]): Promise<boolean> {
  const aptGet = findOnPath("apt-get");
  if (!aptGet) {
    return false;
  }
  console.error(`Installing for the sandbox: ${names.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt run, such as the daily one, holds the lock for a while.
  const common = ["-q", "-o", "DPkg::Lock::Timeout=300"];
  const steps = [
    [...common, "update"],
    [...common, "install", "-y", "--no-install-recommends", ...names],
  ];
  for (const args of steps) {
    const { code, output } = await capture(aptGet, args, { env, progress: `apt-get ${args[3]}` });
    if (code !== 0) {
      console.error(output.trim().split("\n").slice(-5).join("\n"));
      return false;
    }
  }
  return true;
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
