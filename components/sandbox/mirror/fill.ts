import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { mirrorGroups, mirrorItems, previewItems } from "./items";
import { defaultMirrorDir, heldGroups, isIndexed, planMirror, staleItems } from "./mirror";
import { mirrorArch } from "./versions";
import type { Task } from "./work";

const flag = { type: "boolean" } as const;

/**
 * Fills the sandbox's artifact mirror: `node -r tsx/cjs
 * components/sandbox/mirror/fill.ts [--out DIR] [--previous] [--mesh] [--addons]
 * [--apps]`. Progress goes to stdout; its last line is one JSON object. With
 * nothing to do that line is the only one. Each flag adds a group, which a mirror
 * then keeps. `--charts` alone makes only what a preview reads, within seconds.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { out: { type: "string" }, charts: flag, previous: flag, mesh: flag, addons: flag, apps: flag },
  });
  const dir = resolve(values.out ?? defaultMirrorDir());
  const arch = mirrorArch();
  const task = (): Task => {
    const held = heldGroups(dir);
    const wanted = mirrorGroups.filter((group) => values[group] || held.includes(group));
    const plan = planMirror(values.charts ? previewItems : mirrorItems(arch, wanted), arch);
    const indexed = isIndexed(dir) && wanted.every((group) => held.includes(group));
    const complete = (values.charts || indexed) && staleItems(dir, plan).length === 0;
    return { plan, groups: values.charts ? "preview" : wanted, complete };
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
  console.log(JSON.stringify({ changed, dir, items: plan.length }));
}

main().catch((error: NodeJS.ErrnoException) => {
  const expected = error.name === "MirrorError" || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});
