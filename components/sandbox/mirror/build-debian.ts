import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Build, Built } from "./build";
import type { DebianItem } from "./item";
import { finishRoot } from "./root";
import { MirrorError, run } from "./run";
import { place } from "./stage";

/** Unpacks an item's packages into `build/<name>/`, without running their scripts. */
export async function buildDebian(item: DebianItem, build: Build): Promise<Built> {
  const [debs, tree] = [join(build.temp, "debs"), join(build.temp, "tree")];
  mkdirSync(debs, { recursive: true });
  mkdirSync(tree, { recursive: true });
  await download(item.packages, debs, build.log);

  const versions: Record<string, string> = {};
  for (const file of readdirSync(debs).sort()) {
    const deb = parseDebName(file);
    versions[deb.package] = deb.version;
    await run("dpkg-deb", ["--extract", join(debs, file), tree], { log: build.log });
  }
  if (item.pin) checkPin(item.pin, versions[item.pin.package] ?? "none");
  if (item.root) finishRoot(tree);

  const target = join("build", item.name);
  place(tree, join(build.dir, target));
  return { outputs: [target], detail: { versions } };
}

/** The package lists may be missing or older than the archive; only then fetch them. */
async function download(packages: string[], cwd: string, log: string): Promise<void> {
  const fetch = () => run("apt-get", ["--quiet=2", "download", ...packages], { log, cwd });
  try {
    await fetch();
  } catch {
    await run("apt-get", ["--quiet=2", "update"], { log });
    await fetch();
  }
}

/** `iptables_1%3a1.8.9-2_amd64.deb` -> package and version. */
export function parseDebName(file: string): { package: string; version: string } {
  const [name = "", version = ""] = file.replace(/\.deb$/, "").split("_");
  return { package: name, version: decodeURIComponent(version) };
}

/** `1:1.1.5+ds1-1+deb12u1` -> `1.1.5`. */
export function upstreamVersion(debianVersion: string): string {
  return /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(debianVersion)?.[1] ?? debianVersion;
}

function checkPin(pin: { package: string; version: string }, found: string): void {
  if (upstreamVersion(found) === pin.version) return;
  throw new MirrorError(
    `apt offers ${pin.package} ${found}, but the mirror promises ${pin.version}, that of Debian 12 (bookworm). ` +
      "Fill it on Debian 12, or put bookworm into this computer's apt sources, or set artifacts.kind to upstream.",
  );
}
