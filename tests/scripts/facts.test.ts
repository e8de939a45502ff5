import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\n');
  host.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  mkdirSync(host.path("/run/systemd/system"), { recursive: true });
  host.stub("id", "echo 0");
  host.stub("uname", "case $1 in -m) echo x86_64 ;; -r) echo 6.1.0 ;; *) echo host ;; esac");
  host.stub("nproc", "echo 4");
  host.stub("systemctl", "echo 'systemd 252 (252.30-1~deb12u2)'; echo '+PAM +AUDIT'");
});
afterEach(() => host.remove());

const run = () => host.run("components/hosts/scripts/facts.sh", {});

describe("facts.sh", () => {
  it("reports what later steps and people want to know, and changes nothing", async () => {
    const before = host.files();
    const { result, code } = await run();
    expect({ code, result }).toEqual({
      code: 0,
      result: {
        changed: "false",
        family: "debian",
        os: "debian 12",
        arch: "amd64",
        kernel: "6.1.0",
        cgroup: "1",
        memoryMiB: expect.stringMatching(/^\d+$/),
        cpus: "4",
        machineId: "0123456789abcdef0123456789abcdef",
        systemd: "252",
      },
    });
    expect(host.files()).toEqual(before);
  });

  it.each([
    ["ID=ubuntu\nID_LIKE=debian\n", "debian"],
    ["ID=rocky\nID_LIKE='rhel centos fedora'\n", "redhat"],
    ["ID=fedora\n", "redhat"],
    ["ID=linuxmint\nID_LIKE='ubuntu debian'\n", "debian"],
  ])("takes %j for the family %s", async (release, family) => {
    host.write("/etc/os-release", release);
    expect((await run()).result).toMatchObject({ family });
  });

  it("tells control groups of version 2", async () => {
    host.write("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    expect((await run()).result).toMatchObject({ cgroup: "2" });
  });

  it.each([
    [
      "a distribution of no family",
      () => host.write("/etc/os-release", "ID=alpine\n"),
      "the distribution alpine is neither of the Debian nor of the Red Hat family",
    ],
    [
      "a processor for which there is nothing",
      () => host.stub("uname", "echo armv7l"),
      "the processor armv7l is neither x86_64 nor aarch64",
    ],
    [
      "a user without sudo",
      () => host.stub("id", "echo 1000"),
      "the step does not run as root; give the login user password-less sudo",
    ],
  ])("refuses %s", async (_what, make, message) => {
    make();
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain(`error: ${message}`);
  });

  it("refuses a host without systemd", async () => {
    host.remove();
    host = new ScriptHost();
    host.write("/etc/os-release", "ID=debian\n");
    host.stub("id", "echo 0");
    host.stub("uname", "echo aarch64");
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("systemd is not running here");
  });
});
