import { describe, expect, it } from "vitest";
import { ConfigError, type Fault } from "../../stacks/config/faults";
import { type Computer, resolvePlatform } from "../../stacks/config/load";
import { capableComputer, hostKey, inventory, member } from "../support/platforms";

const machines = (...members: readonly object[]) => ({ hosts: { kind: "inventory", members } });
const cp1 = member("cp1", "10.0.0.1", "controlPlane", "etcd");
const RSA_HOST_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7";
const node1 = member("node1", "10.0.0.2", "worker");

function faultsOf(config: unknown, computer: Computer = capableComputer): readonly Fault[] {
  try {
    resolvePlatform(config, "unit", computer);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

interface BadConfig {
  readonly name: string;
  readonly config: unknown;
  /** Path of each fault with a piece of what it says is allowed, or to be changed. */
  readonly faults: readonly (readonly [path: string, says: string])[];
}

const badConfigs: readonly BadConfig[] = [
  {
    name: "an unknown key at the top",
    config: { kubernets: {} },
    faults: [["kubernets", "correct its spelling"]],
  },
  {
    name: "an unknown key further in",
    config: { kubernetes: { podCIDR: "10.0.0.0/16" } },
    faults: [["kubernetes.podCIDR", "correct its spelling"]],
  },
  {
    name: "an unknown kind of hosts",
    config: { hosts: { kind: "cloud" } },
    faults: [["hosts.kind", "write one of the kinds that docs/config.md lists"]],
  },
  {
    name: "an unknown composition",
    config: { composition: "production" },
    faults: [["composition", "dev"]],
  },
  {
    name: "a version with a leading v",
    config: { kubernetes: { version: "v1.36.3" } },
    faults: [["kubernetes.version", 'in quotes, such as "1.36.3"']],
  },
  {
    name: "a version that YAML took for a number",
    config: { kubernetes: { version: 1.36 } },
    faults: [["kubernetes.version", "a version of three numbers"]],
  },
  {
    name: "a pod network with host bits",
    config: { kubernetes: { podSubnet: "10.100.0.1/17" } },
    faults: [["kubernetes.podSubnet", "whose host bits are zero"]],
  },
  {
    name: "a service network that is no network",
    config: { kubernetes: { serviceSubnet: "10.200.0.0/33" } },
    faults: [["kubernetes.serviceSubnet", "an IPv4 network in CIDR notation"]],
  },
  {
    name: "pods and services in one network",
    config: { kubernetes: { podSubnet: "10.0.0.0/8", serviceSubnet: "10.96.0.0/16" } },
    faults: [["kubernetes.serviceSubnet", "a network apart from kubernetes.podSubnet (10.0.0.0/8)"]],
  },
  {
    name: "disposable hosts inside the pod network",
    config: { hosts: { kind: "sandbox", network: { cidr: "10.100.1.0/24" } } },
    faults: [
      ["hosts.network.cidr", "a network apart from kubernetes.podSubnet (10.100.0.0/17)"],
      ["hosts.members[0].address", "an address outside kubernetes.podSubnet"],
      ["hosts.members[1].address", "an address outside kubernetes.podSubnet"],
    ],
  },
  {
    name: "a machine inside the service network",
    config: machines(cp1, member("node1", "10.200.0.9", "worker")),
    faults: [["hosts.members[1].address", "an address outside kubernetes.serviceSubnet (10.200.0.0/19)"]],
  },
  {
    name: "a pod network that is not flannel's",
    config: { network: { flannel: { podCidr: "10.244.0.0/16" } } },
    faults: [["network.flannel.podCidr", "kubernetes.podSubnet (10.100.0.0/17)"]],
  },
  {
    name: "a pod network with no room for a node's /24",
    config: { kubernetes: { podSubnet: "10.100.0.0/24" } },
    faults: [["kubernetes.podSubnet", "it holds 1 and there are 2 hosts"]],
  },
  {
    name: "a service network that the API server refuses at start",
    config: { kubernetes: { serviceSubnet: "10.192.0.0/11" } },
    faults: [["kubernetes.serviceSubnet", "a prefix length from 12 to 28"]],
  },
  {
    name: "an even number of etcd members",
    config: machines(cp1, member("etcd2", "10.0.0.3", "etcd"), node1),
    faults: [["hosts.members", "use 1 or 3"]],
  },
  {
    name: "no etcd member",
    config: machines(member("cp1", "10.0.0.1", "controlPlane"), node1),
    faults: [["hosts.members", "give the control plane the role etcd too"]],
  },
  {
    name: "no control plane",
    config: machines(member("etcd1", "10.0.0.1", "etcd"), node1),
    faults: [["hosts.members", "give one host the role controlPlane"]],
  },
  {
    name: "two control planes",
    config: machines(cp1, member("cp2", "10.0.0.2", "controlPlane")),
    faults: [
      ["hosts.members", "one control plane, or three and more"],
      ["kubernetes.controlPlaneEndpoint.kind", "external, haproxy or kubeVip with 2 control planes"],
    ],
  },
  {
    name: "three control planes behind the first of them",
    config: { hosts: { kind: "sandbox", controlPlanes: 3 } },
    faults: [["kubernetes.controlPlaneEndpoint.kind", "the first would be the only way in"]],
  },
  {
    name: "more control planes than a sandbox numbers",
    config: { hosts: { kind: "sandbox", controlPlanes: 8 } },
    faults: [["hosts.controlPlanes", "at most 7"]],
  },
  {
    name: "a virtual address that a host has",
    config: { kubernetes: { controlPlaneEndpoint: { kind: "haproxy", address: "172.30.7.12" } } },
    faults: [["kubernetes.controlPlaneEndpoint.address", "hosts.members[1] has this one"]],
  },
  {
    name: "a virtual address outside the sandbox",
    config: { kubernetes: { controlPlaneEndpoint: { kind: "kubeVip", address: "192.0.2.1" } } },
    faults: [["kubernetes.controlPlaneEndpoint.address", "the sandbox's network (172.30.7.0/24)"]],
  },
  {
    name: "an inventory's haproxy without an address",
    config: { ...machines(cp1), kubernetes: { controlPlaneEndpoint: { kind: "haproxy" } } },
    faults: [["kubernetes.controlPlaneEndpoint.address", "a free address of the hosts' network"]],
  },
  {
    name: "haproxy on the API server's own port",
    config: { kubernetes: { controlPlaneEndpoint: { kind: "haproxy", port: 6443 } } },
    faults: [["kubernetes.controlPlaneEndpoint.port", "another port than kubernetes.bindPort (6443)"]],
  },
  {
    name: "a dead host that is all the control plane there is",
    config: machines({ ...cp1, gone: true }),
    faults: [
      ["hosts.members", "a control plane that lives"],
      ["hosts.members", "less than half of them"],
    ],
  },
  {
    name: "two of three etcd members gone",
    config: machines(
      cp1,
      { ...member("e2", "10.0.0.2", "etcd"), gone: true },
      { ...member("e3", "10.0.0.3", "etcd"), gone: true },
    ),
    faults: [["hosts.members", "without a majority nobody can be removed"]],
  },
  {
    name: "hosts of one's own for an etcd that kubeadm runs",
    config: { ...machines(cp1), etcd: { kind: "kubeadm" } },
    faults: [["etcd.kind", "external, since 1 hosts have the role etcd"]],
  },
  {
    name: "an election before the heartbeats are counted",
    config: { etcd: { heartbeatInterval: 300 } },
    faults: [["etcd.electionTimeout", "at least five times etcd.heartbeatInterval (300)"]],
  },
  {
    name: "an issuer of etcd's certificates that nobody trusts yet",
    config: { pki: { etcdAuthorities: { trusted: [1], issuing: 2 } } },
    faults: [["pki.etcdAuthorities.issuing", "trust it first"]],
  },
  {
    name: "a label that is none",
    config: machines(cp1, { ...node1, labels: { "disk=ssd": "yes" } }),
    faults: [["hosts.members[1].labels.disk=ssd", "a label key"]],
  },
  {
    name: "a generation before the first",
    config: machines(cp1, { ...node1, generation: 0 }),
    faults: [["hosts.members[1].generation", "at least 1"]],
  },
  {
    name: "a control plane that is a worker too",
    config: machines(member("cp1", "10.0.0.1", "controlPlane", "etcd", "worker")),
    faults: [["hosts.members[0].roles", "either controlPlane or worker"]],
  },
  {
    name: "two machines of one name",
    config: machines(cp1, node1, member("node1", "10.0.0.3", "worker")),
    faults: [["hosts.members[2].name", "hosts.members[1] has this one"]],
  },
  {
    name: "two machines at one address",
    config: machines(cp1, node1, member("node2", "10.0.0.2", "worker")),
    faults: [["hosts.members[2].address", "hosts.members[1] has this one"]],
  },
  {
    name: "a disposable host outside of its network",
    config: {
      hosts: {
        kind: "sandbox",
        members: [{ name: "cp1", address: "192.168.1.5", roles: ["controlPlane", "etcd"] }],
      },
    },
    faults: [["hosts.members[0].address", "an address in hosts.network.cidr (172.30.7.0/24)"]],
  },
  {
    name: "a sandbox network with fewer addresses than hosts",
    config: { hosts: { kind: "sandbox", workers: 6, network: { cidr: "172.30.9.0/29" } } },
    faults: [["hosts.network.cidr", "a network with an address for every host"]],
  },
  {
    name: "a machine without a host key",
    config: machines({ name: "cp1", address: "10.0.0.1", roles: ["controlPlane", "etcd"] }),
    faults: [["hosts.members[0].hostKey", "ssh-keyscan"]],
  },
  {
    name: "a bastion without a host key",
    config: { hosts: { kind: "inventory", bastion: { host: "10.0.0.9" }, members: [cp1] } },
    faults: [["hosts.bastion.hostKey", "ssh-keyscan"]],
  },
  {
    name: "a machine without a role",
    config: machines({ ...cp1, roles: [] }),
    faults: [["hosts.members[0].roles", "name at least one"]],
  },
  {
    name: "a role that does not exist",
    config: machines({ ...cp1, roles: ["master"] }),
    faults: [["hosts.members[0].roles[0]", "controlPlane, etcd, worker"]],
  },
  {
    name: "a machine name in upper case",
    config: machines({ ...cp1, name: "CP1" }),
    faults: [["hosts.members[0].name", "rename the host, for example cp1"]],
  },
  {
    name: "an address that is none",
    config: machines({ ...cp1, address: "10.0.0.256" }),
    faults: [["hosts.members[0].address", "four numbers from 0 to 255"]],
  },
  {
    name: "RSA host keys, of a machine and of the jump host",
    config: {
      hosts: {
        kind: "inventory",
        bastion: { host: "10.0.0.9", hostKey: RSA_HOST_KEY },
        members: [{ ...cp1, hostKey: `${RSA_HOST_KEY} root@cp1` }, node1],
      },
    },
    faults: [
      ["hosts.members[0].hostKey", "an ed25519 or ECDSA key"],
      ["hosts.bastion.hostKey", "ssh-keyscan -t ed25519,ecdsa HOST"],
    ],
  },
  {
    name: "an inventory without machines",
    config: { hosts: { kind: "inventory", members: [] } },
    faults: [["hosts.members", "at least 1"]],
  },
  {
    name: "a port beyond the last",
    config: { kubernetes: { bindPort: 65536 } },
    faults: [["kubernetes.bindPort", "a TCP port, 1 to 65535"]],
  },
  {
    name: "an endpoint without a port",
    config: { kubernetes: { controlPlaneEndpoint: { kind: "external", address: "api.example.com" } } },
    faults: [["kubernetes.controlPlaneEndpoint.address", "write it like 172.16.8.241:6443"]],
  },
  {
    name: "a sysctl key that is none",
    config: { nodes: { sysctl: { "ip_forward=1": 1 } } },
    faults: [["nodes.sysctl.ip_forward=1", "a sysctl key such as net.ipv4.ip_forward"]],
  },
  {
    name: "one sysctl key in two spellings",
    config: { nodes: { sysctl: { "kernel/panic": 5, "kernel.panic": 10 } } },
    faults: [["nodes.sysctl.kernel.panic", "kernel/panic is kernel.panic too"]],
  },
  {
    name: "a sysctl value of several lines",
    config: { nodes: { sysctl: { "kernel.panic": "1\nkernel.x = 2" } } },
    faults: [["nodes.sysctl.kernel.panic", "several numbers in one string"]],
  },
  ...["/var/lib/etcd", "/data", "/var/lib/etcd/../x", "/var/lib/etcd/a b", "var/lib/etcd/x"].map(
    (dataDir) => ({
      name: `a data directory outside of etcd's home (${dataDir})`,
      config: { etcd: { dataDir } },
      faults: [["etcd.dataDir", "a directory below /var/lib/etcd"] as const],
    }),
  ),
  {
    name: "a mirror without its registry",
    config: { artifacts: { kind: "mirror", files: "https://mirror.example.com" } },
    faults: [["artifacts.registry", "a host name or address, a colon and a port"]],
  },
  {
    name: "a mirror at an address that is none",
    config: {
      artifacts: { kind: "mirror", files: "mirror.example.com", registry: "mirror.example.com:5000" },
    },
    faults: [["artifacts.files", "an http or https address"]],
  },
  {
    name: "leaves that outlive their authority",
    config: { pki: { authorityValidityHours: 100, leafValidityHours: 101, renewBeforeHours: 10 } },
    faults: [["pki.leafValidityHours", "at most pki.authorityValidityHours (100)"]],
  },
  {
    name: "leaves that are renewed by every run",
    config: { pki: { leafValidityHours: 720 } },
    faults: [["pki.renewBeforeHours", "less than pki.leafValidityHours (720)"]],
  },
  {
    name: "an etcd that kubeadm refuses",
    config: { etcd: { version: "3.4.27" } },
    faults: [["etcd.version", "3.5.24 or later, below 4.0 with Kubernetes 1.36.3"]],
  },
  {
    name: "fewer open files than a node needs",
    config: { nodes: { limits: { nofile: 10 } } },
    faults: [["nodes.limits.nofile", "at least 1024"]],
  },
];

describe("resolvePlatform refuses", () => {
  it.each(badConfigs)("$name", ({ config, faults }) => {
    const found = faultsOf(config);
    expect(found.map(({ path }) => path)).toEqual(faults.map(([path]) => path));
    for (const [index, [, says]] of faults.entries()) {
      expect(`${found[index]?.allowed} / ${found[index]?.change}`).toContain(says);
    }
  });

  it("a sandbox on a computer that cannot hold one, with every reason", () => {
    const computer = {
      ...capableComputer,
      sandboxProblems: () => ["Sandbox hosts need root.", "Sandbox hosts need debootstrap."],
    };
    expect(faultsOf({}, computer).map(({ path, allowed }) => [path, allowed])).toEqual([
      ["hosts.kind", "on a computer that can hold disposable hosts: Sandbox hosts need root."],
      ["hosts.kind", "on a computer that can hold disposable hosts: Sandbox hosts need debootstrap."],
    ]);
    expect(faultsOf(machines(cp1, node1), computer)).toEqual([]);
  });

  it("everything at once, not one fault per run", () => {
    const config = {
      kubernetes: { serviceSubnet: "10.100.0.0/19" },
      network: { flannel: { podCidr: "10.244.0.0/16" } },
      etcd: { version: "3.5.0" },
      hosts: { kind: "inventory", members: [cp1, member("cp1", "10.0.0.1", "etcd")] },
    };
    expect(faultsOf(config).map(({ path }) => path)).toEqual([
      "hosts.members[1].name",
      "hosts.members[1].address",
      "hosts.members",
      "kubernetes.serviceSubnet",
      "network.flannel.podCidr",
      "etcd.version",
    ]);
  });

  it("every misspelling at once", () => {
    const config = {
      kubernetes: { version: "1.36", bindPort: 0, podSubnet: "10.0.0.0" },
      etcd: { datadir: "/x" },
    };
    expect(faultsOf(config).map(({ path }) => path)).toEqual([
      "kubernetes.version",
      "kubernetes.bindPort",
      "kubernetes.podSubnet",
      "etcd.datadir",
    ]);
  });

  it("what is no object at all", () => {
    expect(() => resolvePlatform("sandbox", "unit", capableComputer)).toThrow(ConfigError);
  });
});

describe("the message", () => {
  it("says of each fault where, what was given, what is allowed and what to change", () => {
    const config = { hosts: { kind: "sandbox", workers: 51 }, kubernetes: { version: "v1.36.3" } };
    expect(() => resolvePlatform(config, "unit", capableComputer)).toThrowErrorMatchingInlineSnapshot(`
      [Error: The config has 2 faults; nothing was touched.

        hosts.workers
          given:   51
          allowed: at most 50
          change:  lower it

        kubernetes.version
          given:   "v1.36.3"
          allowed: a version of three numbers
          change:  write it without a leading v and in quotes, such as "1.36.3"
      ]
    `);
  });

  it("counts a single fault in words", () => {
    expect(() =>
      resolvePlatform({ protect: true }, "unit", capableComputer),
    ).toThrowErrorMatchingInlineSnapshot(`
      [Error: The config has one fault; nothing was touched.

        protect
          given:   true
          allowed: auto, on, off
          change:  write one of these
      ]
    `);
  });

  it.each([
    ["in place of a host key", machines({ ...cp1, hostKey: pastedKey() })],
    ["under an unknown key", { ssh: { privateKey: pastedKey() } }],
    ["among several lines", { kubernetes: { certSANs: [pastedKey()] } }],
  ])("never shows a private key that was pasted %s", (_where, config) => {
    const faults = faultsOf(config);
    expect(faults.length).toBeGreaterThan(0);
    expect(JSON.stringify(faults)).not.toContain("songbird");
    expect(faults.map(({ given }) => given)).toContain("a private key (not shown)");
  });

  it("cuts a long value", () => {
    const [fault] = faultsOf({ kubernetes: { version: "x".repeat(500) } });
    expect(fault?.given.length).toBe(120);
  });
});

function pastedKey(): string {
  return "-----BEGIN OPENSSH PRIVATE KEY-----\nsongbird\n-----END OPENSSH PRIVATE KEY-----\n";
}

/** What a host is unless the config says more of it. */
const plain = { labels: {}, taints: undefined, generation: 1, gone: false };

describe("resolvePlatform accepts", () => {
  it("nothing at all: two disposable hosts of the versions that were tested together", () => {
    const platform = resolvePlatform({}, "dev", capableComputer);
    expect(platform.members).toEqual([
      { name: "cp1", address: "172.30.7.11", roles: ["controlPlane", "etcd"], ...plain },
      { name: "worker1", address: "172.30.7.12", roles: ["worker"], ...plain },
    ]);
    expect(platform).toMatchObject({
      stack: "dev",
      tier: "dev",
      sandboxCidr: "172.30.7.0/24",
      warnings: [],
    });
    expect(platform.config).toEqual({
      composition: "dev",
      hosts: { kind: "sandbox", controlPlanes: 1, workers: 1, network: { cidr: "auto", mirrorPort: 5000 } },
      kubernetes: {
        version: "1.36.3",
        clusterName: "kubernetes",
        controlPlaneEndpoint: { kind: "firstControlPlane" },
        bindPort: 6443,
        podSubnet: "10.100.0.0/17",
        serviceSubnet: "10.200.0.0/19",
        dnsDomain: "cluster.local",
        certSANs: [],
        extraArgs: { apiServer: {}, controllerManager: {}, scheduler: {}, kubelet: {} },
        auditLog: false,
        encryptionAtRest: false,
        workerConcurrency: 1,
        drainTimeoutSeconds: 300,
      },
      etcd: {
        kind: "external",
        version: "3.6.15",
        dataDir: "/var/lib/etcd/default.etcd",
        initialClusterToken: "etcd-cluster",
        loopbackHttp: false,
        snapshots: { onCalendar: "*-*-* 00/6:00:00", keep: 28 },
      },
      runtime: { kind: "containerd", version: "2.3.7", criDockerd: "0.3.26", registryMirrors: {} },
      network: {
        kind: "flannel",
        flannel: { version: "0.26.7", backend: "vxlan" },
        kubeRouter: { version: "2.11.1", serviceProxy: false },
        kubeProxy: "iptables",
        corednsReplicas: 2,
        loadBalancerImplementation: "none",
        legacyDoublePodNetwork: false,
      },
      mesh: false,
      gateways: {
        routes: [],
        edge: false,
        authority: {
          keyAlgorithm: "ECDSA-P256",
          authorityValidityHours: 87600,
          validityHours: 2160,
          renewBeforeHours: 720,
        },
      },
      addons: {
        prometheus: false,
        grafana: false,
        jaeger: false,
        kiali: false,
        logging: false,
        alerts: {
          receiver: { kind: "none" },
          repeatHours: 4,
          thresholds: {
            errorRatio: 0.05,
            latencyMilliseconds: 1000,
            minimumRequestRate: 0.1,
            gatewayCertificateDays: 14,
            workloadCertificateHours: 1,
            rootCertificateDays: 30,
            pushSeconds: 30,
            minutes: 5,
          },
        },
      },
      apps: {
        bookinfo: false,
        httpbin: false,
        fortio: false,
        clients: [],
        istioLab: false,
        webDemo: false,
        billDemo: false,
        proxyCom: false,
        delivery: false,
        injection: {},
      },
      traffic: {
        scenarios: [],
        canaryWeight: 10,
        hosts: {},
        rateLimits: { local: [], global: [], service: {} },
        security: { peerAuthentications: [], authorizationPolicies: [], requestAuthentications: [] },
        egress: [],
        canaries: [],
        chaos: [],
      },
      nodes: {
        sysctl: {},
        modules: [],
        packages: { debian: [], redhat: [] },
        limits: { nofile: 65535, nproc: 10240 },
        historyTimeFormat: "%m/%d %T ",
        swap: "off",
        firewall: "off",
        selinux: "permissive",
        timeSync: "on",
        timeServers: [],
        journald: { systemMaxUse: "1G", maxRetentionSec: "1month" },
        prechecks: {
          mode: "refuse",
          memoryMiB: 1700,
          cpus: 2,
          diskFreeMiB: 4096,
          fsyncMilliseconds: 50,
          clockOffsetMilliseconds: 500,
        },
        hostsEntries: "controlPlanes",
      },
      artifacts: { kind: "auto" },
      pki: {
        keyAlgorithm: "RSA-2048",
        authorityValidityHours: 87600,
        leafValidityHours: 8760,
        renewBeforeHours: 720,
        leafGeneration: 1,
        etcdAuthorities: { trusted: [1], issuing: 1 },
      },
      protect: "auto",
    });
  });

  it("existing machines behind a bastion, without asking the computer for a sandbox", () => {
    const computer = {
      ...capableComputer,
      sandboxProblems: () => ["no root"],
      sandboxCidr: () => "never asked",
    };
    const platform = resolvePlatform(inventory(1), "lab", computer);
    expect(platform.members).toEqual([
      { name: "cp1", address: "172.16.8.241", roles: ["controlPlane", "etcd"], ...plain },
      { name: "node1", address: "172.16.8.1", roles: ["worker"], ...plain },
    ]);
    expect(platform.sandboxCidr).toBeUndefined();
    expect(platform.config.hosts).toMatchObject({
      ssh: { user: "admin", port: 2222 },
      bastion: { host: "203.0.113.9", port: 22, user: "jump", hostKey: hostKey("bastion") },
    });
  });

  it("named disposable hosts, with free addresses around the given ones", () => {
    const members = [
      { name: "main", roles: ["controlPlane", "etcd"] },
      { name: "fixed", address: "172.30.7.12", roles: ["worker"] },
      { name: "other", roles: ["worker"] },
    ];
    const platform = resolvePlatform({ hosts: { kind: "sandbox", members } }, "dev", capableComputer);
    expect(platform.members.map(({ name, address }) => [name, address])).toEqual([
      ["main", "172.30.7.11"],
      ["fixed", "172.30.7.12"],
      ["other", "172.30.7.13"],
    ]);
  });

  it("as many hosts as a small sandbox network has addresses", () => {
    const hosts = { kind: "sandbox", workers: 4, network: { cidr: "172.30.9.0/29" } };
    const addresses = resolvePlatform({ hosts }, "dev", capableComputer).members.map(
      ({ address }) => address,
    );
    expect(addresses).toEqual([2, 3, 4, 5, 6].map((last) => `172.30.9.${last}`));
  });

  it("pod and flannel networks that are equal", () => {
    const config = {
      kubernetes: { podSubnet: "10.244.0.0/16" },
      network: { flannel: { podCidr: "10.244.0.0/16" } },
    };
    expect(faultsOf(config)).toEqual([]);
  });

  it("three etcd members, two of them on machines of their own", () => {
    expect(
      faultsOf(machines(cp1, member("e2", "10.0.0.3", "etcd"), member("e3", "10.0.0.4", "etcd"), node1)),
    ).toEqual([]);
  });

  it("a dead etcd member, alone or beside its successor", () => {
    const dead = { ...member("e3", "10.0.0.4", "etcd"), gone: true };
    const others = [cp1, member("e2", "10.0.0.3", "etcd")];
    expect(faultsOf(machines(...others, dead))).toEqual([]);
    expect(faultsOf(machines(...others, dead, member("e4", "10.0.0.5", "etcd")))).toEqual([]);
  });

  it("untested versions, with a warning", () => {
    const platform = resolvePlatform(
      { kubernetes: { version: "1.35.1" }, runtime: { version: "2.2.1" } },
      "dev",
      capableComputer,
    );
    expect(platform.warnings).toEqual([
      "Kubernetes 1.35.1 with etcd 3.6.15, containerd 2.2.1, flannel 0.26.7 was not tested together " +
        "(tested: Kubernetes 1.36 with etcd 3.6, containerd 2.3, flannel 0.26; " +
        "Kubernetes 1.35 with etcd 3.5, containerd 2.3, flannel 0.26); nothing needs to change; try it on a sandbox first",
    ]);
  });
});
