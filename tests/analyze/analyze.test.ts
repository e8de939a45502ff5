import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commandLine, optionsOf } from "../../scripts/lib/analyze/options";
import { analyze as analyzeBy } from "../../scripts/lib/analyze/run";
import { readWords, UsageError } from "../../scripts/lib/command-line";

const folder = mkdtempSync(path.join(tmpdir(), "analyze-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const analyze = (args: readonly string[]) => analyzeBy(optionsOf(readWords(commandLine, args)));

const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const routes = (weight: number) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: cart
spec:
  hosts: [cart.example.com]
  http:
    - route:
        - destination: { host: cart, subset: v1 }
          weight: 90
        - destination: { host: cart, subset: v2 }
          weight: ${weight}
`;
const rest = `# A List, and a document that is none.
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: { name: cart }
    spec: { ports: [{ name: http, port: 80 }] }
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: { name: cart }
    spec:
      host: cart
      subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
replicas: 3
`;

const bad = path.dirname(write("bad/routes.yaml", routes(20)));
write("bad/deep/rest.yml", rest);
write("bad/notes.txt", "not: [yaml");
const good = path.dirname(write("good/routes.yaml", routes(10)));
write("good/rest.yaml", rest);

interface Found {
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
const found = (...args: string[]) =>
  (JSON.parse(analyze(["--output", "json", ...args]).output) as { findings: Found[] }).findings;

describe("the analysis of files", () => {
  it("finds mistakes over all files of a folder, with their place", () => {
    const weights = found(bad).filter(({ code }) => code === "MP0402");
    expect(weights).toMatchObject([{ file: path.join(bad, "routes.yaml"), line: 8, column: 7 }]);
    expect(analyze([bad]).code).toBe(3);
  });

  it("passes what is right, and counts what is no object", () => {
    const { code, remarks } = analyze([good]);
    expect(code).toBe(0);
    expect(remarks).toEqual(["3 objects in 2 files; 1 documents are no objects of Kubernetes"]);
  });

  it("fails from the severity on that is asked for", () => {
    const warning = write(
      "warning.yaml",
      routes(10).replace("    - route:", "    - mirrorPercent: 5\n      route:"),
    );
    const places = [warning, path.join(good, "rest.yaml")];
    expect(analyze(places).code).toBe(0);
    expect(analyze(["--fail-on", "warning", ...places]).code).toBe(3);
    expect(analyze(["--fail-on", "never", bad]).code).toBe(0);
  });

  it("leaves out what is suppressed, and says where that is not needed", () => {
    const silence = "MP0402=VirtualService/default/cart=parts are meant";
    expect(analyze(["--suppress", silence, bad]).code).toBe(0);
    expect(analyze(["--suppress", silence, good]).remarks[0]).toMatch(/MP0402.*not found/);
  });

  it("takes what is missing for an error where the files are everything", () => {
    const file = path.join(good, "routes.yaml");
    expect(analyze([file]).code).toBe(0);
    expect(analyze(["--closed", file]).code).toBe(3);
  });

  it("says the same in every run", () => {
    expect(analyze([bad]).output).toBe(analyze([bad]).output);
  });

  it("explains codes, in text", () => {
    expect(analyze(["--explain", "mp0402"]).output).toMatch(/^MP0402 \(error\)/);
  });

  it.each([
    [[], "name a PATH, or - for the standard input\n\nUsage: npm run analyze -- [options] [PATH...]"],
    [["/no/such/folder"], "/no/such/folder: no such file or folder"],
    [["--colour", bad], "unknown option '--colour'"],
    [["--output", "xml", bad], "argument 'xml' is invalid. Allowed choices are text, json, sarif."],
    [["--suppress", "MP0402=VirtualService/default/cart", bad], "Write CODE=KIND/NAMESPACE/NAME=REASON."],
    [["--explain", "MP9999"], "there is no code MP9999; docs/analysis.md lists them"],
  ])("refuses %j", (args, text) => {
    expect(() => analyze(args)).toThrow(UsageError);
    expect(() => analyze(args)).toThrow(text);
  });

  it("fails on a file that is no YAML, by its name and line", () => {
    const file = write("broken.yaml", "a: [b");
    expect(() => analyze([file])).toThrow(`${file}: Flow sequence in block collection`);
    expect(() => analyze([file])).not.toThrow(UsageError);
  });
});

describe("SARIF", () => {
  const sarif = JSON.parse(analyze(["--output", "sarif", bad]).output);
  const [run] = sarif.runs;

  it("names its version, its tool, and a rule for each result", () => {
    expect(sarif).toMatchObject({ version: "2.1.0", $schema: expect.stringContaining("sarif-2.1.0") });
    expect(run.tool.driver.name).toBe("mesh-platform analyze");
    expect(run.results.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  it("has for each result a level, a text and a place as its standard demands", () => {
    for (const { level, message, locations } of run.results) {
      expect(["error", "warning", "note"]).toContain(level);
      expect(message.text).not.toBe("");
      const { artifactLocation, region } = locations[0].physicalLocation;
      expect(artifactLocation.uri).not.toMatch(/[\s\\]/);
      expect(region.startLine).toBeGreaterThan(0);
      expect(region.startColumn).toBeGreaterThan(0);
    }
  });

  it("has rules with ids of their own and a level by default", () => {
    const ids = run.tool.driver.rules.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of run.tool.driver.rules) {
      expect(rule.shortDescription.text).not.toBe("");
      expect(["error", "warning", "note"]).toContain(rule.defaultConfiguration.level);
    }
  });
});
