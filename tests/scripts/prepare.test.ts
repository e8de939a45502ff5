import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const parameters = {
  NODE_NAME: "node1",
  HOSTS_ENTRIES: ["10.0.0.1 cp1", "10.0.0.2 node1"],
  SYSTEM_USERS: ["etcd /var/lib/etcd"],
  SYSCTL_CONF: "net.ipv4.ip_forward = 1\nnet.ipv4.ip_local_port_range = 1024 65535\n",
  MODULES: ["overlay", "br_netfilter", "nf_conntrack_ipv4 4.19"],
  FAMILIES: [
    "debian firewallUnits firewalld ufw",
    "debian packages curl socat",
    "debian repositoryPackages",
    "debian timeConfig /etc/chrony/chrony.conf",
    "debian timePackage chrony",
    "debian timeService chrony",
    "redhat firewallUnits firewalld",
    "redhat packages curl epel-release procps-ng",
    "redhat repositoryPackages epel-release",
    "redhat timeConfig /etc/chrony.conf",
    "redhat timePackage chrony",
    "redhat timeService chronyd",
  ],
  LIMITS_CONF: "* soft nofile 65535\n",
  MANAGER_CONF: "[Manager]\nDefaultLimitNOFILE=65535\n",
  JOURNALD_CONF: "[Journal]\nSystemMaxUse=1G\n",
  PROFILE_SH: "export HISTTIMEFORMAT='%F '\n",
  FORWARD_UNIT: "[Service]\nExecStart=/usr/sbin/iptables\n",
  SWAP: "off",
  FIREWALL: "off",
  SELINUX: "permissive",
  TIME_SYNC: "on",
  TIME_SERVERS: [] as string[],
};

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.write("/etc/os-release", "ID=debian\n");
  host.write("/etc/hostname", "localhost\n");
  host.write("/etc/hosts", "127.0.0.1 localhost\n");
  host.write("/etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n");
  host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
  host.write("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  mkdirSync(host.path("/sys/module/overlay"), { recursive: true });
  host.setState("users", "root\n");
  host.setState("swap", "/dev/sda2 partition 1G 0B -2\n");
  host.setState("units", "dev-sda2.swap loaded active active Swap\n");
  host.setState("enabled/ufw", "");
  host.setState("active/ufw", "");
  host.setState("active/systemd-timesyncd", "");
  host.stub("hostnamectl", 'echo "$2" >"$ROOT/etc/hostname"');
  host.stub("apt-get");
  host.stub("dpkg-query", 'echo "installed 1.0"');
  host.stub("getent", 'grep -qx "$2" "$STATE/users"');
  host.stub("groupadd");
  host.stub("useradd", 'for user; do :; done; echo "$user" >>"$STATE/users"');
  host.stub("nologin");
  host.stub("swapon", 'cat "$STATE/swap"');
  host.stub("swapoff", ': >"$STATE/swap"');
  host.stub("modprobe", 'mkdir -p "$ROOT/sys/module/$1"');
  host.stub("getenforce", "echo Enforcing");
  host.stub("setenforce");
});
afterEach(() => host.remove());

type Parameters = typeof parameters;
const run = (changed: Partial<Parameters> = {}) =>
  host.run("components/hosts/scripts/prepare.sh", { ...parameters, ...changed });
/** Calls that change a host; the others only look. */
const acts = (calls: readonly string[]) =>
  calls.filter((call) =>
    /^(hostnamectl|apt-get|dnf|groupadd|useradd|swapoff|modprobe|setenforce|systemctl (enable|disable|restart|mask|daemon-re))/.test(
      call,
    ),
  );

describe("prepare.sh", () => {
  it("prepares a fresh host", async () => {
    const { code, result, calls, stderr } = await run();
    expect({ code, result, stderr }).toEqual({ code: 0, result: { changed: "true" }, stderr: "" });
    expect(acts(calls)).toEqual([
      "hostnamectl set-hostname node1",
      "groupadd -r etcd",
      expect.stringMatching(/^useradd -r -g etcd -d \/var\/lib\/etcd -s \S+nologin etcd$/),
      "systemctl daemon-reexec",
      "systemctl restart systemd-journald",
      "swapoff -a",
      "systemctl mask dev-sda2.swap",
      "systemctl disable --now ufw",
      "modprobe br_netfilter",
      "systemctl daemon-reload",
      "systemctl enable mesh-platform-forward",
      "systemctl restart mesh-platform-forward",
    ]);
    expect(host.leftovers()).toEqual([]);
  });

  it("changes nothing the second time", async () => {
    await run();
    const before = host.files();
    const { result, calls } = await run();
    expect(result).toEqual({ changed: "false" });
    expect(acts(calls)).toEqual(["systemctl mask dev-sda2.swap"]);
    expect(host.files()).toEqual(before);
  });

  it("writes each file where its program looks for it", async () => {
    await run();
    expect(host.read("/etc/sysctl.d/90-mesh-platform.conf")).toBe(parameters.SYSCTL_CONF);
    expect(host.read("/etc/modules-load.d/mesh-platform.conf")).toBe("overlay\nbr_netfilter\n");
    expect(host.read("/etc/security/limits.d/20-nproc.conf")).toBe(parameters.LIMITS_CONF);
    expect(host.read("/etc/profile.d/mesh-platform.sh")).toBe(parameters.PROFILE_SH);
    expect(host.read("/etc/systemd/system.conf.d/90-mesh-platform.conf")).toBe(parameters.MANAGER_CONF);
    expect(host.read("/etc/systemd/journald.conf.d/90-mesh-platform.conf")).toBe(parameters.JOURNALD_CONF);
    expect(host.read("/etc/systemd/system/mesh-platform-forward.service")).toBe(
      host.moved(parameters.FORWARD_UNIT),
    );
    expect(host.mode("/etc/sysctl.d/90-mesh-platform.conf")).toBe("644");
  });
});

