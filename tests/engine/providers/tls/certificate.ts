/** `tls.SelfSignedCert` and `tls.LocallySignedCert`: certificates, their life and their renewal. */
import { createPublicKey } from "node:crypto";
import * as x509 from "@peculiar/asn1-x509";
import type { ResourceKind } from "../harness";
import { changedPaths, type PlainMap, plainMap, rootOfPath, UNKNOWN, type ValueMap } from "../values";
import { checkProperties, type PropertyRule } from "./check";
import { keyAlgorithm, readPrivateKey } from "./keys";
import {
  EXTENDED_KEY_USAGES,
  extension,
  KEY_USAGES,
  keyId,
  publicKeyInfo,
  randomSerial,
  readIssuer,
  readRequest,
  signCertificate,
  subjectAltNames,
  subjectName,
  usageExtensions,
} from "./x509";

const HOUR_MS = 3_600_000;

const COMMON_RULES: Readonly<Record<string, PropertyRule>> = {
  allowedUses: {
    type: "strings",
    required: true,
    oneOf: [...Object.keys(KEY_USAGES), ...Object.keys(EXTENDED_KEY_USAGES)],
  },
  validityPeriodHours: { type: "number", required: true },
  earlyRenewalHours: { type: "number" },
  isCaCertificate: { type: "boolean" },
  maxPathLength: { type: "number" },
  setSubjectKeyId: { type: "boolean" },
};

const COMMON_DEFAULTS = {
  earlyRenewalHours: 0,
  isCaCertificate: false,
  setSubjectKeyId: false,
};

/** A certificate that its own key signs: an authority's, usually. */
export const selfSignedCert = certificateKind({
  rules: {
    ...COMMON_RULES,
    privateKeyPem: { type: "string", required: true, secret: true },
    subject: { type: "object" },
    dnsNames: { type: "strings" },
    ipAddresses: { type: "strings" },
    uris: { type: "strings" },
    setAuthorityKeyId: { type: "boolean" },
  },
  defaults: { ...COMMON_DEFAULTS, setAuthorityKeyId: false },
  algorithmOutput: "keyAlgorithm",
  issue: (props, validity) => {
    const key = readPrivateKey(String(props.privateKeyPem), "privateKeyPem");
    const publicKey = publicKeyInfo(createPublicKey(key));
    const subject = subjectName((props.subject ?? {}) as PlainMap);
    const extensions = [
      ...commonExtensions(props, publicKey),
      ...(props.setAuthorityKeyId ? [authorityKeyId(keyId(publicKey))] : []),
      ...present(subjectAltNames(props, subject.length === 0)),
    ];
    const serial = randomSerial();
    const parts = { issuer: subject, subject, subjectPublicKeyInfo: publicKey, validity, extensions, serial };
    return { certPem: signCertificate(parts, key), serial, algorithm: keyAlgorithm(key) };
  },
});

/** A certificate that an authority of this program signs for a request. */
export const locallySignedCert = certificateKind({
  rules: {
    ...COMMON_RULES,
    certRequestPem: { type: "string", required: true },
    caCertPem: { type: "string", required: true },
    caPrivateKeyPem: { type: "string", required: true, secret: true },
  },
  defaults: COMMON_DEFAULTS,
  algorithmOutput: "caKeyAlgorithm",
  issue: (props, validity) => {
    const caKey = readPrivateKey(String(props.caPrivateKeyPem), "caPrivateKeyPem");
    const issuer = readIssuer(String(props.caCertPem));
    const request = readRequest(String(props.certRequestPem));
    const extensions = [
      ...commonExtensions(props, request.publicKey),
      ...(issuer.keyId ? [authorityKeyId(issuer.keyId)] : []),
      ...present(request.altNames),
    ];
    const serial = randomSerial();
    const parts = {
      issuer: issuer.subject,
      subject: request.subject,
      subjectPublicKeyInfo: request.publicKey,
      validity,
      extensions,
      serial,
    };
    return { certPem: signCertificate(parts, caKey), serial, algorithm: keyAlgorithm(caKey) };
  },
});

