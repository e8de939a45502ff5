import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Credentials, Writer } from "./etcd-writer";
import { changes, Lab } from "./lab";

/**
 * A cluster of etcd through its life, driven as users drive it, while a writer checks that nothing that was acknowledged
 * is ever lost: growth, a lost member, an exchanged one, settings, certificates, authorities, and a restore. The
 * chapters run in order on one cluster.
 */
const stack = "etcd-test";
const lab = new Lab(stack);
const root = join(__dirname, "..", "..");
let members: Record<string, { generation?: number; gone?: boolean; address?: string }> = { etcd1: {} };
let settings: Record<string, unknown> = {};
let pki: Record<string, unknown> = {};
let writer: Writer;

function configure(): void {
  lab.configure({
    composition: "etcd",
    hosts: {
      kind: "sandbox",
      members: Object.entries(members).map(([name, more]) => ({ name, roles: ["etcd"], ...more })),
    },
    artifacts: { kind: "auto" },
    etcd: settings,
    pki,
  });
}

async function up(...args: string[]): Promise<string> {
  configure();
  const output = await lab.must("up", "--yes", ...args);
  turnWriter();
  return output;
}

const names = () => Object.keys(members);
const etcdctl = (host: string, rest: string) =>
  lab.onHost(
    host,
    `etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem --key /etc/etcd/ssl/etcd-key.pem --command-timeout 10s ${rest}`,
  );
const endpoints = () => names().map((name) => `https://${lab.address(name)}:2379`);
const credentials = (): Credentials => {
  const file = (name: string) => lab.onHost("etcd1", `cat /etc/etcd/ssl/${name}.pem`);
  return { ca: file("ca"), cert: file("etcd"), key: file("etcd-key") };
};
/** What an API server gets by its own step in the same `up`: the members that there are, the newest certificate. */
const turnWriter = () => writer?.turnTo(endpoints(), credentials());

/** `etcd1 started voter`, in order. */
const listed = (host = "etcd1") =>
  etcdctl(host, "member list")
    .trim()
    .split("\n")
    .map((line) => line.split(", "))
    .map(([, state, name, , , learner]) => `${name} ${state} ${learner === "true" ? "learner" : "voter"}`)
    .sort();
const voters = (...expected: string[]) => expected.map((name) => `${name} started voter`);
/** When etcd was last started on each host, in ms since its boot. */
const starts = () =>
  names().map((name) =>
    Number(lab.onHost(name, "systemctl show etcd --value -p ActiveEnterTimestampMonotonic").trim()),
  );

/** `npm run etcd -- …` for this stack. */
function command(...args: string[]): string {
  const program = ["-r", "tsx/cjs", "scripts/etcd.ts", ...args, "--stack", stack];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, MESH_PLATFORM_STATE: lab.stateFolder },
  });
  process.stdout.write(stderr.replace(/^(?=.)/gm, "[etcd] "));
  if (status !== 0) throw new Error(`etcd ${args[0]} ended with ${status}: ${stderr.slice(-600)}`);
  return stdout;
}

afterAll(async () => {
  await writer?.stop();
  await lab.end();
});

