import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { EtcdCluster, etcdMemberFiles, fingerprints } from "../../../components/etcd/cluster";
import { etcdUnit, renderEtcdConf } from "../../../components/etcd/render";
import { snapshotParameters } from "../../../components/etcd/snapshots";
import { fingerprint } from "../../../components/pki/kubeconfig";
import { RemoteFile } from "../../../components/remote/file";
import { testCertificate } from "../../support/pems";
import { record } from "../../support/recorder";
import { isSecret, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const keys = (name: string) => ({
  certificate: pulumi.output(`certificate of ${name}`),
  privateKey: pulumi.secret(`key of ${name}`),
  expires: pulumi.output("2036-01-01T00:00:00Z"),
});
const addresses = { a: "10.0.0.1", b: "10.0.0.2", c: "10.0.0.3" };
const machine = (name: keyof typeof addresses, more: { gone?: boolean; generation?: number } = {}) => ({
  name,
  address: addresses[name],
  gone: more.gone ?? false,
  connection: {
    host: addresses[name],
    port: 22,
    user: "root",
    hostKey: "ssh-ed25519 AAAA",
    generation: more.generation ?? 1,
  },
});
const [one, two] = [testCertificate("pki-etcd-cert"), testCertificate("pki-etcd-2-cert")];
const settings = { dataDir: "/var/lib/etcd/d", initialClusterToken: "t", heartbeatInterval: 150 };
const snapshots = { onCalendar: "daily", keep: 3 };

const build = (machines = [machine("a"), machine("b"), machine("c")]) =>
  record(() => {
    const members = machines.map((each) => ({
      machine: each,
      keys: keys(each.name),
      after: new RemoteFile(`${each.name}-keys`, {
        connection: each.connection,
        files: etcdMemberFiles("ca", keys(each.name)),
      }),
    }));
    const download = { url: "https://m/etcd.tar.gz", checksumUrl: "https://m/SUMS" };
    const cluster = new EtcdCluster("etcd", {
      ...settings,
      version: "3.6.15",
      download,
      members,
      founder: pulumi.output("a"),
      trust: { issuer: pulumi.output(two), bundle: pulumi.output(`${one}${two}`) },
      snapshots,
      snapshotBefore: "1.37.0",
    });
    const user = new RemoteFile("user-of-endpoints", { connection: machine("a").connection, files: [] });
    cluster.settleMembers([user]);
    return cluster;
  });

type Recorded = Awaited<ReturnType<typeof build>>;
const parametersOf = (recording: Recorded, step: string) =>
  parseRendered(textInput(recording.find(step), "stdin")).parameters;
const waitsOf = (recording: Recorded, step: string) =>
  recording
    .find(step)
    .dependencies.map((urn) => recording.nameOf(urn))
    .sort();

describe("EtcdCluster", () => {
  it("tells where clients find it, and after which steps", async () => {
    const { result } = await build();
    expect(result.endpoints).toEqual([
      "https://10.0.0.1:2379",
      "https://10.0.0.2:2379",
      "https://10.0.0.3:2379",
    ]);
    expect(result.done).toHaveLength(3);
  });

  it("starts and changes one member after the other, each after its own keys", async () => {
    const recording = await build();
    expect(["a-etcd", "b-etcd", "c-etcd"].map((step) => waitsOf(recording, step))).toEqual([
      ["a-keys"],
      ["a-etcd", "b-keys"],
      ["b-etcd", "c-keys"],
    ]);
  });

  it("gives each member all that it is started with", async () => {
    const recording = await build([machine("a"), machine("b", { generation: 2 }), machine("c")]);
    expect(parametersOf(recording, "b-etcd")).toEqual({
      NODE_NAME: "b",
      ADDRESS: "10.0.0.2",
      PEERS: "a 10.0.0.1\nc 10.0.0.3",
      FOUNDER: "a",
      GENERATION: "2",
      VERSION: "3.6.15",
      URL: "https://m/etcd.tar.gz",
      CHECKSUM_URL: "https://m/SUMS",
      ETCD_CONF: renderEtcdConf({ ...settings, version: "3.6.15", name: "b", address: "10.0.0.2" }),
      ETCD_UNIT: etcdUnit,
      DATA_DIR: "/var/lib/etcd/d",
      CERTIFICATE_DIGEST: fingerprint("certificate of b"),
      ISSUER: fingerprint(two.trim()),
      TRUSTED: `${fingerprint(one.trim())}\n${fingerprint(two.trim())}`,
      SNAPSHOT_BEFORE: "",
      ...snapshotParameters(snapshots, "https://10.0.0.2:2379"),
    });
    expect(isSecret(recording.find("b-etcd"), "stdin")).toBe(false);
  });

  it("has the first member take the snapshot before an upgrade, and nobody else", async () => {
    const recording = await build();
    const before = ["a-etcd", "b-etcd", "c-etcd"].map(
      (step) => parametersOf(recording, step).SNAPSHOT_BEFORE,
    );
    expect(before).toEqual(["1.37.0", "", ""]);
  });

  it("undoes a member that leaves", async () => {
    const recording = await build();
    expect(textInput(recording.find("c-etcd"), "delete")).toMatch(/bash -s -- delete$/);
  });

  it("settles the members last, on the first living one, and counts the dead out", async () => {
    const recording = await build([machine("a", { gone: true }), machine("b"), machine("c")]);
    expect(parametersOf(recording, "etcd-members")).toEqual({
      ADDRESS: "10.0.0.2",
      MEMBERS: "b 10.0.0.2\nc 10.0.0.3",
    });
    expect(waitsOf(recording, "etcd-members")).toEqual(["a-etcd", "b-etcd", "c-etcd", "user-of-endpoints"]);
    expect(parametersOf(recording, "c-etcd")).toMatchObject({ PEERS: "b 10.0.0.2", SNAPSHOT_BEFORE: "" });
    expect(parametersOf(recording, "b-etcd")).toMatchObject({ SNAPSHOT_BEFORE: "1.37.0" });
    expect(recording.result.endpoints).toEqual(["https://10.0.0.2:2379", "https://10.0.0.3:2379"]);
  });
});

describe("fingerprints", () => {
  it("are those of the certificates, whatever stands between them", () => {
    expect(fingerprints(`${one}\n\n${two.trim()}`)).toEqual([
      fingerprint(one.trim()),
      fingerprint(two.trim()),
    ]);
  });
});

describe("etcdMemberFiles", () => {
  it("are readable by etcd alone", () => {
    const files = etcdMemberFiles("ca", keys("a"));
    expect(files.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ["/etc/etcd/ssl/ca.pem", "0600", "etcd:etcd"],
      ["/etc/etcd/ssl/etcd.pem", "0600", "etcd:etcd"],
      ["/etc/etcd/ssl/etcd-key.pem", "0600", "etcd:etcd"],
    ]);
  });
});
