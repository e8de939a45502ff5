import { spawnSync } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAnswers } from "../../scripts/lib/drift/look";
import { sha256 } from "../support/file-server";
import { ScriptHost } from "../support/script-host";
import { selfSigned } from "./certificates";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  for (const name of ["xargs", "swapon", "getenforce", "modprobe"])
    if (name !== "xargs") host.stub(name, "exit 1");
});
afterEach(() => host.remove());

/** Asks for things and gives the answers, one list of fields each. Asking must change nothing. */
async function look(...lines: string[]): Promise<string[][]> {
  const before = host.files();
  const run = await host.run("scripts/drift/probe.sh", { LIST: lines });
  expect([run.code, run.stderr, run.result]).toEqual([0, "", { changed: "false", busy: "false" }]);
  expect(host.files()).toEqual(before);
  return readAnswers(run.stdout, lines.length);
}

const owner = spawnSync("stat", ["-c", "%U:%G", "."], { cwd: "/proc/self", encoding: "utf8" }).stdout.trim();
const file = "file /etc/app.conf 0640 root:root d";

describe("probe.sh", () => {
  it("says mode, owner and digest of a file", async () => {
    host.write("/etc/app.conf", "one\n", 0o640);
    expect(userInfo().username.length).toBeGreaterThan(0);
    expect(await look(file)).toEqual([["640", owner, sha256("one\n")]]);
  });

  it("reads no content that nobody asks for", async () => {
    host.write("/etc/app.conf", "one\n", 0o640);
    expect(await look("file /etc/app.conf 0640 root:root -")).toEqual([["640", owner, "-"]]);
  });

  it("tells a missing file from a link and a folder", async () => {
    expect(await look(file)).toEqual([["missing"]]);
    symlinkSync("/dev/null", host.path("/etc/app.conf"));
    expect(await look(file, "file /etc 0644 root:root d")).toEqual([["symbolic link"], ["not a file"]]);
  });

  it("sees folders, blocks and what should not be there", async () => {
    const block = "# mesh-platform: begin\n10.0.0.1 cp1\n# mesh-platform: end\n";
    host.write("/etc/hosts", `127.0.0.1 localhost\n${block}`);
    host.write("/var/lib/etcd/x", "");
    chmodSync(host.path("/var/lib/etcd"), 0o700);
    expect(
      await look(
        "directory /var/lib/etcd 0700 a:a",
        "directory /var/lib/no 0700 a:a",
        "block /etc/hosts d",
        "absent /etc/hosts",
        "absent /etc/no",
      ),
    ).toEqual([["700", owner], ["missing"], [sha256(block)], ["present"], ["absent"]]);
  });

  it("asks systemd about units", async () => {
    await host.runLines("service app\nservice half\nsystemctl stop half\n");
    expect(
      await look("unit app enabled active", "unit half enabled active", "unit none enabled active"),
    ).toEqual([
      ["enabled", "active"],
      ["enabled", "inactive"],
      ["missing", "inactive"],
    ]);
  });

  it("waits for a unit that is on its way", async () => {
    host.stub("sleep");
    host.stub(
      "systemctl",
      '[ "$1" = is-active ] || exit 0\necho x >>"$STATE/asked"; [ "$(grep -c x "$STATE/asked")" -ge 3 ] && echo active || echo activating',
    );
    expect(await look("unit app enabled active")).toEqual([["enabled", "active"]]);
  });

  it.each([
    ["containerd", "containerd github.com/containerd/containerd/v2 v2.3.7 abc", "2.3.7"],
    ["etcd", "etcd Version: 3.6.15\nGit SHA: Not provided", "3.6.15"],
    ["etcdctl", "etcdctl version: 3.6.15\nAPI version: 3.6", "3.6.15"],
    ["kubelet", "Kubernetes v1.36.3", "1.36.3"],
    ["kubeadm", "v1.36.3", "1.36.3"],
    ["kubectl", "Client Version: v1.36.3\nKustomize Version: v5.7.1", "1.36.3"],
    ["runc", "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1", "1.1.5+ds1"],
    ["dockerd", "Docker version 20.10.7, build b0f5bc3", "20.10.7"],
    ["cri-dockerd", "cri-dockerd 0.3.15 (HEAD)", "0.3.15"],
    ["haproxy", "HAProxy version 2.6.12-1+deb12u1 2023/12/16", "2.6.12-1+deb12u1"],
    ["keepalived", "Keepalived v2.2.7 (01/16,2022)", "2.2.7"],
  ])("reads the version of %s", async (program, says, version) => {
    expect(await look(`version ${program} x`)).toEqual([["missing"]]);
    host.stub(program, `printf '%s\\n' '${says}'`);
    expect(await look(`version ${program} x`)).toEqual([[version]]);
  });

  it("asks dpkg or rpm about packages", async () => {
    host.stub("rpm", '[ "$4" = curl ] && printf 7.76.1-29.el9');
    expect(await look("package curl -", "package no -")).toEqual([["7.76.1-29.el9"], ["missing"]]);
    host.stub(
      "dpkg-query",
      'case $4 in curl) printf "installed 7.88.1-10" ;; old) printf "config-files 1.0" ;; *) exit 1 ;; esac',
    );
    expect(await look("package curl -", "package old -", "package no -")).toEqual([
      ["7.88.1-10"],
      ["missing"],
      ["missing"],
    ]);
  });

  it("reads the kernel", async () => {
    host.write("/proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n");
    host.write("/sys/module/br_netfilter/refcnt", "0");
    host.stub("modprobe", 'echo "modprobe: ERROR: could not insert: builtin" >&2; [ "$3" != overlay ]');
    expect(
      await look(
        "sysctl net.ipv4.ip_local_port_range x",
        "sysctl net.no x",
        "module br-netfilter",
        "module br_netfilter",
      ),
    ).toEqual([["1024 65535"], ["missing"], ["loaded"], ["loaded"]]);
  });

  it("reads a certificate's dates", async () => {
    const pem = selfSigned(10);
    host.write("/etc/c.pem", pem);
    host.write("/etc/bad.pem", "no certificate");
    const [[end = "", start = ""] = [], ...others] = await look(
      "certificate /etc/c.pem x",
      "certificate /etc/bad.pem x",
      "certificate /etc/no.pem x",
    );
    expect((Date.parse(end) - Date.parse(start)) / 86_400_000).toBe(10);
    expect(others).toEqual([["unreadable"], ["missing"]]);
  });

  it("sees swap, firewall, SELinux, name and users", async () => {
    host.stub("uname", "echo cp1");
    host.stub("getent", '[ "$2" = etcd ] && echo "etcd:x:999:999::/var/lib/etcd:/usr/sbin/nologin"');
    host.write("/etc/hostname", "cp1\n");
    host.write("/etc/selinux/config", "SELINUX=permissive\n");
    const lines = [
      "swap - off",
      "firewall ufw off",
      "selinux - disabled",
      "hostname - cp1",
      "user etcd x",
      "user no x",
    ];
    expect(await look(...lines)).toEqual([
      ["off"],
      ["off"],
      ["permissive"],
      ["cp1"],
      ["/var/lib/etcd"],
      ["missing"],
    ]);
    host.stub("swapon", "echo /dev/sda2");
    host.stub("getenforce", "echo Enforcing");
    host.write("/etc/hostname", "other\n");
    await host.runLines("systemctl enable ufw\n");
    expect((await look(...lines)).slice(0, 4)).toEqual([["on"], ["on"], ["enforcing"], ["other"]]);
  });

  it("only says so while a step is at work", async () => {
    host.write("/run/lock/mesh-platform.lock", "");
    host.stub("flock", "exit 75");
    const { result, stdout } = await host.run("scripts/drift/probe.sh", { LIST: [file] });
    expect([result, stdout]).toEqual([
      { changed: "false", busy: "true" },
      '{"changed":"false","busy":"true"}\n',
    ]);
    host.stub("flock");
    expect(await look(file)).toEqual([["missing"]]);
  });
});

describe("answers", () => {
  it.each(["1 a\n", "1 a\n3 b\n", ""])("that are not one per line are refused: %j", (stdout) => {
    expect(() => readAnswers(stdout, 2)).toThrow("its answer is not complete");
  });
});
