/** `tls.PrivateKey`: a key pair in all the spellings that its users ask for. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { ResourceKind } from "../harness";
import { type PlainMap, plainMap, Secret, UNKNOWN, type ValueMap } from "../values";
import { checkProperties } from "./check";
import { keyAlgorithm } from "./keys";
import { openSshPrivateKey, openSshPublicKey } from "./openssh";

const CURVES: Record<string, string> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

const SECRETS = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];
const COMPUTED = [
  ...SECRETS,
  "publicKeyPem",
  "publicKeyOpenssh",
  "publicKeyFingerprintMd5",
  "publicKeyFingerprintSha256",
];

export const privateKey: ResourceKind = {
  check: (_context, news) =>
    checkProperties(
      news,
      {
        algorithm: { type: "string", required: true, oneOf: ["RSA", "ECDSA", "ED25519"] },
        ecdsaCurve: { type: "string", oneOf: Object.keys(CURVES) },
        rsaBits: { type: "number" },
      },
      {},
    ),

  create: async (_context, inputs, preview) => {
    const settled = { ecdsaCurve: "P224", rsaBits: 2048, ...inputs };
    if (preview) {
      const unknowns = COMPUTED.map((name) => [name, secretIf(name, UNKNOWN)]);
      return { id: "", outputs: { ...settled, ...Object.fromEntries(unknowns) } };
    }
    const key = generate(plainMap(settled));
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    return { id: createHash("sha1").update(spki).digest("hex"), outputs: { ...settled, ...describe(key) } };
  },
};

function generate({ algorithm, ecdsaCurve, rsaBits }: PlainMap): KeyObject {
  switch (algorithm) {
    case "RSA":
      return generateKeyPairSync("rsa", { modulusLength: Number(rsaBits) }).privateKey;
    case "ECDSA":
      return generateKeyPairSync("ec", { namedCurve: CURVES[String(ecdsaCurve)] ?? "" }).privateKey;
    default:
      return generateKeyPairSync("ed25519").privateKey;
  }
}

function describe(key: KeyObject): ValueMap {
  const publicKey = createPublicKey(key);
  const openSsh = openSshPublicKey(publicKey);
  const blob = Buffer.from(openSsh?.split(" ")[1] ?? "", "base64");
  const outputs: Record<string, string> = {
    privateKeyPem: traditionalPem(key),
    privateKeyPemPkcs8: String(key.export({ type: "pkcs8", format: "pem" })),
    privateKeyOpenssh: openSshPrivateKey(key) ?? "",
    publicKeyPem: String(publicKey.export({ type: "spki", format: "pem" })),
    // P224 has no OpenSSH form: these stay empty, as they do with the official provider.
    publicKeyOpenssh: openSsh ?? "",
    publicKeyFingerprintMd5: openSsh ? md5Fingerprint(blob) : "",
    publicKeyFingerprintSha256: openSsh ? sha256Fingerprint(blob) : "",
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, secretIf(name, value)]));
}

/** The PEM kinds that programs expected before PKCS#8: `RSA PRIVATE KEY`, `EC PRIVATE KEY`. */
function traditionalPem(key: KeyObject): string {
  const type = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;
  return String(key.export({ type: type[keyAlgorithm(key)] as "pkcs8", format: "pem" }));
}

function md5Fingerprint(blob: Buffer): string {
  return createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?!$)/g, "$&:");
}

function sha256Fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function secretIf(name: string, value: ValueMap[string]): ValueMap[string] {
  return SECRETS.includes(name) ? new Secret(value) : value;
}
