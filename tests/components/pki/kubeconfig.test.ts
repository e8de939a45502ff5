import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { discoveryHash, fingerprint, renderKubeconfig } from "../../../components/pki/kubeconfig";
import { testCertificate, testKey } from "../../support/pems";

/** Two authorities made by openssl, with what `openssl x509 -pubkey | openssl pkey -outform der | openssl dgst` says. */
const rsa = {
  pem: `-----BEGIN CERTIFICATE-----
MIIDCzCCAfOgAwIBAgIUL3oQ0lTIAqVmJSVp7DlreLZaMZswDQYJKoZIhvcNAQEL
BQAwFTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjEwOTA2NTFaFw0zNjEx
MTgwOTA2NTFaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwggEiMA0GCSqGSIb3DQEB
AQUAA4IBDwAwggEKAoIBAQDJCXSbccKkZBporKm7M5gQi8g7pn10dSOO77a+T4uW
YsiJeW1H1f0eT10TJHOYP93Zf2IGQVGYWdDH7Wf0gM3WuKloQsqIe1RFh2rj+o0s
4MQ4+FVtpecSypGTUOKgW8YQA5HDExFFDTSkHAzB32orj4gsZNuEH0+d2GtQFUjQ
KPDM8zW2w6RooulJY8jed5u13HSCGWZpbMpHkwevtwXleJJuYa20Sgv/64pVTyEo
eClkcm6ykhZHQMQ92wi7Ocfc3FByTbmjjYeDyZOU2IgDZcbvlF3QVlAVrCslyN7U
PlMJAaV42Qt/8bhiyWU6D59eYDYAvILkJpi5/14N79unAgMBAAGjUzBRMB0GA1Ud
DgQWBBSX4lMPUZ1TVIsQp6Hj6Nqo9kM5NzAfBgNVHSMEGDAWgBSX4lMPUZ1TVIsQ
p6Hj6Nqo9kM5NzAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQDI
5Oh5ggcciS+IpDxPLg9mgdLAfDrGY1Ywzzc0L1fM6TWFC1N3+0p7ZG58bZNSNj2Z
P3tIRUF5gp4QA+2srImaMdb3oI90wpGz9Jl3vPZLXuFlitR7xJuKUSqPaZnPpfvk
NmsZ3+01/1jqDkDY1Sa5FMtn+WhYNdCiQV9ZP4K/ZMb4cX6MDt2hGK4AGLjHY1u/
/Yk4jMl1lDY8vNoRfLMFG8a0XP/cpQYXGFh5WD5rINJemvXQZPk4CZHh4aEoMUto
/jh8vqc4LhOy8A6+FISerpwQ92wWysHtxt2IcQQm6nFLF7VkahOgPryQL/PilbH5
lpBHjZtQQRTquEAH3ncd
-----END CERTIFICATE-----
`,
  hash: "375db8806bc5636d609dc25f09b70453feeef68b96801bb342572231df910f36",
};
const ecdsa = {
  pem: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUXbL0XaX5Ui1Lea0UUMFBsW/wO98wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjEwOTA2NTFaFw0zNjExMTgw
OTA2NTFaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR/E7UTRP1kNoj7UBNNzC/fuxQ8i8ZOPGCF2QZ1vpLa4U8qg6G0DKS4
gLGv2Kr3Vzrwb85lzN/Y3J5fyzRHf/GSo1MwUTAdBgNVHQ4EFgQUN+iH9VbKH+4S
sHlSsmEUWWvD1/gwHwYDVR0jBBgwFoAUN+iH9VbKH+4SsHlSsmEUWWvD1/gwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAo/pI8YuXcNPnKqBZL7qX
HcVbE1sQJ6Dbx1f0rWWJMzECIE5ydo3g1ClQsFRTxUnIUf06xMqW84I6FaVY4jGN
t8Tz
-----END CERTIFICATE-----
`,
  hash: "7658a67fa1a08018d68a3f6fa1e444df540973e9b72b435720f3265394424504",
};

describe("discoveryHash", () => {
  it.each([
    ["RSA", rsa],
    ["ECDSA", ecdsa],
  ])("is what openssl computes for an authority of %s", (_kind, { pem, hash }) => {
    expect(discoveryHash(pem)).toBe(`sha256:${hash}`);
  });

  it("refuses what is no certificate", () => {
    expect(() => discoveryHash("nothing")).toThrow();
  });
});

describe("fingerprint", () => {
  it("is the first sixteen digits of the certificate's sha256, and differs from one to the next", () => {
    expect(fingerprint(rsa.pem)).toBe(createHash("sha256").update(rsa.pem).digest("hex").slice(0, 16));
    expect(fingerprint(rsa.pem)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint(rsa.pem)).not.toBe(fingerprint(ecdsa.pem));
  });
});

describe("renderKubeconfig", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const common = { clusterName: "lab", server: "https://10.0.0.1:6443", authority: rsa.pem };

  it("opens the cluster by a certificate", () => {
    const credential = { certificate: testCertificate("admin"), privateKey: testKey("admin").privateKeyPem };
    expect(parse(renderKubeconfig({ ...common, userName: "kubernetes-admin", credential }))).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "lab",
          cluster: { server: "https://10.0.0.1:6443", "certificate-authority-data": base64(rsa.pem) },
        },
      ],
      users: [
        {
          name: "kubernetes-admin",
          user: {
            "client-certificate-data": base64(credential.certificate),
            "client-key-data": base64(credential.privateKey),
          },
        },
      ],
      contexts: [{ name: "kubernetes-admin@lab", context: { cluster: "lab", user: "kubernetes-admin" } }],
      "current-context": "kubernetes-admin@lab",
    });
  });

  it("opens it by a token, and only that", () => {
    const config = parse(
      renderKubeconfig({
        ...common,
        userName: "bootstrap",
        credential: { token: "abcdef.0123456789abcdef" },
      }),
    );
    expect(config.users).toEqual([{ name: "bootstrap", user: { token: "abcdef.0123456789abcdef" } }]);
  });

  it("keeps a token of digits a text", () => {
    const config = parse(
      renderKubeconfig({
        ...common,
        userName: "bootstrap",
        credential: { token: "123456.7890123456789012" },
      }),
    );
    expect(config.users[0].user.token).toBe("123456.7890123456789012");
  });
});
