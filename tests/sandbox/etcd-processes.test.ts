import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { etcdUnit, renderEtcdConf } from "../../components/etcd/render";
import { snapshotParameters } from "../../components/etcd/snapshots";
import { cacheFolder } from "../../scripts/lib/paths";
import { FileServer } from "../support/file-server";
import { ScriptHost } from "../support/script-host";
import { type Credentials, Writer } from "./etcd-writer";

/**
 * The steps of etcd with real etcd and etcdctl, as processes on this computer: three machines that are folders, each
 * with an address of the loopback. Only systemd is played. The chapters run in order on one cluster.
 */
const version = "3.6.15";
const tarball = `etcd-v${version}-linux-amd64.tar.gz`;
const published = join(cacheFolder(), "mirror", "files", "etcd", `v${version}`);
const folder = mkdtempSync(join(tmpdir(), "mesh-etcd-"));
const names = ["etcd1", "etcd2", "etcd3"] as const;
type Name = (typeof names)[number];
const addressOf = (name: string) => `127.0.10.${name.slice(-1)}`;
const endpoints = names.map((name) => `https://${addressOf(name)}:2379`);
const hosts = new Map<string, ScriptHost>();
const hostOf = (name: string) => {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
};
let server: FileServer;

/** systemd's part: starts etcd with the environment files of the unit, and waits until it serves. */
const systemctl = `
verb= now= names=
for word in "$@"; do
  case $word in --now) now=1 ;; --*) ;; *) if [ -z "$verb" ]; then verb=$word; else names="$names $word"; fi ;; esac
done
unit=\${names# } unit=\${unit%.service}
pid=$(cat "$STATE/etcd.pid" 2>/dev/null || true)
alive() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }
stop() {
  alive || return 0
  kill "$pid"; while alive; do sleep 0.1; done
}
case "$verb $unit" in
  "restart etcd" | "start etcd")
    stop
    [ ! -e "$STATE/broken" ] || exit 1
    (set -a; . "$ROOT/etc/etcd/etcd.conf"; [ ! -f "$ROOT/etc/etcd/initial.conf" ] || . "$ROOT/etc/etcd/initial.conf"
      exec /usr/bin/setsid "$ROOT/usr/bin/etcd" >"$STATE/etcd.log" 2>&1 </dev/null) &
    pid=$!
    echo "$pid" >"$STATE/etcd.pid"
    tries=0
    until grep -q "ready to serve client requests" "$STATE/etcd.log"; do
      alive && [ $((tries += 1)) -lt 600 ] || { tail -n 3 "$STATE/etcd.log" >&2; exit 1; }
      sleep 0.1
    done ;;
  "stop etcd") stop ;;
  "disable etcd") rm -f "$STATE/enabled/$unit"; [ -z "$now" ] || stop ;;
  "is-active etcd") alive ;;
  "enable "*) : >"$STATE/enabled/$unit" ;;
  "disable "*) rm -f "$STATE/enabled/$unit" "$STATE/active/$unit" ;;
  "restart "*) : >"$STATE/active/$unit" ;;
  "is-enabled "*) [ -e "$STATE/enabled/$unit" ] ;;
  "is-active "*) [ -e "$STATE/active/$unit" ] ;;
  "cat "*) [ -e "$STATE/enabled/$unit" ] ;;
esac
`;

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
}

const newKey = (name: string) =>
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}-key.pem`);

function authority(name: string): void {
  newKey(name);
  openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    `${name}-key.pem`,
    "-subj",
    `/CN=${name}`,
    "-days",
    "2",
    "-out",
    `${name}.pem`,
  );
}

function leaf(name: string, issuer: string): void {
  newKey(name);
  openssl("req", "-new", "-key", `${name}-key.pem`, "-subj", "/CN=etcd", "-out", `${name}.csr`);
  openssl(
    ...[
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      `${issuer}.pem`,
      "-CAkey",
      `${issuer}-key.pem`,
      "-days",
      "2",
    ],
    ...["-CAcreateserial", "-extfile", `${name}.ext`, "-out", `${name}.pem`],
  );
}

const pem = (name: string) => readFileSync(join(folder, `${name}.pem`), "utf8");

/** What the keys step does. */
function placeKeys(issuer: string, trusted: readonly string[]): void {
  for (const name of names) {
    // On the loopback a peer's source address is any of these.
    const addresses = ["127.0.0.1", ...names.map(addressOf)].map((address) => `IP:${address}`);
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${addresses.join(",")}\n`);
    leaf(name, issuer);
    const host = hostOf(name);
    host.write("/etc/etcd/ssl/ca.pem", trusted.map(pem).join(""), 0o600);
    host.write("/etc/etcd/ssl/etcd.pem", pem(name), 0o600);
    host.write("/etc/etcd/ssl/etcd-key.pem", pem(`${name}-key`), 0o600);
  }
}

