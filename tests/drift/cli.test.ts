/** The command as users run it, with a pulumi that prints a made state and an SSH server on this computer. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newKeyPair, SshServer } from "../engine/ssh-server";
import { sha256 } from "../support/file-server";
import { projectRoot } from "../support/rendered";
import { exported } from "./exported";

const client = newKeyPair();
const server = new SshServer(client);
beforeAll(() => server.listen());
afterAll(() => server.close());

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-drift-"));
  file = join(folder, "app.conf");
  writeFileSync(file, "one\n", { mode: 0o600 });
  chmodSync(file, 0o600);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the command on a stack with one host, this computer, and with one that is away. */
async function drift(args: readonly string[], away = false) {
  const owner = spawnSync("stat", ["-c", "%U:%G", file], { encoding: "utf8" }).stdout.trim();
  const target = {
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    privateKey: client.privateKey,
    hostKey: server.hostKey.publicKey,
  };
  const stdout = `manages file ${file} 0600 ${owner} ${sha256("one\n")}\nmanages sysctl kernel.ostype Linux\n{"changed":"true"}`;
  const state = exported([
    {
      target,
      steps: [
        { name: "cp1-facts", stdout: "{}" },
        { name: "cp1-prepare", stdout },
      ],
    },
    ...(away
      ? [
          {
            target: { ...target, port: 1 },
            steps: [{ name: "worker1-facts", stdout: "manages swap off\n{}" }],
          },
        ]
      : []),
  ]);
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(folder, "state.json"), state);
  const pulumi = `#!/bin/sh
case "$*" in
  version) echo v3.259.0 ;;
  "stack export --show-secrets --stack lab --non-interactive") echo "a warning" >&2; cat '${folder}/state.json' ;;
  *) echo "error: no stack named '$5' found" >&2; exit 255 ;;
esac
`;
  writeFileSync(join(bin, "pulumi"), pulumi, { mode: 0o755 });
  const { SSH_AUTH_SOCK: _, PULUMI_STACK: __, ...rest } = process.env;
  const child = spawn(process.execPath, ["-r", "tsx/cjs", "scripts/drift.ts", ...args], {
    cwd: projectRoot,
    env: {
      ...rest,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      MESH_PLATFORM_STATE: join(folder, "state"),
    },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(`${output.stdout}${output.stderr}`).not.toContain(client.privateKey.split("\n")[1]);
  return { code, ...output };
}

describe("npm run drift", () => {
  it("finds a clean host clean, and touches nothing", async () => {
    const before = statSync(file);
    const { code, stdout, stderr } = await drift(["--stack", "lab"]);
    expect([code, stdout]).toEqual([
      0,
      "no drift: 2 things on 1 of 1 hosts of the stack lab are as declared\n",
    ]);
    expect(stderr).toMatch(/^drift 0 s: reading the state\ndrift \d s: looking at 1 hosts: cp1\n$/);
    const after = statSync(file);
    expect([after.ino, after.mtimeMs, after.ctimeMs]).toEqual([before.ino, before.mtimeMs, before.ctimeMs]);
  });

  it("names each field that differs, as a table and as JSON", async () => {
    writeFileSync(file, "two\n");
    chmodSync(file, 0o644);
    const text = await drift(["--stack=lab"]);
    expect(text.code).toBe(3);
    expect(
      text.stdout
        .split("\n")
        .slice(1, 3)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ["cp1", `file ${file} mode`, "0600", "644"],
      [
        "cp1",
        `file ${file} content`,
        `sha256:${sha256("one\n").slice(0, 12)}`,
        `sha256:${sha256("two\n").slice(0, 12)}`,
      ],
    ]);
    expect(text.stdout).toContain("npm run up -- --stack lab --replace '**::cp1-prepare'\n");
    const json = await drift(["-s", "lab", "--json", "--host", "cp1"]);
    expect(json.code).toBe(3);
    const { hosts } = JSON.parse(json.stdout);
    expect(hosts[0].differences.map(({ field }: { field: string }) => field)).toEqual(["mode", "content"]);
  });

  it("ends with 1 and the name of a host that does not answer", async () => {
    const { code, stdout } = await drift(["--stack", "lab"], true);
    expect(code).toBe(1);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "could not look at worker1: 127.0.0.1:1 refuses connections; does sshd run there?",
      "no drift: 2 things on 1 of 2 hosts of the stack lab are as declared",
    ]);
  });

  it.each([
    [
      ["--stack", "other"],
      "the state of the stack other cannot be read: error: no stack named 'other' found\n",
    ],
    [["--stack", "lab", "--host", "cp9"], "the stack has no host cp9; it has cp1\n"],
  ])("ends with 1 on %j", async (args, message) => {
    const { code, stdout, stderr } = await drift(args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  });
});
