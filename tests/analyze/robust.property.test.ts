import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { analyse } from "../../components/lib/checks";
import type { KubeObject } from "../../components/lib/objects";
import { shapes } from "../../components/traffic/analysis/schema/shape";
import { type SimulatedRequest, SimulationFault, Simulator } from "../../components/traffic/simulate";
import { fileChecks } from "../../scripts/lib/analyze/codes";
import { readObjects } from "../../scripts/lib/analyze/load";
import { examples } from "../components/traffic/analysis/examples";
import { bookinfo } from "../components/traffic/simulate/world";

// Many runs each, on computers that do other things too.
vi.setConfig({ testTimeout: 240_000 });

type Branch = Record<string, unknown>;

/** A value of every kind that Istio defines, with every field given, by its definition. */
function sample(place: number, depth = 0): unknown {
  const shape = shapes().nodes[place];
  if (shape === undefined || depth > 6) return {};
  const { of, fields = {} } = shape;
  switch (shape.is) {
    case "object":
      return Object.fromEntries(
        Object.entries(fields).map(([name, inner]) => [name, sample(inner, depth + 1)]),
      );
    case "list":
      return of === undefined ? [] : [sample(of, depth + 1)];
    case "map":
      return { key: of === undefined ? "value" : sample(of, depth + 1) };
    case "flag":
      return true;
    case "whole":
    case "number":
      return 1;
    default:
      return shape.enum?.[0] ?? "value";
  }
}

const ofEveryKind: readonly KubeObject[] = Object.entries(shapes().kinds).map(([kind, place]) => {
  const [group = "", name = ""] = kind.split("/");
  const metadata = { name: "sample", namespace: "bookinfo", labels: { app: "reviews" } };
  return { apiVersion: `${group}/v1`, kind: name, metadata, spec: sample(place) };
});

const worlds: readonly (readonly KubeObject[])[] = [bookinfo, [...bookinfo, ...ofEveryKind]];
/** Mistakes that checks find, so that the code that finds them is run, too. */
const mistakes = examples.flatMap(({ bad, good }) => [bad, good]).filter((objects) => objects.length > 0);
const fixture = fc.oneof(fc.constantFrom(...worlds), fc.constantFrom(...mistakes));

/** Values of all types, and some that only look right. */
const odd = fc.constantFrom<unknown>(
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    "",
    "text",
    "*",
    "1s",
    [],
    [null],
    ["x"],
    [{}],
    {},
    { a: null },
    { a: { b: [] } },
  ],
);

interface Mutation {
  readonly object: number;
  readonly node: number;
  readonly other: number;
  readonly act: "replace" | "delete" | "repeat" | "copy";
  readonly value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  object: fc.nat(),
  node: fc.nat(),
  other: fc.nat(),
  act: fc.constantFrom("replace", "replace", "replace", "delete", "repeat", "copy"),
  value: odd,
});

/** Every place in a value: what holds it, and its key. */
const placesIn = (value: unknown): [Branch, string][] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [
        [value as Branch, key] as [Branch, string],
        ...placesIn(inner),
      ]);

const copyOf = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

function apply(objects: readonly KubeObject[], { object, node, other, act, value }: Mutation): void {
  const places = placesIn(objects[object % objects.length]);
  const [holder, key] = places[node % places.length] as [Branch, string];
  const [from, fromKey] = places[other % places.length] as [Branch, string];
  if (["apiVersion", "kind"].includes(key)) return;
  if (act === "delete") delete holder[key];
  else if (act === "repeat" && Array.isArray(holder)) holder.push(copyOf(holder[Number(key)]));
  else if (act === "copy") holder[key] = copyOf(from[fromKey] ?? null);
  else holder[key] = copyOf(value);
}

/** Read as files are, since what is read there is what everything else is given. */
function mutated(originals: readonly KubeObject[], mutations: readonly Mutation[]): KubeObject[] {
  const objects = copyOf(originals);
  for (const one of mutations) apply(objects, one);
  const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  return readObjects(text, "list.json", "default").objects.map(([object]) => object);
}

const hosts = ["reviews", "reviews.bookinfo", "www.example.com", "api.shop"];
const headers = { origin: "https://ui", "access-control-request-method": "GET" };

/** Sends requests from every workload and through every Gateway; what is not declared may be refused. */
function simulateAll(objects: readonly KubeObject[]): void {
  const simulator = new Simulator(objects);
  const ways = objects.flatMap(({ kind, metadata }): Partial<SimulatedRequest>[] => {
    const name = `${String(metadata.namespace)}/${String(metadata.name)}`;
    if (kind === "Gateway") return [{ gateway: name }, { gateway: name, scheme: "https" }];
    return ["Deployment", "Pod", "StatefulSet"].includes(kind) ? [{ from: name }] : [];
  });
  for (const way of ways)
    for (const host of hosts)
      try {
        simulator.simulate({ ...way, host, method: "OPTIONS", headers });
      } catch (error) {
        if (!(error instanceof SimulationFault)) throw error;
      }
}

const runs = { numRuns: 150, verbose: 1 } as const;
const anything = [fixture, fc.array(mutation, { minLength: 1, maxLength: 4 })] as const;

describe("objects of any form", () => {
  it("are all of the fixtures that there are", () => {
    expect(ofEveryKind).toHaveLength(15);
    expect(mistakes.length).toBeGreaterThan(100);
  });

  it("are analysed without an exception", () => {
    fc.assert(
      fc.property(...anything, (originals, mutations) => {
        const objects = mutated(originals, mutations);
        for (const closed of [false, true])
          expect(analyse(objects, fileChecks, { closed })).toBeInstanceOf(Array);
      }),
      runs,
    );
  });

  it("are simulated without an exception but the documented one", () => {
    fc.assert(
      fc.property(...anything, (originals, mutations) => {
        expect(() => simulateAll(mutated(originals, mutations))).not.toThrow();
      }),
      runs,
    );
  });
});
