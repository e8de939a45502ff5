import { afterEach, expect, it, vi } from "vitest";
import { mirrorItems } from "../../../../components/sandbox/mirror/items";
import { checkPrerequisites } from "../../../../components/sandbox/mirror/prerequisites";

afterEach(() => vi.unstubAllEnvs());

it("names everything that is missing at once, and what to do", () => {
  vi.stubEnv("PATH", "/nowhere");
  expect(() => checkPrerequisites(mirrorItems("amd64"))).toThrow(
    /no go on PATH[\s\S]*no gcc on PATH[\s\S]*no apt-get on PATH[\s\S]*no tar on PATH[\s\S]*gcc libc6-dev[\s\S]*artifacts.kind to upstream/,
  );
});

it("asks only for what the items at hand need", () => {
  vi.stubEnv("PATH", "/nowhere");
  const images = mirrorItems("amd64").filter((item) => item.kind === "image");
  expect(() => checkPrerequisites(images)).not.toThrow(/gcc|apt-get/);
  expect(() => checkPrerequisites([])).not.toThrow();
});
