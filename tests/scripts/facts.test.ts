import { mkdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const parameters = {
  MODE: "refuse",
  FAMILIES: ["debian firewallUnits firewalld ufw", "redhat firewallUnits firewalld"],
  NODE_NAME: "cp1",
  ADDRESS: "10.0.0.1",
  MEMORY_MIB: 1700,
  CPUS: 2,
  DISK_FREE_MIB: 4096,
  FSYNC_MILLISECONDS: 10000,
  CLOCK_OFFSET_MILLISECONDS: 500,
  KERNEL_MINIMUM: "4.19 kubeadm of Kubernetes 1.32.0",
  CGROUP_V1: "refuse",
  PORTS: ["6443 tcp kube-apiserver", "10257 tcp kube-controller-manager", "8472 udp @flannel.1"],
  MODULES: ["overlay", "nf_conntrack", "nf_conntrack_ipv4 4.19"],
  IPVS: "optional",
  ETCD_DATA_DIR: "/var/lib/etcd/default.etcd",
  SWAP: "off",
  FIREWALL: "off",
  SELINUX: "permissive",
};

const HEADER = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
const socket = (protocol: string, port: number, program?: string) =>
  `${protocol} LISTEN 0 4096 0.0.0.0:${port} 0.0.0.0:* ${program === undefined ? "" : `users:(("${program}",pid=7,fd=3))`}\n`;

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\n');
  host.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  host.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 cp1\n");
  host.write("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
  mkdirSync(host.path("/run/systemd/system"), { recursive: true });
  for (const name of ["overlay", "nf_conntrack", "ip_vs"])
    mkdirSync(host.path(`/sys/module/${name}`), { recursive: true });
  host.stub("id", "echo 0");
  host.stub("uname", "case $1 in -m) echo x86_64 ;; -r) echo 6.1.0-18-amd64 ;; *) echo host ;; esac");
  host.stub("nproc", "echo 4");
  host.stub("df", "echo Filesystem; echo '/dev/sda1 90000 1 20000 1% /'");
  host.stub("dd");
  host.stub(
    "ip",
    'case $* in *addr*) echo "2: eth0    inet 10.0.0.1/24 brd x" ;; *route*) echo "default via 10.0.0.254" ;; *link*) [ -e "$STATE/link" ] ;; esac',
  );
  host.stub("ss", 'cat "$STATE/sockets"');
  host.stub("modprobe", "exit 1");
  host.stub("chronyc", 'cat "$STATE/tracking" 2>/dev/null');
  host.stub(
    "systemctl",
    'case $1 in --version) echo "systemd 252 (252.30)" ;; is-active) [ -e "$STATE/active/$3" ] ;; esac',
  );
  host.setState("sockets", HEADER);
  host.setState(
    "tracking",
    "System time     : 0.000020401 seconds fast of NTP time\nLeap status     : Normal\n",
  );
});
afterEach(() => host.remove());

const run = (changed: Partial<Record<keyof typeof parameters, string | number | string[]>> = {}) =>
  host.run("components/hosts/scripts/facts.sh", { ...parameters, ...changed });
/** Lines without their time and host. */
const lines = (stderr: string) =>
  stderr
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\S+ \S+ /, ""));
const faults = (stderr: string) => lines(stderr).filter((line) => line.startsWith("fault"));

