import { describe, expect, it } from "vitest";
import { analyse } from "../../../../components/lib/checks";
import { UNKNOWN } from "../../../../components/lib/declared";
import type { Finding } from "../../../../components/lib/findings";
import type { KubeObject } from "../../../../components/lib/objects";
import { catalogue, trafficChecks } from "../../../../components/traffic/analysis";
import { readProjectFile } from "../../../support/rendered";
import { examples } from "./examples";
import { cartRule, routes, to, world } from "./objects";

const find = (objects: readonly KubeObject[], closed = false) => analyse(objects, trafficChecks, { closed });
const places = (findings: readonly Finding[], code: string) =>
  findings.filter((finding) => finding.code === code).map(({ object, path }) => `${object} ${path}`);

describe("a check of traffic", () => {
  it.each(examples.map((example) => [example.code, example.name, example] as const))(
    "finds %s: %s",
    (code, _, { bad, at, closed }) => {
      expect(places(find(bad, closed), code).sort()).toEqual([at].flat().sort());
    },
  );

  it.each(examples.map((example) => [example.code, example.name, example] as const))(
    "lets pass what is near to %s: %s",
    (code, _, { good, closed }) => {
      expect(places(find(good, closed), code)).toEqual([]);
    },
  );

  it("says in each finding what is wrong and what to change", () => {
    for (const { bad, closed } of examples) {
      for (const { message, change } of find(bad, closed)) {
        expect(message).toMatch(/^.{6,}[^.]$/s);
        expect(change).toMatch(/^.{6,}[^.]$/s);
      }
    }
  });
});

describe("the catalogue", () => {
  const codes = Object.keys(catalogue).sort();

  it("has a bad and a good example for each code", () => {
    expect([...new Set(examples.map(({ code }) => code))].sort()).toEqual(codes);
  });

  it("has a line in docs/analysis.md for each code", () => {
    const page = readProjectFile("docs/analysis.md");
    expect(codes.filter((code) => !page.includes(`| ${code} |`))).toEqual([]);
  });
});

describe("a namespace without mistakes", () => {
  it("has no finding", () => {
    const split = routes({ route: [to("v1", 90), to("v2", 10)] });
    expect(find([...world, cartRule, split])).toEqual([]);
  });
});

/** Each value in an object, replaced by one that is not known yet. */
function blinded(object: KubeObject): KubeObject[] {
  const inner = (value: unknown): unknown[] => {
    if (Array.isArray(value)) {
      return value.flatMap((item, place) =>
        [UNKNOWN, ...inner(item)].map((other) => value.map((own, at) => (at === place ? other : own))),
      );
    }
    if (typeof value !== "object" || value === null) return [];
    const entries = Object.entries(value);
    return entries.flatMap(([key, item]) =>
      [UNKNOWN, ...inner(item)].map((other) => ({ ...value, [key]: other })),
    );
  };
  return [UNKNOWN, ...inner(object.spec)].map((spec) => ({ ...object, spec }));
}

const shown = (_: string, value: unknown) => (typeof value === "symbol" ? "?" : value);

describe("what is not known yet", () => {
  it("is said, wherever in a spec it is, and nothing breaks", () => {
    const judged = Object.keys(catalogue).length;
    let tried = 0;
    for (const { bad } of examples) {
      const last = bad.at(-1) as KubeObject;
      if (!/istio\.io/.test(last.apiVersion) || tried > 1500) continue;
      for (const object of blinded(last)) {
        tried += 1;
        const found = find([...bad.slice(0, -1), object]);
        // A field that does not exist is refused, whatever it will hold.
        const told = found.some(({ code }) => code === "MP0001" || code === "IST0106");
        expect(told, `${object.kind} ${JSON.stringify(object.spec, shown)}`).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(judged);
  });

  it("is never taken for missing", () => {
    const vague = { ...cartRule, spec: { host: UNKNOWN } };
    const found = find([...world, vague, routes({ route: [to("v1")] })]);
    expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
