/** Writes rendered files into a folder that may hold other files too. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Texts by path, with slashes. */
export type Files = Readonly<Record<string, string>>;

/** Which files of the folder are rendered; only these are ever overwritten or removed. */
export const INVENTORY = "rendered-files.txt";

export interface Written {
  readonly changed: number;
  readonly removed: number;
}

/** Makes the rendered files of a folder those given. Refuses to overwrite a file that was not rendered. */
export function writeTree(folder: string, files: Files): Written {
  const inventory = path.join(folder, INVENTORY);
  const before = existsSync(inventory) ? readFileSync(inventory, "utf8").split("\n").filter(Boolean) : [];
  for (const file of before) refuseOutside(file);
  const names = Object.keys(files).sort();
  const foreign = names.filter((file) => !before.includes(file) && existsSync(path.join(folder, file)));
  const unlike = foreign.filter((file) => readFileSync(path.join(folder, file), "utf8") !== files[file]);
  if (unlike.length > 0) {
    throw new Error(`not rendered before, so not overwritten: ${unlike.join(", ")} in ${folder}`);
  }
  mkdirSync(folder, { recursive: true });
  // Both the old and the new names, until all is written: a run that is cut leaves nothing that is no longer known.
  writeFileSync(inventory, listing([...new Set([...before, ...names])].sort()));
  const changed = names.filter((file) => writeIfChanged(path.join(folder, file), files[file] ?? ""));
  const stale = before.filter((file) => !(file in files));
  for (const file of stale) remove(folder, file);
  writeFileSync(inventory, listing(names));
  return { changed: changed.length, removed: stale.length };
}

const listing = (names: readonly string[]) => names.map((name) => `${name}\n`).join("");

/** The inventory is a file like any other, and may have been edited or merged. */
function refuseOutside(file: string): void {
  if (path.isAbsolute(file) || file.split(/[\\/]/).includes("..")) {
    throw new Error(`${INVENTORY} names a file outside of its folder: ${file}`);
  }
}

function writeIfChanged(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return true;
}

/** Removes a file, and the folders that it leaves empty. */
function remove(folder: string, file: string): void {
  rmSync(path.join(folder, file), { force: true });
  for (let parent = path.dirname(file); parent !== "."; parent = path.dirname(parent)) {
    const place = path.join(folder, parent);
    if (!existsSync(place) || readdirSync(place).length > 0) return;
    rmdirSync(place);
  }
}
