/** One SSH handshake: the login key, the one host key that is accepted, the way through a jump host. */
import { Client, type ConnectConfig, utils } from "ssh2";

/** A key that no second attempt will make readable. */
export class UnusableKeyError extends Error {}

/** The part of a connection's settings that logs in with a private key. */
export function readKey(privateKey: string, passphrase?: string): ConnectConfig {
  const parsed = utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) {
    // The library's own message may quote the text that it could not parse.
    throw new UnusableKeyError("ssh: the private key cannot be read (wrong format or password)");
  }
  return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
}

/**
 * Accepts exactly one host key, and asks the server for a key of that kind: as the official command provider, for an RSA
 * key too, where that means the signature by SHA-1 alone. A config with such a key is refused (stacks/config/rules.ts).
 */
export function pinned(hostKey: string): ConnectConfig {
  const [type = "", base64 = ""] = hostKey.trim().split(/\s+/);
  const expected = Buffer.from(base64, "base64");
  if (expected.length === 0) throw new UnusableKeyError("failed to parse host key: ssh: no key found");
  return {
    algorithms: {
      serverHostKey: [type] as NonNullable<ConnectConfig["algorithms"]>["serverHostKey"] & object,
    },
    hostVerifier: (key: Buffer) => key.equals(expected),
  };
}

/** One handshake. Afterwards an error of the connection belongs to whoever uses it, and shows as its end. */
export function openClient(config: ConnectConfig): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const give = (error: Error) => {
      reject(error);
      client.destroy();
    };
    client.once("ready", () => resolve(client));
    // For good: a handshake that timed out fails once more when its socket closes, and nobody would hear that.
    client.on("error", give);
    client.on("keyboard-interactive", (_name, _instructions, _language, questions, answer) =>
      answer(questions.map(() => String(config.password ?? ""))),
    );
    client.once("close", () => reject(new Error("ssh: handshake failed: the connection was closed")));
    client.connect(config);
  });
}

/** A connection from a jump host onwards. */
export function tunnel(
  jump: Client,
  host: string,
  port: number,
): Promise<NonNullable<ConnectConfig["sock"]>> {
  return new Promise((resolve, reject) => {
    jump.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
  });
}
