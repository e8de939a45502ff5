import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Host, readEtcdHosts } from "../../scripts/lib/etcd/hosts";
import { restore } from "../../scripts/lib/etcd/restore";
import { readStatus, renderStatus, statusOf } from "../../scripts/lib/etcd/status";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const step = (name: string, more: object = {}, connection: object = {}) => ({
  urn: `urn:pulumi:dev::mesh-platform::command:remote:Command::${name}`,
  type: "command:remote:Command",
  inputs: {
    connection: secret({
      host: "10.0.0.1",
      port: 22,
      user: "root",
      privateKey: "KEY",
      hostKey: "ssh-ed25519 A",
      ...connection,
    }),
    create: "flock bash -s -- create",
    stdin: `program of ${name}`,
  },
  ...more,
});
const exported = (...resources: object[]) => JSON.stringify({ deployment: { resources } });

describe("readEtcdHosts", () => {
  it("finds members and control planes with the way to reach them, and the step that starts a member", () => {
    const proxy = { host: "10.0.0.254", port: 22, user: "jump", hostKey: "ssh-ed25519 B" };
    const { members, controlPlanes } = readEtcdHosts(
      exported(
        step("etcd-members"),
        step("cp1-etcd"),
        step("cp1-control-plane"),
        step("etcd2-etcd", {}, { proxy }),
      ),
    );
    expect(
      members.map(({ name, target, step: { stdin } }) => [
        name,
        target.privateKey,
        target.bastion?.host,
        stdin,
      ]),
    ).toEqual([
      ["cp1", "KEY", undefined, "program of cp1-etcd"],
      ["etcd2", "KEY", "10.0.0.254", "program of etcd2-etcd"],
    ]);
    expect(controlPlanes.map(({ name }) => name)).toEqual(["cp1"]);
  });

  it("leaves out the dead, and those that are going", () => {
    const { members } = readEtcdHosts(
      exported(step("a-etcd"), step("b-etcd", { retainOnDelete: true }), step("c-etcd", { delete: true })),
    );
    expect(members.map(({ name }) => name)).toEqual(["a"]);
  });

  it("says what to do where there is none", () => {
    expect(() => readEtcdHosts(exported(step("cp1-facts")))).toThrow(
      "no etcd on hosts of its own; run `npm run up`",
    );
  });
});

const output = `a1, started, etcd1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
healthy
[{"Endpoint":"https://10.0.0.1:2379","Status":{"header":{"cluster_id":1,"member_id":12593864479868412981},"version":"3.6.15","dbSize":1126400,"leader":12593864479868412981}}]
b2, started, etcd2, https://10.0.0.2:2380, https://10.0.0.2:2379, false
not healthy
[]
c3, unstarted, , https://10.0.0.3:2380, , true
not healthy
[]
`;

describe("npm run etcd -- status", () => {
  it("shows who is healthy, who leads, size and version", () => {
    expect(renderStatus(readStatus(output))).toBe(`MEMBER  ADDRESS        HEALTH       LEADER  SIZE    VERSION
-       10.0.0.3:2380  unstarted            -       -
etcd1   10.0.0.1:2379  healthy      leader  1.1 MB  3.6.15
etcd2   10.0.0.2:2379  not healthy          -       -`);
  });

  it("asks the next member where one does not know", async () => {
    const member = (answer: () => Promise<string>) => ({ shell: answer }) as unknown as Host;
    const dead = member(() => Promise.reject(new Error("a: no majority")));
    expect(await statusOf([dead, member(() => Promise.resolve(output))])).toHaveLength(3);
    await expect(statusOf([dead])).rejects.toThrow("a: no majority");
  });
});

describe("npm run etcd -- restore", () => {
  const folder = mkdtempSync(join(tmpdir(), "mesh-restore-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Hosts that note what they are asked, and in which order. */
  function stage(failing?: string) {
    const asked: string[] = [];
    const host = (name: string) =>
      ({
        name,
        shell: (program: string, args: readonly string[] = []) => {
          const what = `${name} ${args.length > 0 ? args.join(" ") : program.split("\n")[0]}`;
          asked.push(what);
          return what === failing ? Promise.reject(new Error(`${name}: no`)) : Promise.resolve("ok\n");
        },
        replay: () => Promise.resolve(String(asked.push(`${name} step`))),
      }) as unknown as Host;
    const members = ["etcd1", "etcd2", "etcd3"].map(host);
    const request = { members, controlPlanes: [host("cp1")], say: () => {} };
    return { asked, request };
  }

  it("stops the API servers first and starts them last; the others join the restored member", async () => {
    const { asked, request } = stage();
    await restore({ ...request, snapshot: "/var/backups/etcd/s.db", on: "etcd2" });
    expect(asked).toEqual([
      "etcd2 check /var/backups/etcd/s.db",
      "cp1 hold",
      "etcd1 clear",
      "etcd2 clear",
      "etcd3 clear",
      "etcd2 restore /var/backups/etcd/s.db",
      "etcd2 step",
      "etcd1 step",
      "etcd3 step",
      "cp1 release",
    ]);
  });

  it("touches nothing where the snapshot is no snapshot, or the host no member", async () => {
    const { asked, request } = stage("etcd1 check /s.db");
    await expect(restore({ ...request, snapshot: "/s.db" })).rejects.toThrow("etcd1: no");
    expect(asked).toEqual(["etcd1 check /s.db"]);
    await expect(restore({ ...request, snapshot: "/s.db", on: "cp1" })).rejects.toThrow(
      "cp1 is no member; there are etcd1, etcd2, etcd3",
    );
  });

  it("sends a file from here, and gives it its name when it is whole", async () => {
    const file = join(folder, "my snapshot.db");
    writeFileSync(file, "data");
    const { asked, request } = stage();
    await restore({ ...request, snapshot: file });
    expect(asked.slice(0, 4)).toEqual([
      "etcd1 umask 077; mkdir -p /var/backups/etcd; : >/var/backups/etcd/sent-my-snapshot.db.part",
      "etcd1 base64 -d >>/var/backups/etcd/sent-my-snapshot.db.part <<'END'",
      "etcd1 mv /var/backups/etcd/sent-my-snapshot.db.part /var/backups/etcd/sent-my-snapshot.db",
      "etcd1 check /var/backups/etcd/sent-my-snapshot.db",
    ]);
  });
});
