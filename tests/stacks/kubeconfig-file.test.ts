import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeKubeconfig } from "../../stacks/kubeconfig-file";

const folder = mkdtempSync(join(tmpdir(), "it's a folder "));
const file = join(folder, "state", "kubeconfig-dev");
let inputs: Record<string, string> = {};

beforeEach(async () => {
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      inputs = args.inputs;
      return { id: "id", state: args.inputs };
    },
    call: () => ({}),
  });
  writeKubeconfig(file, "apiVersion: v1\n");
  await pulumi.runtime.disconnect();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (script: string | undefined, input = "") =>
  spawnSync("/bin/sh", ["-c", script ?? "false"], { input }).status;

it("writes a file that nobody else can read, and takes it away again, twice each", () => {
  for (const _ of [1, 2]) {
    expect(run(inputs.create, inputs.stdin)).toBe(0);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["apiVersion: v1\n", 0o600]);
  }
  for (const _ of [1, 2]) {
    expect(run(inputs.delete)).toBe(0);
    expect(existsSync(file)).toBe(false);
  }
});
