import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartName, chartsDir } from "../../components/sandbox/mirror/chart-name";
import { builds } from "../../components/sandbox/mirror/items-charts";
import { defaultMirrorDir } from "../../components/sandbox/mirror/mirror";

/**
 * Lays an empty file where the sandbox's mirror has each of Istio's charts, in the test's own cache. A stack that is
 * recorded only looks whether they are there: what they hold is the provider's to say, and the recorder plays it.
 */
export function placeCharts(): void {
  const folder = join(defaultMirrorDir(), "files", chartsDir);
  mkdirSync(folder, { recursive: true });
  for (const { version } of builds)
    for (const chart of ["base", "istiod", "gateway", "cni", "ztunnel"])
      writeFileSync(join(folder, chartName(chart, version)), "");
}
