import fs, { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, inject, it } from "vitest";
import { cacheFolder, projectRoot, stateFolder } from "../../components/lib/folders";
import { pulumiHome } from "../../scripts/lib/paths";
import { forbidFolders, takeForbiddenPaths } from "./fs-guard";

const { own, forbidden } = inject("folders");

describe("a test of npm test", () => {
  it("has a home, a cache and a state of its own", () => {
    for (const folder of [homedir(), cacheFolder(), stateFolder(), pulumiHome()])
      expect(folder.startsWith(`${own}/file-`)).toBe(true);
    expect(process.env.KUBECONFIG).toBeUndefined();
  });

  it("may not look into those of the user and of the checkout", () => {
    expect(forbidden).toContain(join(projectRoot, ".state"));
    expect(forbidden.map((folder) => folder.split("/").at(-1))).toEqual(
      expect.arrayContaining(["mesh-platform", ".pulumi", ".kube"]),
    );
    for (const folder of forbidden) expect(() => existsSync(folder)).toThrow("a test looked at");
    expect(takeForbiddenPaths()).toEqual(forbidden);
  });
});

describe("forbidFolders", () => {
  const folder = join(own, "forbidden");
  const file = join(folder, "file");
  forbidFolders([folder]);
  afterEach(() => {
    takeForbiddenPaths();
  });

  it.each<[string, () => unknown]>([
    ["a named import", () => existsSync(file)],
    ["the module's object", () => fs.readFileSync(file)],
    ["a function on a function", () => fs.promises.realpath(file)],
    ["a callback", () => fs.stat(file, () => undefined)],
    ["a promise", () => readFile(file)],
    ["a URL", () => fs.openSync(pathToFileURL(file), "r")],
    ["bytes", () => fs.readdirSync(Buffer.from(file))],
    ["a detour", () => fs.createReadStream(join(own, "other", "..", "forbidden", "file"))],
    ["the second path", () => fs.copyFileSync(__filename, file)],
  ])("sees %s", (_, look) => {
    expect(look).toThrow(`a test looked at ${file}, which belongs to the user`);
    expect(takeForbiddenPaths()).toEqual([file]);
  });

  it("remembers what a reader has swallowed", () => {
    try {
      fs.readFileSync(file);
    } catch {
      // As a reader of a cache would: none is there yet.
    }
    expect(takeForbiddenPaths()).toEqual([file]);
    expect(takeForbiddenPaths()).toEqual([]);
  });

  it("leaves its neighbours alone", () => {
    expect(existsSync(`${folder}-too`)).toBe(false);
    expect(existsSync(own)).toBe(true);
    expect(takeForbiddenPaths()).toEqual([]);
  });
});
