import { describe, expect, it } from "vitest";
import { atLeast } from "../../../components/lib/versions";
import { rowFor } from "../../../components/network/version-table";

describe("atLeast", () => {
  it.each<[string, string, boolean]>([
    ["1.24.17", "1.25", false],
    ["1.25.0", "1.25", true],
    ["1.9.0", "1.10", false],
    ["2.0.0", "1.99.99", true],
    ["0.28.9", "0.28.9", true],
    ["0.28.8", "0.28.9", false],
  ])("compares %s with %s number by number", (version, minimum, expected) => {
    expect(atLeast(version, minimum)).toBe(expected);
  });
});

describe("rowFor", () => {
  const table = [
    ["1.2", "new"],
    ["1.0", "old"],
  ] as const;

  it.each([
    ["1.0.0", "old"],
    ["1.1.9", "old"],
    ["1.2.0", "new"],
    ["3.0.0", "new"],
  ])("finds for %s what holds since the last change", (version, value) => {
    expect(rowFor("thing", table, version)).toBe(value);
  });

  it("says what is the oldest", () => {
    expect(() => rowFor("thing", table, "0.9.0")).toThrow(
      "thing 0.9.0 is not known; 1.0 is the oldest; choose a newer one",
    );
  });
});