describe("its block in /etc/hosts", () => {
  const block = (...lines: readonly string[]) =>
    ["# mesh-platform: begin", ...lines, "# mesh-platform: end", ""].join("\n");

  it("comes after what is there", async () => {
    await run();
    expect(host.read("/etc/hosts")).toBe(`127.0.0.1 localhost\n${block("10.0.0.1 cp1", "10.0.0.2 node1")}`);
  });

  it("is replaced as a whole, and lines around it stay", async () => {
    host.write(
      "/etc/hosts",
      `127.0.0.1 localhost\n${block("10.0.0.9 old")}10.9.9.9 mine # mesh-platform: begin\n`,
    );
    await run();
    expect(host.read("/etc/hosts")).toBe(
      `127.0.0.1 localhost\n10.9.9.9 mine # mesh-platform: begin\n${block("10.0.0.1 cp1", "10.0.0.2 node1")}`,
    );
  });
});

describe("its kernel parameters", () => {
  it("hold at once, not only after a reboot", async () => {
    await run();
    expect(host.read("/proc/sys/net/ipv4/ip_forward")).toBe("1");
    expect(host.read("/proc/sys/net/ipv4/ip_local_port_range")).toBe("1024 65535");
  });

  it("are left alone where they hold, however the kernel spaces them", async () => {
    await run();
    host.write("/proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n");
    const before = host.files();
    expect((await run()).result).toEqual({ changed: "false" });
    expect(host.files()).toEqual(before);
  });

  it("are refused, all at once, where the kernel does not take them", async () => {
    const { code, stderr } = await run({
      SYSCTL_CONF: "net.ipv4.ip_forward = 1\nnet.no.such = 1\nvm.other = 2\n",
    });
    expect(code).toBe(78);
    expect(stderr).toContain(
      "error: the kernel did not take these parameters: net.no.such vm.other; correct nodes.sysctl\n",
    );
  });
});

describe("its modules", () => {
  it("are refused by name where the kernel has none", async () => {
    host.stub("modprobe", 'echo "modprobe: FATAL" >&2; exit 1');
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("error: the kernel has no module br_netfilter\n");
  });

  it("are left out where the kernel has them in another one", async () => {
    host.stub("uname", "echo 3.10.0-1160.el7.x86_64");
    expect((await run()).calls).toContain("modprobe nf_conntrack_ipv4");
    host.stub("uname", "echo 4.19.0");
    await run();
    expect(host.read("/etc/modules-load.d/mesh-platform.conf")).toBe("overlay\nbr_netfilter\n");
  });

  it("may be none at all", async () => {
    const { code, calls } = await run({ MODULES: [] });
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith("modprobe"))).toEqual([]);
  });
});

