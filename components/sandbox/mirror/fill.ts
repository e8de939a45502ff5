import { type MirrorGroup, mirrorGroups, mirrorItems, previewItems } from "./items";
import { heldGroups, isIndexed, planMirror, staleItems } from "./mirror";
import { mirrorArch } from "./versions";
import type { Task } from "./work";

export interface FillArgs {
  /** Absolute path of the mirror. */
  readonly dir: string;
  /** To add to those that the mirror holds, which every fill keeps. */
  readonly groups: readonly MirrorGroup[];
  /** Make only what a preview reads, within seconds. Groups play no part then. */
  readonly charts: boolean;
}

export interface Filled {
  readonly changed: boolean;
  readonly dir: string;
  /** How many items it was to hold. */
  readonly items: number;
}

/** Fills the sandbox's artifact mirror. Progress goes to the standard output; with nothing to do there is none. */
export async function fillMirror({ dir, groups, charts }: FillArgs): Promise<Filled> {
  const arch = mirrorArch();
  const task = (): Task => {
    const held = heldGroups(dir);
    const wanted = mirrorGroups.filter((group) => groups.includes(group) || held.includes(group));
    const plan = planMirror(charts ? previewItems : mirrorItems(arch, wanted), arch);
    const indexed = isIndexed(dir) && wanted.every((group) => held.includes(group));
    const complete = (charts || indexed) && staleItems(dir, plan).length === 0;
    return { plan, groups: charts ? "preview" : wanted, complete };
  };

  // Looked at without the lock, since a complete mirror is only read; and what
  // builds is loaded only when it is needed, which halves the time of a run that
  // has nothing to do.
  const { plan, complete } = task();
  let changed = false;
  if (!complete) {
    const { fillLocked } = require("./work") as typeof import("./work");
    changed = await fillLocked(dir, arch, task);
  }
  return { changed, dir, items: plan.length };
}
