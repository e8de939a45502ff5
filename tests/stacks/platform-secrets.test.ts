import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Canary, canariesOf, findLeaks } from "../support/leaks";
import { isMarked, type Json, openSecrets } from "../support/markers";
import { testCertificate, testKey } from "../support/pems";
import { inventory, lab, recordPlatform, SSH_KEY, sandbox } from "../support/platforms";
import { record } from "../support/recorder";
import { input, isSecret, type Recording, textInput } from "../support/recording";
import { parseRendered } from "../support/rendered";

const ticket = "/etc/kubernetes/mesh-platform-discovery.conf";
const loginKey: Canary = { what: "the operator's login key", text: SSH_KEY.split("\n")[1] ?? "" };

let onInventory: Recording;
let onSandbox: Recording;
let onLab: Recording;
let previewed: Recording;
beforeAll(async () => {
  onLab = await recordPlatform(lab());
  onInventory = await recordPlatform(inventory());
  onSandbox = await recordPlatform(sandbox());
  previewed = await recordPlatform(inventory(), { preview: true });
}, 60_000);

/** The files of a step that writes secret ones: path to mode, owner and content. */
function filesOf(recording: Recording, name: string) {
  const { parameters } = parseRendered(textInput(recording.find(name), "stdin"));
  const lines = (parameters.FILES ?? "").split("\n").map((line) => line.split(" "));
  return Object.fromEntries(
    lines.map(([path, mode, owner, content]) => [
      path,
      [mode, owner, Buffer.from(content ?? "", "base64").toString()],
    ]),
  );
}

/** The keys for Secrets in etcd as the API server gets them, which are derived from the random text in the state. */
function encryptionCanaries(recording: Recording): Canary[] {
  const [, , content] = filesOf(recording, "cp1-keys")["/etc/kubernetes/encryption.yaml"] ?? [];
  const keys = [...(content ?? "").matchAll(/^ +(?:- )?secret: (\S+)$/gm)];
  return keys.map(([, text], index) => ({ what: `encryption key ${index + 1}`, text: text ?? "" }));
}

describe("no secret is readable", () => {
  it.each([
    ["inventory", () => onInventory, 11],
    ["sandbox", () => onSandbox, 13],
    ["lab", () => onLab, 18],
    ["inventory, previewed", () => previewed, 11],
  ])("in any input, name, output or log line (%s)", (_kind, recorded, count) => {
    const canaries = [...canariesOf(recorded()), loginKey];
    expect(canaries.length).toBe(count);
    expect(findLeaks(recorded(), canaries)).toEqual([]);
  });

  it("of the keys for Secrets in etcd, two for each of two ciphers", () => {
    const canaries = encryptionCanaries(onLab);
    expect(canaries.map(({ text }) => Buffer.from(text, "base64").length)).toEqual([32, 32, 32, 32]);
    expect(findLeaks(onLab, canaries)).toEqual([]);
  });

  it("and every kind of key and token is among those that are looked for", () => {
    const names = canariesOf(onLab).map(({ what }) => what);
    expect(names).toEqual(
      expect.arrayContaining([
        "etcd-snapshot-key",
        "encryption-key1",
        "encryption-key2",
        "cp1-token-secret",
        "cp3-token-secret",
        "worker2-token-secret",
        "cp3-etcd-key",
        "pki-service-account",
      ]),
    );
  });

  it("and a search for them finds what a careless program shows", async () => {
    const careless = await record(() => {
      const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
      const open = pulumi.unsecret(key.privateKeyPem);
      const encoded = open.apply((pem) =>
        Buffer.from(`users:\n  - ${Buffer.from(pem).toString("base64")}\n`).toString("base64"),
      );
      const connection = { host: "h" };
      new remote.Command("plain", { connection, create: pulumi.interpolate`echo ${open}` });
      new remote.Command("encoded", { connection, create: "cat", stdin: encoded });
      new remote.Command("careful", { connection, create: "cat", stdin: key.privateKeyPem });
      return { shown: open, kept: key.privateKeyPem };
    });
    const leaks = findLeaks(careless, canariesOf(careless));
    expect(leaks).toEqual([
      { where: "plain", what: "key" },
      { where: "encoded", what: "key" },
      { where: "outputs of mesh-platform-unit", what: "key" },
    ]);
  });
});

