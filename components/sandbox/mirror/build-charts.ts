import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Build, Built } from "./build";
import { chartName } from "./chart-name";
import type { ChartsItem } from "./item";
import { MirrorError, run } from "./run";
import { packTar, place } from "./stage";

/** Packs charts as `files/<dir>/<chart>-<version>.tgz`, as a release does. */
export async function buildCharts(item: ChartsItem, build: Build): Promise<Built> {
  const outputs: string[] = [];
  for (const [chart, source] of Object.entries(item.members)) {
    const folder = join(build.temp, chart);
    const root = join(folder, chart);
    mkdirSync(folder, { recursive: true });
    // A true copy, unlike elsewhere: the files are written to.
    await run("cp", ["--archive", "--", join(build.dir, "build", source), root], { log: build.log });
    edit(join(root, "Chart.yaml"), (text) => stampChart(text, item.version));
    for (const file of yamlFiles(root)) edit(file, (text) => stampValues(text, item.values));
    const tgz = join("files", item.dir, chartName(chart, item.version));
    const packed = join(build.temp, `${chart}.tgz`);
    await packTar(folder, packed, build.log, true);
    place(packed, join(build.dir, tgz));
    outputs.push(tgz);
  }
  return { outputs, detail: {} };
}

/** Values of the chart: its own, and those of the profiles that it carries. */
function yamlFiles(root: string): string[] {
  const profiles = join(root, "files");
  const names = readdirSync(profiles).filter((name) => name.endsWith(".yaml"));
  return [join(root, "values.yaml"), ...names.sort().map((name) => join(profiles, name))];
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

/** The two versions of a `Chart.yaml`; both must be there, or Helm would call the chart by its placeholder. */
export function stampChart(text: string, version: string): string {
  const stamped = text.replace(/^(version|appVersion): .*$/gm, `$1: ${JSON.stringify(version)}`);
  if ((stamped.match(/^(version|appVersion): /gm) ?? []).length !== 2)
    throw new MirrorError("a chart's Chart.yaml has no version and appVersion of its own any more");
  return stamped;
}

/** By line and not by path: comments stay, and the charts hold these values at different depths. */
export function stampValues(text: string, values: ChartsItem["values"]): string {
  return Object.entries(values).reduce(
    (all, [key, { from, to }]) =>
      all.replaceAll(new RegExp(`^( *${key}: )"?${from.replaceAll(".", "\\.")}"?$`, "gm"), `$1${to}`),
    text,
  );
}