interface Wishes {
  members?: readonly string[];
  generation?: number;
  heartbeatInterval?: number;
  digest?: string;
  issuer?: string;
  trusted?: readonly string[];
  snapshotBefore?: string;
}

function parameters(name: Name, wishes: Wishes) {
  const { members = names } = wishes;
  const address = addressOf(name);
  const conf = renderEtcdConf({
    ...{ name, address, version, dataDir: "/var/lib/etcd/d", initialClusterToken: "t" },
    ...{ heartbeatInterval: wishes.heartbeatInterval, electionTimeout: 1000 },
  });
  const snapshots = snapshotParameters({ onCalendar: "daily", keep: 2 }, `https://${address}:2379`);
  return {
    NODE_NAME: name,
    ADDRESS: address,
    PEERS: members.filter((other) => other !== name).map((other) => `${other} ${addressOf(other)}`),
    FOUNDER: "etcd1",
    GENERATION: wishes.generation ?? 1,
    VERSION: version,
    URL: server.url(`/${tarball}`),
    CHECKSUM_URL: server.url("/SHA256SUMS"),
    // Three members cannot share 127.0.0.1.
    ETCD_CONF: conf.replace(",https://127.0.0.1:2379", "").replace("127.0.0.1:2381", `${address}:2381`),
    ETCD_UNIT: etcdUnit,
    DATA_DIR: "/var/lib/etcd/d",
    CERTIFICATE_DIGEST: wishes.digest ?? "1",
    ISSUER: wishes.issuer ?? "ca1",
    TRUSTED: wishes.trusted ?? ["ca1"],
    SNAPSHOT_BEFORE: name === "etcd1" ? (wishes.snapshotBefore ?? "") : "",
    ...snapshots,
    // Below a folder that the script host keeps to itself.
    SNAPSHOT_CONF: `${snapshots.SNAPSHOT_CONF}FOLDER=/var/lib/backups\n`,
  };
}

const member = (name: Name, wishes: Wishes = {}, action: "create" | "delete" = "create") =>
  hostOf(name).run("components/etcd/scripts/member.sh", parameters(name, wishes), action);

/** One `up`: every member in order, until one fails. */
async function all(wishes: Wishes = {}, which: readonly Name[] = names): Promise<void> {
  for (const name of which) {
    const { code, stderr } = await member(name, wishes);
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
  }
}

const settle = (members: readonly string[], on: Name = "etcd1") =>
  hostOf(on).run("components/etcd/scripts/members.sh", {
    ADDRESS: addressOf(on),
    MEMBERS: members.map((name) => `${name} ${addressOf(name)}`),
  });

