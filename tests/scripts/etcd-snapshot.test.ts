import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderSnapshotConf } from "../../components/etcd/snapshots";
import { readProjectFile } from "../support/rendered";
import { ScriptHost } from "../support/script-host";

/** The program as it lies on a host, with the test's PATH in place of its own. */
const program = readProjectFile("components/etcd/host/snapshot.sh").replace(/ PATH=\S+/, "");
const copyTo = { host: "10.0.9.9", user: "backup", path: "/srv/etcd", hostKey: "ssh-ed25519 AAAA" };

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.write("/var/lib/.keep", "");
  for (const name of ["flock", "sftp"])
    host.stub(name, `cat >"$STATE/${name}" 2>/dev/null; [ ! -e "$STATE/no-${name}" ]`);
  host.stub("uname", "echo etcd1");
  host.stub(
    "etcdctl",
    `case "$*" in
      *"endpoint health"*) [ ! -e "$STATE/sick" ] ;;
      *"snapshot save"*) for file; do :; done; echo data >"$file" ;;
    esac`,
  );
  host.stub("etcdutl", '[ ! -e "$STATE/damaged" ]');
});
afterEach(() => host.remove());

function take(kind: string, keep = 2, copy?: typeof copyTo) {
  const conf = renderSnapshotConf({ onCalendar: "daily", keep, copyTo: copy }, "https://10.0.0.1:2379");
  host.write("/etc/etcd/snapshot.conf", `${conf}FOLDER=${host.path("/var/lib/backups")}\n`);
  return host.runLines(`set -- ${kind}\n${program}`);
}

const kept = () =>
  Object.keys(host.files())
    .filter((path) => path.startsWith("/var/lib/backups/") && !path.endsWith(".lock"))
    .map((path) => path.slice("/var/lib/backups/".length));

describe("mesh-platform-etcd-snapshot", () => {
  it("saves through this member, looks at what it has got, and names it by host, kind and time", async () => {
    const { code, stdout, calls } = await take("manual");
    expect([code, kept()]).toEqual([0, [expect.stringMatching(/^etcd1-manual-\d{8}T\d{6}Z\.db$/)]]);
    expect(stdout.trim().split("\n").at(-1)).toMatch(/\/var\/lib\/backups\/etcd1-manual-\d{8}T\d{6}Z\.db$/);
    expect(host.mode("/var/lib/backups")).toBe("700");
    expect(host.mode(`/var/lib/backups/${kept()[0]}`)).toBe("600");
    expect(
      calls.filter((call) => call.startsWith("etcd")).map((call) => call.replace(/ --.*5?\.pem/, "")),
    ).toEqual([
      "etcdctl --command-timeout 10s endpoint health",
      expect.stringMatching(
        /^etcdctl snapshot save \/var\/lib\/backups\/\.etcd1-manual-\d{8}T\d{6}Z\.db\.part$/,
      ),
      expect.stringMatching(
        /^etcdutl snapshot status \/var\/lib\/backups\/\.etcd1-manual-\d{8}T\d{6}Z\.db\.part$/,
      ),
    ]);
  });

  it("keeps the newest scheduled ones, and all that somebody asked for", async () => {
    for (const name of [
      "scheduled-20260101T000000Z",
      "scheduled-20260102T000000Z",
      "before-1.37.0-20250101T000000Z",
    ])
      host.write(`/var/lib/backups/etcd1-${name}.db`, "old");
    expect((await take("scheduled")).code).toBe(0);
    expect(kept()).toEqual([
      "etcd1-before-1.37.0-20250101T000000Z.db",
      "etcd1-scheduled-20260102T000000Z.db",
      expect.stringMatching(/^etcd1-scheduled-\d{8}T\d{6}Z\.db$/),
    ]);
  });

  it.each([
    ["a member without a majority", "sick"],
    ["a file that is damaged", "damaged"],
  ])("fails on %s and removes nothing", async (_what, state) => {
    host.write("/var/lib/backups/etcd1-scheduled-20260101T000000Z.db", "old");
    host.setState(state, "");
    expect((await take("scheduled", 1)).code).not.toBe(0);
    expect(kept().filter((name) => !name.startsWith("."))).toEqual(["etcd1-scheduled-20260101T000000Z.db"]);
  });

  it("uses etcdctl to look where there is no etcdutl yet", async () => {
    host.unstub("etcdutl");
    const { code, calls } = await take("manual");
    expect([code, calls.some((call) => call.startsWith("etcdctl snapshot status"))]).toEqual([0, true]);
  });

  it("clears away what a run that was cut off has left", async () => {
    host.write("/var/lib/backups/.etcd1-scheduled-20260101T000000Z.db.part", "half");
    await take("scheduled");
    expect(kept()).toHaveLength(1);
  });

  it("sends a copy that gets its name when it is whole, to the pinned machine alone", async () => {
    const { code, calls } = await take("scheduled", 2, copyTo);
    const [name] = kept();
    expect(code).toBe(0);
    expect(host.read("/..state/sftp")).toBe(
      `put "${host.path(`/var/lib/backups/${name}`)}" "/srv/etcd/.${name}.part"\nrename "/srv/etcd/.${name}.part" "/srv/etcd/${name}"\n`,
    );
    expect(calls.find((call) => call.startsWith("sftp"))).toBe(
      "sftp -q -b - -P 22 -i /etc/etcd/snapshot-key -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/etcd/snapshot.known_hosts backup@10.0.9.9",
    );
  });

  it("fails where the copy fails, and keeps its own", async () => {
    host.setState("no-sftp", "");
    expect((await take("scheduled", 2, copyTo)).code).not.toBe(0);
    expect(kept()).toHaveLength(1);
  });
});
