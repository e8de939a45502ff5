/** Where a plan takes its artifacts from: settled for the look at it, and not for the stack. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { withSource } from "../../scripts/lib/render/plan";

let folder: string;
const note = () => join(folder, "artifacts-unit");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-platform-render-"));
  vi.stubEnv("MESH_PLATFORM_STATE", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const text = "encryptionsalt: v1:abc\nconfig:\n  mesh-platform:mesh: {}\n";
const written = (content: string) => {
  const file = join(folder, "Pulumi.unit.yaml");
  writeFileSync(file, content);
  return file;
};

describe("the source of a plan", () => {
  it("is named in the config that is previewed, and not written down", async () => {
    expect(parse(await withSource(written(text), "unit", async () => false))).toEqual({
      encryptionsalt: "v1:abc",
      config: { "mesh-platform:mesh": {}, "mesh-platform:artifacts": { kind: "sandbox" } },
    });
    expect(existsSync(note())).toBe(false);
  });

  it("is that of the stack, where it was settled", async () => {
    writeFileSync(note(), "sandbox\n");
    expect(await withSource(written(text), "unit", async () => true)).toContain("kind: sandbox");
  });

  it("is left alone where the config names it", async () => {
    const named = "config:\n  mesh-platform:artifacts: { kind: tuna } # near\n";
    expect(await withSource(written(named), "unit", async () => false)).toBe(named);
  });
});
