import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { imageParameters } from "../../../components/sandbox/image";

const tree = join(__dirname, "..", "..", "..", "components", "sandbox", "image", "tree");
const file = (path: string) => readFileSync(join(tree, path), "utf8");

describe("the image", () => {
  const parameters = imageParameters("/cache");

  it("is the same for every sandbox and every cache", () => {
    expect(imageParameters("/elsewhere").DIGEST).toBe(parameters.DIGEST);
    expect(parameters).toMatchObject({ CACHE: "/cache/image", SUITE: "bookworm", IMAGE_MIRROR: "" });
  });

  it("is another one when it comes from another mirror", () => {
    expect(imageParameters("/cache", "http://mirror.example/debian").DIGEST).not.toBe(parameters.DIGEST);
  });

  it("holds what a Kubernetes node calls, and no container runtime", () => {
    expect(parameters.PACKAGES).toEqual(
      expect.arrayContaining([
        "openssh-server",
        "iptables",
        "conntrack",
        "socat",
        "ethtool",
        "ipset",
        "kmod",
      ]),
    );
    for (const artifact of ["runc", "containerd", "containernetworking-plugins"]) {
      expect(parameters.PACKAGES).not.toContain(artifact);
    }
  });

  it("starts what only some hosts need on none of them, without masking it", () => {
    for (const program of ["haproxy", "keepalived"]) {
      expect(parameters.PACKAGES).toContain(program);
      expect(parameters.DISABLED).toContain(`${program}.service`);
      expect(parameters.MASKED).not.toContain(`${program}.service`);
    }
  });

  it("can be reached by key only, and by many connections at once", () => {
    const sshd = file("etc/ssh/sshd_config.d/mesh-platform.conf");
    for (const line of [
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "MaxStartups 200",
      "UseDNS no",
    ]) {
      expect(sshd.split("\n")).toContain(line);
    }
  });

  it("opens kernel files before settings are applied, and none that belong to the computer", () => {
    expect(file("etc/systemd/system/mesh-platform-kernel-files.service")).toMatch(
      /^Before=systemd-sysctl.service/m,
    );
    const writable = [...file("usr/local/lib/mesh-platform/kernel-files").matchAll(/remount\S* (\S+)/g)].map(
      ([, path]) => path,
    );
    expect(writable).toEqual(['"$point"', "/sys/fs/cgroup;", "/proc/sys/net"]);
  });
});
