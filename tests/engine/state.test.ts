/** What is kept of a stack, and what comes back with it: docs/engine.md, "When the state is lost". */
import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestStack } from "./support";

describe("a state that is lost", () => {
  let stack: TestStack;
  let elsewhere: string;
  const state = () => path.join(stack.folder, "state");

  beforeAll(async () => {
    stack = new TestStack("recovery");
    elsewhere = mkdtempSync(path.join(tmpdir(), "mesh-platform-copy-"));
    await stack.up({ SCRIPT: "echo done" });
    execFileSync("tar", ["-C", state(), "-czf", path.join(elsewhere, "state.tar.gz"), "."]);
    renameSync(state(), path.join(elsewhere, "gone"));
  });
  afterAll(() => {
    stack.dispose();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it("is another stack's life: everything would be made anew", async () => {
    expect(await stack.plan({ SCRIPT: "echo done" })).toMatchObject({ "PrivateKey key": "create" });
    rmSync(state(), { recursive: true });
  });

  it("comes back whole from its copy: the next up changes nothing", async () => {
    execFileSync("mkdir", ["-m", "700", state()]);
    execFileSync("tar", ["-C", state(), "-xzf", path.join(elsewhere, "state.tar.gz")]);
    expect(await stack.plan({ SCRIPT: "echo done" })).toEqual({});
    expect((await stack.outputs()).stdout).toBe("done");
  });

  it("cannot be read with another passphrase, and says so", async () => {
    writeFileSync(path.join(state(), "passphrase"), "another\n", { mode: 0o600 });
    const { code, output } = await stack.run(["preview"], { SCRIPT: "echo done" });
    expect(code).not.toBe(0);
    expect(output).toContain("incorrect passphrase");
  });
});
