import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { compilerSettings } from "../../lib/go-compiler";
import type { Build, Built } from "./build";
import { goBuildArgs, goProgramName, moduleDir } from "./go-module";
import type { GoItem } from "./item";
import { run } from "./run";
import { place } from "./stage";

/** Builds an item's programs into `build/<name>/`, with Go's own caches. */
export async function buildGo(item: GoItem, build: Build): Promise<Built> {
  const out = join(build.temp, item.name);
  mkdirSync(out, { recursive: true });
  const [verb = "build", ...rest] = goBuildArgs(item);
  await run("go", [verb, "-o", `${out}/`, ...rest], {
    log: build.log,
    cwd: moduleDir(item),
    env: {
      ...compilerSettings(),
      GOWORK: "off",
      GOOS: "linux",
      GOARCH: build.arch,
      CGO_ENABLED: item.cgo ? "1" : "0",
    },
  });
  for (const [pkg, program] of Object.entries(item.programs)) {
    renameSync(join(out, goProgramName(pkg)), join(out, program));
  }
  const target = join("build", item.name);
  place(out, join(build.dir, target));
  return { outputs: Object.values(item.programs).map((program) => join(target, program)), detail: {} };
}
