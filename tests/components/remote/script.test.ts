import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostConnection, toCommandConnection } from "../../../components/remote/connection";
import { RemoteFile } from "../../../components/remote/file";
import { LocalScript, parseResult, RemoteScript, renderCommand } from "../../../components/remote/script";
import { record, settled } from "../../support/recorder";
import { input, isSecret, opened, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const connection: HostConnection = { host: "10.0.0.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-platform-"));
  script = join(folder, "step.sh");
  writeFileSync(script, "# A test.\nfinish\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("renderCommand", () => {
  it("waits for its turn, stops itself, and holds no parameter", () => {
    expect(renderCommand("create", "/run/lock/x.lock", 60, false)).toBe(
      "flock -o -w 900 -E 75 /run/lock/x.lock timeout -k 10 60 bash -s -- create",
    );
    expect(renderCommand("delete", "/run/lock/x.lock", 60, true)).toBe(
      "sudo -n flock -o -w 900 -E 75 /run/lock/x.lock timeout -k 10 60 bash -s -- delete",
    );
  });
});

describe("parseResult", () => {
  it("reads the last line, whatever comes before", () => {
    expect(parseResult('noise\n{"old":"1"}\n{"changed":"false","version":"v1"}\n\n')).toEqual({
      changed: "false",
      version: "v1",
    });
  });

  it.each(["", "done\n", '{"changed":"true"\n'])("refuses an output without it: %j", (stdout) => {
    expect(() => parseResult(stdout)).toThrow("it must end with `finish`");
  });
});

describe("RemoteScript", () => {
  it("is one command of fixed words, with everything else on stdin", async () => {
    const recording = await record(() => {
      new RemoteScript("step", {
        connection,
        script,
        parameters: { NAME: "it's", LIST: ["a", "b"], COUNT: 3, ON: true },
      });
    });
    const step = recording.find("step");
    const { stdin: _, connection: __, ...rest } = opened(step) as Readonly<Record<string, unknown>>;
    expect(step.type).toBe("command:remote:Command");
    expect(rest).toEqual({
      create: "flock -o -w 900 -E 75 /run/lock/mesh-platform.lock timeout -k 10 600 bash -s -- create",
      addPreviousOutputInEnv: false,
      logging: "stderr",
    });
    expect(parseRendered(textInput(step, "stdin"))).toEqual({
      body: "# A test.\nfinish",
      parameters: { NAME: "it's", LIST: "a\nb", COUNT: "3", ON: "true" },
    });
    expect(isSecret(step, "stdin")).toBe(false);
  });

  it("keeps a secret parameter secret", async () => {
    const recording = await record(() => {
      new RemoteScript("step", { connection, script, parameters: { TOKEN: pulumi.secret("canary") } });
    });
    expect(isSecret(recording.find("step"), "stdin")).toBe(true);
  });

  it("gives Pulumi's own time limit room for waiting behind another step", async () => {
    const recording = await record(() => {
      new RemoteScript("step", { connection, script, parameters: {}, timeoutSeconds: 100, undo: true });
      new RemoteScript("own", { connection, script, parameters: {} }, { customTimeouts: { create: "5s" } });
    });
    expect(recording.find("step").timeouts).toEqual({ create: "1000s", update: "1000s", delete: "1000s" });
    expect(recording.find("own").timeouts.create).toBe("5s");
    expect(textInput(recording.find("step"), "delete")).toContain("timeout -k 10 100 bash -s -- delete");
  });

  it("tells what its script reported", async () => {
    const { result } = await record(() =>
      settled(new RemoteScript("step", { connection, script, parameters: {} }).result),
    );
    expect(result).toMatchObject({ changed: "true" });
  });
});

describe("LocalScript", () => {
  it("runs on this computer under a lock of its own", async () => {
    const recording = await record(() => {
      new LocalScript("step", { script, parameters: { A: "1" }, lock: "/run/lock/own", progress: false });
    });
    const step = recording.find("step");
    expect(step.type).toBe("command:local:Command");
    expect(textInput(step, "create")).toBe(
      "flock -o -w 900 -E 75 /run/lock/own timeout -k 10 600 bash -s -- create",
    );
    expect(input(step, "logging")).toBe("none");
    expect(input(step, "delete")).toBeUndefined();
  });
});

describe("RemoteFile", () => {
  it("carries path, mode, owner and content on one secret line per file", async () => {
    const recording = await record(() => {
      const files = [
        { path: "/etc/a", mode: "0600", owner: "root:root", content: pulumi.output("line 1\nline 2\n") },
        { path: "/etc/b", mode: "0644", owner: "etcd:etcd", content: "" },
      ];
      new RemoteFile("files", { connection, files });
    });
    const step = recording.find("files");
    expect(isSecret(step, "stdin")).toBe(true);
    expect(input(step, "logging")).toBe("none");
    expect(parseRendered(textInput(step, "stdin")).parameters).toEqual({
      FILES: "/etc/a 0600 root:root bGluZSAxCmxpbmUgMgo=\n/etc/b 0644 etcd:etcd ",
    });
  });
});

describe("toCommandConnection", () => {
  it("has patience with a machine that has just booted, and no field that the provider would print", () => {
    expect(toCommandConnection(connection)).toEqual({
      host: "10.0.0.1",
      port: 22,
      user: "root",
      hostKey: "ssh-ed25519 AAAA",
      dialErrorLimit: 60,
      perDialTimeout: 15,
    });
  });

  it("goes through the bastion with the same patience", () => {
    const bastion = {
      host: "b",
      port: 2222,
      user: "jump",
      hostKey: "ssh-ed25519 BBBB",
      privateKey: "key",
      stray: "no",
    };
    expect(toCommandConnection({ ...connection, privateKey: "own", bastion })).toEqual({
      host: "10.0.0.1",
      port: 22,
      user: "root",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: "own",
      dialErrorLimit: 60,
      perDialTimeout: 15,
      proxy: {
        host: "b",
        port: 2222,
        user: "jump",
        hostKey: "ssh-ed25519 BBBB",
        privateKey: "key",
        dialErrorLimit: 60,
        perDialTimeout: 15,
      },
    });
  });
});
