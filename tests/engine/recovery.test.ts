/** A run that is killed half-way: the next one clears the lock and finishes. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY } from "../../scripts/lib/paths";
import { TestStack } from "./support";

describe("after kill -9 of pulumi up", () => {
  let stack: TestStack;
  let started: string;

  beforeAll(() => {
    stack = new TestStack("recovery");
    started = path.join(stack.folder, "started");
  });
  afterAll(() => stack.dispose());

  it("finishes with the next npm run up", async () => {
    const wrapper = start(["up", "--skip-preview"], { SCRIPT: `touch ${started}; sleep 60` });
    await expect.poll(() => existsSync(started), { timeout: 60_000, interval: 100 }).toBe(true);
    const before = stack.state();
    process.kill(lockOwner(), "SIGKILL");
    expect(await exitOf(wrapper)).not.toBe(0);
    expect(before.pendingOperations).toHaveLength(1);
    // As a kill in the middle of a write leaves it; that is seldom met by chance.
    const notes = path.join(stack.folder, "state/backend/.pulumi/stacks/engine-recovery/dev.json.attrs");
    expect(readFileSync(notes, "utf8")).toContain("md5");
    writeFileSync(notes, "");

    const next = start(["up", "--skip-preview"], { SCRIPT: "echo done" });
    const output = collect(next);
    expect(await exitOf(next)).toBe(0);
    expect(await output).toContain("Clearing the lock of a run that was killed");
    expect(stack.state().pendingOperations).toEqual([]);
    expect((await stack.outputs()).stdout).toBe("done");
    // What the killed run had finished is kept: a new key here would be a new authority elsewhere.
    expect(keyOf(stack.state())).toBe(keyOf(before));
  });

  it("does not touch the lock of a run that is alive", async () => {
    const folder = path.join(
      stack.folder,
      "state",
      "backend",
      ".pulumi",
      "locks",
      "organization",
      "engine-recovery",
      "dev",
    );
    const lock = path.join(folder, "11111111-1111-1111-1111-111111111111.json");
    const { hostname } = await import("node:os");
    writeFileSync(
      lock,
      JSON.stringify({
        pid: process.pid,
        username: "x",
        hostname: `not-${hostname()}`,
        timestamp: new Date(),
      }),
    );
    const { code, output } = await stack.run(["up", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(output).toContain("currently locked");
    expect(existsSync(lock)).toBe(true);
  });

  it("passes SIGINT on, and the lock is gone", async () => {
    await stack.run(["cancel", "--yes"]);
    const again = path.join(stack.folder, "again");
    const wrapper = start(["up", "--skip-preview"], { SCRIPT: `touch ${again}; sleep 3` });
    await expect.poll(() => existsSync(again), { timeout: 60_000, interval: 100 }).toBe(true);
    wrapper.kill("SIGINT");
    expect(await exitOf(wrapper)).not.toBe(0);
    await stack.up({ SCRIPT: "echo whole" });
    expect((await stack.outputs()).stdout).toBe("whole");
  });

  function start(args: string[], extra: NodeJS.ProcessEnv): ChildProcess {
    const { args: full, env } = stack.invocation(args, extra);
    const script = path.join(REPOSITORY, "scripts", "pulumi.ts");
    return spawn(process.execPath, ["-r", "tsx/cjs", script, ...full], {
      cwd: REPOSITORY,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  function lockOwner(): number {
    const folder = path.join(
      stack.folder,
      "state",
      "backend",
      ".pulumi",
      "locks",
      "organization",
      "engine-recovery",
      "dev",
    );
    const [file = ""] = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return (JSON.parse(readFileSync(path.join(folder, file), "utf8")) as { pid: number }).pid;
  }
});

function exitOf(child: ChildProcess): Promise<number | null> {
  child.stdout?.resume();
  child.stderr?.resume();
  return new Promise((resolve) => child.on("close", resolve));
}

async function collect(child: ChildProcess): Promise<string> {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => chunks.push(data.toString()));
  }
  await new Promise((resolve) => child.on("close", resolve));
  return chunks.join("");
}

function keyOf({
  resources,
}: {
  resources: readonly { type: string; outputs?: Record<string, unknown> }[];
}): unknown {
  return resources.find(({ type }) => type.endsWith(":PrivateKey"))?.outputs?.publicKeyOpenssh;
}
