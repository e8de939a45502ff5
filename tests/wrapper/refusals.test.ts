/** What `npm run up` and its like refuse, as users run them, before anything is installed, built or written. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REPOSITORY } from "../../scripts/lib/paths";

let scratch: string;
let project: string;

beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "mesh-platform-refusals-"));
  project = path.join(scratch, "project");
  mkdirSync(project);
  for (const [name, content] of Object.entries({
    "Pulumi.yaml": "name: demo\nruntime: nodejs\n",
    "Pulumi.dev.yaml": "config: {}\n",
    "Pulumi.staging.yaml": "config: {}\n",
  })) {
    writeFileSync(path.join(project, name), content);
  }
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const run = (...words: string[]) => runWith({}, ...words);

/** Runs the script with nothing but Node on PATH, in a home of its own. Without a terminal, as in a pipeline. */
function runWith(variables: NodeJS.ProcessEnv, ...words: string[]) {
  const script = path.join(REPOSITORY, "scripts", "pulumi.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "tsx/cjs", script, ...words], {
    cwd: REPOSITORY,
    encoding: "utf8",
    env: {
      PATH: path.dirname(process.execPath),
      HOME: path.join(scratch, "home"),
      MESH_PLATFORM_STATE: path.join(scratch, "state"),
      MESH_PLATFORM_CACHE: path.join(scratch, "cache"),
      ...variables,
    },
  });
  return { status, stdout, stderr };
}

const made = () => readdirSync(scratch).filter((name) => name !== "project");

describe.each(["preview", "up", "refresh", "destroy"])("%s", (operation) => {
  it("refuses a stack without a file, names those there are, and makes nothing", () => {
    const { status, stdout, stderr } = run(operation, "-C", project, "--stack", "stagin", "--yes");
    expect(stderr).toContain(
      "There is no stack stagin: Pulumi.stagin.yaml is missing. Stacks here: dev, staging. Did you mean staging?\n",
    );
    expect([status, stdout, made()]).toEqual([2, "", []]);
  });

  it.each(["--help", "-h"])("answers %s with its usage, and makes nothing", (help) => {
    const { status, stdout, stderr } = run(operation, help);
    expect(stdout).toContain(`npm run ${operation} -- [FLAGS]\n`);
    expect([status, stderr, made()]).toEqual([0, "", []]);
  });
});

describe("a stack without a file", () => {
  it.each(["preview", "up"])("can be meant: %s says how", (operation) => {
    expect(run(operation, "-C", project, "-s", "new", "--yes").stderr).toContain(
      `For a new stack with nothing but defaults: npm run ${operation} -- --stack new --create\n`,
    );
  });

  it("is refused by its name in the environment, too", () => {
    const { status, stderr } = runWith({ PULUMI_STACK: "stagin" }, "preview", "-C", project);
    expect([status, stderr]).toEqual([2, expect.stringContaining("There is no stack stagin")]);
  });

  it("that exists in the backend is told where its last config is", () => {
    const stacks = path.join(scratch, "state", "backend", ".pulumi", "stacks", "demo");
    const kept = path.join(scratch, "state", "config", "demo");
    for (const folder of [stacks, kept]) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(stacks, "old.json"), "{}");
    writeFileSync(path.join(kept, "Pulumi.old.yaml"), "config: {}\n");
    const { status, stderr } = run("up", "-C", project, "-s", "old", "--yes");
    expect(status).toBe(2);
    expect(stderr).toContain(
      `The stack itself exists, and the config of its last run is kept: cp ${path.join(kept, "Pulumi.old.yaml")} ${path.join(project, "Pulumi.old.yaml")}\n`,
    );
  });
});

describe("a stack's file that cannot be read", () => {
  it.each([
    ["not YAML", "config:\n  a: [1\n  b: 2\n", /Pulumi\.dev\.yaml:\d+:\d+: .*\n.*\n *\^/],
    ["no map of config", "config: 3\n", /Pulumi\.dev\.yaml.*config is not a map/],
  ])("is refused with its line: %s", (_what, content, message) => {
    writeFileSync(path.join(project, "Pulumi.dev.yaml"), content);
    const { status, stderr } = run("preview", "-C", project);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("cannot be stringified");
    expect([status, made()]).toEqual([2, []]);
  });
});

describe("without a terminal", () => {
  it.each(["up", "refresh", "destroy"])("%s wants --yes, and makes nothing", (operation) => {
    const { status, stdout, stderr } = run(operation, "-C", project);
    expect(stderr).toBe(
      `npm run ${operation} changes things, and there is no terminal to ask at. ` +
        `Look first: npm run preview. Then: npm run ${operation} -- --yes\n`,
    );
    expect([status, stdout, made()]).toEqual([2, "", []]);
  });

  it("says every fault at once", () => {
    const { stderr } = run("up", "-C", project, "-s", "stagin");
    expect(stderr).toMatch(/^There is no stack stagin.*\nFor a new stack.*\nnpm run up changes things/);
  });
});

describe("the state folder", () => {
  it("is refused inside a checkout, where a clean would take it", () => {
    const checkout = path.join(scratch, "checkout");
    mkdirSync(path.join(checkout, ".git"), { recursive: true });
    const state = path.join(checkout, "sub", "state");
    const { status, stderr } = runWith({ MESH_PLATFORM_STATE: state }, "preview", "-C", project);
    expect(stderr).toContain(`MESH_PLATFORM_STATE is ${state}; allowed: a folder outside of every checkout.`);
    expect([status, readdirSync(checkout)]).toEqual([2, [".git"]]);
  });
});
