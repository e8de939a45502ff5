import { describe, expect, it } from "vitest";
import { compare } from "../../scripts/lib/drift/compare";

const now = new Date("2026-07-01T00:00:00Z");
const check = (line: string, found: string[]) => {
  const [kind = "", subject = "", ...fields] = line.split(" ");
  return compare({ kind, subject, fields, step: "s" }, found, now).map((difference) => {
    expect([difference.kind, difference.subject, difference.step]).toEqual([kind, subject, "s"]);
    return `${difference.field}: ${difference.declared} -> ${difference.found}`;
  });
};

describe("no drift is", () => {
  it.each([
    ["a file as it was placed", "file /a 0644 root:root d1", ["644", "root:root", "d1"]],
    ["a file with the sticky bit", "file /a 1777 root:root d1", ["1777", "root:root", "d1"]],
    ["any content where only the attributes count", "file /a 0644 root:root -", ["644", "root:root", "-"]],
    ["a unit that runs", "unit etcd enabled active", ["enabled", "active"]],
    ["a unit that waits for its config", "unit kubelet enabled -", ["enabled", "failed"]],
    ["any version of a package", "package curl -", ["7.88.1-10"]],
    ["another build of a package", "package kubelet 1.36.3", ["1.36.3-1.1"]],
    ["a package with an epoch", "package docker-ce 20.10.7", ["3:20.10.7-3.el7"]],
    ["a version with its v", "version kubeadm v1.36.3", ["1.36.3"]],
    ["a kernel parameter", "sysctl net.ipv4.ip_forward 1", ["1"]],
    ["a module", "module overlay", ["loaded"]],
    ["what must not be there", "absent /a", ["absent"]],
    [
      "a certificate with time left",
      "certificate /a 2027-01-01T00:00:00Z",
      ["2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
    ],
    [
      "a certificate that renews itself",
      "certificate /a -",
      ["2027-03-01T00:00:00Z", "2026-03-01T00:00:00Z"],
    ],
    [
      "a short certificate in its middle",
      "certificate /a -",
      ["2026-07-01T12:00:00Z", "2026-06-30T12:00:00Z"],
    ],
  ])("%s", (_what, line, found) => {
    expect(check(line, found)).toEqual([]);
  });
});

describe("drift is named by field:", () => {
  it.each([
    ["content", "file /a 0644 root:root d1", ["644", "root:root", "d2"], ["content: d1 -> d2"]],
    ["mode", "file /a 0600 root:root d1", ["644", "root:root", "d1"], ["mode: 0600 -> 644"]],
    ["owner", "file /a 0600 etcd:etcd d1", ["600", "root:root", "d1"], ["owner: etcd:etcd -> root:root"]],
    [
      "all three",
      "adopted /a 600 a:a d1",
      ["644", "b:b", "d2"],
      ["mode: 600 -> 644", "owner: a:a -> b:b", "content: d1 -> d2"],
    ],
    ["a missing file", "file /a 0600 root:root d1", ["missing"], ["presence: there -> missing"]],
    [
      "a link in its place",
      "file /a 0600 root:root d1",
      ["symbolic link"],
      ["presence: there -> symbolic link"],
    ],
    ["a folder's mode", "directory /a 0700 etcd:etcd", ["755", "etcd:etcd"], ["mode: 0700 -> 755"]],
    ["a block", "block /etc/hosts d1", ["d2"], ["content: d1 -> d2"]],
    ["a disabled unit", "unit etcd enabled active", ["disabled", "active"], ["enabled: enabled -> disabled"]],
    ["a stopped unit", "unit etcd enabled active", ["enabled", "inactive"], ["active: active -> inactive"]],
    ["a removed package", "package curl -", ["missing"], ["version: installed -> missing"]],
    [
      "another package version",
      "package kubelet 1.36.3",
      ["1.36.30-1.1"],
      ["version: 1.36.3 -> 1.36.30-1.1"],
    ],
    ["another program", "version etcd 3.6.15", ["3.5.9"], ["version: 3.6.15 -> 3.5.9"]],
    ["a program that is away", "version etcd 3.6.15", ["missing"], ["version: 3.6.15 -> missing"]],
    ["a live kernel value", "sysctl net.core.somaxconn 32768", ["128"], ["value: 32768 -> 128"]],
    ["a module", "module overlay", ["missing"], ["presence: loaded -> missing"]],
    ["swap", "swap  off", ["on"], ["state: off -> on"]],
    ["a firewall", "firewall ufw off", ["on"], ["state: off -> on"]],
    ["SELinux", "selinux  disabled", ["enforcing"], ["mode: disabled -> enforcing"]],
    ["the host's name", "hostname  cp1", ["localhost"], ["name: cp1 -> localhost"]],
    ["a user's home", "user etcd /var/lib/etcd", ["/home/etcd"], ["home: /var/lib/etcd -> /home/etcd"]],
    ["what should be away", "absent /a", ["present"], ["presence: absent -> present"]],
    ["a mount", "mount /data xfs", ["missing"], ["type: xfs -> missing"]],
    [
      "a replaced certificate",
      "certificate /a 2027-01-01T00:00:00Z",
      ["2028-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
      ["notAfter: 2027-01-01T00:00:00Z -> 2028-01-01T00:00:00Z"],
    ],
    [
      "one within 30 days of its end",
      "certificate /a 2026-07-20T12:00:00Z",
      ["2026-07-20T12:00:00Z", "2025-07-20T12:00:00Z"],
      ["validity: more to come -> 19 days left, due for renewal"],
    ],
    [
      "one at its end",
      "certificate /a -",
      ["2026-06-30T00:00:00Z", "2025-06-30T00:00:00Z"],
      ["validity: more to come -> expired 2026-06-30T00:00:00Z"],
    ],
    ["a certificate that is none", "certificate /a -", ["unreadable"], ["presence: there -> unreadable"]],
  ])("%s", (_what, line, found, wanted) => {
    expect(check(line, found)).toEqual(wanted);
  });
});