interface CertificateDefinition {
  readonly rules: Readonly<Record<string, PropertyRule>>;
  readonly defaults: ValueMap;
  /** The output that names the signing key's algorithm. */
  readonly algorithmOutput: string;
  issue(props: PlainMap, validity: x509.Validity): { certPem: string; serial: Buffer; algorithm: string };
}

function certificateKind({ rules, defaults, algorithmOutput, issue }: CertificateDefinition): ResourceKind {
  return {
    check: (_context, news) => checkProperties(news, rules, {}),

    // Everything but the renewal window is signed into the certificate, so that any change means a new one.
    diff: (_context, { inputs, outputs, news }) => ({
      changes: {
        ...changedPaths(inputs, news),
        ...(isDue(plainMap(outputs), news) ? { readyForRenewal: "update" as const } : {}),
      },
      isOutput: (path) => path === "readyForRenewal",
      replaces: (path) => rootOfPath(path) !== "earlyRenewalHours",
    }),

    create: async (_context, inputs, preview) => {
      const settled = { ...defaults, ...inputs };
      if (preview) {
        const computed = [
          "certPem",
          "validityStartTime",
          "validityEndTime",
          "readyForRenewal",
          algorithmOutput,
        ];
        const unknowns: ValueMap = Object.fromEntries(computed.map((name) => [name, UNKNOWN]));
        return { id: "", outputs: { ...settled, ...unknowns } };
      }
      const props = plainMap(settled);
      const start = Math.floor(Date.now() / 1000) * 1000;
      const end = start + Number(props.validityPeriodHours) * HOUR_MS;
      const { certPem, serial, algorithm } = issue(
        props,
        new x509.Validity({ notBefore: new Date(start), notAfter: new Date(end) }),
      );
      const outputs: ValueMap = {
        ...settled,
        certPem,
        validityStartTime: rfc3339(start),
        validityEndTime: rfc3339(end),
        readyForRenewal: false,
        [algorithmOutput]: algorithm,
      };
      return { id: BigInt(`0x${serial.toString("hex")}`).toString(), outputs };
    },

    read: async (_context, { id, inputs, outputs }) => {
      const due = isDue(plainMap(outputs), outputs);
      return { id, inputs, outputs: { ...outputs, readyForRenewal: due } };
    },

    update: async (_context, { outputs, news }) => ({ ...outputs, ...defaults, ...news }),
  };
}

/** Whether the certificate has come within `earlyRenewalHours` of its end. */
function isDue(outputs: PlainMap, settings: ValueMap): boolean {
  const early = typeof settings.earlyRenewalHours === "number" ? settings.earlyRenewalHours : 0;
  const end = Date.parse(String(outputs.validityEndTime));
  return Number.isFinite(end) && Date.now() >= end - early * HOUR_MS;
}

function commonExtensions(props: PlainMap, publicKey: x509.SubjectPublicKeyInfo): x509.Extension[] {
  const isCa = props.isCaCertificate === true;
  // The official provider drops a length of 0, too.
  const pathLength = Number(props.maxPathLength ?? 0);
  const constraints = new x509.BasicConstraints({
    cA: isCa,
    ...(isCa && pathLength > 0 ? { pathLenConstraint: pathLength } : {}),
  });
  return [
    ...usageExtensions((props.allowedUses as string[]) ?? []),
    extension(x509.id_ce_basicConstraints, constraints, true),
    ...(isCa || props.setSubjectKeyId
      ? [extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyId(publicKey).buffer))]
      : []),
  ];
}

function authorityKeyId(id: { buffer: ArrayBuffer }): x509.Extension {
  return extension(
    x509.id_ce_authorityKeyIdentifier,
    new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(id.buffer) }),
  );
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function rfc3339(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
