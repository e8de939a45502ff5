import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderInitialConf } from "../../components/etcd/render";
import { EtcdStub, line, others, peers, units } from "./etcd/stub";

let etcd: EtcdStub;
beforeEach(async () => {
  etcd = await EtcdStub.start();
});
afterEach(() => etcd.stop());

/** The member as its first `up` has left it. */
const formed = async (changed: object = {}, version?: string) => {
  if (version !== undefined) etcd.publish(version);
  await etcd.run("etcd1", changed, version);
  etcd.hasData();
  etcd.server.asked.length = 0;
};

describe("member.sh, on one member", () => {
  it("installs etcd, begins a cluster and waits until it is healthy", async () => {
    const { code, result, calls, stderr } = await etcd.run("etcd1");
    expect([code, result]).toEqual([0, { changed: "true", version: "3.6.15" }]);
    expect(stderr).toContain("beginning a new etcd cluster");
    const { ETCD_CONF } = etcd.parameters("etcd1");
    expect(etcd.host.read("/etc/etcd/etcd.conf")).toBe(etcd.host.moved(ETCD_CONF));
    expect(etcd.host.read("/etc/etcd/initial.conf")).toBe(
      renderInitialConf({ name: "etcd1", address: peers.etcd1 }),
    );
    expect(["etcd", "etcdctl", "etcdutl"].map((name) => etcd.host.mode(`/usr/bin/${name}`))).toEqual([
      "755",
      "755",
      "755",
    ]);
    expect([etcd.host.mode("/var/lib/etcd/default.etcd"), etcd.host.mode("/etc/etcd/ssl")]).toEqual([
      "700",
      "700",
    ]);
    expect(calls).toContain("install -d -m 0700 -o etcd -g etcd /var/lib/etcd /var/lib/etcd/default.etcd");
    expect(units(calls)).toEqual([
      "systemctl stop etcd",
      "systemctl daemon-reload",
      "systemctl enable etcd",
      "systemctl restart etcd",
      "systemctl daemon-reload",
      "systemctl enable mesh-platform-etcd-snapshot.timer",
      "systemctl restart mesh-platform-etcd-snapshot.timer",
    ]);
    expect(etcd.host.leftovers()).toEqual([]);
  });

  it("changes nothing, and downloads nothing, the second time", async () => {
    await formed();
    const before = etcd.host.files();
    const { result, calls } = await etcd.run("etcd1");
    expect([result, units(calls), etcd.server.asked]).toEqual([
      { changed: "false", version: "3.6.15" },
      [],
      [],
    ]);
    expect(etcd.host.files()).toEqual(before);
  });

  it.each([
    ["settings", { ETCD_CONF: 'ETCD_QUOTA_BACKEND_BYTES="1"\n' }],
    ["unit", { ETCD_UNIT: "[Service]\nUser=etcd\nRestartSec=9\n" }],
    ["certificate", { CERTIFICATE_DIGEST: "fedcba9876543210" }],
    ["trust", { TRUSTED: ["one", "two"] }],
  ])("restarts etcd once for another %s, without a download", async (_what, changed) => {
    await formed();
    const { result, calls } = await etcd.run("etcd1", changed);
    expect([result, etcd.server.asked]).toEqual([{ changed: "true", version: "3.6.15" }, []]);
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart etcd"]);
    expect((await etcd.run("etcd1", changed)).result).toMatchObject({ changed: "false" });
  });

  it("restarts etcd for settings that somebody has changed by hand", async () => {
    await formed();
    etcd.host.write("/etc/etcd/etcd.conf", "ETCD_NAME=other\n");
    expect(units((await etcd.run("etcd1")).calls)).toContain("systemctl restart etcd");
  });

  it("restarts etcd in the next run where one was cut off between its files and the restart", async () => {
    await formed();
    const changed = { ETCD_UNIT: "[Service]\nRestartSec=9\n" };
    etcd.host.stub("systemctl", "case $1 in restart) exit 1 ;; is-enabled) exit 1 ;; esac");
    expect((await etcd.run("etcd1", changed)).code).not.toBe(0);
    etcd.host.stub("systemctl");
    expect(units((await etcd.run("etcd1", changed)).calls)).toContain("systemctl restart etcd");
  });

  it("replaces the program for another version, and leaves the data", async () => {
    await formed();
    etcd.publish("3.6.16");
    const { result, calls } = await etcd.run("etcd1", {}, "3.6.16");
    expect(result).toEqual({ changed: "true", version: "3.6.16" });
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart etcd"]);
    expect(etcd.host.read("/var/lib/etcd/default.etcd/member/wal/0-0.wal")).toBe("data");
  });

  it.each([
    ["3.4.45", "3.6.15", "go by way of 3.5, with an up of its own"],
    ["3.5.25", "3.6.15", "set etcd.version to 3.5.26 or a later 3.5 first"],
    ["3.6.15", "3.5.33", "older versions do not read newer data, so set etcd.version to 3.6.15 or later"],
    ["3.6.15", "4.0.0", "older versions do not read newer data"],
  ])("refuses to go from %s to %s, with nothing downloaded", async (from, to, why) => {
    await formed({}, from);
    const { code, stderr } = await etcd.run("etcd1", {}, to);
    expect([code, etcd.server.asked]).toEqual([78, []]);
    expect(stderr).toContain(`etcd ${from} cannot become ${to}`);
    expect(stderr).toContain(why);
  });

  it.each([
    ["3.4.45", "3.5.33"],
    ["3.5.26", "3.6.15"],
    ["3.6.15", "3.6.14"],
  ])("goes from %s to %s", async (from, to) => {
    await formed({}, from);
    etcd.publish(to);
    expect((await etcd.run("etcd1", {}, to)).result).toEqual({ changed: "true", version: to });
  });

  it("refuses to start empty in another data directory", async () => {
    await formed();
    const { code, stderr } = await etcd.run("etcd1", { DATA_DIR: "/var/lib/etcd/other" });
    expect(code).toBe(78);
    expect(stderr).toContain("in another directory it would start empty, so set etcd.dataDir back");
  });

  it("refuses another address for a member that there is", async () => {
    await formed();
    const { code, stderr } = await etcd.run("etcd1", { ADDRESS: "127.0.20.9" });
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining("the other members know this one as https://127.0.20.1:2380"),
    ]);
  });

  it("begins nothing over an etcd that runs without its files", async () => {
    await etcd.run("etcd1");
    const { code, stderr } = await etcd.run("etcd1");
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining("take a snapshot of it before anything else"),
    ]);
  });

  it.each([
    [{ ISSUER: "two", TRUSTED: ["one", "two"] }, "do not trust the new authority of etcd yet"],
    [{ ISSUER: "two", TRUSTED: ["two"] }, "do not trust the new authority of etcd yet"],
  ])("refuses an authority that running members do not trust: %o", async (changed, why) => {
    await formed();
    const { code, stderr, calls } = await etcd.run("etcd1", changed);
    expect([code, stderr, units(calls)]).toEqual([78, expect.stringContaining(why), []]);
  });

  it("goes to another authority by way of both, and refuses to drop the old one too early", async () => {
    await formed();
    expect((await etcd.run("etcd1", { TRUSTED: ["one", "two"] })).code).toBe(0);
    const early = await etcd.run("etcd1", { ISSUER: "two", TRUSTED: ["two"] });
    expect([early.code, early.stderr]).toEqual([
      78,
      expect.stringContaining("keep it in pki.etcdAuthorities.trusted"),
    ]);
    expect((await etcd.run("etcd1", { ISSUER: "two", TRUSTED: ["one", "two"] })).code).toBe(0);
    expect((await etcd.run("etcd1", { ISSUER: "two", TRUSTED: ["two"] })).code).toBe(0);
  });

  it("fails when the member does not become healthy, and says where to look", async () => {
    etcd.sick("etcd1");
    etcd.host.patience = 0;
    const { code, stderr } = await etcd.run("etcd1");
    expect(code).toBe(78);
    expect(stderr).toContain("gave up after 0s: etcd at 127.0.20.1\n");
    expect(stderr).toContain("error: etcd on etcd1 is not healthy; see journalctl -u etcd\n");
  });

  it("stops when it is undone, and keeps the data beside its place", async () => {
    await formed();
    const { code, result, calls } = await etcd.run("etcd1", {}, undefined, "delete");
    expect([code, result]).toEqual([0, { changed: "true" }]);
    expect(units(calls)).toEqual([
      "systemctl disable --now mesh-platform-etcd-snapshot.timer",
      "systemctl disable --now etcd.service",
      "systemctl daemon-reload",
    ]);
    const kept = Object.keys(etcd.host.files()).filter((path) => path.startsWith("/var/lib/etcd/"));
    expect(kept).toEqual([
      expect.stringMatching(/^\/var\/lib\/etcd\/default\.etcd\.removed-\d{8}T\d{6}Z\/member\/wal\/0-0\.wal$/),
    ]);
    expect(etcd.host.has("/etc/etcd/etcd.conf")).toBe(false);
    expect((await etcd.run("etcd1", {}, undefined, "delete")).code).toBe(0);
  });
});

