import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

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

const rows = read(join(root, "docs/policies.md"))
  .split("\n")
  .filter((line) => /^\| `[a-z/-]+` \|/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([policy = "", , ...cells]) => ({ policy: policy.replaceAll("`", ""), cells }));

const bases = [room, __dirname, join(root, "tests/proxies")];
const filesIn = (cell: string) => [...cell.matchAll(/`([^`]+\.ts)`/g)].map(([, file = ""]) => file);
const exists = (file: string) => bases.some((base) => existsSync(join(base, file)));

describe("docs/policies.md", () => {
  it("has a row for every policy", () => {
    expect(rows.map(({ policy }) => policy).sort()).toEqual(policies.sort());
  });

  it.each(rows)("says of $policy where it is typed, analysed, simulated and run, or why not", ({ cells }) => {
    expect(cells).toHaveLength(4);
    expect(cells.filter((cell) => filesIn(cell).length === 0 && !/^(not: |as what )\w/.test(cell))).toEqual(
      [],
    );
    expect(cells.flatMap(filesIn).filter((file) => !exists(file))).toEqual([]);
  });

  it.each(rows)("names for $policy only runs in which it is", ({ policy, cells }) => {
    const real = cells[3] ?? "";
    const names = [policy, /\((?:renders as|in) ([a-z/-]+)/.exec(real)?.[1] ?? policy];
    const missing = filesIn(real)
      .filter((file) => file.startsWith("policies/"))
      .filter((file) => {
        const text = read(join(root, "tests/proxies", file));
        return !names.some((name) => text.includes(`policy: "${name}"`));
      });
    expect(missing).toEqual([]);
  });
});
