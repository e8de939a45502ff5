import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changes, EtcdStub, line, type Name, others, peers } from "./etcd/stub";

let etcd: EtcdStub;
beforeEach(async () => {
  etcd = await EtcdStub.start();
  // Brings etcdctl.
  await etcd.run("etcd1");
  etcd.host.patience = 0;
  etcd.members(line("etcd1"), line("etcd2"), line("etcd3"));
});
afterEach(() => etcd.stop());

const settle = (...names: Name[]) =>
  etcd.host.run("components/etcd/scripts/members.sh", { ADDRESS: peers.etcd1, MEMBERS: others(...names) });

describe("members.sh", () => {
  it("changes nothing where all are wanted", async () => {
    const { code, result, calls } = await settle("etcd1", "etcd2", "etcd3");
    expect([code, result, changes(calls)]).toEqual([0, { changed: "false", members: "3" }, []]);
  });

  it("removes one that is wanted no more, after it has handed over its lead", async () => {
    const { code, result, calls } = await settle("etcd1", "etcd2");
    expect([code, result]).toEqual([0, { changed: "true", members: "2" }]);
    expect(changes(calls)).toEqual([
      "etcdctl 127.0.20.3:2379 move-leader id1",
      "etcdctl 127.0.20.1:2379 member remove id3",
    ]);
  });

  it("removes the dead before the living, since without them more is a majority", async () => {
    etcd.sick("etcd3");
    const { code, calls } = await settle("etcd1");
    expect([code, changes(calls).filter((call) => call.includes("remove"))]).toEqual([
      0,
      ["etcdctl 127.0.20.1:2379 member remove id3", "etcdctl 127.0.20.1:2379 member remove id2"],
    ]);
  });

  it("removes one that was added and never came", async () => {
    etcd.members(line("etcd1"), line("etcd2"), line("etcd3", "unstarted"));
    const { code } = await settle("etcd1", "etcd2");
    expect([code, etcd.listed()]).toEqual([0, [line("etcd1"), line("etcd2")]]);
  });

  it("refuses, with names and health, what would leave no majority", async () => {
    etcd.sick("etcd2");
    const { code, stderr } = await settle("etcd1", "etcd2");
    expect(code).toBe(78);
    expect(stderr).toContain(
      "removing etcd3 from etcd would leave no majority (etcd1 healthy, etcd2 NOT healthy)",
    );
    expect(etcd.listed()).toHaveLength(3);
  });

  it("refuses where there is no majority already", async () => {
    etcd.sick("etcd1", "etcd2");
    const { code, stderr } = await settle("etcd1");
    expect([code, stderr]).toEqual([78, expect.stringContaining("etcd at 127.0.20.1 is not healthy")]);
  });

  it.each([
    ["a wanted member is not there", () => etcd.members(line("etcd1"), line("etcd2"))],
    ["one is a learner still", () => etcd.members(line("etcd1"), line("etcd2"), line("etcd3", "learner"))],
    ["one is not healthy", () => etcd.sick("etcd3")],
  ])("fails where %s", async (_what, arrange) => {
    arrange();
    const { code, stderr } = await settle("etcd1", "etcd2", "etcd3");
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining("not every member of etcd is healthy: etcd1 etcd2 etcd3"),
    ]);
  });
});
