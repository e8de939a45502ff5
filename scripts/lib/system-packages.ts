/** What the sandbox needs from the Linux distribution. Nothing else in the project needs it. */
import { existsSync, readFileSync } from "node:fs";
import { findOnPath, runInForeground } from "./process";

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
  if (process.platform === "linux" && process.getuid?.() === 0 && isDebianLike()) {
    console.error(`Installing for the sandbox: ${names.join(" ")}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const update = await runInForeground("apt-get", ["update", "-q"], { env });
    const args = ["install", "-y", "-q", "--no-install-recommends", ...names];
    const installed = update === 0 ? await runInForeground("apt-get", args, { env }) : update;
    if (installed === 0) {
      return;
    }
  }
  console.error("Not installed; only the sandbox (hosts: { kind: sandbox }) and its tests need them:");
  for (const { name, purpose } of missing) {
    console.error(`  ${name.padEnd(18)} ${purpose}`);
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
