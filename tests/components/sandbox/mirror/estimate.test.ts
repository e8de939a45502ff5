import { describe, expect, it } from "vitest";
import { expectation } from "../../../../components/sandbox/mirror/estimate";
import { mirrorItems } from "../../../../components/sandbox/mirror/items";

const names = mirrorItems("amd64", ["mesh", "addons", "apps"]).map(({ name }) => name);

describe("what is said before a mirror is filled", () => {
  it("is how long it takes, why, and what to do instead", () => {
    expect(expectation(names, 2)).toBe(
      `${names.length} parts to make, most of them compiled from source: about 18 min on the 2 cores of this computer, ` +
        "once. They are needed since the official downloads are out of reach, or the config says so. Quicker, where " +
        "you have it: a way to them (HTTPS_PROXY), or a mirror of your own (docs/artifacts.md).",
    );
    expect(expectation(names, 8)).toContain("about 6 min on the 8 cores");
    expect(expectation(["kubernetes"], 2)).toContain("about 5 min");
  });

  it("is nothing where it is over in a moment", () => {
    expect(expectation(["charts-istio", "image-busybox"], 2)).toBeUndefined();
  });
});
