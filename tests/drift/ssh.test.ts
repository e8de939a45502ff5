import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SshSession, type SshTarget } from "../../scripts/lib/ssh";
import { pinned } from "../../scripts/lib/ssh-handshake";
import { newKeyPair, SshServer } from "../engine/ssh-server";

const client = newKeyPair();
const server = new SshServer(client);
beforeAll(() => server.listen());
afterAll(() => server.close());

const target = (more: Partial<SshTarget> = {}): SshTarget => ({
  host: "127.0.0.1",
  port: server.port,
  user: "root",
  privateKey: client.privateKey,
  hostKey: server.hostKey.publicKey,
  ...more,
});
const failure = async (of: SshTarget, handshakeMs?: number) =>
  SshSession.open(of, handshakeMs).then(
    (session) => {
      session.close();
      return "it worked";
    },
    (error: Error) => error.message.replaceAll(String(of.port), "PORT"),
  );

describe("an SSH session", () => {
  it("asks for the pinned kind of host key alone, as Pulumi's provider does", () => {
    expect(pinned("ssh-rsa AAAA").algorithms).toEqual({ serverHostKey: ["ssh-rsa"] });
  });

  it("gives a command its input, and its outputs and code back", async () => {
    const session = await SshSession.open(target());
    expect(await session.run("cat; echo trouble >&2; exit 7", { stdin: "given\n" })).toEqual({
      code: 7,
      stdout: "given\n",
      stderr: "trouble\n",
    });
    expect((await session.run("echo again")).stdout).toBe("again\n");
    session.close();
    await expect.poll(() => server.connections).toBe(0);
  });

  it("goes through a jump host", async () => {
    const far = new SshServer(client);
    await far.listen();
    const before = server.accepted;
    const { bastion, ...direct } = target();
    expect(bastion).toBeUndefined();
    const session = await SshSession.open(
      target({ port: far.port, hostKey: far.hostKey.publicKey, bastion: direct }),
    );
    expect((await session.run("echo there")).stdout).toBe("there\n");
    session.close();
    expect([server.accepted - before, far.accepted]).toEqual([1, 1]);
    await far.close();
    expect(
      await failure(target({ port: far.port, hostKey: far.hostKey.publicKey, bastion: direct })),
    ).toContain("127.0.0.1:PORT cannot be reached from the jump host");
  });

  it("ends a command that takes too long", async () => {
    const session = await SshSession.open(target());
    await expect(session.run("exec sleep 20", { timeoutMs: 200 })).rejects.toThrow("did not end within 0 s");
    await expect.poll(() => server.connections, { timeout: 5000 }).toBe(0);
  });
});

describe("what keeps it from a host is said:", () => {
  it("another host key", async () => {
    expect(await failure(target({ hostKey: newKeyPair().publicKey }))).toBe(
      "127.0.0.1:PORT shows another host key than the stack knows; it was installed anew, or it is another machine",
    );
  });

  it("a host key of another kind", async () => {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPRCnbYl4LfVBRzKGvwCoVTVZsqyNQqsCfhoYaNEJA0a";
    expect(await failure(target({ hostKey }))).toContain("shows another host key than the stack knows");
  });

  it("a login that is refused", async () => {
    expect(await failure(target({ privateKey: newKeyPair().privateKey }))).toBe(
      "127.0.0.1:PORT refuses the login of root with this key",
    );
  });

  it("a key that is none, without quoting it", async () => {
    const message = await failure(target({ privateKey: "canary-no-key" }));
    expect(message).toContain("the private key cannot be read");
    expect(message).not.toContain("canary");
  });

  it("nobody who listens", async () => {
    const closed = new SshServer(client);
    await closed.listen();
    await closed.close();
    expect(await failure(target({ port: closed.port }))).toBe(
      "127.0.0.1:PORT refuses connections; does sshd run there?",
    );
  });

  it("a machine that is silent", async () => {
    const silent: Server = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", () => resolve()));
    const { port } = silent.address() as { port: number };
    expect(await failure(target({ port }), 300)).toBe("127.0.0.1:PORT does not answer within 0 s; is it up?");
    silent.close();
  });

  it("neither a key nor an agent", async () => {
    const agent = process.env.SSH_AUTH_SOCK;
    delete process.env.SSH_AUTH_SOCK;
    const { privateKey: _, ...without } = target();
    expect(await failure(without)).toContain("there is neither a key in the stack nor an SSH agent");
    if (agent !== undefined) process.env.SSH_AUTH_SOCK = agent;
  });
});