describe("its switches", () => {
  it("take swap off now and after a reboot, and leave the line for people to read", async () => {
    await run();
    expect(host.read("/etc/fstab")).toBe("UUID=1 / ext4 defaults 0 1\n# UUID=2 none swap sw 0 0\n");
  });

  it("manage on a host that has no fstab", async () => {
    host.remove();
    host = new ScriptHost();
    host.write("/etc/os-release", "ID=debian\n");
    host.write("/etc/hostname", "node1\n");
    host.write("/etc/hosts", "");
    for (const name of ["swapon", "apt-get", "getent", "nologin"]) host.stub(name);
    host.stub("dpkg-query", 'echo "installed 1.0"');
    const { code } = await run({
      SYSCTL_CONF: "",
      MODULES: [],
      FIREWALL: "keep",
      SELINUX: "keep",
      TIME_SYNC: "keep",
    });
    expect([code, host.has("/etc/fstab")]).toEqual([0, false]);
  });

  it("make SELinux permissive now and after a reboot, where there is SELinux", async () => {
    host.write("/etc/selinux/config", "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
    const { calls } = await run();
    expect(calls).toContain("setenforce 0");
    expect(host.read("/etc/selinux/config")).toBe("# comment\nSELINUX=permissive\nSELINUXTYPE=targeted\n");
    await run({ SELINUX: "disabled" });
    expect(host.read("/etc/selinux/config")).toBe("# comment\nSELINUX=disabled\nSELINUXTYPE=targeted\n");
  });

  it("bring a clock that is kept by nobody into the network's time", async () => {
    host.setState("active/none", "");
    host.remove();
    host = new ScriptHost();
    host.write("/etc/os-release", "ID=debian\n");
    host.write("/etc/hostname", "node1\n");
    host.write("/etc/hosts", "");
    for (const name of ["apt-get", "getent", "nologin"]) host.stub(name);
    host.stub("dpkg-query", 'for last; do :; done; [ "$last" != chrony ] && echo "installed 1.0"');
    const { calls } = await run({
      SYSCTL_CONF: "",
      MODULES: [],
      SWAP: "keep",
      FIREWALL: "keep",
      SELINUX: "keep",
    });
    expect(calls).toContain(
      "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --allow-change-held-packages chrony",
    );
    expect(calls).toContain("systemctl restart chrony");
  });

  it("leave everything as it is where they say keep", async () => {
    host.write("/etc/selinux/config", "SELINUX=enforcing\n");
    const fstab = host.read("/etc/fstab");
    const { calls } = await run({ SWAP: "keep", FIREWALL: "keep", SELINUX: "keep", TIME_SYNC: "keep" });
    expect(calls.filter((call) => /swap|ufw|firewalld|enforce|chrony/.test(call))).toEqual([]);
    expect([host.read("/etc/fstab"), host.read("/etc/selinux/config")]).toEqual([
      fstab,
      "SELINUX=enforcing\n",
    ]);
  });
});

describe("its drop-ins", () => {
  it("restart the journal only when its limits change, and go when there are none", async () => {
    await run();
    const { calls } = await run({ JOURNALD_CONF: "[Journal]\nSystemMaxUse=2G\n" });
    expect(acts(calls).filter((call) => call.startsWith("systemctl re"))).toEqual([
      "systemctl restart systemd-journald",
      "systemctl restart mesh-platform-forward",
    ]);
    await run({ JOURNALD_CONF: "" });
    expect(host.has("/etc/systemd/journald.conf.d/90-mesh-platform.conf")).toBe(false);
  });
});

describe("its time servers", () => {
  const conf =
    "# Debian's\npool 2.debian.pool.ntp.org iburst\nsourcedir /run/chrony-dhcp\ndriftfile /var/lib/chrony/drift\n";
  const servers = { TIME_SERVERS: ["10.0.0.5", "time.example.com"] };
  beforeEach(() => host.write("/etc/chrony/chrony.conf", conf));

  it("take the place of the distribution's", async () => {
    const { calls } = await run(servers);
    expect(host.read("/etc/chrony/chrony.conf")).toBe(
      host
        .moved(`# Debian's
# mesh-platform took out: pool 2.debian.pool.ntp.org iburst
# mesh-platform took out: sourcedir /run/chrony-dhcp
driftfile /var/lib/chrony/drift
# mesh-platform: begin
server 10.0.0.5 iburst
server time.example.com iburst
# mesh-platform: end
`)
        .replaceAll(host.root, ""),
    );
    expect(calls).toContain("systemctl restart chrony");
  });

  it("stay as they are the second time", async () => {
    await run(servers);
    const { result, calls } = await run(servers);
    expect(result).toEqual({ changed: "false" });
    expect(calls).not.toContain("systemctl restart chrony");
  });

  it("give way again to the distribution's when the config names none", async () => {
    await run(servers);
    const { calls } = await run();
    expect(host.read("/etc/chrony/chrony.conf")).toBe(conf);
    expect(calls).toContain("systemctl restart chrony");
  });
});

describe("its packages", () => {
  it("are those of the Red Hat family on one of it, what brings a repository first", async () => {
    host.write("/etc/os-release", "ID=rocky\nID_LIKE='rhel centos'\n");
    host.unstub("apt-get");
    host.stub("dnf", 'for name; do echo "$name" >>"$STATE/installed"; done');
    host.stub("rpm", '[ "$2" = curl ] || grep -qx "$2" "$STATE/installed" 2>/dev/null');
    const { calls } = await run();
    expect(calls.filter((call) => call.startsWith("dnf"))).toEqual([
      expect.stringMatching(/dnf install -y epel-release$/),
      expect.stringMatching(/dnf install -y procps-ng$/),
    ]);
  });

  it("are yum's where there is no dnf", async () => {
    host.write("/etc/os-release", 'ID="centos"\nVERSION_ID="7"\nID_LIKE="rhel fedora"\n');
    host.unstub("apt-get");
    host.stub("yum");
    host.stub("rpm", '[ "$2" != procps-ng ]');
    const { calls } = await run();
    expect(calls.filter((call) => call.startsWith("yum"))).toEqual([
      expect.stringMatching(/yum install -y procps-ng$/),
    ]);
  });
});
