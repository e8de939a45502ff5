import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scenarios } from "../../../components/traffic/scenarios";
import { destinationRows } from "../../proxies/policies/destinations";
import { meshWide, registering } from "../../proxies/policies/mesh-wide";
import { routing } from "../../proxies/policies/routing";
import { serverRows } from "../../proxies/policies/servers";

const root = join(__dirname, "../../..");
const room = join(root, "components/traffic");
const read = (path: string) => readFileSync(path, "utf8");

/** Files that declare something of their own, or wish for something in a DestinationRule. */
const policies = readdirSync(room, { recursive: true, encoding: "utf8" })
  .filter((file) => /^(?!analysis|simulate|scenarios).*\.ts$/.test(file) && file !== "declared-policy.ts")
  .filter((file) =>
    /^export (class .* extends (DeclaredPolicy|DestinationPolicies|pulumi\.ComponentResource)|const \w+ = .*DestinationPolicy => )/m.test(
      read(join(room, file)),
    ),
  )
  .map((file) => file.replace(/\.ts$/, ""));

/** Cells of the tables' rows, by policy; those of the first table have five. */
const cellsIn = (section: string) =>
  section
    .split("\n")
    .filter((line) => /^\| `[a-z/-]+` \|/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map(([policy = "", ...cells]) => ({ policy: policy.replaceAll("`", ""), cells }));

const [first = "", second = ""] = read(join(root, "docs/policies.md")).split("\n## What has run\n");
const rows = cellsIn(first);
const runs = cellsIn(second);

const bases = [room, __dirname];
const filesIn = (cell: string) => [...cell.matchAll(/`([^`]+\.ts)`/g)].map(([, file = ""]) => file);
const exists = (file: string) => bases.some((base) => existsSync(join(base, file)));

/** Rows of `tests/proxies/policies`, by their file. */
const proven = {
  "routing.ts": routing,
  "destinations.ts": destinationRows,
  "mesh-wide.ts": [...meshWide, registering],
  "servers.ts": serverRows(() => []),
};

/** What the page has to say of a policy's rows; the empty text where it has none. */
const shown = (policy: string): string =>
  Object.entries(proven)
    .map(([file, list]) => [file, list.filter((row) => row.policy === policy)] as const)
    .filter(([, list]) => list.length > 0)
    .map(([file, list]) => `\`${file}\`: ${list.map(({ does }) => does).join("; ")}`)
    .join("; ");

describe("docs/policies.md", () => {
  it("has two rows for every policy", () => {
    expect(rows.map(({ policy }) => policy).sort()).toEqual([...policies].sort());
    expect(runs.map(({ policy }) => policy).sort()).toEqual([...policies].sort());
  });

  it.each(rows)("says of $policy where it is typed, analysed and simulated, or why not", ({ cells }) => {
    const [, ...places] = cells;
    expect(places).toHaveLength(3);
    expect(places.filter((cell) => filesIn(cell).length === 0 && !/^(not: |as what )\w/.test(cell))).toEqual(
      [],
    );
    expect(places.flatMap(filesIn).filter((file) => !exists(file))).toEqual([]);
  });

  it("says of each policy what the tests on real proxies are called, and of none more", () => {
    const told = runs.map(({ policy, cells: [real = ""] }) => [policy, real] as const);
    const without = told.filter(([policy]) => shown(policy) === "");
    expect(told.filter(([policy]) => shown(policy) !== "")).toEqual(
      told.filter(([policy]) => shown(policy) !== "").map(([policy]) => [policy, shown(policy)]),
    );
    expect(
      without.filter(([, real]) => !/^(not|as what it holds|as part of `[a-z/-]+`: .+)$/.test(real)),
    ).toEqual([]);
    const wider = without.flatMap(([, real]) => /^as part of `([^`]+)`/.exec(real)?.[1] ?? []);
    expect(wider.filter((policy) => shown(policy) === "")).toEqual([]);
  });

  it("leaves no test on real proxies out", () => {
    const all = Object.values(proven).flat();
    expect(all.map(({ policy }) => policy).filter((policy) => !policies.includes(policy))).toEqual([]);
  });

  it("says of every policy that has not run that it has not", () => {
    const silent = runs.filter(
      ({ cells: [real, cluster, gap] }) => real === "not" && cluster === "" && gap === "",
    );
    expect(silent).toEqual([]);
  });

  it("names scenarios that there are", () => {
    const named = runs.flatMap(({ cells }) =>
      [...(cells[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in scenarios))).toEqual([]);
  });
});
