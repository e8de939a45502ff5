import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { goBuildArgs, moduleDir } from "./go-module";
import { type MirrorItem, sourcesOf } from "./item";
import { treeDir, treeFiles } from "./tree";
import type { MirrorArch } from "./versions";

/** Own code that decides what an item's bytes are, next to its data. */
const writers = {
  go: [], // its arguments are hashed instead: a comment must not cost minutes of linking
  debian: ["build-debian.ts", "root.ts"],
  files: ["build-files.ts", "stage.ts"],
  image: ["build-image.ts", "stage.ts", "oci.ts"],
  module: ["build-module.ts"],
  charts: ["build-charts.ts"],
  wheel: ["build-wheel.ts"],
  tree: ["build-tree.ts"],
} as const;

/**
 * The digest of everything that an item is made from: its data, the pinned
 * module or the code that writes it, and the recipes of its sources. Equal
 * digest, equal result; so an item whose stamp has it need not be built again.
 * The Go release is left out on purpose: a patch release of the compiler on the
 * host should not rebuild a working mirror.
 */
export function recipeDigest(item: MirrorItem, arch: MirrorArch, known: ReadonlyMap<string, string>): string {
  const args = item.kind === "go" ? goBuildArgs(item) : [];
  const hash = createHash("sha256").update(JSON.stringify([arch, item, args]));
  for (const file of ownSources(item)) hash.update(`\n${file.name} ${sha256(file.text)}`);
  for (const source of new Set(sourcesOf(item).map((path) => path.split("/")[0] ?? ""))) {
    const digest = known.get(source);
    if (digest === undefined)
      throw new Error(`${item.name} is made from ${source}, which does not come before it`);
    hash.update(`\n${source} ${digest}`);
  }
  return hash.digest("hex");
}

function ownSources(item: MirrorItem): { name: string; text: Buffer }[] {
  const read = (dir: string, names: readonly string[]) =>
    names.map((name) => ({ name, text: readFileSync(join(dir, name)) }));
  const code = read(__dirname, writers[item.kind]);
  if (item.kind === "tree" && item.files !== undefined) {
    const folder = treeDir(item.files);
    return [...code, ...read(folder, treeFiles(folder))];
  }
  if (item.kind !== "go") return code;
  const module = moduleDir(item);
  const names = readdirSync(module).filter(
    (name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith("_test.go"),
  );
  return [...code, ...read(module, names.sort())];
}

export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** What a finished item leaves behind: its recipe, and its outputs with sizes. */
export interface Stamp {
  recipe: string;
  /** Path below the mirror -> size in bytes, or -1 for a folder. */
  outputs: Record<string, number>;
  detail: Record<string, unknown>;
}

export function readStamp(dir: string, name: string): Stamp | undefined {
  const path = join(dir, "stamps", `${name}.json`);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Stamp;
  } catch {
    return undefined; // cut off by a full disk or a power cut: build again
  }
}

export function writeStamp(dir: string, name: string, stamp: Stamp): void {
  writeJson(join(dir, "stamps", `${name}.json`), stamp);
}

/** Whether an item's outputs are what the stamp says: deleting one is a reason to build. */
export function isFresh(dir: string, stamp: Stamp | undefined, recipe: string): stamp is Stamp {
  if (stamp?.recipe !== recipe) return false;
  return Object.entries(stamp.outputs).every(([path, size]) => sizeOf(join(dir, path)) === size);
}

export function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? -1 : found?.size;
}

/** Writes aside and renames, so that a reader never sees half a file. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}
