import { existsSync } from "node:fs";
import { join } from "node:path";
import { chartName, chartsDir } from "./chart-name";
import { defaultMirrorDir } from "./mirror";

/**
 * Path of a packed chart. It must exist before a preview can say what it holds, and it does not need the mirror's
 * programs: `npm run mirror -- --charts` makes all charts within seconds.
 */
export function chartFile(chart: string, version: string, dir = defaultMirrorDir()): string {
  const path = join(dir, "files", chartsDir, chartName(chart, version));
  if (existsSync(path)) return path;
  throw new Error(
    `The chart ${chartName(chart, version)} is not in ${dir} yet: run \`npm run mirror -- --charts\`, which takes seconds.`,
  );
}
