import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import {
  renderSnapshotConf,
  renderSnapshotTimer,
  type SnapshotSettings,
  snapshotKey,
  snapshotParameters,
  snapshotService,
} from "../../../components/etcd/snapshots";
import { record } from "../../support/recorder";
import { input } from "../../support/recording";
import { projectRoot } from "../../support/rendered";

const settings: SnapshotSettings = { onCalendar: "*-*-* 00/6:00:00", keep: 28 };
const copyTo = {
  host: "10.0.9.9",
  port: 2222,
  user: "backup",
  path: "/srv/etcd",
  hostKey: "ssh-ed25519 AAAA",
};
const endpoint = "https://10.0.0.1:2379";

describe("snapshots", () => {
  it("are taken through the member itself, and stay there", () => {
    expect(renderSnapshotConf(settings, endpoint)).toBe("ENDPOINT='https://10.0.0.1:2379'\nKEEP='28'\n");
    expect(snapshotParameters(settings, endpoint)).toMatchObject({ SNAPSHOT_HOST_KEY: "" });
  });

  it("go to another machine whose host key is pinned", () => {
    expect(renderSnapshotConf({ ...settings, copyTo }, endpoint)).toBe(
      "ENDPOINT='https://10.0.0.1:2379'\nKEEP='28'\nCOPY_TO='backup@10.0.9.9'\nCOPY_PORT='2222'\nCOPY_PATH='/srv/etcd'\n",
    );
    expect(snapshotParameters({ ...settings, copyTo }, endpoint).SNAPSHOT_HOST_KEY).toBe(
      "[10.0.9.9]:2222 ssh-ed25519 AAAA",
    );
    expect(
      snapshotParameters({ ...settings, copyTo: { ...copyTo, port: 22 } }, endpoint).SNAPSHOT_HOST_KEY,
    ).toBe("10.0.9.9 ssh-ed25519 AAAA");
  });

  it("have no schedule where none is wished, and can be taken by hand still", () => {
    const { SNAPSHOT_TIMER, SNAPSHOT_CONF, SNAPSHOT_SCRIPT } = snapshotParameters(false, endpoint);
    expect([SNAPSHOT_TIMER, SNAPSHOT_CONF]).toEqual(["", "ENDPOINT='https://10.0.0.1:2379'\n"]);
    expect(SNAPSHOT_SCRIPT).toMatch(/^#!\/bin\/bash\n/);
  });

  it("run as a unit that shows a failure, on a timer that staggers the members", () => {
    expect(snapshotService).toBe(`[Unit]
Description=Snapshot of etcd
After=etcd.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/mesh-platform-etcd-snapshot scheduled
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=1800
`);
    expect(renderSnapshotTimer("daily")).toBe(`[Unit]
Description=Snapshots of etcd

[Timer]
OnCalendar=daily
RandomizedDelaySec=15min
Persistent=yes

[Install]
WantedBy=timers.target
`);
  });
});

describe("snapshotKey", () => {
  it("is made once, and only root reads it on a member", async () => {
    const recording = await record(() => {
      const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
      const { file, publicKey } = snapshotKey("etcd-snapshot", parent);
      return { file, secret: pulumi.isSecret(pulumi.output(file.content)), publicKey };
    });
    const { file, secret } = recording.result;
    expect([file.path, file.mode, file.owner]).toEqual(["/etc/etcd/snapshot-key", "0600", "root:root"]);
    expect(await secret).toBe(true);
    expect(input(recording.find("etcd-snapshot"))).toEqual({ algorithm: "ED25519" });
  });
});

describe("programs placed on hosts", () => {
  const programs = ["snapshot.sh", "restore.sh"];
  const fileOf = (name: string) => join(projectRoot, "components", "etcd", "host", name);

  it.each(programs)("%s is shell", (name) => {
    const checked = spawnSync("bash", ["-n", fileOf(name)], { encoding: "utf8" });
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  });

  it.for(programs)("shellcheck finds nothing in %s", (name, { skip }) => {
    const checked = spawnSync("shellcheck", [fileOf(name)], { encoding: "utf8" });
    skip(checked.error !== undefined, "shellcheck is not installed: apt-get install shellcheck");
    expect(checked).toMatchObject({ status: 0, stdout: "" });
  });
});
