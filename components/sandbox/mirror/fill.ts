import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { mirrorItems } from "./items";
import { defaultMirrorDir, isIndexed, planMirror, staleItems } from "./mirror";
import { mirrorArch } from "./versions";

/**
 * Fills the sandbox's artifact mirror: `node -r ts-node/register/transpile-only
 * components/sandbox/mirror/fill.ts [--out DIR]`. Progress goes to stdout; its
 * last line is one JSON object. With nothing to do that line is the only one.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  const dir = resolve(values.out ?? defaultMirrorDir());
  const arch = mirrorArch();
  const plan = planMirror(mirrorItems(arch), arch);
  const complete = () => isIndexed(dir) && staleItems(dir, plan).length === 0;

  // Looked at without the lock, since a complete mirror is only read; and what
  // builds is loaded only when it is needed, which halves the time of a run that
  // has nothing to do.
  let changed = false;
  if (!complete()) {
    const { fillLocked } = require("./work") as typeof import("./work");
    changed = await fillLocked(dir, plan, arch, complete);
  }
  console.log(JSON.stringify({ changed, dir, items: plan.length }));
}

main().catch((error: NodeJS.ErrnoException) => {
  const expected = error.name === "MirrorError" || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});