describe("member.sh, about snapshots", () => {
  it("takes one before the change that the first member is told of, once, and before all else", async () => {
    await formed({ SNAPSHOT_BEFORE: "1.36.3" });
    const { calls, code } = await etcd.run("etcd1", { SNAPSHOT_BEFORE: "1.37.0", ETCD_UNIT: "[Service]\n" });
    const order = calls.filter((call) => /^snapshot|^systemctl restart etcd/.test(call));
    expect([code, order]).toEqual([0, ["snapshot before-1.37.0", "systemctl restart etcd"]]);
    const again = await etcd.run("etcd1", { SNAPSHOT_BEFORE: "1.37.0", ETCD_UNIT: "[Service]\n" });
    expect(again.result).toMatchObject({ changed: "false" });
  });

  it("takes none for a new cluster", async () => {
    const { calls } = await etcd.run("etcd1", { SNAPSHOT_BEFORE: "1.36.3" });
    expect(calls.filter((call) => call.startsWith("snapshot"))).toEqual([]);
  });

  it("changes nothing where the snapshot fails", async () => {
    await formed();
    etcd.host.setState("full-disk", "");
    const { code, stderr, calls } = await etcd.run("etcd1", {
      SNAPSHOT_BEFORE: "1.37.0",
      ETCD_UNIT: "[Service]\n",
    });
    expect([code, units(calls)]).toEqual([78, []]);
    expect(stderr).toContain("no snapshot could be taken before 1.37.0; nothing was changed");
  });

  it("restarts the timer and not etcd for another schedule, and ends without one", async () => {
    await formed();
    const other = await etcd.run("etcd1", { SNAPSHOT_TIMER: "[Timer]\nOnCalendar=hourly\n" });
    expect([other.result?.changed, units(other.calls)]).toEqual([
      "true",
      ["systemctl daemon-reload", "systemctl restart mesh-platform-etcd-snapshot.timer"],
    ]);
    const none = await etcd.run("etcd1", { SNAPSHOT_TIMER: "" });
    expect([none.result?.changed, units(none.calls)]).toEqual([
      "true",
      ["systemctl disable --now mesh-platform-etcd-snapshot.timer"],
    ]);
    expect((await etcd.run("etcd1", { SNAPSHOT_TIMER: "" })).result).toMatchObject({ changed: "false" });
  });

  it("pins the machine that gets copies, and wants sftp for them", async () => {
    const copied = { SNAPSHOT_HOST_KEY: "10.0.9.9 ssh-ed25519 AAAA" };
    const without = await etcd.run("etcd1", copied);
    expect([without.code, without.stderr]).toEqual([
      78,
      expect.stringContaining("add the SSH client to nodes.packages"),
    ]);
    etcd.host.stub("sftp");
    expect((await etcd.run("etcd1", copied)).code).toBe(0);
    expect(etcd.host.read("/etc/etcd/snapshot.known_hosts")).toBe("10.0.9.9 ssh-ed25519 AAAA\n");
  });
});

