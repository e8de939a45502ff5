import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../lib/folders";
import type { MirrorItem } from "./item";
import { type MirrorGroup, mirrorGroups } from "./items";
import { isFresh, readStamp, recipeDigest } from "./recipe";
import { type MirrorArch, mirrorVersions, previousVersions } from "./versions";

/** Where the mirror lies unless told otherwise: a cache, since it can be made again. */
export function defaultMirrorDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), "mirror");
}

/** Each item with its recipe, in order. */
export interface Plan {
  item: MirrorItem;
  recipe: string;
}

export function planMirror(items: MirrorItem[], arch: MirrorArch): Plan[] {
  const known = new Map<string, string>();
  return items.map((item) => {
    const recipe = recipeDigest(item, arch, known);
    known.set(item.name, recipe);
    return { item, recipe };
  });
}

/** What has to be built; empty on a mirror that is complete. */
export function staleItems(dir: string, plan: Plan[]): Plan[] {
  return plan.filter(({ item, recipe }) => !isFresh(dir, readStamp(dir, item.name), recipe));
}

/** Whether both indexes are there; they are written last, after every item. */
export function isIndexed(dir: string): boolean {
  return existsSync(join(dir, "index.json")) && existsSync(join(dir, "images/index.json"));
}

/** The groups that were asked for once and are there; every later fill keeps them. */
export function heldGroups(dir: string): MirrorGroup[] {
  const { groups = [], previous } = readIndex(dir);
  return mirrorGroups.filter(
    (group) => groups.includes(group) || (group === "previous" && previous !== undefined),
  );
}

/** Whether the minor before is among them. */
export const holdsPrevious = (dir: string): boolean => heldGroups(dir).includes("previous");

function readIndex(dir: string): { groups?: string[]; previous?: unknown } {
  try {
    return JSON.parse(readFileSync(join(dir, "index.json"), "utf8"));
  } catch {
    return {}; // no mirror yet
  }
}

/** The versions of what a mirror may hold twice, its own first: what a preview may promise. */
export function servedVersions(dir = defaultMirrorDir()): Record<"kubernetes" | "etcd", string[]> {
  const held = [mirrorVersions, ...(holdsPrevious(dir) ? [previousVersions] : [])];
  return { kubernetes: held.map(({ kubernetes }) => kubernetes), etcd: held.map(({ etcd }) => etcd) };
}
