import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";

/** What a client of the command line saw. */
export interface Seen {
  /** Of curl: 0, 35 no handshake, 56 cut off, 60 a certificate that is not trusted. */
  readonly code: number | null;
  readonly status: number;
  readonly body: string;
  readonly headers: string;
}

export interface Request {
  /** `https://shop.example.com:30443/path` */
  readonly url: string;
  /** Address that stands behind the name. */
  readonly address: string;
  /** Further words for curl: `--cacert`, `--cert`. */
  readonly words?: readonly string[];
}

/** One request by curl, with the name resolved by hand, as the operator tries a gateway. */
export function curl({ url, address, words = [] }: Request): Seen {
  const { hostname, port, protocol } = new URL(url);
  const number = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const { status: code, stdout } = spawnSync(
    "curl",
    ["-s", "-i", "--max-time", "20", "--resolve", `${hostname}:${number}:${address}`, ...words, url],
    { encoding: "utf8" },
  );
  const [head = "", ...rest] = stdout.split("\r\n\r\n");
  const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head)?.[1] ?? 0);
  return { code, status, headers: head.toLowerCase(), body: rest.join("\r\n\r\n") };
}

/** Whose certificate is shown at a port for a name, by `openssl s_client`: subject and issuer on two lines. */
export function identity(address: string, port: number, name: string): string {
  const shown = openssl(["s_client", "-connect", `${address}:${port}`, "-servername", name], "");
  return openssl(["x509", "-noout", "-subject", "-issuer", "-ext", "subjectAltName"], shown);
}

/** Files with PEMs in a folder of the test's own. */
export class Wallet {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** A certificate that its owner has signed himself, as whoever has no business here would. */
  stranger(name: string): { readonly certificate: string; readonly key: string } {
    const [key, certificate] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.crt`)];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    openssl([
      "req",
      "-x509",
      ...kind,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      key,
      "-out",
      certificate,
    ]);
    return { certificate, key };
  }
}

function openssl(words: readonly string[], input?: string): string {
  const done = spawnSync("openssl", words, { encoding: "utf8", timeout: 20_000, input: input ?? "" });
  return done.stdout;
}

/** A question for a Poller: one request on a connection of its own, under a host name of choice. */
export const named = (address: string, port: number, host: string) => (): Promise<void> =>
  new Promise((resolve, reject) => {
    const options = { host: address, port, path: "/status/200", headers: { host }, agent: false };
    const sent = request({ ...options, signal: AbortSignal.timeout(5000) }, (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
