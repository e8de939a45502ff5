import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "..", "..", "..");
const program = `
  const { plainStackTraces } = require("./components/lib/stack-traces.ts");
  plainStackTraces();
  const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
  function neverEnding() { return debuggablePromise(new Promise(() => {}), "never"); }
  debuggablePromise(Promise.resolve(), "over");
  neverEnding();
  function failing() { return new Error("why"); }
  console.log(failing().stack.split("\\n").slice(0, 2).join(""));
`;

/** In a process of its own: what is switched off there is switched off for all of a process. */
function run(env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", program], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

describe("plain stack traces", () => {
  it("leave errors their frames, and Pulumi its report of promises that never end", () => {
    const { status, stdout, stderr } = run();
    expect(stdout).toMatch(/^Error: why {4}at failing /);
    expect(stderr).toContain("1 promise was still active");
    expect(stderr).not.toContain("neverEnding");
    expect(status).toBe(1);
  });

  it("say where such a promise was made if they are asked to", () => {
    const { status, stderr } = run({ PULUMI_DEBUG_PROMISE_LEAKS: "true" });
    expect(stderr).toMatch(/CONTEXT\(1\): never\nSTACK_TRACE:[\s\S]*at neverEnding /);
    expect(status).toBe(1);
  });
});
