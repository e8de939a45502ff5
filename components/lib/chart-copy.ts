import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChartSource } from "./chart";

const schema = "values.schema.json";

/** A copy of a local chart that takes any value; it goes when this process ends. The chart itself is left alone. */
export function copyWithoutSchema(chart: ChartSource): ChartSource {
  if (!("path" in chart) || /^https?:\/\//.test(chart.path)) {
    const name = "oci" in chart ? chart.oci : chart.name;
    throw new Error(
      `the schema of the chart ${name} cannot be passed over where it is; download the chart, and name it by its path`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "mesh-platform-chart-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  if (statSync(chart.path).isDirectory()) cpSync(chart.path, join(folder, chart.name), { recursive: true });
  else execFileSync("tar", ["-xzf", chart.path, "-C", folder]);
  const [root = ""] = readdirSync(folder);
  const path = join(folder, root);
  if (existsSync(join(path, schema))) rmSync(join(path, schema));
  return { path, name: chart.name };
}
