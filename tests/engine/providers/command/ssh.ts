/** SSH connections as the official provider makes them: one per operation, retried, pinned to a host key. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ConnectConfig } from "ssh2";
import { openClient, pinned, readKey, tunnel, UnusableKeyError } from "../../../../scripts/lib/ssh-handshake";
import type { ResourceContext } from "../harness";

/** How to reach and enter one computer; the names are those of the `connection` property. */
interface Hop {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | null;
  readonly privateKey?: string | null;
  readonly privateKeyPassword?: string | null;
  readonly agentSocketPath?: string | null;
  readonly hostKey?: string | null;
  /** Failed attempts that are forgiven; -1 for any number. */
  readonly dialErrorLimit: number;
  /** Seconds for one attempt; 0 for no limit. */
  readonly perDialTimeout: number;
}

export interface ConnectionProps extends Hop {
  readonly proxy?: Hop | null;
}

/** Opens a connection, through the jump host if there is one. `close` ends both; the official provider leaks them. */
export async function connect(
  context: ResourceContext,
  connection: ConnectionProps,
): Promise<{ client: Client; close: () => void }> {
  if (!connection.proxy) {
    const client = await dial(context, "Dial", connection, () => openClient(configOf(connection)));
    return { client, close: () => client.end() };
  }
  const { proxy } = connection;
  try {
    const jump = await dial(context, "Dial proxy", proxy, () => openClient(configOf(proxy)));
    try {
      const client = await dial(context, "Dial from proxy", connection, async () =>
        openClient({ ...configOf(connection), sock: await tunnel(jump, connection.host, connection.port) }),
      );
      const close = () => {
        client.end();
        jump.end();
      };
      return { client, close };
    } catch (error) {
      jump.end();
      throw error;
    }
  } catch (error) {
    throw new Error(`proxy: ${messageOf(error)}`);
  }
}

/** What a remote script is given and where its output goes. */
export interface Execution {
  readonly stdin: string;
  /** Variables that are offered; sshd drops the ones that it is not configured to accept. */
  readonly environment: Record<string, string>;
  write(stream: "stdout" | "stderr", data: Buffer): void;
}

/** Runs a script to its end. Returns why it failed, or nothing if it exited with 0. */
export function execute(client: Client, script: string, execution: Execution): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lost = (error?: Error) =>
      resolve(error?.message ?? "wait: remote command exited without exit status or exit signal");
    client.once("error", lost);
    client.once("close", () => lost());
    client.exec(script, { env: execution.environment }, (error, channel) => {
      if (error) {
        lost(error);
        return;
      }
      channel.on("data", (data: Buffer) => execution.write("stdout", data));
      channel.stderr.on("data", (data: Buffer) => execution.write("stderr", data));
      let outcome: string | undefined = "wait: remote command exited without exit status or exit signal";
      channel.on("exit", (code: number | null, signal?: string) => {
        outcome = exitMessage(code, signal);
      });
      channel.on("close", () => resolve(outcome));
      channel.on("error", lost);
      channel.end(execution.stdin);
    });
  });
}

function exitMessage(code: number | null, signal: string | undefined): string | undefined {
  if (code === 0) {
    return undefined;
  }
  return `Process exited with status ${code ?? 128}${signal ? ` from signal ${signal.replace(/^SIG/, "")}` : ""}`;
}

/** Tries until it works or the limit is passed: waits 0.1 s, then half as long again each time, up to 5 s. */
async function dial<T>(
  context: ResourceContext,
  what: string,
  { dialErrorLimit }: Hop,
  attempt: () => Promise<T>,
): Promise<T> {
  let delay = 100;
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof UnusableKeyError) {
        throw error;
      }
      if (dialErrorLimit >= 0 && failures + 1 > dialErrorLimit) {
        throw new Error(`after ${failures} failed attempts: ${messageOf(error)}`);
      }
      const limit = dialErrorLimit < 0 ? "inf" : dialErrorLimit;
      context.log(`${what} ${failures + 1}/${limit} failed: retrying`);
    }
    await sleep(delay, undefined, { signal: context.cancelled });
    delay = Math.min(delay * 1.5, 5000);
  }
}

function configOf(hop: Hop): ConnectConfig {
  const agent = hop.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  const methods = [
    "none" as const,
    ...(hop.privateKey ? (["publickey"] as const) : []),
    ...(hop.password ? (["password", "keyboard-interactive"] as const) : []),
    ...(agent ? (["agent"] as const) : []),
  ];
  return {
    host: hop.host,
    port: hop.port,
    username: hop.user,
    ...(hop.password ? { password: hop.password, tryKeyboard: true } : {}),
    ...(hop.privateKey ? readKey(hop.privateKey, hop.privateKeyPassword ?? undefined) : {}),
    ...(agent ? { agent } : {}),
    ...(hop.hostKey ? pinned(hop.hostKey) : {}),
    authHandler: methods,
    // The official provider bounds only the TCP connection and waits for ever for a silent peer; this bounds
    // the whole handshake.
    readyTimeout: hop.perDialTimeout * 1000,
  };
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Host denied/.test(message)) {
    return "ssh: handshake failed: ssh: host key mismatch";
  }
  if (/no matching host key/i.test(message)) {
    return "ssh: handshake failed: ssh: no common algorithm for host key";
  }
  if (/configured authentication methods failed/.test(message)) {
    return "ssh: handshake failed: ssh: unable to authenticate, no supported methods remain";
  }
  return message;
}
