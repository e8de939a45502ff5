import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Place } from "../../../../components/traffic/faults";
import { type Conditions, conditionsOf, matchSpec } from "../../../../components/traffic/routes/conditions";
import { covers, meet } from "../../../../components/traffic/routes/cover";
import { httpRoutes, listOf } from "../../../../components/traffic/routes/http";
import { mergeRoutes } from "../../../../components/traffic/routes/merge";
import { countOf, takesAll } from "../../../../components/traffic/routes/order";
import type { HttpFragment, HttpMatch } from "../../../../components/traffic/routes/types";
import { missingDefinitions, schemaFaults } from "../crds";
import { context } from "../setup";
import { fragments, match, request } from "./random";
import { fits, type RenderedRoute, routeFor } from "./requests";

// Many runs each, on computers that do other things too.
vi.setConfig({ testTimeout: 240_000 });

const anyPriority = fragments(fc.integer({ min: -1, max: 1 }));
const runs = { numRuns: 100 };

const conditions = (fragment: HttpFragment): Conditions[] => {
  const matches = listOf<HttpMatch>(fragment.match);
  return (matches.length === 0 ? [{}] : matches).flatMap((match) => conditionsOf(match, new Place("", [])));
};

interface Spec {
  readonly gateways?: readonly string[];
  readonly http: readonly RenderedRoute[];
}

const specOf = (list: readonly HttpFragment[]): Spec => mergeRoutes(list, context).objects[0]?.spec as Spec;

const gateways = ["mesh", "store/front"];

describe("merging any fragments", () => {
  it("gives the same for every order of the input", () => {
    fc.assert(
      fc.property(anyPriority, fc.infiniteStream(fc.nat()), (list, numbers) => {
        const keyed = list.map((fragment) => ({ fragment, key: numbers.next().value }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ fragment }) => fragment);
        expect(mergeRoutes(shuffled, context)).toEqual(mergeRoutes(list, context));
      }),
      runs,
    );
  });

  it("loses no route and no match", () => {
    fc.assert(
      fc.property(anyPriority, (list) => {
        const routes = specOf(list).http;
        const wanted = list.flatMap((fragment) => conditions(fragment).map(() => fragment.name));
        const found = routes.flatMap(({ name, match: matches }) =>
          (matches ?? [{}]).map(() => name.replace(/-\d+$/, "")),
        );
        expect(found.sort()).toEqual(wanted.sort());
      }),
      runs,
    );
  });

  it("puts what takes everything last", () => {
    fc.assert(
      fc.property(anyPriority, (list) => {
        const open = httpRoutes(list, gateways, context, new Place("", [])).flatMap(({ entries }) =>
          entries.map((entry) => takesAll(entry.conditions)),
        );
        expect(open).toEqual([...open].sort((a, b) => Number(a) - Number(b)));
      }),
      runs,
    );
  });

  it("hides nothing as long as nobody sets a priority", () => {
    fc.assert(
      fc.property(fragments(), (list) => {
        const entries = httpRoutes(list, gateways, context, new Place("", [])).flatMap(
          (route) => route.entries,
        );
        for (const [index, later] of entries.entries()) {
          for (const earlier of entries.slice(0, index)) {
            const all = later.gateways.every((gateway) => earlier.gateways.includes(gateway));
            if (!all || !covers(earlier.conditions, later.conditions)) continue;
            expect(covers(later.conditions, earlier.conditions)).toBe(true);
          }
        }
        expect(mergeRoutes(list, context).findings.filter(({ code }) => code === "MP0452")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("lets the first by priority and rank of those that fit act", () => {
    fc.assert(
      fc.property(anyPriority, request, (list, one) => {
        const entries = httpRoutes(list, gateways, context, new Place("", [])).flatMap(
          (route) => route.entries,
        );
        const fitting = entries.filter(
          (entry) =>
            entry.gateways.includes(one.gateway) && fits(matchSpec(entry.conditions, undefined), { ...one }),
        );
        const { gateways: taken = ["mesh"], http } = specOf(list);
        const chosen = taken.includes(one.gateway)
          ? routeFor(http, one)?.name.replace(/-\d+$/, "")
          : undefined;
        expect(chosen).toBe(fitting[0]?.fragment.name);
        const best = fitting.filter(({ conditions: own }) => !takesAll(own)).map(({ priority }) => priority);
        if (best.length > 0) expect(fitting[0]?.priority).toBe(Math.max(...best));
      }),
      { numRuns: 250 },
    );
  });

  it("makes objects that fit their definition", ({ skip }) => {
    skip(missingDefinitions !== undefined, missingDefinitions);
    fc.assert(
      fc.property(anyPriority, (list) => {
        expect(mergeRoutes(list, context).objects.flatMap(schemaFaults)).toEqual([]);
      }),
      runs,
    );
  });
});

describe("what conditions say about each other", () => {
  const one = match.map((given) => conditionsOf(given, new Place("", []))[0] as Conditions);

  it("is true of every request", () => {
    fc.assert(
      fc.property(one, one, request, (a, b, asked) => {
        const atMesh = { ...asked, gateway: "mesh" };
        const [fitsA, fitsB] = [a, b].map((own) => fits(matchSpec(own, undefined), atMesh));
        const wrong = [
          fitsA && fitsB && !meet(a, b) ? "they meet" : "",
          fitsB && covers(a, b) && !fitsA ? "a does not cover b" : "",
          meet(a, b) === meet(b, a) ? "" : "meeting has no direction",
          covers(a, a) ? "" : "each covers itself",
          covers(a, b) && !meet(a, b) && fitsB ? "what covers meets" : "",
          covers(a, b) && !covers(b, a) && countOf(a) > countOf(b) ? "narrower has more conditions" : "",
        ];
        expect(wrong.filter((text) => text !== "")).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });
});