describe("facts.sh on a host that will do", () => {
  it("reports what later steps and people want to know, and changes nothing", async () => {
    const before = host.files();
    const { result, code, stderr } = await run();
    expect({ code, result }).toEqual({
      code: 0,
      result: {
        changed: "false",
        family: "debian",
        os: "debian 12",
        arch: "amd64",
        kernel: "6.1.0-18-amd64",
        cgroup: "2",
        memoryMiB: expect.stringMatching(/^\d+$/),
        cpus: "4",
        diskFreeMiB: "20000",
        fsyncMicroseconds: expect.stringMatching(/^\d+$/),
        clockOffsetMilliseconds: "0",
        ipvs: "yes",
        firewall: "none",
        selinux: "none",
        faults: "0",
        machineId: "0123456789abcdef0123456789abcdef",
        systemd: "252",
      },
    });
    expect(host.files()).toEqual(before);
    expect(lines(stderr).map((line) => /^fine {3}(\S+):/.exec(line)?.[1])).toEqual([
      ...["host.os", "host.kernel", "host.cgroup", "host.memory", "host.cpus", "host.disk.free"],
      ...["host.address", "host.route", "host.name", "host.ports", "host.clock", "host.disk.fsync"],
      ...["host.modules", "host.swap", "host.firewall", "host.selinux"],
    ]);
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

  it("leaves ports alone that its own programs hold, under the names that Linux cuts", async () => {
    host.setState(
      "sockets",
      [
        HEADER,
        socket("tcp", 6443, "kube-apiserver"),
        socket("tcp", 10257, "kube-controller"),
        socket("udp", 8472),
        socket("tcp", 16443, "someone"),
      ].join(""),
    );
    host.setState("link", "");
    const { code, stderr } = await run();
    expect([code, faults(stderr)]).toEqual([0, []]);
  });

  it("does not measure the disk under a working etcd", async () => {
    mkdirSync(host.path("/var/lib/etcd/default.etcd/member"), { recursive: true });
    const { result, calls } = await run();
    expect(result).toMatchObject({ fsyncMicroseconds: "unknown" });
    expect(calls.filter((call) => call.startsWith("dd"))).toEqual([]);
  });

  it("asks an old kernel for the modules that newer ones have no more", async () => {
    host.stub(
      "uname",
      "case $1 in -m) echo x86_64 ;; -r) echo 3.10.0-1160.el7.x86_64 ;; *) echo host ;; esac",
    );
    const { code, stderr } = await run({ KERNEL_MINIMUM: "3.10 kubeadm" });
    expect([code, faults(stderr)]).toEqual([78, [expect.stringContaining("none called nf_conntrack_ipv4")]]);
  });

  it("says in words what a missing ip_vs means, and goes on where nobody needs it", async () => {
    rmSync(host.path("/sys/module/ip_vs"), { recursive: true });
    const { code, result, stderr } = await run({ IPVS: "optional" });
    expect([code, result?.ipvs]).toEqual([0, "no"]);
    expect(stderr).toContain(
      "host.modules.ip_vs: not there: neither kube-router's service proxy nor kube-proxy's ipvs mode can run here",
    );
  });
});

describe("facts.sh on a host that will not do", () => {
  /** What to spoil, and how the fault reads. */
  const spoiled: readonly (readonly [string, () => Parameters<typeof run>[0], string])[] = [
    ["little memory", () => ({ MEMORY_MIB: 99999999 }), "fault  host.memory: found"],
    [
      "one processor",
      () => {
        host.stub("nproc", "echo 1");
        return {};
      },
      "fault  host.cpus: found 1 processors; allowed: 2 processors or more; change: give it more, or lower nodes.prechecks.cpus",
    ],
    [
      "a full disk",
      () => {
        host.stub("df", "echo x; echo 'a 1 1 100 1% /'");
        return {};
      },
      "fault  host.disk.free: found 100 MiB",
    ],
    [
      "an old kernel",
      () => ({ KERNEL_MINIMUM: "6.2 kubeadm of Kubernetes 1.40.0" }),
      "fault  host.kernel: found 6.1.0-18-amd64; allowed: 6.2 or later, for kubeadm of Kubernetes 1.40.0",
    ],
    [
      "an address elsewhere",
      () => ({ ADDRESS: "10.0.0.10" }),
      "fault  host.address: found no interface with 10.0.0.10",
    ],
    [
      "a name that is taken",
      () => {
        host.write("/etc/hosts", "10.0.0.7 old cp1\n");
        return {};
      },
      "fault  host.name: found cp1 at 10.0.0.7 in",
    ],
    [
      "a port that is taken",
      () => {
        host.setState("sockets", HEADER + socket("tcp", 6443, "nginx"));
        return {};
      },
      "fault  host.ports.6443: found nginx; allowed: nothing on 6443/tcp but kube-apiserver; change: stop it, or give it another port",
    ],
    [
      "a tunnel of somebody else",
      () => {
        host.setState("sockets", HEADER + socket("udp", 8472));
        return {};
      },
      "fault  host.ports.8472: found kernel",
    ],
    [
      "a clock that is off",
      () => {
        host.setState(
          "tracking",
          "System time     : 12.5 seconds slow of NTP time\nLeap status     : Normal\n",
        );
        return {};
      },
      "fault  host.clock: found 12500 ms off; allowed: 500 ms at most",
    ],
    [
      "a slow disk",
      () => {
        host.stub("dd", "sleep 0.3");
        return { FSYNC_MILLISECONDS: 1 };
      },
      "fault  host.disk.fsync: found",
    ],
    [
      "a module that is not there",
      () => ({ MODULES: ["overlay", "wireguard"] }),
      "fault  host.modules: found none called wireguard",
    ],
    [
      "no ip_vs for a service proxy",
      () => {
        rmSync(host.path("/sys/module/ip_vs"), { recursive: true });
        return { IPVS: "needed" };
      },
      "fault  host.modules.ip_vs: found no ip_vs; allowed: ip_vs, for the service proxy of the config",
    ],
    [
      "swap that stays",
      () => {
        host.stub("swapon", "echo /dev/sda2");
        return { SWAP: "keep" };
      },
      "fault  host.swap: found on; allowed: off; change: set nodes.swap: off",
    ],
    [
      "CentOS 7 as it was installed",
      () => {
        host.write("/etc/os-release", 'ID="centos"\nVERSION_ID="7"\n');
        host.write("/etc/yum.repos.d/CentOS-Base.repo", "[base]\nmirrorlist=http://x\n");
        return {};
      },
      "fault  host.repositories: found CentOS 7 with its first mirror list",
    ],
  ];

  it.each(spoiled)("refuses %s", async (_what, spoil, message) => {
    const { code, stderr } = await run(spoil());
    expect([code, faults(stderr)]).toEqual([78, [expect.stringContaining(message)]]);
    expect(host.leftovers()).toEqual([]);
  });

  it("refuses control groups of version 1 where the kubelet would", async () => {
    rmSync(host.path("/sys/fs/cgroup/cgroup.controllers"));
    const { code, stderr } = await run();
    expect([code, faults(stderr)]).toEqual([
      78,
      [
        "fault  host.cgroup: found version 1; allowed: version 2, from Kubernetes 1.35 on; change: boot with systemd.unified_cgroup_hierarchy=1",
      ],
    ]);
    expect((await run({ CGROUP_V1: "allow" })).result).toMatchObject({ cgroup: "1" });
  });

  it("names everything at once, and only then ends", async () => {
    host.stub("nproc", "echo 1");
    host.setState("sockets", HEADER + socket("tcp", 6443, "nginx"));
    const { code, stderr } = await run({ ADDRESS: "10.0.0.10" });
    expect(code).toBe(78);
    expect(faults(stderr).map((line) => line.split(" ")[2])).toEqual([
      "host.cpus:",
      "host.address:",
      "host.ports.6443:",
    ]);
    expect(lines(stderr).at(-1)).toMatch(/^error: 3 of the checks above failed; nothing was changed here\./);
  });

  it("only tells where it is asked to report", async () => {
    host.stub("nproc", "echo 1");
    const { code, result, stderr } = await run({ MODE: "report" });
    expect([code, result?.faults, faults(stderr).length]).toEqual([0, "1", 1]);
  });

  it.each([
    [
      "a distribution of no family",
      () => host.write("/etc/os-release", "ID=alpine\n"),
      "host.os: found alpine",
    ],
    [
      "a processor for which there is nothing",
      () => host.stub("uname", "case $1 in -r) echo 6.1.0 ;; *) echo armv7l ;; esac"),
      "host.processor: found armv7l; allowed: x86_64 or aarch64",
    ],
    [
      "a user without sudo",
      () => host.stub("id", "echo 1000"),
      "change: give the login user password-less sudo",
    ],
  ])("refuses %s, whatever the mode", async (_what, make, message) => {
    make();
    const { code, stderr } = await run({ MODE: "report" });
    expect(code).toBe(78);
    expect(faults(stderr)).toEqual([expect.stringContaining(message)]);
  });
});
