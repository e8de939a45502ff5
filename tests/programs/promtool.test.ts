import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderPrometheusConfig } from "../../components/addons/prometheus";
import { prometheusArgs } from "../components/addons/args";
import { program } from "../support/programs";

const promtool = () => program("promtool");

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "mesh-rules-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("promtool", () => {
  it.each(["istio", "envoy"] as const)("takes the rules about %s's counters", (metrics) => {
    const said = inFolder((folder) => {
      const files = Object.entries(renderPrometheusConfig({ ...prometheusArgs, metrics })).filter(
        ([name]) => name !== "prometheus.yml",
      );
      for (const [name, text] of files) writeFileSync(join(folder, name), text);
      return execFileSync(promtool(), ["check", "rules", ...files.map(([name]) => join(folder, name))], {
        encoding: "utf8",
      });
    });
    expect([...said.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => count)).toEqual(["11", "9"]);
  });

  it.each(["istio", "envoy"] as const)("sees them speak up, and keep silent, on samples of %s", (metrics) => {
    const said = inFolder((folder) => {
      for (const [name, text] of Object.entries(renderPrometheusConfig({ ...prometheusArgs, metrics })))
        writeFileSync(join(folder, name), text);
      copyFileSync(join(__dirname, `rules-${metrics}.yml`), join(folder, "test.yml"));
      return spawnSync(promtool(), ["test", "rules", "test.yml"], { cwd: folder, encoding: "utf8" });
    });
    expect({ status: said.status, errors: said.stderr }).toEqual({ status: 0, errors: "" });
  });
});
