/** Local commands, keys, certificates and random values. The environment says what to change from run to run. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

const {
  LOG_FILE = "/dev/null",
  GREETING = "hello",
  FAIL = "",
  TRIGGER = "one",
  CANARY = "",
  ORG = "mesh",
  EARLY = "0",
} = process.env;
const secret = pulumi.secret(CANARY);

const caKey = new tls.PrivateKey("ca", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const ca = new tls.SelfSignedCert("ca", {
  privateKeyPem: caKey.privateKeyPem,
  subject: { commonName: "test-ca", organization: ORG },
  isCaCertificate: true,
  setSubjectKeyId: true,
  maxPathLength: 1,
  validityPeriodHours: 87_600,
  allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
});
const leafKey = new tls.PrivateKey("leaf", { algorithm: "RSA" });
const request = new tls.CertRequest("leaf", {
  privateKeyPem: leafKey.privateKeyPem,
  subject: { commonName: "kubernetes-admin", organization: "system:masters" },
  dnsNames: ["api.example.com"],
  ipAddresses: ["10.0.0.1", "127.0.0.1"],
});
const leaf = new tls.LocallySignedCert("leaf", {
  certRequestPem: request.certRequestPem,
  caCertPem: ca.certPem,
  caPrivateKeyPem: caKey.privateKeyPem,
  validityPeriodHours: 8760,
  earlyRenewalHours: Number(EARLY),
  allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
});
const sshKey = new tls.PrivateKey("ssh", { algorithm: "ED25519" });

const password = new random.RandomPassword("password", { length: 24, special: false });
new random.RandomString("text", { length: 8, special: false, upper: false });
const id = new random.RandomId("id", { byteLength: 4 });

const log = (word: string) => `{ printf '%s ' ${word}; cat; echo; } >> ${LOG_FILE}`;
const step = new command.local.Command("step", {
  create: `${log("create")}; echo ${GREETING}`,
  update: `${log("update")}; echo ${GREETING} again`,
  delete: log("delete"),
  stdin: pulumi.interpolate`${secret}-${id.hex}`,
  environment: { GREETING },
});
new command.local.Command("triggered", { create: "echo run", triggers: [TRIGGER] });
new command.local.Command(
  "secretive",
  { create: "cat", stdin: secret, logging: "none" },
  { additionalSecretOutputs: ["stdout"] },
);
if (FAIL) {
  new command.local.Command("failing", { create: `echo about to fail; exit ${FAIL}`, stdin: secret });
}

export const stdout = step.stdout;
export const caPem = ca.certPem;
export const leafPem = leaf.certPem;
export const leafKeyPem = leafKey.privateKeyPem;
export const sshPrivateKey = sshKey.privateKeyOpenssh;
export const sshPublicKey = sshKey.publicKeyOpenssh;
export const sshFingerprint = sshKey.publicKeyFingerprintSha256;
export const drawn = password.result;
