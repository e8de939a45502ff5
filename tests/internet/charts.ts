/** Istio's charts as its repository serves them, from those of the sandbox mirror. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { meshProfile } from "../../components/sandbox/mesh-profile";
import { stampChart } from "../../components/sandbox/mirror/build-charts";
import { chartName, chartsDir } from "../../components/sandbox/mirror/chart-name";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { must } from "../support/must";

/** Charts of Istio keep their defaults below this key, so that nobody takes them for values. */
const DEFAULTS = "_internal_defaults_do_not_set";

export interface ReleasedCharts {
  readonly index: string;
  /** Packed charts by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Packs the mirror's charts under a release's version, in `folder`. Their images are the release's; what a stock Envoy
 * lacks is off by default in them, since the bits behind the release's names are those of the mirror.
 */
export function releaseCharts(
  mirror: string,
  folder: string,
  version: string,
  charts: readonly string[],
): ReleasedCharts {
  const files = Object.fromEntries(
    charts.map((chart) => [chartName(chart, version), release(mirror, folder, chart, version)]),
  );
  const entries = Object.fromEntries(
    charts.map((chart) => [
      chart,
      [{ apiVersion: "v2", name: chart, version, appVersion: version, urls: [chartName(chart, version)] }],
    ]),
  );
  return { index: stringify({ apiVersion: "v1", entries }), files };
}

function release(mirror: string, folder: string, chart: string, version: string): string {
  const work = mkdtempSync(join(folder, `${chart}-`));
  must("tar", "-xzf", join(mirror, "files", chartsDir, chartName(chart, meshVersions.istio)), "-C", work);
  const manifest = join(work, chart, "Chart.yaml");
  writeFileSync(manifest, stampChart(readFileSync(manifest, "utf8"), version));
  const values = join(work, chart, "values.yaml");
  writeFileSync(values, releaseValues(readFileSync(values, "utf8"), chart, version));
  const packed = join(folder, chartName(chart, version));
  mkdirSync(folder, { recursive: true });
  must("tar", "-czf", packed, "-C", work, chart);
  return packed;
}

function releaseValues(text: string, chart: string, version: string): string {
  const document = parseDocument(text.replaceAll(meshVersions.istio, version));
  const below = document.has(DEFAULTS) ? [DEFAULTS] : [];
  for (const setting of meshProfile) {
    if (setting.chart === chart) document.setIn([...below, ...setting.path], setting.value);
  }
  return document.toString();
}
