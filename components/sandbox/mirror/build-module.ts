import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Build, Built } from "./build";
import type { ModuleItem } from "./item";
import { MirrorError, run } from "./run";
import { place } from "./stage";

/** Takes files out of a module's download into `build/<name>/`. */
export async function buildModule(item: ModuleItem, build: Build): Promise<Built> {
  const tree = join(build.temp, "tree");
  const source = await downloadModule(item, build);
  for (const [path, from] of Object.entries(item.members)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(join(source, from), join(tree, path), { recursive: true });
  }
  for (const [path, folder] of Object.entries(item.joined ?? {})) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), joinYaml(join(source, folder)));
  }
  openModes(tree);
  const target = join("build", item.name);
  place(tree, join(build.dir, target));
  return { outputs: [target], detail: {} };
}

/** The folder of the download. Asked for in a folder without a module, so that nothing but the item decides. */
async function downloadModule(item: ModuleItem, build: Build): Promise<string> {
  const wanted = `${item.module}@${item.version}`;
  const env = { GOWORK: "off", GOFLAGS: "" };
  await run("go", ["mod", "download", wanted], { log: build.log, cwd: build.temp, env });
  const told = execFileSync("go", ["mod", "download", "-json", wanted], {
    cwd: build.temp,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  const { Dir, Sum } = JSON.parse(told) as { Dir: string; Sum: string };
  if (Sum !== item.sum)
    throw new MirrorError(`${wanted} came with the checksum ${Sum}; the mirror's recipe pins ${item.sum}`);
  return Dir;
}

/** All YAML files of a folder as one stream of documents. */
export function joinYaml(folder: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map(
      (name) =>
        `---\n${readFileSync(join(folder, name), "utf8")
          .replace(/^---\n/, "")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Go's module cache is read only, and modes are part of an image's digest. */
function openModes(path: string): void {
  const folder = statSync(path).isDirectory();
  chmodSync(path, folder ? 0o755 : 0o644);
  if (folder) for (const name of readdirSync(path)) openModes(join(path, name));
}
