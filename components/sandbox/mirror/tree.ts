import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where the files of a tree item lie. */
export function treeDir(name: string): string {
  return join(__dirname, "trees", name);
}

/** The files beneath a folder, as paths from there, in a fixed order. */
export function treeFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      return statSync(join(folder, path)).isDirectory() ? treeFiles(folder, path) : [path];
    });
}
