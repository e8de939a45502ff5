import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { mirrorItems } from "./items";
import { defaultMirrorDir, holdsPrevious, isIndexed, planMirror, staleItems } from "./mirror";
import { mirrorArch } from "./versions";

/**
 * Fills the sandbox's artifact mirror: `node -r ts-node/register/transpile-only
 * components/sandbox/mirror/fill.ts [--out DIR] [--previous]`. Progress goes to
 * stdout; its last line is one JSON object. With nothing to do that line is the
 * only one. `--previous` adds the minor before, which a mirror then keeps.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" }, previous: { type: "boolean" } } });
  const dir = resolve(values.out ?? defaultMirrorDir());
  const arch = mirrorArch();
  const previous = values.previous === true || holdsPrevious(dir);
  const plan = planMirror(mirrorItems(arch, previous), arch);
  const complete = () =>
    isIndexed(dir) && holdsPrevious(dir) === previous && staleItems(dir, plan).length === 0;

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
