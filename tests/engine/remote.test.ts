/** Commands over SSH: what reaches the host, what is refused, and what is left behind. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newKeyPair, SshServer } from "./ssh-server";
import { TestStack } from "./support";

const CANARY = "canary-over-ssh-0815";

describe("remote commands", () => {
  const client = newKeyPair();
  const server = new SshServer(client);
  let stack: TestStack;

  beforeAll(() => server.listen());
  afterAll(() => server.close());
  afterEach(() => stack.dispose());

  const env = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    SSH_PORT: String(server.port),
    SSH_KEY: client.privateKey,
    SSH_HOST_KEY: server.hostKey.publicKey,
    CANARY,
    ...extra,
  });

  it("runs, changes in place, deletes with the stored input, and closes its connections", async () => {
    stack = new TestStack("remote");
    await stack.up(env());
    expect((await stack.outputs()).stdout).toBe(`${CANARY}done`);
    await stack.up(env(), "--expect-no-changes");

    await stack.up(env({ SCRIPT: "echo two; echo trouble >&2" }));
    expect(await stack.outputs()).toEqual({ stdout: "two", stderr: "trouble" });
    expect(stack.allText()).not.toContain(client.privateKey.split("\n")[1]);

    // The address of this run is wrong, but a delete uses the stored one.
    const destroyed = await stack.destroy(env({ SSH_PORT: "1" }));
    expect(destroyed).toContain("- 2 deleted");
    await expect.poll(() => server.connections, { timeout: 5000 }).toBe(0);
  });

  it("shows the script and its output when it fails, but not its input", async () => {
    stack = new TestStack("remote");
    const { code, output } = await stack.run(
      ["up", "--skip-preview"],
      env({ SCRIPT: "cat >/dev/null; echo some output; exit 7" }),
    );
    expect(code).not.toBe(0);
    expect(output).toContain(
      'Process exited with status 7: running "cat >/dev/null; echo some output; exit 7":',
    );
    expect(output).toContain("some output");
    expect(output).not.toContain(CANARY);
  });

  it("refuses another host key, in bounded time", async () => {
    stack = new TestStack("remote");
    const started = Date.now();
    const { code, output } = await stack.run(
      ["up", "--skip-preview"],
      env({ SSH_HOST_KEY: newKeyPair().publicKey, DIAL_ERROR_LIMIT: "2" }),
    );
    expect(code).not.toBe(0);
    expect(output).toContain("after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch");
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it("asks for a host key of the pinned kind alone", async () => {
    stack = new TestStack("remote");
    const pinned = { SSH_HOST_KEY: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", DIAL_ERROR_LIMIT: "2" };
    const { code, output } = await stack.run(["up", "--skip-preview"], env(pinned));
    expect(code).not.toBe(0);
    expect(output).toContain(
      "after 2 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key",
    );
  });

  it("keeps trying while a host boots", async () => {
    stack = new TestStack("remote");
    const late = new SshServer(client);
    await late.listen();
    const { port } = late;
    await late.close();
    const opening = new SshServer(client);
    const timer = setTimeout(() => void opening.listen(port), 4000);
    await stack.up(
      env({ SSH_PORT: String(port), SSH_HOST_KEY: opening.hostKey.publicKey, DIAL_ERROR_LIMIT: "60" }),
    );
    clearTimeout(timer);
    await opening.close();
    expect(stack.state().resources.map(({ type }) => type)).toContain("command:remote:Command");
  });

  it("goes through a jump host", async () => {
    stack = new TestStack("remote");
    const target = new SshServer(client, server.hostKey);
    await target.listen();
    const before = server.accepted;
    await stack.up(env({ SSH_PORT: String(target.port), SSH_PROXY_PORT: String(server.port) }));
    expect([server.accepted - before, target.accepted]).toEqual([1, 1]);
    await target.close();
  });
});
