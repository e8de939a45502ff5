/** X.509 structures, encoded as Go's crypto/x509 does, which the official provider is written on. */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as x509 from "@peculiar/asn1-x509";
import type { PlainMap } from "../values";

const OID_EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

const OID_EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/** Subject fields in the order in which Go writes them. */
const SUBJECT_FIELDS: readonly (readonly [string, string])[] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", OID_EMAIL_ADDRESS],
];

/** The `allowedUses` that set a bit of the key usage. */
export const KEY_USAGES: Readonly<Record<string, number>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};

/** The `allowedUses` that name an extended purpose. */
export const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any_extended: x509.anyExtendedKeyUsage,
  server_auth: x509.id_kp_serverAuth,
  client_auth: x509.id_kp_clientAuth,
  code_signing: x509.id_kp_codeSigning,
  email_protection: x509.id_kp_emailProtection,
  timestamping: x509.id_kp_timeStamping,
  ocsp_signing: x509.id_kp_OCSPSigning,
};

/** Builds a distinguished name from the provider's `subject` property. */
export function subjectName(subject: PlainMap): x509.Name {
  const name = new x509.Name();
  for (const [field, type] of SUBJECT_FIELDS) {
    const values = [subject[field] ?? []].flat().filter((value) => typeof value === "string" && value !== "");
    if (values.length > 0) {
      // Several values of one field share one part of the name, as Go has it.
      name.push(
        new x509.RelativeDistinguishedName(
          values.map(
            (value) =>
              new x509.AttributeTypeAndValue({
                type,
                value: new x509.AttributeValue(attributeText(type, String(value))),
              }),
          ),
        ),
      );
    }
  }
  return name;
}

function attributeText(type: string, value: string): Partial<x509.AttributeValue> {
  if (type === OID_EMAIL_ADDRESS) {
    return { ia5String: value };
  }
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value };
}

/** Names that a certificate is good for, as an extension; nothing when there are none. */
export function subjectAltNames(props: PlainMap, subjectIsEmpty: boolean): x509.Extension | undefined {
  const names = [
    ...strings(props.dnsNames).map((dNSName) => new x509.GeneralName({ dNSName })),
    ...strings(props.ipAddresses).map((iPAddress) => new x509.GeneralName({ iPAddress })),
    ...strings(props.uris).map(
      (uniformResourceIdentifier) => new x509.GeneralName({ uniformResourceIdentifier }),
    ),
  ];
  return names.length === 0
    ? undefined
    : extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(names), subjectIsEmpty);
}

/** Wraps a value as a certificate extension. */
export function extension(extnID: string, value: unknown, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** The usage extensions for a list of `allowedUses`. */
export function usageExtensions(allowedUses: readonly string[]): x509.Extension[] {
  const bits = allowedUses.reduce((all, use) => all | (KEY_USAGES[use] ?? 0), 0);
  const purposes = allowedUses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  return [
    ...(bits ? [extension(x509.id_ce_keyUsage, new x509.KeyUsage(bits), true)] : []),
    ...(purposes.length > 0 ? [extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage(purposes))] : []),
  ];
}

/** Key identifier: SHA-1 of the public key's bits, as RFC 5280 suggests and Go does. */
export function keyId(spki: x509.SubjectPublicKeyInfo): OctetString {
  return new OctetString(createHash("sha1").update(Buffer.from(spki.subjectPublicKey)).digest());
}

/** The public half of a key in the form that certificates hold. */
export function publicKeyInfo(publicKey: KeyObject): x509.SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), x509.SubjectPublicKeyInfo);
}

/** Signs the parts of a certificate with the issuer's key. Returns it as PEM. */
export function signCertificate(
  parts: Pick<x509.TBSCertificate, "issuer" | "subject" | "subjectPublicKeyInfo" | "validity"> & {
    extensions: x509.Extension[];
    serial: Buffer;
  },
  issuerKey: KeyObject,
): string {
  const { oid, hash, ...parameters } = signatureAlgorithm(issuerKey);
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: oid, ...parameters });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: arrayBuffer(parts.serial),
    signature: algorithm,
    issuer: parts.issuer,
    subject: parts.subject,
    subjectPublicKeyInfo: parts.subjectPublicKeyInfo,
    validity: parts.validity,
    extensions: new x509.Extensions(parts.extensions),
  });
  const signature = sign(hash, Buffer.from(AsnConvert.serialize(tbsCertificate)), issuerKey);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: arrayBuffer(signature),
  });
  return pem("CERTIFICATE", AsnConvert.serialize(certificate));
}

