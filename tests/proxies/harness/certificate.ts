import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate that vouches for itself, with its key. */
export interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** Made by openssl: Envoy's library is particular about how a certificate is put together. */
export function selfSigned(...names: readonly string[]): Pair {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  try {
    const alternatives = names.map((name) => `DNS:${name}`).join(",");
    execFileSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
        ],
        ...["-subj", `/CN=${names[0]}`, "-addext", `subjectAltName=${alternatives}`],
        ...["-keyout", "key.pem", "-out", "cert.pem"],
      ],
      { cwd: folder, stdio: "pipe" },
    );
    return {
      key: readFileSync(join(folder, "key.pem"), "utf8"),
      cert: readFileSync(join(folder, "cert.pem"), "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let shared: Pair | undefined;

/** What all applications with TLS show. */
export const applicationCertificate = (): Pair => {
  shared ??= selfSigned("secure.localhost", "*.shop.svc.cluster.local");
  return shared;
};
