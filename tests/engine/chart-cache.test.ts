/** Renderings that are kept, and those that must not be. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keptRendering } from "./providers/kubernetes/chart-cache";

let folder: string;
let renderings: number;
const chart = (name = "chart") => path.join(folder, name);
const template = (text: string, name = "chart") => {
  mkdirSync(path.join(chart(name), "templates"), { recursive: true });
  writeFileSync(path.join(chart(name), "templates", "all.yaml"), text);
};
const rendered = (of: string, settings: unknown) =>
  keptRendering(of, settings, async () => [{ kind: "ConfigMap", number: ++renderings }]);
const numbers = async (of: string, ...settings: unknown[]) => {
  const found: unknown[] = [];
  for (const each of settings) found.push((await rendered(of, each))[0]?.number);
  return found;
};

beforeEach(() => {
  renderings = 0;
  folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-charts-"));
  vi.stubEnv("MESH_PLATFORM_CACHE", path.join(folder, "cache"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it("renders a chart once for the same content and settings, wherever it lies", async () => {
  template("a: {{ .Values.a }}");
  expect(await numbers(chart(), { values: 1 }, { values: 1 }, { values: 2 }, { values: 1 })).toEqual([
    1, 1, 2, 1,
  ]);
  template("a: {{ .Values.a }}", "copy");
  expect(await numbers(chart("copy"), { values: 1 })).toEqual([1]);
  template("b: {{ .Values.a }}");
  expect(await numbers(chart(), { values: 1 })).toEqual([3]);
});

it("renders anew what a chart or its values leave to chance, and charts from elsewhere", async () => {
  template("key: {{ randAlphaNum 5 | b64enc }}");
  expect(await numbers(chart(), {}, {})).toEqual([1, 2]);
  template("key: now and then");
  expect(await numbers(chart(), "{{ uuidv4 }}", "{{ uuidv4 }}")).toEqual([3, 4]);
  expect(await numbers("oci://registry.example.com/chart", {}, {})).toEqual([5, 6]);
  expect(readdirSync(folder)).toEqual(["chart"]);
});
