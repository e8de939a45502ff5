import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Build, Built } from "./build";
import type { TreeItem } from "./item";
import { place, stage } from "./stage";
import { treeDir, treeFiles } from "./tree";

/** Lays an item's additions over a copy of its base, in `build/<name>/`. */
export async function buildTree(item: TreeItem, build: Build): Promise<Built> {
  const tree = join(build.temp, "tree");
  await stage(item.base === undefined ? {} : { "": item.base }, tree, build);
  const files = item.files === undefined ? [] : treeFiles(treeDir(item.files));
  for (const path of files) {
    const content = readFileSync(join(treeDir(item.files ?? ""), path));
    write(join(tree, path), content, content.subarray(0, 2).toString() === "#!" ? 0o755 : 0o644);
  }
  for (const [user, id] of Object.entries(item.users ?? {})) {
    append(join(tree, "etc/passwd"), `${user}:x:${id}:${id}:${user}:/nonexistent:/usr/sbin/nologin\n`);
    append(join(tree, "etc/group"), `${user}:x:${id}:\n`);
  }
  for (const [folder, mode] of Object.entries(item.folders ?? {})) {
    mkdirSync(join(tree, folder), { recursive: true });
    chmodSync(join(tree, folder), Number.parseInt(mode, 8));
  }
  const target = join("build", item.name);
  place(tree, join(build.dir, target));
  return { outputs: [target], detail: {} };
}

function append(path: string, line: string): void {
  write(path, Buffer.concat([readFileSync(path), Buffer.from(line)]), 0o644);
}

/** Removed first: the file is a hard link, and writing through it would change the base as well. */
function write(path: string, content: Buffer, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}