describe("what is secret", () => {
  it("is every connection, and the stdin of the steps that carry keys, and no other stdin", () => {
    const steps = [onInventory, onSandbox, onLab].flatMap((recording) => recording.all("Command"));
    const secret = steps.filter((step) => isSecret(step, "stdin")).map(({ name }) => name);
    expect([...new Set(secret)].sort()).toEqual([
      "cp1-keys",
      "cp2-keys",
      "cp3-keys",
      "kubeconfig",
      "node1-keys",
      "node2-keys",
      "sandbox-cp1-identity",
      "sandbox-worker1-identity",
      "worker1-keys",
      "worker2-keys",
    ]);
    const remoteSteps = steps.filter(({ type }) => type === "command:remote:Command");
    expect(remoteSteps.filter((step) => !isSecret(step, "connection"))).toEqual([]);
  });

  it("makes a step silent", () => {
    for (const step of [onInventory, onSandbox, onLab].flatMap((recording) => recording.all("Command"))) {
      expect([step.name, input(step, "logging")]).toEqual([
        step.name,
        isSecret(step, "stdin") ? "none" : "stderr",
      ]);
    }
  });

  it("is never part of a command line, which a failure prints whole", () => {
    for (const step of [onInventory, onSandbox, onLab].flatMap((recording) => recording.steps())) {
      for (const command of [textInput(step, "create"), input(step, "delete") ?? ""]) {
        expect([step.name, command]).toEqual([
          step.name,
          expect.stringMatching(
            /^$|^(sudo -n )?flock -o -w \d+ -E 75 \S+ timeout -k 10 \d+ bash -s -- (create|delete)$/,
          ),
        ]);
      }
    }
  });

  it("is the kubeconfig among the outputs", () => {
    for (const recording of [onInventory, onLab]) {
      const outputs = recording.stackOutputs() as { readonly [key: string]: Json };
      const secret = Object.entries(outputs).filter(([, value]) => isMarked(value));
      expect(secret.map(([key]) => key)).toEqual(["kubeconfig"]);
    }
  });

  it("is not the public half of the key for copies of snapshots, which the operator has to hand out", () => {
    const { etcdSnapshotKey } = onLab.stackOutputs() as { readonly [key: string]: Json };
    expect(etcdSnapshotKey).toBe(testKey("etcd-snapshot-key").publicKeyOpenssh.trim());
  });

  it("is the kubeconfig of the provider", () => {
    expect(isSecret(onInventory.find("cluster"), "kubeconfig")).toBe(true);
  });
});

