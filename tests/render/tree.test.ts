import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INVENTORY, writeTree } from "../../scripts/lib/render/tree";

let folder: string;
const at = (file: string) => path.join(folder, file);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-tree-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a rendered folder", () => {
  it("is left alone where it is as it should be", () => {
    const files = { "a/b.yaml": "b\n", "c.md": "c\n" };
    expect(writeTree(folder, files)).toEqual({ changed: 2, removed: 0 });
    const { mtimeMs } = statSync(at("a/b.yaml"));
    expect(writeTree(folder, files)).toEqual({ changed: 0, removed: 0 });
    expect(statSync(at("a/b.yaml")).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(at(INVENTORY), "utf8")).toBe("a/b.yaml\nc.md\n");
  });

  it("loses what is not rendered any more, and its empty folders, but nothing of others", () => {
    writeTree(folder, { "old/x.yaml": "x", "kept/y.yaml": "y" });
    mkdirSync(at("mine"));
    writeFileSync(at("mine/note.txt"), "mine");
    writeFileSync(at("kept/note.txt"), "mine");
    expect(writeTree(folder, { "new.yaml": "n" })).toEqual({ changed: 1, removed: 2 });
    const there = ["old", "kept/y.yaml", "kept/note.txt", "mine/note.txt", "new.yaml"];
    expect(there.filter((file) => existsSync(at(file)))).toEqual([
      "kept/note.txt",
      "mine/note.txt",
      "new.yaml",
    ]);
  });

  it("is refused where a file of others is in the way, before anything is written", () => {
    writeFileSync(at("b.yaml"), "mine");
    expect(() => writeTree(folder, { "a.yaml": "a", "b.yaml": "b" })).toThrow("not overwritten: b.yaml");
    expect(existsSync(at("a.yaml"))).toBe(false);
    expect(readFileSync(at("b.yaml"), "utf8")).toBe("mine");
  });

  it.each(["../victim", "/etc/victim", "a/../../victim"])("has no way out by its inventory: %s", (file) => {
    writeFileSync(at(INVENTORY), `${file}\n`);
    expect(() => writeTree(folder, {})).toThrow("outside of its folder");
  });
});
