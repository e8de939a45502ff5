import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "./lab";

/** Drift that is made by hand on real hosts, found, named and put back; and none where nobody made any. */
const lab = new Lab("sandbox-drift");
const root = join(__dirname, "..", "..");

interface Found {
  readonly code: number | null;
  /** `host kind subject field: declared -> found`, digests left out. */
  readonly differences: string[];
  readonly problems: string[];
  readonly stderr: string;
}

function drift(...args: string[]): Found {
  const words = ["-r", "tsx/cjs", "scripts/drift.ts", "--stack", lab.stack, "--json", ...args];
  const env = { ...process.env, MESH_PLATFORM_STATE: lab.stateFolder };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, env, encoding: "utf8" });
  process.stdout.write(stderr.replace(/^(?=.)/gm, "[drift] "));
  lab.transcript.push(stdout, stderr);
  const { hosts } = JSON.parse(stdout || '{"hosts":[]}') as {
    hosts: { name: string; problem?: string; differences: Record<string, string>[] }[];
  };
  const differences = hosts.flatMap(({ name, differences: list }) =>
    list.map(({ kind, subject, field, declared, found }) => {
      const values = field === "content" ? "" : `: ${declared} -> ${found}`;
      return `${name} ${[kind, subject, field].filter(Boolean).join(" ")}${values}`;
    }),
  );
  const problems = hosts.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [`${name}: ${problem}`],
  );
  return { code: status, differences, problems, stderr };
}

const clean = { code: 0, differences: [], problems: [] };
const etcdKey = "/etc/etcd/ssl/etcd-key.pem";
const aside = (path: string) => `mv ${path} ${path}.aside`;
const back = (path: string) => `mv -f ${path}.aside ${path}`;
const copy = (path: string) => `cp -p ${path} ${path}.aside`;
const proxyCertificate = "/etc/kubernetes/pki/front-proxy-client.crt";

/** What is done to a host, how drift names it (with the values of the host where a pattern is needed), how it is undone. */
const kinds: readonly { host: string; make: string; found: RegExp; undo: string }[] = [
  {
    host: "cp1",
    make: `${copy("/etc/sysctl.d/90-mesh-platform.conf")}; echo '# by hand' >>/etc/sysctl.d/90-mesh-platform.conf`,
    found: /^cp1 file \/etc\/sysctl\.d\/90-mesh-platform\.conf content$/,
    undo: back("/etc/sysctl.d/90-mesh-platform.conf"),
  },
  {
    host: "cp1",
    make: `chmod 0644 ${etcdKey}`,
    found: /^cp1 file \/etc\/etcd\/ssl\/etcd-key\.pem mode: 0600 -> 644$/,
    undo: `chmod 0600 ${etcdKey}`,
  },
  {
    host: "cp1",
    make: "chown root:root /etc/etcd/ssl/etcd.pem",
    found: /^cp1 file \/etc\/etcd\/ssl\/etcd\.pem owner: etcd:etcd -> root:root$/,
    undo: "chown etcd:etcd /etc/etcd/ssl/etcd.pem",
  },
  {
    host: "cp1",
    make: aside("/etc/security/limits.d/20-nproc.conf"),
    found: /^cp1 file \/etc\/security\/limits\.d\/20-nproc\.conf presence: there -> missing$/,
    undo: back("/etc/security/limits.d/20-nproc.conf"),
  },
  {
    host: "cp1",
    make: "sysctl -qw net.ipv4.tcp_fin_timeout=77",
    found: /^cp1 sysctl net\.ipv4\.tcp_fin_timeout value: 30 -> 77$/,
    undo: "sysctl -qw net.ipv4.tcp_fin_timeout=30",
  },
  {
    host: "cp1",
    make: `${aside("/usr/bin/kubectl")}; printf '#!/bin/sh\\necho Client Version: v1.20.0\\n' >/usr/bin/kubectl; chmod 0755 /usr/bin/kubectl`,
    found: /^cp1 version kubectl version: 1\.\d+\.\d+ -> 1\.20\.0$/,
    undo: back("/usr/bin/kubectl"),
  },
  {
    host: "cp1",
    make: `${aside(proxyCertificate)}; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /CN=x -days 1 -out ${proxyCertificate} 2>/dev/null`,
    found: /^cp1 certificate \/etc\/kubernetes\/pki\/front-proxy-client\.crt notAfter: \S+ -> \S+$/,
    undo: back(proxyCertificate),
  },
  {
    host: "worker1",
    make: "systemctl disable kubelet 2>/dev/null",
    found: /^worker1 unit kubelet enabled: enabled -> disabled$/,
    undo: "systemctl enable kubelet 2>/dev/null",
  },
  {
    host: "worker1",
    make: "systemctl stop mesh-platform-forward",
    found: /^worker1 unit mesh-platform-forward active: active -> inactive$/,
    undo: "systemctl start mesh-platform-forward",
  },
  {
    host: "worker1",
    make: `${copy("/var/lib/dpkg/status")}; sed -i '/^Package: ethtool$/{n;s/install ok installed/deinstall ok config-files/}' /var/lib/dpkg/status`,
    found: /^worker1 package ethtool version: installed -> missing$/,
    undo: back("/var/lib/dpkg/status"),
  },
  {
    host: "worker1",
    make: `${copy("/etc/hosts")}; sed -i '/^# mesh-platform: begin/a 10.9.9.9 stray' /etc/hosts`,
    found: /^worker1 block \/etc\/hosts content$/,
    undo: back("/etc/hosts"),
  },
  {
    host: "worker1",
    make: `${copy("/var/lib/kubelet/config.yaml")}; echo '# by hand' >>/var/lib/kubelet/config.yaml`,
    found: /^worker1 adopted \/var\/lib\/kubelet\/config\.yaml content$/,
    undo: back("/var/lib/kubelet/config.yaml"),
  },
  {
    host: "worker1",
    make: "hostname wrong",
    found: /^worker1 hostname name: worker1 -> wrong$/,
    undo: "hostname worker1",
  },
];