describe("keys", () => {
  it("lie where etcd and kubeadm look for them, the private ones closed to others", () => {
    const etcd = (content: string) => ["0600", "etcd:etcd", content];
    const closed = (content: string) => ["0600", "root:root", content];
    const open = (content: string) => ["0644", "root:root", content];
    const { [ticket]: _, ...files } = filesOf(onInventory, "cp1-keys");
    expect(files).toEqual({
      "/etc/etcd/ssl/ca.pem": etcd(testCertificate("pki-etcd-cert")),
      "/etc/etcd/ssl/etcd.pem": etcd(testCertificate("cp1-etcd-cert")),
      "/etc/etcd/ssl/etcd-key.pem": etcd(testKey("cp1-etcd-key").privateKeyPem),
      "/etc/kubernetes/pki/ca.crt": open(testCertificate("pki-kubernetes-cert")),
      "/etc/kubernetes/pki/ca.key": closed(testKey("pki-kubernetes-key").privateKeyPem),
      "/etc/kubernetes/pki/front-proxy-ca.crt": open(testCertificate("pki-front-proxy-cert")),
      "/etc/kubernetes/pki/front-proxy-ca.key": closed(testKey("pki-front-proxy-key").privateKeyPem),
      "/etc/kubernetes/pki/apiserver-etcd-client.crt": open(
        testCertificate("pki-apiserver-etcd-client-cert"),
      ),
      "/etc/kubernetes/pki/apiserver-etcd-client.key": closed(
        testKey("pki-apiserver-etcd-client-key").privateKeyPem,
      ),
      "/etc/kubernetes/pki/etcd/ca.crt": open(testCertificate("pki-etcd-cert")),
      "/etc/kubernetes/pki/sa.key": closed(testKey("pki-service-account").privateKeyPem),
      "/etc/kubernetes/pki/sa.pub": open(testKey("pki-service-account").publicKeyPem),
    });
  });

  it("for Secrets and for copies of snapshots lie on every host that needs them", () => {
    const paths = (name: string) => Object.keys(filesOf(onLab, name));
    for (const name of ["cp1-keys", "cp2-keys", "cp3-keys"]) {
      expect(paths(name)).toEqual(
        expect.arrayContaining(["/etc/kubernetes/encryption.yaml", "/etc/etcd/snapshot-key"]),
      );
      const { "/etc/kubernetes/encryption.yaml": encryption, "/etc/etcd/snapshot-key": snapshot } = filesOf(
        onLab,
        name,
      );
      expect([encryption?.slice(0, 2), snapshot?.slice(0, 2)]).toEqual([
        ["0600", "root:root"],
        ["0600", "root:root"],
      ]);
      expect(snapshot?.[2]).toBe(testKey("etcd-snapshot-key").privateKeyOpenssh);
    }
    expect(paths("worker1-keys")).toEqual([ticket]);
  });

  it("of the authorities never reach a worker, which gets its ticket alone", () => {
    for (const name of ["node1-keys", "node2-keys"]) {
      expect(Object.keys(filesOf(onInventory, name))).toEqual([ticket]);
    }
  });

  it.each([
    ["worker", () => filesOf(onInventory, "node1-keys"), "https://172.16.8.241:6443"],
    ["control plane", () => filesOf(onLab, "cp2-keys"), "https://10.0.0.10:8443"],
  ])("come with a ticket of authority, address and token (%s)", (_kind, files, server) => {
    const authority = Buffer.from(testCertificate("pki-kubernetes-cert")).toString("base64");
    const [mode, owner, content] = files()[ticket] ?? [];
    expect([mode, owner]).toEqual(["0600", "root:root"]);
    const { clusters, users } = parse(content ?? "");
    expect(clusters[0].cluster).toEqual({ server, "certificate-authority-data": authority });
    expect(users[0].user).toEqual({ token: expect.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/) });
  });

  it("of hosts' tokens differ", () => {
    const hosts = ["cp1", "cp2", "cp3", "worker1", "worker2"];
    const tokens = hosts.map(
      (host) => parse(filesOf(onLab, `${host}-keys`)[ticket]?.[2] ?? "").users[0].user.token,
    );
    expect(new Set(tokens).size).toBe(hosts.length);
  });

  it("of the operator open the cluster, by the kubeconfig that is an output, a file and the provider's", () => {
    const outputs = openSecrets(onInventory.stackOutputs()) as {
      readonly kubeconfig: string;
      readonly kubeconfigFile: string;
    };
    expect(parse(outputs.kubeconfig)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "kubernetes",
          cluster: {
            server: "https://172.16.8.241:6443",
            "certificate-authority-data": Buffer.from(testCertificate("pki-kubernetes-cert")).toString(
              "base64",
            ),
          },
        },
      ],
      users: [
        {
          name: "kubernetes-admin",
          user: {
            "client-certificate-data": Buffer.from(testCertificate("pki-admin-cert")).toString("base64"),
            "client-key-data": Buffer.from(testKey("pki-admin-key").privateKeyPem).toString("base64"),
          },
        },
      ],
      contexts: [
        { name: "kubernetes-admin@kubernetes", context: { cluster: "kubernetes", user: "kubernetes-admin" } },
      ],
      "current-context": "kubernetes-admin@kubernetes",
    });
    expect(textInput(onInventory.find("cluster"), "kubeconfig")).toBe(outputs.kubeconfig);
    expect(textInput(onInventory.find("kubeconfig"), "stdin")).toBe(outputs.kubeconfig);
    expect(textInput(onInventory.find("kubeconfig"), "create")).toContain(`'${outputs.kubeconfigFile}'`);
    expect(outputs.kubeconfigFile).toMatch(/\/kubeconfig-unit$/);
  });
});
