import { describe, expect, it } from "vitest";
import {
  leftOut,
  NodePreparation,
  type PreparationSettings,
  planPreparation,
} from "../../../components/hosts/preparation";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";
import { record, settled } from "../../support/recorder";
import { textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const settings: PreparationSettings = {
  sysctl: { "vm.swappiness": 5, "net.ipv4.tcp_fin_timeout": 15 },
  modules: ["wireguard"],
  packages: { debian: ["vim", "curl"], redhat: ["vim-enhanced"] },
  limits: { nofile: 65535, nproc: 10240 },
  historyTimeFormat: "%F %T ",
  swap: "off",
  firewall: "off",
  selinux: "permissive",
  timeSync: "on",
  timeServers: ["10.0.0.5"],
  journald: { systemMaxUse: "1G", maxRetentionSec: "1month" },
  prechecks: {
    mode: "refuse",
    memoryMiB: 1700,
    cpus: 2,
    diskFreeMiB: 4096,
    fsyncMilliseconds: 50,
    clockOffsetMilliseconds: 500,
  },
};

describe("planPreparation for a machine with a kernel of its own", () => {
  const plan = planPreparation(settings, machineProfile);

  it("limits processes and open files of logins, of root by its name", () => {
    expect(plan.LIMITS_CONF).toBe(
      [
        ...["* soft nproc 10240", "root soft nproc unlimited", "* soft nofile 65535", "* hard nofile 65535"],
        ...["root soft nofile 65535", "root hard nofile 65535", ""],
      ].join("\n"),
    );
  });

  it("gives services the same open files, which no login file does", () => {
    expect(plan.MANAGER_CONF).toBe("[Manager]\nDefaultLimitNOFILE=65535\n");
  });

  it("bounds the journal, or leaves it alone", () => {
    expect(plan.JOURNALD_CONF).toBe("[Journal]\nSystemMaxUse=1G\nMaxRetentionSec=1month\n");
    expect(planPreparation({ ...settings, journald: false }, machineProfile).JOURNALD_CONF).toBe("");
  });

  it("dates the history of login shells and lifts their limit", () => {
    expect(plan.PROFILE_SH).toBe("export HISTTIMEFORMAT='%F %T '\nulimit -SHn 65535 2>/dev/null || true\n");
  });

  it("sets the defaults with the config's values in them", () => {
    const lines = plan.SYSCTL_CONF.split("\n");
    expect(lines).toContain("vm.swappiness = 5");
    expect(lines).toContain("net.ipv4.tcp_fin_timeout = 15");
    expect(lines).toContain("net.bridge.bridge-nf-call-iptables = 1");
    expect(lines.filter((line) => line.startsWith("vm.swappiness"))).toHaveLength(1);
  });

  it("loads the config's modules after its own", () => {
    expect(plan.MODULES).toEqual([
      "overlay",
      "br_netfilter",
      "nf_conntrack",
      "ip_vs",
      "ip_vs_rr",
      "ip_vs_wrr",
      "ip_vs_sh",
      "wireguard",
      "nf_conntrack_ipv4 4.19",
    ]);
  });

  it("tells every script what each family calls things, with what is needed and was asked for", () => {
    expect(plan.FAMILIES).toEqual([
      "debian firewallUnits firewalld ufw",
      "debian packages ca-certificates conntrack curl ethtool iproute2 ipset iptables kmod openssl procps socat tar vim",
      "debian repositoryPackages",
      "debian timeConfig /etc/chrony/chrony.conf",
      "debian timePackage chrony",
      "debian timeService chrony",
      "redhat firewallUnits firewalld",
      "redhat packages ca-certificates conntrack-tools curl ethtool iproute ipset iptables kmod openssl procps-ng socat tar vim-enhanced",
      "redhat repositoryPackages",
      "redhat timeConfig /etc/chrony.conf",
      "redhat timePackage chrony",
      "redhat timeService chronyd",
    ]);
  });

  it("names a package that brings a repository apart, so that it can go first", () => {
    const packages = { debian: [], redhat: ["iotop", "epel-release"] };
    expect(planPreparation({ ...settings, packages }, machineProfile).FAMILIES).toContain(
      "redhat repositoryPackages epel-release",
    );
  });

  it("takes swap, firewall, SELinux and time as the config says", () => {
    expect([plan.SWAP, plan.FIREWALL, plan.SELINUX, plan.TIME_SYNC, plan.TIME_SERVERS]).toEqual([
      "off",
      "off",
      "permissive",
      "on",
      ["10.0.0.5"],
    ]);
  });

  it("lets forwarded packets through after every boot", () => {
    expect(plan.FORWARD_UNIT).toBe(`[Unit]
Description=Accept forwarded packets, for the pod network
After=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables -w -P FORWARD ACCEPT

[Install]
WantedBy=multi-user.target
`);
  });

  it("leaves nothing out", () => {
    expect(leftOut(settings, machineProfile)).toEqual([]);
  });
});

describe("planPreparation for a host that shares the computer's kernel", () => {
  const plan = planPreparation(settings, sharedKernelProfile);

  it("sets only what is the host's own", () => {
    const keys = plan.SYSCTL_CONF.trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    expect(keys.filter((key) => !key?.startsWith("net."))).toEqual([]);
    expect(keys).toContain("net.ipv4.ip_forward");
    expect(keys).toContain("net.ipv4.tcp_fin_timeout");
    for (const global of ["net.core.rmem_max", "net.nf_conntrack_max", "net.ipv4.tcp_mem"])
      expect(keys).not.toContain(global);
  });

  it("loads no module that the computer has to load, but one that was asked for", () => {
    expect(plan.MODULES).toEqual(["wireguard"]);
  });

  it("keeps the computer's swap, firewall, SELinux, clock and journal", () => {
    const { SWAP, FIREWALL, SELINUX, TIME_SYNC } = plan;
    expect([SWAP, FIREWALL, SELINUX, TIME_SYNC]).toEqual(["keep", "keep", "keep", "keep"]);
    expect([plan.TIME_SERVERS, plan.MANAGER_CONF, plan.JOURNALD_CONF]).toEqual([[], "", ""]);
  });

  it("says what is left out, and why", () => {
    const sentences = leftOut(settings, sharedKernelProfile);
    expect(sentences.map((sentence) => sentence.split(":")[0])).toEqual([
      "kernel parameters left out, since a sandbox host shares the computer's kernel",
      "kernel modules left out, since a sandbox host shares the computer's kernel",
      "services left out, since a sandbox host shares the computer's kernel",
    ]);
    expect(sentences[0]).toContain("vm.swappiness");
    expect(sentences[0]).not.toContain("ip_forward");
  });
});

describe("NodePreparation", () => {
  it("reads the host first and changes it afterwards", async () => {
    const connection = { host: "10.0.0.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
    const recording = await record(async () => {
      const preparation = new NodePreparation("node1", {
        machine: { name: "node1", address: "10.0.0.1", connection },
        settings,
        profile: machineProfile,
        hostsEntries: ["10.0.0.9 cp1", "10.0.0.1 node1"],
        systemUsers: ["etcd /var/lib/etcd"],
      });
      return settled(preparation.facts);
    });
    expect(recording.names()).toEqual(["node1", "node1-facts", "node1-prepare"]);
    expect(recording.path("node1-prepare", "node1-facts")).toEqual(["node1-prepare", "node1-facts"]);
    expect(recording.result).toMatchObject({ changed: "true" });
    expect(parseRendered(textInput(recording.find("node1-facts"), "stdin")).parameters).toMatchObject({
      MODE: "refuse",
      ADDRESS: "10.0.0.1",
      MEMORY_MIB: "0",
      PORTS: "",
      SWAP: "off",
    });
    expect(parseRendered(textInput(recording.find("node1-prepare"), "stdin")).parameters).toMatchObject({
      NODE_NAME: "node1",
      HOSTS_ENTRIES: "10.0.0.9 cp1\n10.0.0.1 node1",
      SYSTEM_USERS: "etcd /var/lib/etcd",
      SWAP: "off",
    });
  });
});
