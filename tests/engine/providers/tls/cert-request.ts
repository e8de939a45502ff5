/** `tls.CertRequest`: a request that an authority turns into a certificate. */
import { createHash } from "node:crypto";
import type { ResourceKind } from "../harness";
import { type PlainMap, plainMap, UNKNOWN } from "../values";
import { checkProperties, type PropertyRule } from "./check";
import { keyAlgorithm, readPrivateKey } from "./keys";
import { signRequest, subjectAltNames, subjectName } from "./x509";

const RULES: Readonly<Record<string, PropertyRule>> = {
  privateKeyPem: { type: "string", required: true, secret: true },
  subject: { type: "object" },
  dnsNames: { type: "strings" },
  ipAddresses: { type: "strings" },
  uris: { type: "strings" },
};

export const certRequest: ResourceKind = {
  check: (_context, news) => checkProperties(news, RULES, {}),

  create: async (_context, inputs, preview) => {
    if (preview) {
      return { id: "", outputs: { ...inputs, certRequestPem: UNKNOWN, keyAlgorithm: UNKNOWN } };
    }
    const props = plainMap(inputs);
    const key = readPrivateKey(String(props.privateKeyPem), "privateKeyPem");
    const subject = subjectName((props.subject ?? {}) as PlainMap);
    const certRequestPem = signRequest(subject, subjectAltNames(props, subject.length === 0), key);
    return {
      id: createHash("sha1").update(certRequestPem).digest("hex"),
      outputs: { ...inputs, certRequestPem, keyAlgorithm: keyAlgorithm(key) },
    };
  },
};