describe("etcd on hosts of its own", () => {
  it("begins with one member", async () => {
    await up();
    expect(listed()).toEqual(voters("etcd1"));
    writer = new Writer(endpoints(), credentials());
  });

  it("grows to three under a writer", async () => {
    members = { etcd1: {}, etcd2: {}, etcd3: {} };
    await up();
    expect(listed("etcd3")).toEqual(voters("etcd1", "etcd2", "etcd3"));
  });

  it("changes nothing when it runs again", async () => {
    expect(await up()).not.toMatch(/\d (created|updated|deleted|replaced)\b/);
  });

  it("takes back a member that has lost its data", async () => {
    lab.onHost("etcd2", "systemctl stop etcd && rm -rf /var/lib/etcd/default.etcd");
    members = { ...members, etcd2: { generation: 2 } };
    expect(await up()).toContain("etcd2 is a member without its data");
    expect(listed("etcd2")).toEqual(voters("etcd1", "etcd2", "etcd3"));
  });

  it("lets no member go while that would leave no majority, and exchanges it once it does not", async () => {
    // The wrong one is marked gone: it is the one that keeps the majority.
    members = { etcd1: {}, etcd2: { generation: 2 }, etcd3: { gone: true } };
    configure();
    lab.onHost("etcd2", "systemctl stop etcd");
    const refused = await lab.run("up", ["--yes", "--target", "**::etcd-members"]);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("would leave no majority (etcd1 healthy, etcd2 NOT healthy)");
    expect(listed()).toEqual(voters("etcd1", "etcd2", "etcd3"));
    lab.onHost("etcd2", "systemctl start etcd");
    // An address of its own: the next free one is still that of the member that leaves.
    const address = lab.address("etcd3").replace(/\d+$/, (last) => String(Number(last) + 1));
    members = { etcd1: {}, etcd2: { generation: 2 }, etcd4: { address } };
    await up();
    expect(listed("etcd4")).toEqual(voters("etcd1", "etcd2", "etcd4"));
  });

  it("restarts nobody while another is missing", async () => {
    settings = { heartbeatInterval: 150, electionTimeout: 1500 };
    configure();
    // Not stopped, which its own step would mend: it does not answer.
    lab.onHost("etcd2", "systemctl kill -s STOP etcd");
    const refused = await lab.run("up", ["--yes"]);
    lab.onHost("etcd2", "systemctl kill -s CONT etcd");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(
      "etcd is not healthy on etcd2, and a restart of etcd1 could leave no majority",
    );
  });

  it("rolls a changed setting one by one", async () => {
    const before = starts();
    await up();
    const after = starts();
    expect(after.map((time, index) => time > (before[index] ?? 0))).toEqual([true, true, true]);
    expect(lab.onHost("etcd4", "grep HEARTBEAT /etc/etcd/etcd.conf").trim()).toBe(
      'ETCD_HEARTBEAT_INTERVAL="150"',
    );
  });

  it("issues every leaf anew, and no authority", async () => {
    const serial = (file: string) => lab.onHost("etcd1", `sha256sum /etc/etcd/ssl/${file}.pem`);
    const before = [serial("etcd"), serial("ca")];
    pki = { leafGeneration: 2 };
    await up();
    expect([serial("etcd") === before[0], serial("ca") === before[1]]).toEqual([false, true]);
  });

  it("goes from one authority to the next in three steps", async () => {
    for (const etcdAuthorities of [
      { trusted: [1, 2], issuing: 1 },
      { trusted: [1, 2], issuing: 2 },
      { trusted: [2], issuing: 2 },
    ]) {
      pki = { leafGeneration: 2, etcdAuthorities };
      await up();
    }
    expect(lab.onHost("etcd1", "grep -c BEGIN /etc/etcd/ssl/ca.pem").trim()).toBe("1");
    expect(listed("etcd4")).toEqual(voters("etcd1", "etcd2", "etcd4"));
  });

  it("has lost no acknowledged write in all of this", async () => {
    await writer.stop();
    const { acknowledged, failed, longestGap } = writer;
    console.log(
      `writer: ${acknowledged.length} acknowledged, ${failed} failed, longest gap ${longestGap} ms`,
    );
    expect(acknowledged.length).toBeGreaterThan(1000);
    expect(await writer.lost()).toEqual([]);
  });

  it("takes snapshots by its timer, and sends a copy where the key is authorised", async () => {
    const target = { host: lab.address("etcd2"), path: "/srv/etcd", hostKey: lab.hostKey("etcd2") };
    settings = { ...settings, snapshots: { copyTo: target } };
    await up();
    const key = String(lab.outputs().etcdSnapshotKey);
    lab.onHost("etcd2", `mkdir -p /srv/etcd && echo '${key}' >>/root/.ssh/authorized_keys`);
    expect(lab.onHost("etcd1", "systemctl is-active mesh-platform-etcd-snapshot.timer").trim()).toBe(
      "active",
    );
    lab.onHost("etcd1", "systemctl start mesh-platform-etcd-snapshot.service");
    expect(lab.onHost("etcd2", "ls /srv/etcd").trim()).toMatch(/^etcd1-scheduled-\d{8}T\d{6}Z\.db$/);
  });

  it("comes back from a snapshot after all data is gone", async () => {
    etcdctl("etcd1", "put precious yes");
    const [, file = ""] = command("snapshot").trim().split(":");
    etcdctl("etcd1", "put precious no");
    for (const name of names()) lab.onHost(name, "systemctl stop etcd && rm -rf /var/lib/etcd/default.etcd");
    command("restore", "--snapshot", file, "--on", "etcd1", "--yes");
    expect(etcdctl("etcd4", "get precious --print-value-only").trim()).toBe("yes");
    expect(listed("etcd2")).toEqual(voters("etcd1", "etcd2", "etcd4"));
    expect(command("status").match(/(?<!NOT )\bhealthy\b/g)).toHaveLength(3);
    expect(changes(await up())).toEqual({ unchanged: expect.any(Number) });
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