/** Builds and signs a certificate request. Returns it as PEM. */
export function signRequest(
  subject: x509.Name,
  altNames: x509.Extension | undefined,
  key: KeyObject,
): string {
  const { oid, hash, ...parameters } = signatureAlgorithm(key);
  const info = new CertificationRequestInfo({
    subject,
    subjectPKInfo: publicKeyInfo(createPublicKey(key)),
    attributes: new Attributes(
      altNames
        ? [
            new x509.Attribute({
              type: OID_EXTENSION_REQUEST,
              values: [AsnConvert.serialize(new x509.Extensions([altNames]))],
            }),
          ]
        : [],
    ),
  });
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new x509.AlgorithmIdentifier({ algorithm: oid, ...parameters }),
    signature: arrayBuffer(sign(hash, Buffer.from(AsnConvert.serialize(info)), key)),
  });
  return pem("CERTIFICATE REQUEST", AsnConvert.serialize(request));
}

/** What a certificate request asks for. */
export function readRequest(text: string): {
  subject: x509.Name;
  publicKey: x509.SubjectPublicKeyInfo;
  altNames: x509.Extension | undefined;
} {
  const request = AsnConvert.parse(derOf(text, "certRequestPem"), CertificationRequest);
  const { subject, subjectPKInfo, attributes } = request.certificationRequestInfo;
  const wanted = attributes?.find(({ type }) => type === OID_EXTENSION_REQUEST)?.values[0];
  const extensions = wanted ? AsnConvert.parse(wanted, x509.Extensions) : [];
  return {
    subject,
    publicKey: subjectPKInfo,
    altNames: extensions.find(({ extnID }) => extnID === x509.id_ce_subjectAltName),
  };
}

/** The name and key identifier under which an authority issues. */
export function readIssuer(text: string): { subject: x509.Name; keyId: OctetString | undefined } {
  const { tbsCertificate } = AsnConvert.parse(derOf(text, "caCertPem"), x509.Certificate);
  const found = tbsCertificate.extensions?.find(({ extnID }) => extnID === x509.id_ce_subjectKeyIdentifier);
  return {
    subject: tbsCertificate.subject,
    keyId: found && AsnConvert.parse(found.extnValue.buffer, x509.SubjectKeyIdentifier),
  };
}

/** A positive random serial number of at most 128 bits. */
export function randomSerial(): Buffer {
  const serial = randomBytes(16);
  // A first byte of 1 to 127 keeps the DER form positive and without padding.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
  return serial;
}

interface SignatureAlgorithm {
  readonly oid: string;
  readonly hash: string | null;
  readonly parameters?: ArrayBuffer;
}

const DER_NULL = arrayBuffer(Buffer.from([5, 0]));

function signatureAlgorithm(key: KeyObject): SignatureAlgorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { oid: "1.2.840.113549.1.1.11", hash: "sha256", parameters: DER_NULL };
    case "ec":
      switch (key.asymmetricKeyDetails?.namedCurve) {
        case "secp384r1":
          return { oid: "1.2.840.10045.4.3.3", hash: "sha384" };
        case "secp521r1":
          return { oid: "1.2.840.10045.4.3.4", hash: "sha512" };
        default:
          return { oid: "1.2.840.10045.4.3.2", hash: "sha256" };
      }
    default:
      return { oid: "1.3.101.112", hash: null };
  }
}

function strings(value: PlainMap[string] | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function derOf(text: string, property: string): Buffer {
  const body = /-----BEGIN [A-Z ]+-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (!body) {
    throw new Error(`'${property}' is not in PEM form`);
  }
  return Buffer.from(body, "base64");
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function arrayBuffer(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