function etcdctl(name: Name, ...args: string[]): string {
  const host = hostOf(name);
  const ssl = host.path("/etc/etcd/ssl");
  const files = ["--cacert", `${ssl}/ca.pem`, "--cert", `${ssl}/etcd.pem`, "--key", `${ssl}/etcd-key.pem`];
  const words = [
    "--endpoints",
    `https://${addressOf(name)}:2379`,
    "--command-timeout",
    "5s",
    ...files,
    ...args,
  ];
  const { status, stdout, stderr } = spawnSync(host.path("/usr/bin/etcdctl"), words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`etcdctl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** `etcd1 started voter`, in order. */
const listed = (name: Name = "etcd1") =>
  etcdctl(name, "member", "list")
    .trim()
    .split("\n")
    .map((line) => line.split(", "))
    .map(([, state, called, , , learner]) => `${called} ${state} ${learner === "true" ? "learner" : "voter"}`)
    .sort();

const unit = (name: Name, verb: string) =>
  hostOf(name)
    .runLines(`systemctl ${verb} etcd`)
    .then(({ code }) => code);
const wipe = (name: Name) => rmSync(hostOf(name).path("/var/lib/etcd/d"), { recursive: true, force: true });
const processOf = (name: Name) =>
  Number(readFileSync(join(hostOf(name).root, "..state", "etcd.pid"), "utf8"));
const credentials = (): Credentials => ({
  ca: readFileSync(hostOf("etcd1").path("/etc/etcd/ssl/ca.pem"), "utf8"),
  cert: pem("etcd1"),
  key: pem("etcd1-key"),
});

let writer: Writer;

beforeAll(async () => {
  if (!existsSync(join(published, tarball))) throw new Error(`no etcd in ${published}: run npm run mirror`);
  server = await FileServer.start();
  server.files[`/${tarball}`] = readFileSync(join(published, tarball));
  server.files["/SHA256SUMS"] = readFileSync(join(published, "SHA256SUMS"), "utf8");
  for (const name of names) {
    const host = new ScriptHost();
    host.stub("systemctl", systemctl);
    host.stub("journalctl", 'tail -n 3 "$STATE/etcd.log"');
    hosts.set(name, host);
  }
  authority("ca1");
  authority("ca2");
  placeKeys("ca1", ["ca1"]);
});

afterAll(async () => {
  await writer?.stop();
  for (const [name, host] of hosts) {
    await unit(name as Name, "stop");
    host.remove();
  }
  server.stop();
  rmSync(folder, { recursive: true });
});

describe("etcd as processes", () => {
  it("is begun by the founder alone", async () => {
    const refused = await member("etcd2");
    expect([refused.code, refused.stderr]).toEqual([
      78,
      expect.stringContaining("no other member of etcd answers, and only etcd1 may begin a cluster"),
    ]);
    const host = hostOf("etcd1");
    // Cut off between two programs: whichever is there, the next run must not take them for all of them.
    host.stub(
      "mv",
      '/usr/bin/mv "$@"\ncase "$*" in *.new*) [ ! -e "$STATE/cut" ] || kill -9 "$PPID" ;; esac',
    );
    host.setState("cut", "");
    expect((await member("etcd1", { members: ["etcd1"] })).code).toBe(-1);
    host.unsetState("cut");
    await all({ members: ["etcd1"] }, ["etcd1"]);
    expect(["etcd", "etcdctl", "etcdutl"].filter((program) => !host.has(`/usr/bin/${program}`))).toEqual([]);
    expect(listed()).toEqual(["etcd1 started voter"]);
    writer = new Writer(endpoints, credentials());
  });

  it("grows to three under a writer, each a learner until it has caught up", async () => {
    await all();
    expect(listed("etcd3")).toEqual(["etcd1 started voter", "etcd2 started voter", "etcd3 started voter"]);
    expect(writer.acknowledged.length).toBeGreaterThan(50);
  });

  it("changes nothing when it runs again", async () => {
    const pids = names.map(processOf);
    for (const name of names) expect((await member(name)).result).toEqual({ changed: "false", version });
    expect((await settle(names)).result).toEqual({ changed: "false", members: "3" });
    expect(names.map(processOf)).toEqual(pids);
  });

  it("takes back a member that has lost its data", async () => {
    await unit("etcd2", "stop");
    wipe("etcd2");
    const { code, stderr } = await member("etcd2", { generation: 2 });
    expect([code, stderr]).toEqual([0, expect.stringContaining("etcd2 is a member without its data")]);
    expect(listed("etcd2")).toEqual(["etcd1 started voter", "etcd2 started voter", "etcd3 started voter"]);
  });

  it("goes on where a join was cut off after the member was added", async () => {
    await unit("etcd3", "stop");
    wipe("etcd3");
    const [id] =
      etcdctl("etcd1", "member", "list")
        .split("\n")
        .find((line) => line.includes("etcd3"))
        ?.split(",") ?? [];
    etcdctl("etcd1", "member", "remove", String(id));
    await expect
      .poll(
        () => {
          try {
            return etcdctl(
              "etcd1",
              "member",
              "add",
              "etcd3",
              "--learner",
              `--peer-urls=https://${addressOf("etcd3")}:2380`,
            );
          } catch {
            return "";
          }
        },
        { timeout: 20_000 },
      )
      .toContain("added");
    await all({}, ["etcd3"]);
    expect(listed("etcd3")).toEqual(["etcd1 started voter", "etcd2 started voter", "etcd3 started voter"]);
  });

  it("refuses to go without a majority, and goes with one", async () => {
    process.kill(processOf("etcd2"), "SIGSTOP");
    const refused = await settle(["etcd1", "etcd2"]);
    process.kill(processOf("etcd2"), "SIGCONT");
    expect([refused.code, refused.stderr]).toEqual([
      78,
      expect.stringContaining(
        "removing etcd3 from etcd would leave no majority (etcd1 healthy, etcd2 NOT healthy)",
      ),
    ]);
    expect(listed()).toHaveLength(3);
    expect((await settle(["etcd1", "etcd2"])).code).toBe(0);
    const left = await member("etcd3", {}, "delete");
    expect(left.code).toBe(0);
    expect(
      readdirSync(hostOf("etcd3").path("/var/lib/etcd")).filter((name) => name.startsWith("d.removed-")),
    ).toHaveLength(1);
    expect(listed()).toEqual(["etcd1 started voter", "etcd2 started voter"]);
    await all();
    expect(listed()).toHaveLength(3);
  });

  it("restarts nobody while another is missing", async () => {
    await unit("etcd2", "stop");
    const pid = processOf("etcd1");
    const { code, stderr } = await member("etcd1", { heartbeatInterval: 150 });
    expect([code, stderr]).toEqual([
      78,
      expect.stringContaining("etcd is not healthy on etcd2, and a restart of etcd1"),
    ]);
    expect(processOf("etcd1")).toBe(pid);
    await unit("etcd2", "start");
  });

  it("rolls a changed setting one by one", async () => {
    const pids = names.map(processOf);
    await all({ heartbeatInterval: 150 });
    expect(names.map(processOf).filter((pid) => pids.includes(pid))).toEqual([]);
    for (const name of names)
      expect((await member(name, { heartbeatInterval: 150 })).result).toMatchObject({ changed: "false" });
  });

  it("goes from one authority to the next in three steps, and refuses to skip one", async () => {
    const wishes = { heartbeatInterval: 150 };
    const skipped = await member("etcd1", { ...wishes, issuer: "ca2", trusted: ["ca1", "ca2"] });
    expect([skipped.code, skipped.stderr]).toEqual([
      78,
      expect.stringContaining("the members do not trust the new authority of etcd yet"),
    ]);
    placeKeys("ca1", ["ca1", "ca2"]);
    writer.turnTo(endpoints, credentials());
    await all({ ...wishes, digest: "2", trusted: ["ca1", "ca2"] });
    placeKeys("ca2", ["ca1", "ca2"]);
    writer.turnTo(endpoints, credentials());
    await all({ ...wishes, digest: "3", issuer: "ca2", trusted: ["ca1", "ca2"] });
    placeKeys("ca2", ["ca2"]);
    writer.turnTo(endpoints, credentials());
    await all({ ...wishes, digest: "4", issuer: "ca2", trusted: ["ca2"] });
    expect(listed("etcd2")).toHaveLength(3);
  });

  it("has lost no acknowledged write", async () => {
    await writer.stop();
    console.log(
      `writer: ${writer.acknowledged.length} acknowledged, ${writer.failed} failed, gap ${writer.longestGap} ms`,
    );
    expect(writer.acknowledged.length).toBeGreaterThan(500);
    expect(await writer.lost()).toEqual([]);
  });

  const last: Wishes = { heartbeatInterval: 150, digest: "4", issuer: "ca2", trusted: ["ca2"] };

  it("takes a snapshot before what the first member is told, once", async () => {
    const snapshots = () =>
      readdirSync(hostOf("etcd1").path("/var/lib/backups")).filter((name) => name.endsWith(".db"));
    await all({ ...last, snapshotBefore: "1.37.0" });
    await all({ ...last, snapshotBefore: "1.37.0" });
    expect(snapshots()).toEqual([expect.stringMatching(/-before-1\.37\.0-\d{8}T\d{6}Z\.db$/)]);
  });

  it("comes back from a snapshot after all data is gone", async () => {
    const host = hostOf("etcd1");
    etcdctl("etcd1", "put", "precious", "yes");
    const before = Number(/"revision":(\d+)/.exec(etcdctl("etcd1", "get", "precious", "-w", "json"))?.[1]);
    const { stdout } = await host.runLines("mesh-platform-etcd-snapshot manual");
    for (const name of names) {
      await unit(name, "stop");
      wipe(name);
    }
    const lost = await member("etcd1", { ...last, generation: 2 });
    expect([lost.code, lost.stderr]).toEqual([78, expect.stringContaining("npm run etcd -- restore")]);
    const file = (stdout.trim().split("\n").at(-1) ?? "").replace(host.root, "");
    const script = readFileSync(join(__dirname, "..", "..", "components/etcd/host/restore.sh"), "utf8");
    for (const part of [`check '${file}'`, "clear", `restore '${file}'`]) {
      const { code, stderr } = await host.runLines(`set -- ${part}\n${script}`);
      expect([part, code, stderr]).toEqual([part, 0, expect.any(String)]);
    }
    await all(last);
    expect(listed()).toHaveLength(3);
    expect(etcdctl("etcd3", "get", "precious", "--print-value-only").trim()).toBe("yes");
    const after = Number(/"revision":(\d+)/.exec(etcdctl("etcd1", "get", "precious", "-w", "json"))?.[1]);
    expect(after - before).toBeGreaterThan(900_000_000);
  });
});
