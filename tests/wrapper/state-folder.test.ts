/** Where the state is kept, so that no clean of a checkout ends the life of a cluster. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stateFolder, workTreeOf } from "../../components/lib/folders";
import { ensureStateFolder } from "../../scripts/lib/state-folder";

let scratch: string;
let checkout: string;
let env: NodeJS.ProcessEnv;
let said: string[];

beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "mesh-platform-state-"));
  checkout = path.join(scratch, "platform");
  mkdirSync(checkout);
  git("init", "-q");
  writeFileSync(path.join(checkout, ".gitignore"), ".state\n");
  env = { XDG_STATE_HOME: path.join(scratch, "states") };
  said = [];
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const git = (...words: string[]) => execFileSync("git", ["-C", checkout, ...words], { encoding: "utf8" });
const ensure = (variables = env) => ensureStateFolder(variables, (text) => said.push(text), checkout);
const link = () => path.join(checkout, ".state");

describe("the state folder", () => {
  it("is in the user's home, closed to others, with a link to it in the checkout", () => {
    const folder = ensure();
    expect(path.dirname(folder)).toBe(path.join(scratch, "states", "mesh-platform"));
    expect(path.basename(folder)).toMatch(/^platform-[0-9a-f]{8}$/);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readlinkSync(link())).toBe(folder);
    expect(said).toEqual([]);
  });

  it("outlives the strongest clean of the checkout", () => {
    const passphrase = path.join(ensure(), "passphrase");
    writeFileSync(passphrase, "secret\n");
    git("clean", "-ffdxq");
    expect(existsSync(link())).toBe(false);
    expect(path.join(ensure(), "passphrase")).toBe(passphrase);
    expect(existsSync(path.join(link(), "passphrase"))).toBe(true);
  });

  it("goes with a checkout that is moved, and is another one for each checkout", () => {
    const folder = ensure();
    const moved = path.join(scratch, "elsewhere");
    renameSync(checkout, moved);
    expect(stateFolder(env, moved)).toBe(folder);
    rmSync(path.join(moved, ".state"));
    expect(stateFolder(env, moved)).not.toBe(folder);
  });

  it("is where an older version has left it, with a word on how to move it", () => {
    mkdirSync(link());
    writeFileSync(path.join(link(), "passphrase"), "secret\n");
    expect(ensure()).toBe(link());
    const [warning = ""] = said;
    expect(warning).toContain(`\`git clean -fdx\` of ${checkout} removes them`);
    // Followed to the letter, it is as good as new.
    const [, command = ""] = /when no run is under way: (.*)$/.exec(warning) ?? [];
    execFileSync("sh", ["-c", command]);
    said = [];
    const folder = ensure();
    expect([folder.startsWith(path.join(scratch, "states")), said]).toEqual([true, []]);
    expect(existsSync(path.join(folder, "passphrase"))).toBe(true);
    expect(existsSync(path.join(link(), "passphrase"))).toBe(true);
  });

  it("may be named, outside of every checkout", () => {
    const folder = path.join(scratch, "mine");
    expect(ensure({ MESH_PLATFORM_STATE: folder })).toBe(folder);
    expect([existsSync(link()), said]).toEqual([false, []]);
  });

  it("is refused by name where a clean would take it, and nothing is made", () => {
    const folder = path.join(checkout, "keep", "state");
    expect(() => ensure({ MESH_PLATFORM_STATE: folder })).toThrow(
      `MESH_PLATFORM_STATE is ${folder}; allowed: a folder outside of every checkout. This one is inside ${checkout}`,
    );
    expect(existsSync(path.join(checkout, "keep"))).toBe(false);
  });

  it("is used where it exists already, with a warning each time", () => {
    const folder = path.join(checkout, "state");
    mkdirSync(folder);
    expect(ensure({ MESH_PLATFORM_STATE: folder })).toBe(folder);
    expect(said).toEqual([expect.stringContaining("Move the folder, and say MESH_PLATFORM_STATE=…")]);
  });

  it("is warned of where the home itself is a checkout", () => {
    mkdirSync(path.join(scratch, ".git"));
    ensure();
    expect(said).toEqual([expect.stringContaining(`where \`git clean -fdx\` of ${scratch} removes them`)]);
  });
});

describe("the checkout that a path lies in", () => {
  it("is found for one that does not exist yet, and for a worktree", () => {
    expect(workTreeOf(path.join(checkout, "a", "b"))).toBe(checkout);
    const worktree = path.join(scratch, "worktree");
    mkdirSync(worktree);
    writeFileSync(path.join(worktree, ".git"), "gitdir: elsewhere\n");
    expect(workTreeOf(worktree)).toBe(worktree);
    expect(workTreeOf(path.join(scratch, "states"))).toBeUndefined();
  });
});
