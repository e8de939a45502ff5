import { describe, expect, it } from "vitest";
import { cannotBeHad, describeSkips, objection, type Skip } from "./skips";

const skip = (more: Partial<Skip> = {}): Skip => ({
  project: "unit",
  test: "tests/a.test.ts > a",
  reason: "shellcheck is not installed",
  ...more,
});

describe("a skipped test", () => {
  it.each<[Partial<Skip>, boolean, string | undefined]>([
    [{}, false, undefined],
    [{}, true, "with CI=true nothing is skipped that could be installed"],
    [{ reason: `${cannotBeHad}plugins` }, true, undefined],
    [{ reason: undefined }, false, "it gives no reason: use skip(condition, reason) of the test's context"],
    [{ project: "sandbox" }, false, "tests of the sandbox have all that they need, or fail"],
    [{ project: "sandbox-long" }, false, "tests of the sandbox have all that they need, or fail"],
    [
      { project: "sandbox", reason: `${cannotBeHad}plugins` },
      false,
      "tests of the sandbox have all that they need, or fail",
    ],
  ])("%j (CI: %j): %s", (more, ci, why) => {
    expect(objection(skip(more), ci)).toBe(why);
  });

  it("is listed below its reason, with what is wrong about it", () => {
    const skips = [skip(), skip({ test: "b", reason: undefined }), skip({ test: "c" })];
    expect(describeSkips(skips, false)).toEqual([
      "  shellcheck is not installed",
      "    tests/a.test.ts > a",
      "    c",
      "  no reason",
      "    b\n      must not be: it gives no reason: use skip(condition, reason) of the test's context",
    ]);
  });
});
