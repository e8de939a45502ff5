import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changes, EtcdStub, line, others, peers, units } from "./etcd/stub";

let etcd: EtcdStub;
let listener: Server | undefined;
beforeEach(async () => {
  etcd = await EtcdStub.start();
});
afterEach(() => {
  listener?.close();
  listener = undefined;
  etcd.stop();
});

const initial = () => etcd.host.read("/etc/etcd/initial.conf");
const joining = { PEERS: others("etcd1", "etcd3") };

describe("member.sh, on a member without data", () => {
  it("lets the founder begin where every other refuses the connection", async () => {
    const { code } = await etcd.run("etcd1", { PEERS: others("etcd2", "etcd3") });
    expect([code, initial()]).toEqual([
      0,
      'ETCD_INITIAL_CLUSTER="etcd1=https://127.0.20.1:2380"\nETCD_INITIAL_CLUSTER_STATE="new"\n',
    ]);
  });

  it.each([
    ["another host than the founder", "etcd2", { PEERS: others("etcd1") }, "only etcd1 may begin a cluster"],
    [
      "a founder that was made anew",
      "etcd1",
      { GENERATION: 2 },
      "was made anew, so there may be a cluster somewhere",
    ],
  ] as const)("refuses to begin on %s", async (_what, name, changed, why) => {
    const { code, stderr, calls } = await etcd.run(name, changed);
    expect([code, stderr]).toEqual([78, expect.stringContaining(why)]);
    expect(units(calls)).not.toContain("systemctl restart etcd");
    expect(etcd.host.has("/etc/etcd/initial.conf")).toBe(false);
  });

  it("refuses to begin where a peer is silent rather than without etcd", async () => {
    etcd.host.stub("timeout", "exit 124");
    const { code, stderr } = await etcd.run("etcd1", { PEERS: others("etcd2") });
    expect(code).toBe(78);
    expect(stderr).toContain(
      "etcd2 (127.0.20.2) is silent, so it may hold a cluster that this host would split",
    );
  });

  it("refuses to begin beside something that listens", async () => {
    listener = createServer().listen(2379, peers.etcd2);
    await new Promise((resolve) => listener?.once("listening", resolve));
    const { code, stderr } = await etcd.run("etcd1", { PEERS: others("etcd2") });
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining("etcd on etcd2 listens but lists no members"),
    ]);
  });

  it("has founders join, too, once there is a cluster", async () => {
    etcd.members(line("etcd2"), line("etcd3"));
    await etcd.run("etcd1", { PEERS: others("etcd2", "etcd3"), GENERATION: 2 });
    expect(initial()).toBe(
      'ETCD_INITIAL_CLUSTER="etcd2=https://127.0.20.2:2380,etcd3=https://127.0.20.3:2380,etcd1=https://127.0.20.1:2380"\nETCD_INITIAL_CLUSTER_STATE="existing"\n',
    );
  });

  it("joins as a learner and is promoted", async () => {
    etcd.members(line("etcd1"));
    const { code, calls } = await etcd.run("etcd2", joining);
    expect(code).toBe(0);
    expect(changes(calls)).toEqual([
      "etcdctl 127.0.20.1:2379 member add etcd2 --peer-urls=https://127.0.20.2:2380 --learner",
      "etcdctl 127.0.20.1:2379 member promote id9",
    ]);
    expect(initial()).toBe(
      'ETCD_INITIAL_CLUSTER="etcd1=https://127.0.20.1:2380,etcd2=https://127.0.20.2:2380"\nETCD_INITIAL_CLUSTER_STATE="existing"\n',
    );
  });

  it("joins at once with 3.3, which has no learners", async () => {
    etcd.members(line("etcd1"));
    etcd.publish("3.3.27");
    const { code, calls } = await etcd.run("etcd2", joining, "3.3.27");
    expect([code, changes(calls)]).toEqual([
      0,
      ["etcdctl 127.0.20.1:2379 member add etcd2 --peer-urls=https://127.0.20.2:2380"],
    ]);
  });

  it("asks the next peer where the first does not answer", async () => {
    etcd.members(line("etcd1"), line("etcd3"));
    etcd.host.setState("silent", "https://127.0.20.1:2379\n");
    const { calls } = await etcd.run("etcd2", joining);
    expect(changes(calls)[0]).toMatch(/^etcdctl 127\.0\.20\.3:2379 member add etcd2 /);
  });

  it("uses the place that an earlier attempt has got", async () => {
    etcd.members(line("etcd1"), line("etcd2", "unstarted"));
    const { code, calls } = await etcd.run("etcd2", joining);
    expect([code, changes(calls)]).toEqual([0, ["etcdctl 127.0.20.1:2379 member promote id2"]]);
  });

  it("gives up the place of the member that it was, then joins anew", async () => {
    etcd.members(line("etcd1"), line("etcd2"), line("etcd3"));
    const { code, stderr, calls } = await etcd.run("etcd2", { ...joining, GENERATION: 2 });
    expect([code, stderr]).toEqual([0, expect.stringContaining("etcd2 is a member without its data")]);
    expect(changes(calls)).toEqual([
      "etcdctl 127.0.20.1:2379 member remove id2",
      "etcdctl 127.0.20.1:2379 member add etcd2 --peer-urls=https://127.0.20.2:2380 --learner",
      "etcdctl 127.0.20.1:2379 member promote id9",
    ]);
  });

  it("keeps its place where the others would be no majority without it", async () => {
    etcd.members(line("etcd1"), line("etcd2"), line("etcd3"));
    etcd.sick("etcd3");
    const { code, stderr } = await etcd.run("etcd2", joining);
    expect(code).toBe(78);
    expect(stderr).toContain(
      "removing etcd2 from etcd would leave no majority (etcd1 healthy, etcd3 NOT healthy)",
    );
    expect(etcd.listed()).toHaveLength(3);
  });

  it("has a dead member that the config names no more leave first", async () => {
    etcd.host.patience = 0;
    etcd.members(
      line("etcd1"),
      line("etcd3"),
      line("etcd2").replaceAll("etcd2", "etcd0").replaceAll("20.2", "20.8"),
    );
    etcd.host.setState("sick", "https://127.0.20.8:2379\n");
    const { calls } = await etcd.run("etcd2", { PEERS: others("etcd1", "etcd3") });
    expect(changes(calls).slice(0, 2)).toEqual([
      "etcdctl 127.0.20.1:2379 member remove id2",
      "etcdctl 127.0.20.1:2379 member add etcd2 --peer-urls=https://127.0.20.2:2380 --learner",
    ]);
  });

  it("says why etcd does not take it", async () => {
    etcd.host.patience = 0;
    etcd.members(line("etcd1"));
    etcd.host.setState("full", "");
    const { code, stderr } = await etcd.run("etcd2", joining);
    expect(code).toBe(78);
    expect(stderr).toContain("does not take etcd2: etcdserver: unhealthy cluster");
  });

  it("puts what a failed first start has left aside", async () => {
    etcd.host.write("/var/lib/etcd/default.etcd/member/snap/db", "empty");
    etcd.members(line("etcd1"));
    await etcd.run("etcd2", joining);
    expect(etcd.host.has("/var/lib/etcd/default.etcd/member")).toBe(false);
    expect(Object.keys(etcd.host.files()).join()).toMatch(/default\.etcd\/unfinished-\d{8}T\d{6}Z\/snap\/db/);
  });
});