describe("member.sh, while others run", () => {
  const three = { PEERS: others("etcd2", "etcd3") };
  const ring = () => etcd.members(line("etcd1"), line("etcd2"), line("etcd3"));
  beforeEach(async () => {
    await formed();
    ring();
    etcd.host.patience = 0;
  });

  it("restarts while all others are healthy", async () => {
    const { code, calls } = await etcd.run("etcd1", { ...three, ETCD_UNIT: "[Service]\n" });
    expect([code, units(calls)]).toEqual([0, ["systemctl daemon-reload", "systemctl restart etcd"]]);
  });

  it("refuses while one is not, says who, and tries again the next time", async () => {
    etcd.sick("etcd3");
    const wish = { ...three, ETCD_UNIT: "[Service]\n" };
    for (let attempt = 0; attempt < 2; attempt++) {
      const { code, stderr, calls } = await etcd.run("etcd1", wish);
      expect([code, units(calls)]).toEqual([78, []]);
      expect(stderr).toContain(
        "etcd is not healthy on etcd3, and a restart of etcd1 could leave no majority",
      );
    }
    etcd.sick();
    expect(units((await etcd.run("etcd1", wish)).calls)).toContain("systemctl restart etcd");
  });

  it("leaves a missing other alone where nothing here changes", async () => {
    etcd.sick("etcd3");
    expect((await etcd.run("etcd1", three)).result).toMatchObject({ changed: "false" });
  });

  it("drops a dead member that the config names no more, then restarts", async () => {
    etcd.sick("etcd3");
    const { code, stderr } = await etcd.run("etcd1", { PEERS: others("etcd2"), ETCD_UNIT: "[Service]\n" });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("removing etcd3 from etcd; there remain: etcd1 healthy, etcd2 healthy"),
    ]);
    expect(etcd.listed()).toEqual([line("etcd1"), line("etcd2")]);
  });

  it("restarts where there is no majority: that may be the repair", async () => {
    etcd.host.stub("systemctl", '[ "$1" != restart ] || rm -f "$STATE/sick"');
    etcd.sick("etcd1", "etcd2", "etcd3");
    const { code, calls } = await etcd.run("etcd1", { ...three, ETCD_UNIT: "[Service]\n" });
    expect([code, units(calls)]).toEqual([0, expect.arrayContaining(["systemctl restart etcd"])]);
  });

  it("waits for members that are a minor version behind the one before", async () => {
    etcd.host.setState("version", "3.5.33");
    etcd.publish("3.7.2");
    const { code, stderr } = await etcd.run("etcd1", three, "3.7.2");
    expect([code, stderr]).toEqual([78, expect.stringContaining("etcd 3.5.33 cannot become 3.7.2 at once")]);
  });
});
