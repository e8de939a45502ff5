/** Documented commands whose result is a file, run as they stand in the docs. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFiles, projectRoot, readProjectFile } from "../support/rendered";

const pages = ["README.md", "CONTRIBUTING.md", ...projectFiles(["docs"], (path) => path.endsWith(".md"))];
/** Lines of code blocks that run a script of ours. */
const lines = pages.flatMap((page) =>
  [...readProjectFile(page).matchAll(/^```[^\n]*\n(.*?)^```/gms)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => /npm run /.test(line))
    .map((line) => ({ page, line: line.replace(/ +#.*$/, "").trim() })),
);

const folder = mkdtempSync(join(tmpdir(), "mesh-documented-"));
beforeAll(() => {
  for (const name of ["scripts", "components", "stacks", "node_modules"])
    symlinkSync(join(projectRoot, name), join(folder, name));
  writeFileSync(join(folder, "package.json"), readProjectFile("package.json"));
  mkdirSync(join(folder, "manifests"));
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: [{ port: 80 }] },
  };
  writeFileSync(join(folder, "manifests", "a.yaml"), JSON.stringify(service));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("documented commands", () => {
  it("never lead what npm prints into a file or a program", () => {
    const unquoted = (line: string) => line.replaceAll(/'[^']*'|"[^"$]*"/g, "");
    const spoilt = lines.filter(({ line }) =>
      /npm run (?!--silent)[^|>&]*(>(?!&)|\|(?!\|))/.test(unquoted(line)),
    );
    expect(lines.length).toBeGreaterThan(50);
    expect(spoilt).toEqual([]);
  });

  const analyses = lines.filter(({ line }) => /^npm run analyze -- .*--out /.test(line));
  it("write a file of findings at least once", () => {
    expect(analyses.map(({ page }) => page)).toEqual(["docs/analysis.md"]);
  });

  it.each(analyses)("$line writes a file that can be read", ({ line }) => {
    const { status, stderr } = spawnSync("bash", ["-c", line], { cwd: folder, encoding: "utf8" });
    const [, file = ""] = / --out (\S+)/.exec(line) ?? [];
    expect([status, stderr]).toEqual([0, expect.stringContaining("1 objects in 1 files")]);
    const sarif = JSON.parse(readFileSync(join(folder, file), "utf8"));
    expect([sarif.version, sarif.runs.length]).toEqual(["2.1.0", 1]);
  });
});
