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
});

describe("files that cannot be read", () => {
  const mixed = path.dirname(write("mixed/bad.yaml", "a: @x\n"));
  write("mixed/chart.yaml", "{{- if .Values.on }}\nkind: Service\n{{- end }}\n");
  write("mixed/half.yaml", `${routes(20)}---\nb: [\n`);
  write("mixed/name.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.name }}}\n");
  writeFileSync(path.join(mixed, "latin1.yaml"), Buffer.from("a: caf\xe9\n", "latin1"));
  mkdirSync(path.join(mixed, "folder.yaml"));
  const at = (name: string) => path.join(mixed, name);
  const template =
    "this is a template and no YAML yet ({{ … }}): render it first, as by helm template, and read the result";

  it("are left out of a folder, and the rest is analysed", () => {
    const { code, remarks, output } = analyze([mixed]);
    expect(code).toBe(3);
    expect(output).toContain("MP0402 VirtualService default/cart");
    expect(remarks).toEqual([
      `${at("bad.yaml")}:1:4: left out: a value cannot begin with @: put it in quotes`,
      `${at("chart.yaml")}:1:1: left out: ${template}`,
      expect.stringMatching(/half\.yaml:14:5: left out: the \[ further up is not closed/),
      `${at("latin1.yaml")}:1:7: left out: the byte 0xE9 is no UTF-8: save the file as UTF-8`,
      `${at("name.yaml")}:3:18: left out: ${template}`,
      "1 objects in 5 files; 5 documents are left out: they cannot be read",
    ]);
  });

  it("end the run with 1 where they are named, and the others are analysed all the same", () => {
    const { code, remarks, output } = analyze([at("bad.yaml"), path.join(bad, "routes.yaml")]);
    expect(code).toBe(1);
    expect(output).toContain("MP0402 VirtualService default/cart");
    expect(remarks[0]).toBe(
      `${at("bad.yaml")}:1:4: a value cannot begin with @: put it in quotes\n  a: @x\n     ^`,
    );
  });

  it("are summed up where they are many", () => {
    for (let place = 0; place < 12; place += 1) write(`many/${10 + place}.yaml`, "a: @x\n");
    const { code, remarks } = analyze([path.join(folder, "many")]);
    expect([code, remarks.length, remarks[10]]).toEqual([
      0,
      12,
      "and 2 more that cannot be read; --output json lists all of them",
    ]);
  });

  it("stand in the reports for programs", () => {
    expect(JSON.parse(analyze(["--output", "json", mixed]).output).unread).toHaveLength(5);
    const [run] = JSON.parse(analyze(["--output", "sarif", mixed]).output).runs;
    expect(run.invocations[0].toolExecutionNotifications[0]).toMatchObject({
      level: "error",
      locations: [{ physicalLocation: { region: { startLine: 1, startColumn: 4 } } }],
    });
  });
});

describe("what kubectl reads", () => {
  it("is read, with a finding for a key that stands twice", () => {
    const file = write("twice.yaml", routes(10).replace("  name: cart\n", "  name: old\n  name: cart\n"));
    const { code, output } = analyze([file]);
    expect(code).toBe(3);
    expect(output).toContain(
      `${file}:5:3: error MP0005 VirtualService default/cart\n  the key name stands twice in one map, first in line 4`,
    );
    expect(analyze(["--suppress", "MP0005=VirtualService/default/cart=meant", file]).code).toBe(0);
  });

  it.each([
    ["a text instead of labels", "labels: text", "metadata.labels", '"text" is not a map of texts'],
    ["a number as a label", "labels: { version: 1 }", "metadata.labels.version", "1 is not text"],
    ["a switch as a label", "labels: { on: yes }", "metadata.labels.true", "true is not text"],
    ["a number as a name", "name: 7", "metadata.name", "7 is not text"],
  ])("but for %s, which the API server refuses", (_, field, at, message) => {
    const name = field.startsWith("name") ? "" : "name: shop, ";
    const file = write("form.yaml", `apiVersion: v1\nkind: Namespace\nmetadata: { ${name}${field} }\n`);
    const { code, output } = analyze([file]);
    expect(code).toBe(3);
    expect(output).toMatch(/^.*form\.yaml:3:\d+: error IST0106 Namespace /m);
    expect(output).toContain(`, ${at}\n  ${message}: the API server refuses the object`);
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
