/** OpenSSH's own forms of a key: the `authorized_keys` line and the `openssh-key-v1` private key. */
import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes } from "node:crypto";

const CURVE_NAMES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** The `authorized_keys` line, or nothing for a curve that OpenSSH does not have. */
export function openSshPublicKey(key: KeyObject): string | undefined {
  const blob = publicBlob(key);
  return blob && `${blob.type} ${blob.data.toString("base64")}\n`;
}

/** The private key as `ssh-keygen` writes it, without a passphrase. */
export function openSshPrivateKey(key: KeyObject): string | undefined {
  const blob = publicBlob(createPublicKey(key));
  if (!blob) {
    return undefined;
  }
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, text(blob.type), privateFields(key), text("")]);
  // The secret part is padded to the cipher's block size with 1, 2, 3, …; "none" has a block of 8.
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    text("none"),
    text("none"),
    text(""),
    uint32(1),
    bytes(blob.data),
    bytes(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function publicBlob(key: KeyObject): { type: string; data: Buffer } | undefined {
  const type = key.asymmetricKeyType;
  if (type === "ec" && key.asymmetricKeyDetails?.namedCurve === "secp224r1") {
    return undefined;
  }
  const jwk = key.export({ format: "jwk" });
  switch (type) {
    case "rsa":
      return {
        type: "ssh-rsa",
        data: Buffer.concat([text("ssh-rsa"), integer(field(jwk, "e")), integer(field(jwk, "n"))]),
      };
    case "ec": {
      const curve = CURVE_NAMES[jwk.crv ?? ""] ?? "";
      const name = `ecdsa-sha2-${curve}`;
      return { type: name, data: Buffer.concat([text(name), text(curve), bytes(point(jwk))]) };
    }
    default:
      return { type: "ssh-ed25519", data: Buffer.concat([text("ssh-ed25519"), bytes(field(jwk, "x"))]) };
  }
}

function privateFields(key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" });
  switch (key.asymmetricKeyType) {
    case "rsa":
      return Buffer.concat(
        (["n", "e", "d", "qi", "p", "q"] as const).map((name) => integer(field(jwk, name))),
      );
    case "ec":
      return Buffer.concat([
        text(CURVE_NAMES[jwk.crv ?? ""] ?? ""),
        bytes(point(jwk)),
        integer(field(jwk, "d")),
      ]);
    default:
      return Buffer.concat([
        bytes(field(jwk, "x")),
        bytes(Buffer.concat([field(jwk, "d"), field(jwk, "x")])),
      ]);
  }
}

function point(jwk: JsonWebKey): Buffer {
  return Buffer.concat([Buffer.from([4]), field(jwk, "x"), field(jwk, "y")]);
}

function field(jwk: JsonWebKey, name: keyof JsonWebKey): Buffer {
  return Buffer.from(String(jwk[name]), "base64url");
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function bytes(data: Buffer): Buffer {
  return Buffer.concat([uint32(data.length), data]);
}

function text(value: string): Buffer {
  return bytes(Buffer.from(value));
}

/** A positive number: no leading zeros, but one where the highest bit would read as a sign. */
function integer(data: Buffer): Buffer {
  let start = 0;
  while (start < data.length - 1 && data[start] === 0) {
    start++;
  }
  const digits = data.subarray(start);
  return bytes((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}
