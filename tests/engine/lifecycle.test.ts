/** Commands, keys, certificates and random values through preview, up, refresh, change, failure and destroy. */
import { createPublicKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestStack } from "./support";

const CANARY = "canary-in-stdin-4711";

describe("the life of local resources", () => {
  let stack: TestStack;
  let logFile: string;

  beforeAll(() => {
    stack = new TestStack("lifecycle", { CANARY });
    logFile = path.join(stack.folder, "steps.log");
  });
  afterAll(() => stack.dispose());

  const env = (extra: NodeJS.ProcessEnv = {}) => ({ LOG_FILE: logFile, ...extra });
  const steps = () => readFileSync(logFile, "utf8").trim().split("\n");

  it("previews everything and does nothing", async () => {
    const plan = await stack.plan(env());
    expect(plan).toMatchObject({ "Command step": "create", "SelfSignedCert ca": "create" });
    expect(existsSync(logFile)).toBe(false);
  });

  it("creates, and hands stdin and environment to the script", async () => {
    await stack.up(env());
    expect(steps()).toEqual([expect.stringMatching(`^create ${CANARY}-[0-9a-f]{8}$`)]);
    expect((await stack.outputs()).stdout).toBe("hello");
  });

  it("changes nothing the second time, and nothing on refresh", async () => {
    await stack.up(env(), "--expect-no-changes");
    await stack.refresh(env(), "--expect-no-changes");
    expect(steps()).toHaveLength(1);
  });

  it("makes certificates that chain, and keys in all their spellings", async () => {
    const { caPem = "", leafPem = "", leafKeyPem = "", ...outputs } = await stack.outputs();
    const ca = new X509Certificate(caPem);
    const leaf = new X509Certificate(leafPem);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.subject).toBe("O=system:masters\nCN=kubernetes-admin");
    expect(leaf.subjectAltName).toBe("DNS:api.example.com, IP Address:10.0.0.1, IP Address:127.0.0.1");
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(leaf.publicKey.equals(createPublicKey(leafKeyPem))).toBe(true);
    const parsed = utils.parseKey(outputs.sshPrivateKey ?? "");
    expect(parsed).not.toBeInstanceOf(Error);
    expect(outputs.sshPublicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]+=*\n$/);
    expect(outputs.sshFingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(outputs.drawn).toMatch(/^[A-Za-z0-9]{24}$/);
  });

  it("keeps secrets out of the state, the history and the backups", async () => {
    const { leafKeyPem = "", sshPrivateKey = "", drawn = "" } = await stack.outputs();
    // Not the log that the script itself wrote.
    const text = stack.allText().replaceAll(readFileSync(logFile, "latin1"), "");
    const bodies = [leafKeyPem, sshPrivateKey].map((pem) => pem.split("\n")[2] ?? "");
    for (const secret of [CANARY, drawn, ...bodies]) {
      expect(secret.length).toBeGreaterThan(15);
      expect(text).not.toContain(secret);
    }
  });

  it("plans an update for a changed script and a replacement for triggers and certificates", async () => {
    const plan = await stack.plan(env({ GREETING: "bye", TRIGGER: "two", ORG: "other" }));
    expect(plan).toEqual({
      "Command step": "update",
      "Command triggered": "replace",
      "SelfSignedCert ca": "replace",
      "LocallySignedCert leaf": "replace",
    });
  });

  it("renews a certificate that is near its end, and only then", async () => {
    expect(await stack.plan(env({ EARLY: "24" }))).toEqual({ "LocallySignedCert leaf": "update" });
    expect(await stack.plan(env({ EARLY: "9000" }))).toEqual({ "LocallySignedCert leaf": "replace" });
  });

  it("runs the update script in place, and deletes the replaced after the new", async () => {
    await stack.up(env({ GREETING: "bye", TRIGGER: "two" }));
    expect(steps().map((line) => line.split(" ")[0])).toEqual(["create", "update"]);
    expect((await stack.outputs()).stdout).toBe("bye again");
  });

  it("stores nothing of a failed create, shows no secret, and tries again", async () => {
    const changed = { GREETING: "bye", TRIGGER: "two" };
    const failed = await stack.run(["up", "--skip-preview"], env({ ...changed, FAIL: "3" }));
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("exit status 3");
    expect(failed.output).toContain("about to fail");
    expect(failed.output).not.toContain(CANARY);
    expect(stack.stateText()).not.toContain("::failing");

    const again = await stack.up(env({ ...changed, FAIL: "0" }));
    expect(again).toMatch(/\+ 1 created/);
  });

  it("runs delete scripts with the stored stdin on destroy", async () => {
    await stack.destroy(env({ GREETING: "never used" }));
    expect(steps().at(-1)).toMatch(`delete ${CANARY}-`);
    expect(stack.state().resources).toEqual([]);
  });
});
