import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { type KeyAlgorithm, keyInputs } from "../../../components/pki/authority";
import { ClusterPki, type ClusterPkiArgs } from "../../../components/pki/cluster-pki";
import { testCertificate, testKey } from "../../support/pems";
import { record, settled } from "../../support/recorder";
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
    new ClusterPki("pki", args).etcdMember({ name: "cp1", address: "10.0.0.1" });
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

  it("lets an etcd member serve on its own address and name and on the loopback, and call its peers", () => {
    expect(leaf("cp1-etcd")).toEqual({
      subject: { commonName: "etcd" },
      dnsNames: ["localhost", "cp1"],
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

/** Whatever a program makes of the keys, with other arguments; `admin`, `client` and `member` by who signed them. */
async function built(changed: Partial<ClusterPkiArgs>) {
  const other = await record(async () => {
    const pki = new ClusterPki("pki", { ...args, ...changed });
    pki.etcdMember({ name: "cp1", address: "10.0.0.1" });
    return { bundle: await settled(pki.etcdBundle), expires: Object.keys(pki.expires) };
  });
  const signer = (name: string) => input(other.find(`${name}-cert`), "caCertPem");
  return { ...other.result, other, client: signer("pki-apiserver-etcd-client"), member: signer("cp1-etcd") };
}

describe("the authorities of etcd", () => {
  const names = (recording: Recording) =>
    recording
      .all("CertificateAuthority")
      .map(({ name }) => name)
      .filter((name) => name.startsWith("pki-etcd"));
  const [first, second] = [testCertificate("pki-etcd-cert"), testCertificate("pki-etcd-2-cert")];

  it("are one, which signs and is trusted", async () => {
    const { bundle, member, other, expires } = await built({});
    expect([names(other), bundle, member]).toEqual([["pki-etcd"], first, first]);
    expect(expires).toEqual([
      "kubernetesAuthority",
      "frontProxyAuthority",
      "etcdAuthority",
      "etcdAuthority1",
      "admin",
      "apiserverEtcdClient",
    ]);
  });

  it("go from one to the next by way of trusting both", async () => {
    const both = await built({ etcdAuthorities: { trusted: [1, 2], issuing: 1 } });
    expect([both.bundle, both.member, both.client]).toEqual([`${first}${second}`, first, first]);
    expect(input(both.other.find("pki-etcd-2-cert"), "subject")).toEqual({ commonName: "etcd-ca-2" });
    const issuing = await built({ etcdAuthorities: { trusted: [1, 2], issuing: 2 } });
    expect([issuing.bundle, issuing.member, issuing.client]).toEqual([`${first}${second}`, second, second]);
    const after = await built({ etcdAuthorities: { trusted: [2], issuing: 2 } });
    expect([after.bundle, after.member, after.client]).toEqual([second, second, second]);
  });

  it("stay, protected, when they are trusted no more", async () => {
    const { other } = await built({ etcdAuthorities: { trusted: [2], issuing: 2 } });
    expect(names(other)).toEqual(["pki-etcd", "pki-etcd-2"]);
    expect(other.find("pki-etcd-key").protect).toBe(true);
  });

  it("are counted from 1", async () => {
    await expect(built({ etcdAuthorities: { trusted: [0], issuing: 1 } })).rejects.toThrow(
      "counted from 1, not 0",
    );
  });
});

describe("leafGeneration", () => {
  it("makes every leaf anew, keys too, and no authority", async () => {
    const requests: Record<string, unknown> = {};
    await record(() => {
      pulumi.runtime.registerStackTransformation(({ name, opts }) => {
        if (opts.replacementTrigger !== undefined) requests[name] = opts.replacementTrigger;
        return undefined;
      });
      new ClusterPki("pki", { ...args, leafGeneration: 3 }).etcdMember({ name: "cp1", address: "10.0.0.1" });
    });
    const leaves = ["pki-admin", "pki-apiserver-etcd-client", "cp1-etcd"];
    expect(requests).toEqual(
      Object.fromEntries(
        leaves.flatMap((leaf) => ["key", "request", "cert"].map((part) => [`${leaf}-${part}`, 3])),
      ),
    );
  });

  it("counts from the first on, since the engine takes a trigger that is new for no change", async () => {
    const triggers: unknown[] = [];
    await record(() => {
      pulumi.runtime.registerStackTransformation(({ opts }) => {
        if (opts.replacementTrigger !== undefined) triggers.push(opts.replacementTrigger);
        return undefined;
      });
      new ClusterPki("pki", { ...args });
    });
    expect(triggers).toEqual(Array(6).fill(1));
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
