/** A small SSH server on this computer: runs commands with /bin/sh as this user, and can be a jump host. */
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { type AddressInfo, connect } from "node:net";
import { type AuthContext, type Connection, Server, utils } from "ssh2";

export interface KeyPair {
  /** In OpenSSH's own form. */
  readonly privateKey: string;
  /** As a line of authorized_keys. */
  readonly publicKey: string;
}

/** A new ECDSA key; PEM is enough for both ends. With a passphrase the private one is encrypted. */
export function newKeyPair(passphrase?: string): KeyPair {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const encryption = passphrase === undefined ? {} : { cipher: "aes-128-cbc", passphrase };
  const pem = String(privateKey.export({ type: "sec1", format: "pem", ...encryption }));
  const parsed = utils.parseKey(pem, passphrase);
  if (parsed instanceof Error) {
    throw parsed;
  }
  return { privateKey: pem, publicKey: `${parsed.type} ${parsed.getPublicSSH().toString("base64")}` };
}

export class SshServer {
  readonly hostKey: KeyPair;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  #port = 0;
  #accepted = 0;

  constructor(client: KeyPair, hostKey = newKeyPair()) {
    this.hostKey = hostKey;
    const allowed = client.publicKey.split(" ")[1] ?? "";
    this.#server = new Server({ hostKeys: [this.hostKey.privateKey] }, (connection) => {
      this.#accepted++;
      this.#open.add(connection);
      connection.on("close", () => this.#open.delete(connection));
      connection.on("error", () => {});
      connection.on("authentication", (context) => authenticate(context, allowed));
      connection.on("ready", () => serve(connection));
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Connections since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that clients have not closed. */
  get connections(): number {
    return this.#open.size;
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(port, "127.0.0.1", () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    for (const connection of this.#open) {
      connection.end();
    }
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function authenticate(context: AuthContext, allowed: string): void {
  if (context.method !== "publickey" || context.key.data.toString("base64") !== allowed) {
    context.reject(["publickey"]);
    return;
  }
  context.accept();
}

function serve(connection: Connection): void {
  connection.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      const child = spawn("/bin/sh", ["-c", command]);
      channel.pipe(child.stdin);
      child.stdin.on("error", () => {});
      child.stdout.on("data", (data: Buffer) => channel.write(data));
      child.stderr.on("data", (data: Buffer) => channel.stderr.write(data));
      child.on("close", (code) => {
        channel.exit(code ?? 1);
        channel.end();
      });
    });
  });
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    const target = connect(destPort, destIP);
    target.once("error", () => reject());
    target.once("connect", () => {
      const channel = accept();
      channel.pipe(target).pipe(channel);
      channel.on("error", () => target.destroy());
      target.on("error", () => channel.close());
    });
  });
}