beforeAll(async () => {
  lab.configure({ composition: "dev", hosts: { kind: "sandbox", workers: 1 } });
  await lab.must("up", "--yes");
});

afterAll(async () => {
  await lab.end();
});

describe("drift of real hosts", () => {
  it("is none after the first up, and none after the second", async () => {
    expect(drift()).toMatchObject(clean);
    await lab.must("up", "--yes");
    expect(drift()).toMatchObject(clean);
  });

  it("is none after a reboot", async () => {
    lab.tryOnHost("worker1", "systemctl reboot");
    await until(() => lab.tryOnHost("worker1", "systemctl is-active kubelet && uptime -s").status === 0, 120);
    lab.kubectl("wait", "--for=condition=Ready", "node/worker1", "--timeout=180s");
    expect(drift("--host", "worker1")).toMatchObject(clean);
  });

  it("is none by what others write to shared files", () => {
    lab.onHost("worker1", "echo '10.9.9.9 printer' >>/etc/hosts");
    expect(drift("--host", "worker1")).toMatchObject(clean);
  });

  it(`is found in ${kinds.length} kinds, each named by host and field, and gone when they are undone`, () => {
    for (const { host, make } of kinds) lab.onHost(host, make);
    const { code, differences } = drift();
    for (const { host, undo } of kinds) lab.onHost(host, undo);
    expect(code).toBe(3);
    const named = kinds.map(({ found }) => differences.filter((difference) => found.test(difference)).length);
    expect([differences, named]).toEqual([differences, kinds.map(() => 1)]);
    // The certificate of a day is another one, but not due for renewal before its last tenth.
    expect(differences.length).toBe(kinds.length);
    expect(drift()).toMatchObject(clean);
  });

  it("is put back by the command that it prints", async () => {
    lab.onHost("cp1", `chmod 0644 ${etcdKey}; sysctl -qw net.ipv4.tcp_fin_timeout=77`);
    expect(drift().differences.length).toBe(2);
    await lab.must("up", "--yes", "--replace", "**::cp1-prepare", "--replace", "**::cp1-keys");
    expect(drift()).toMatchObject(clean);
    expect(lab.onHost("cp1", `stat -c %a ${etcdKey}`).trim()).toBe("600");
  });

  it("waits while a step is at work, and holds up none", () => {
    // Longer than drift needs to get there on a busy computer, shorter than it waits.
    lab.onHost("worker1", "systemd-run --quiet flock /run/lock/mesh-platform.lock sleep 30");
    const { stderr, ...found } = drift("--host", "worker1");
    expect(found).toMatchObject(clean);
    expect(stderr).toContain("worker1: a step is at work there right now; waiting for its end");
    expect(lab.onHost("worker1", "flock -n /run/lock/mesh-platform.lock echo free").trim()).toBe("free");
  });

  it("cannot be told of a host that does not answer, which is named beside the others", async () => {
    lab.onHost("worker1", "systemd-run --quiet sh -c 'systemctl stop ssh; sleep 60; systemctl start ssh'");
    await until(() => lab.tryOnHost("worker1", "true").status !== 0, 30);
    const found = drift();
    await until(() => lab.tryOnHost("worker1", "true").status === 0, 120);
    expect(found).toMatchObject({ code: 1, differences: [] });
    expect(found.problems).toEqual([
      `worker1: ${lab.address("worker1")}:22 refuses connections; does sshd run there?`,
    ]);
  });

  it("shows no key", () => {
    const lines = lab.loginKey().split("\n").slice(1, -2);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => lab.transcript.join("\n").includes(line))).toEqual([]);
  });
});

async function until(holds: () => boolean, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`it did not come true within ${seconds} s`);
}
