/** SSH connections: one key in memory, one accepted host key, perhaps one jump host. Nothing is written anywhere. */
import type { Client, ConnectConfig } from "ssh2";
import { openClient, pinned, readKey, tunnel } from "./ssh-handshake";

export interface SshEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private key in PEM or OpenSSH form. Default: the SSH agent is asked (`SSH_AUTH_SOCK`). */
  readonly privateKey?: string | undefined;
  /** The only host key that is accepted, as one line of known keys (`ssh-ed25519 AAAA…`). */
  readonly hostKey: string;
}

export interface SshTarget extends SshEndpoint {
  /** Jump host through which `host` is dialled. */
  readonly bastion?: SshEndpoint | undefined;
}

export interface RemoteRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  /** What the command reads. Default nothing. */
  readonly stdin?: string;
  /** Milliseconds after which the command is given up and its connection closed. Default 120 000. */
  readonly timeoutMs?: number;
}

/** Milliseconds for one handshake, from the first packet to the login. */
const HANDSHAKE_MS = 15_000;
/** A machine that dies in the middle is noticed after three of these without an answer. */
const KEEPALIVE_MS = 10_000;
const COMMAND_MS = 120_000;

/** A connection to one machine. Errors say what an operator can do about them, and never quote a key. */
export class SshSession {
  private readonly clients: readonly Client[];

  private constructor(clients: readonly Client[]) {
    this.clients = clients;
  }

  static async open(target: SshTarget, handshakeMs = HANDSHAKE_MS): Promise<SshSession> {
    const { bastion } = target;
    if (bastion === undefined) return new SshSession([await enter(target, handshakeMs)]);
    const jump = await enter(bastion, handshakeMs, "jump host ");
    try {
      const sock = await tunnel(jump, target.host, target.port).catch((error: Error) => {
        throw new Error(`${place(target)} cannot be reached from the jump host: ${error.message}`);
      });
      return new SshSession([await enter(target, handshakeMs, "", sock), jump]);
    } catch (error) {
      jump.end();
      throw error;
    }
  }

  /** Runs a command to its end, whatever its exit code. */
  run(command: string, { stdin = "", timeoutMs = COMMAND_MS }: RunSettings = {}): Promise<RemoteRun> {
    const [client] = this.clients;
    if (client === undefined) throw new Error("the connection is closed");
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    return new Promise((resolve, reject) => {
      let code: number | undefined;
      const give = (error: Error) => {
        settle();
        reject(error);
      };
      const lost = () => give(new Error("the connection broke off while the command ran"));
      const timer = setTimeout(() => {
        give(new Error(`the command did not end within ${Math.round(timeoutMs / 1000)} s`));
        this.close();
      }, timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        client.removeListener("close", lost);
      };
      client.once("close", lost);
      client.exec(command, (error, channel) => {
        if (error) return give(error);
        channel.on("data", (data: Buffer) => output.stdout.push(data));
        channel.stderr.on("data", (data: Buffer) => output.stderr.push(data));
        // Killed by a signal, it has no code of its own.
        channel.on("exit", (status: number | null) => {
          code = status ?? 128;
        });
        channel.on("error", give);
        channel.on("close", () => {
          if (code === undefined) return lost();
          settle();
          const text = (parts: Buffer[]) => Buffer.concat(parts).toString("utf8");
          resolve({ code, stdout: text(output.stdout), stderr: text(output.stderr) });
        });
        channel.end(stdin);
      });
    });
  }

  close(): void {
    for (const client of this.clients) client.end();
  }
}

async function enter(
  endpoint: SshEndpoint,
  handshakeMs: number,
  what = "",
  sock?: ConnectConfig["sock"],
): Promise<Client> {
  const agent = process.env.SSH_AUTH_SOCK;
  if (!endpoint.privateKey && !agent) {
    throw new Error(
      `${what}${place(endpoint)}: there is neither a key in the stack nor an SSH agent (SSH_AUTH_SOCK) to log in with`,
    );
  }
  try {
    return await openClient({
      host: endpoint.host,
      port: endpoint.port,
      username: endpoint.user,
      // With a key the agent is left alone: a dead one would fail the login.
      ...(endpoint.privateKey ? readKey(endpoint.privateKey) : agent ? { agent } : {}),
      ...pinned(endpoint.hostKey),
      ...(sock ? { sock } : {}),
      readyTimeout: handshakeMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
    });
  } catch (error) {
    throw new Error(`${what}${place(endpoint)} ${explain(error, endpoint.user, handshakeMs)}`);
  }
}

const place = ({ host, port }: SshEndpoint) => `${host}:${port}`;

/** What a failed handshake means, in the words of the one who has to do something about it. */
function explain(error: unknown, user: string, handshakeMs: number): string {
  const { message, code } = error as Error & { code?: string };
  if (code === "ECONNREFUSED") return "refuses connections; does sshd run there?";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "has no address: the name cannot be resolved";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "cannot be reached: there is no route to it";
  if (code === "ETIMEDOUT" || /timed out/i.test(message)) {
    return `does not answer within ${Math.round(handshakeMs / 1000)} s; is it up?`;
  }
  if (/Host denied|no matching host key/i.test(message)) {
    return "shows another host key than the stack knows; it was installed anew, or it is another machine";
  }
  if (/authentication methods failed/.test(message)) return `refuses the login of ${user} with this key`;
  return `: ${message}`;
}
