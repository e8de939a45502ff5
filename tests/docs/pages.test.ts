import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFiles, projectRoot, readProjectFile } from "../support/rendered";
import { anchorsOf, linksOf, pages, quoted } from "./pages";

const FOLDERS = ["components", "stacks", "tests", "scripts", "docs", "schema", "tools", "examples", ".ci"];
const files = projectFiles(FOLDERS, (path) => !path.includes("node_modules/"));
const at = (path: string) => join(projectRoot, path);

/** What a page says that is not so, as `PAGE: WHAT`. */
const wrong = (find: (page: (typeof pages)[number]) => readonly string[]): string[] =>
  pages.flatMap((page) => find(page).map((what) => `${page.path}: ${what}`));

/**
 * Whether a path leads to anything: from the project's root, or from a folder that the page is about. It may have `*`
 * or an ellipsis in it.
 */
function leadsSomewhere(path: string): boolean {
  if (existsSync(at(path))) return true;
  const parts = path.split(/[*…]+/).map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const wanted = new RegExp(`${path.startsWith("-") ? "" : "(^|/)"}${parts.join(".*")}($|/)`);
  return files.some((file) => wanted.test(file));
}

describe("the pages", () => {
  it("are found", () => expect(pages.length).toBeGreaterThan(40));

  it("name npm scripts that there are", () => {
    const { scripts } = JSON.parse(readProjectFile("package.json")) as { scripts: object };
    const found = wrong(({ text }) =>
      [...text.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)]
        .map(([, name = ""]) => name)
        .filter((name) => !(name in scripts)),
    );
    expect(found).toEqual([]);
  });

  it("link to pages, headings and files that there are", () => {
    const found = wrong((page) =>
      linksOf(page).filter((link) => {
        const [target = "", anchor] = link.split("#");
        const path = target === "" ? page.path : posix.join(posix.dirname(page.path), target);
        if (!existsSync(at(path))) return true;
        const other = pages.find((one) => one.path === path);
        return anchor !== undefined && other !== undefined && !anchorsOf(other).includes(anchor);
      }),
    );
    expect(found).toEqual([]);
  });

  it("name folders, scripts and tests that there are", () => {
    const start = new RegExp(`^(?:${FOLDERS.join("|").replaceAll(".", "\\.")})/`);
    const found = wrong((page) =>
      quoted(page)
        .filter((text) => start.test(text) || /[\w*]\.(?:ts|mts|sh)$/.test(text))
        .filter((text) => !/^\/|[<>{}A-Z ]/.test(text))
        .filter((path) => !leadsSomewhere(path)),
    );
    expect(found).toEqual([]);
  });

  it("list exports that there are", () => {
    const code = files
      .filter((path) => /^(?:components|stacks)\/.*\.ts$/.test(path))
      .map(readProjectFile)
      .join("\n");
    const exported = new Set(
      [
        ...code.matchAll(
          /^export (?:abstract |async |declare )*(?:class|const|function|interface|type) (\w+)/gm,
        ),
      ].map(([, name]) => name),
    );
    const listed = pages.flatMap(({ path, prose }) =>
      [...prose.matchAll(/^\| export \|.*\n\|[-|]+\|\n((?:\|.*\n)*)/gm)]
        .flatMap(([, rows = ""]) => rows.split("\n").map((row) => row.split("|")[1] ?? ""))
        .flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => [path, name] as const)),
    );
    expect(listed.length).toBeGreaterThan(60);
    expect(listed.filter(([, name]) => !exported.has(name))).toEqual([]);
  });

  it("run tests that there are", () => {
    const found = wrong(({ text }) =>
      [...text.matchAll(/npx vitest run ([^`#\n]*)/g)]
        .flatMap(([, words = ""]) => words.trim().split(/\s+/))
        .filter((word) => word.startsWith("tests/"))
        .filter((start) => !files.some((file) => file.startsWith(start))),
    );
    expect(found).toEqual([]);
  });
});
