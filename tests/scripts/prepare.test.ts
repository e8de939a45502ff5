import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const parameters = {
  NODE_NAME: "node1",
  HOSTS_ENTRIES: ["10.0.0.1 cp1", "10.0.0.2 node1"],
  SYSTEM_USERS: ["etcd /var/lib/etcd"],
  SYSCTL_CONF: "net.ipv4.ip_forward = 1\nnet.ipv4.ip_local_port_range = 1024 65535\n",
  MODULES: ["overlay", "br_netfilter"],
  DEBIAN_PACKAGES: ["curl", "socat"],
  REDHAT_PACKAGES: ["curl", "procps-ng"],
  LIMITS_CONF: "* soft nofile 65535\n",
  PROFILE_SH: "export HISTTIMEFORMAT='%F '\n",
  FORWARD_UNIT: "[Service]\nExecStart=/usr/sbin/iptables\n",
  SWAP: "off",
  FIREWALL: "off",
  SELINUX: "permissive",
  TIME_SYNC: "on",
};

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
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
    /^(hostnamectl|apt-get|dnf|groupadd|useradd|swapoff|modprobe|setenforce|systemctl (enable|disable|restart|mask|daemon-reload))/.test(
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

describe("its packages", () => {
  it("are those of the Red Hat family where there is no apt", async () => {
    host.unstub("apt-get");
    host.stub("dnf");
    host.stub("rpm", '[ "$2" = curl ]');
    const { calls } = await run();
    expect(calls).toContain("rpm -q procps-ng");
    expect(calls.filter((call) => call.startsWith("dnf"))).toEqual([
      expect.stringMatching(/ install -y procps-ng$/),
    ]);
  });
});
