/** A certificate authority for tests, and certificates of it, by the openssl program. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../support/must";

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface TestAuthority {
  /** PEM of the authority's certificate, for those who are to trust it. */
  readonly ca: string;
  readonly issue: (names: readonly string[]) => Identity;
}

/** Makes an authority whose files lie in `folder`, which has to exist. */
export function makeAuthority(folder: string): TestAuthority {
  const at = (name: string) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...["req", "-x509", ...key, "-days", "2", "-subj", "/CN=test authority of mesh-platform"],
    ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"],
    ...["-keyout", at("ca.key"), "-out", at("ca.pem")],
  );
  return {
    ca: readFileSync(at("ca.pem"), "utf8"),
    issue: (names) => {
      // Names stand in the extension alone: a common name may not be longer than 64 letters.
      openssl("req", "-new", ...key, "-subj", "/CN=site", "-keyout", at("site.key"), "-out", at("site.csr"));
      const san = names.map((name) => `DNS:${name}`).join(",");
      writeFileSync(at("site.ext"), `subjectAltName=${san}\nextendedKeyUsage=serverAuth\n`);
      openssl(
        ...["x509", "-req", "-in", at("site.csr"), "-days", "2", "-extfile", at("site.ext")],
        ...["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-out", at("site.pem")],
      );
      return { key: readFileSync(at("site.key"), "utf8"), cert: readFileSync(at("site.pem"), "utf8") };
    },
  };
}

const openssl = (...args: string[]) => must("openssl", ...args);
