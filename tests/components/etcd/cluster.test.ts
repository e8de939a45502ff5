import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { EtcdCluster, etcdMemberFiles } from "../../../components/etcd/cluster";
import { renderEtcdConf } from "../../../components/etcd/render";
import { fingerprint } from "../../../components/pki/kubeconfig";
import { RemoteFile } from "../../../components/remote/file";
import { record } from "../../support/recorder";
import { isSecret, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const keys = (name: string) => ({
  certificate: pulumi.output(`certificate of ${name}`),
  privateKey: pulumi.secret(`key of ${name}`),
  expires: pulumi.output("2036-01-01T00:00:00Z"),
});
const machine = (name: string, address: string) => ({
  name,
  address,
  connection: { host: address, port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
});

const build = () =>
  record(() => {
    const machines = [machine("a", "10.0.0.1"), machine("b", "10.0.0.2"), machine("c", "10.0.0.3")];
    const members = machines.map((each) => ({
      machine: each,
      keys: keys(each.name),
      after: new RemoteFile(`${each.name}-keys`, {
        connection: each.connection,
        files: etcdMemberFiles("ca", keys(each.name)),
      }),
    }));
    const download = { url: "https://m/etcd.tar.gz", checksumUrl: "https://m/SUMS" };
    return new EtcdCluster("etcd", {
      version: "3.6.15",
      download,
      dataDir: "/var/lib/etcd/d",
      initialClusterToken: "t",
      members,
    });
  });

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

  it("starts every member after its own keys, and after nobody else", async () => {
    const recording = await build();
    const waits = ["a", "b", "c"].map((name) =>
      recording.find(`${name}-etcd`).dependencies.map((urn) => recording.nameOf(urn)),
    );
    expect(waits).toEqual([["a-keys"], ["b-keys"], ["c-keys"]]);
  });

  it("gives each member its settings, and a digest by which it reads a renewed certificate", async () => {
    const recording = await build();
    const step = recording.find("b-etcd");
    const all = [
      { name: "a", address: "10.0.0.1" },
      { name: "b", address: "10.0.0.2" },
      { name: "c", address: "10.0.0.3" },
    ];
    expect(parseRendered(textInput(step, "stdin")).parameters).toMatchObject({
      VERSION: "3.6.15",
      URL: "https://m/etcd.tar.gz",
      CHECKSUM_URL: "https://m/SUMS",
      DATA_DIR: "/var/lib/etcd/d",
      ENDPOINT: "https://10.0.0.2:2379",
      CERTIFICATE_DIGEST: fingerprint("certificate of b"),
      ETCD_CONF: renderEtcdConf({
        name: "b",
        address: "10.0.0.2",
        dataDir: "/var/lib/etcd/d",
        initialClusterToken: "t",
        members: all,
      }),
    });
    expect(isSecret(step, "stdin")).toBe(false);
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
