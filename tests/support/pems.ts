import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface TestKey {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly privateKeyOpenssh: string;
  readonly publicKeyOpenssh: string;
}

interface Pair {
  readonly text: TestKey;
  readonly secret: KeyObject;
  readonly open: Buffer;
}

const pairs = new Map<string, Pair>();
const certificates = new Map<string, string>();

/** A real key pair for a name, made once per process: asking again gives the same one. */
function pairOf(name: string): Pair {
  const known = pairs.get(name);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const open = publicKey.export({ type: "spki", format: "der" });
  const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const text = {
    privateKeyPem,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    // No SSH server reads these two: they only have to be as secret, and as public, as the real ones.
    privateKeyOpenssh: privateKeyPem.replaceAll("PRIVATE KEY", "OPENSSH PRIVATE KEY"),
    publicKeyOpenssh: `ssh-ed25519 ${open.toString("base64")}\n`,
  };
  const pair = { text, secret: privateKey, open };
  pairs.set(name, pair);
  return pair;
}

export const testKey = (name: string): TestKey => pairOf(name).text;

/** A real X.509 certificate for a name and its `testKey`, signed by that key itself, made once per process. */
export function testCertificate(name: string): string {
  const pem = certificates.get(name) ?? makeCertificate(name);
  certificates.set(name, pem);
  return pem;
}

/** One DER value: tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const sequence = (...content: readonly Uint8Array[]) => der(0x30, ...content);
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const version3 = der(0xa0, der(0x02, Buffer.from([2])));
/** subjectAltName: IP 127.0.0.1, so that a stand-in for a server can present the certificate. */
const loopback = sequence(oid("551d11"), der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))));

function makeCertificate(name: string): string {
  const { secret, open } = pairOf(name);
  const subject = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
  const validity = sequence(
    ...["260101000000Z", "360101000000Z"].map((time) => der(0x17, Buffer.from(time))),
  );
  const serial = der(0x02, Buffer.from([1]));
  const extensions = der(0xa3, sequence(loopback));
  const signed = sequence(version3, serial, ecdsaWithSha256, subject, validity, subject, open, extensions);
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", signed, secret)]));
  const lines = sequence(signed, ecdsaWithSha256, signature)
    .toString("base64")
    .match(/.{1,64}/g);
  return ["-----BEGIN CERTIFICATE-----", ...(lines ?? []), "-----END CERTIFICATE-----", ""].join("\n");
}
