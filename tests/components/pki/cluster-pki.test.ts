import { beforeAll, describe, expect, it } from "vitest";
import { type KeyAlgorithm, keyInputs } from "../../../components/pki/authority";
import { ClusterPki, type ClusterPkiArgs } from "../../../components/pki/cluster-pki";
import { testCertificate, testKey } from "../../support/pems";
import { record } from "../../support/recorder";
import { input, isSecret, type Recording, textInput } from "../../support/recording";

const args: ClusterPkiArgs = {
  keyAlgorithm: "RSA-2048",
  authorityValidityHours: 87600,
  leafValidityHours: 8760,
  renewBeforeHours: 720,
  protect: true,
  adminGroup: "kubeadm:cluster-admins",
};

let recording: Recording;
beforeAll(async () => {
  recording = await record(() => {
    new ClusterPki("pki", args).etcdMember("cp1-etcd", "10.0.0.1");
  });
});

/** What a leaf asks for and who signs it. */
function leaf(name: string) {
  const request = recording.find(`${name}-request`);
  const certificate = recording.find(`${name}-cert`);
  return {
    subject: input(request, "subject"),
    dnsNames: input(request, "dnsNames"),
    ipAddresses: input(request, "ipAddresses"),
    uses: input(certificate, "allowedUses"),
    signedBy: input(certificate, "caCertPem"),
    hours: input(certificate, "validityPeriodHours"),
    renewHours: input(certificate, "earlyRenewalHours"),
  };
}

describe("ClusterPki", () => {
  it.each([
    ["kubernetes", "kubernetes"],
    ["front-proxy", "front-proxy-ca"],
    ["etcd", "etcd-ca"],
  ])("makes the authority %s, called %s, which never renews itself", (id, commonName) => {
    const certificate = recording.find(`pki-${id}-cert`);
    expect(input(certificate)).toEqual({
      privateKeyPem: testKey(`pki-${id}-key`).privateKeyPem,
      subject: { commonName },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature", "key_encipherment"],
      validityPeriodHours: 87600,
      earlyRenewalHours: 0,
    });
    expect([certificate.protect, recording.find(`pki-${id}-key`).protect]).toEqual([true, true]);
    expect(isSecret(certificate, "privateKeyPem")).toBe(true);
  });

  it("lets the operator in as a cluster administrator", () => {
    expect(leaf("pki-admin")).toEqual({
      subject: { commonName: "kubernetes-admin", organization: "kubeadm:cluster-admins" },
      dnsNames: [],
      ipAddresses: [],
      uses: ["digital_signature", "key_encipherment", "client_auth"],
      signedBy: testCertificate("pki-kubernetes-cert"),
      hours: 8760,
      renewHours: 720,
    });
  });

  it("lets the API server into etcd, and nowhere else", () => {
    expect(leaf("pki-apiserver-etcd-client")).toMatchObject({
      subject: { commonName: "kube-apiserver-etcd-client" },
      uses: ["digital_signature", "key_encipherment", "client_auth"],
      signedBy: testCertificate("pki-etcd-cert"),
    });
  });

  it("lets an etcd member serve on its own address and on the loopback, and call its peers", () => {
    expect(leaf("cp1-etcd")).toEqual({
      subject: { commonName: "etcd" },
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1", "10.0.0.1"],
      uses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
      signedBy: testCertificate("pki-etcd-cert"),
      hours: 8760,
      renewHours: 720,
    });
  });

  it("signs every leaf with the key of its authority and for a key of its own", () => {
    for (const [name, authority] of [
      ["pki-admin", "pki-kubernetes"],
      ["pki-apiserver-etcd-client", "pki-etcd"],
      ["cp1-etcd", "pki-etcd"],
    ] as const) {
      const certificate = recording.find(`${name}-cert`);
      expect(textInput(certificate, "caPrivateKeyPem")).toBe(testKey(`${authority}-key`).privateKeyPem);
      expect(isSecret(certificate, "caPrivateKeyPem")).toBe(true);
      expect(textInput(recording.find(`${name}-request`), "privateKeyPem")).toBe(
        testKey(`${name}-key`).privateKeyPem,
      );
      expect([certificate.protect, recording.find(`${name}-key`).protect]).toEqual([false, false]);
    }
  });

  it("protects the key that signs service-account tokens like an authority", () => {
    expect(recording.find("pki-service-account").protect).toBe(true);
  });
});

describe("keyInputs", () => {
  it.each<[KeyAlgorithm, object]>([
    ["RSA-2048", { algorithm: "RSA", rsaBits: 2048 }],
    ["RSA-3072", { algorithm: "RSA", rsaBits: 3072 }],
    ["RSA-4096", { algorithm: "RSA", rsaBits: 4096 }],
    ["ECDSA-P256", { algorithm: "ECDSA", ecdsaCurve: "P256" }],
  ])("says %s in the words of the provider", (algorithm, expected) => {
    expect(keyInputs(algorithm)).toEqual(expected);
  });

  it("holds for every key of the cluster", async () => {
    const other = await record(() => {
      new ClusterPki("pki", { ...args, keyAlgorithm: "ECDSA-P256" });
    });
    const keys = other.all("PrivateKey");
    expect(keys.length).toBe(6);
    for (const key of keys)
      expect([key.name, input(key)]).toEqual([key.name, { algorithm: "ECDSA", ecdsaCurve: "P256" }]);
  });
});
