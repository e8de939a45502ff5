import { z } from "zod";
import { addons } from "./addons-schema";
import { apps } from "./apps-schema";
import { loadBalancerImplementation } from "./exposure-schema";
import { gateways } from "./gateways-schema";
import { mesh } from "./mesh-schema";
import * as p from "./primitives";
import { tier } from "./tier";
import { traffic } from "./traffic-schema";
import { versions } from "./versions";

const roles = z
  .array(z.enum(["controlPlane", "etcd", "worker"]), {
    error: "a list of roles: controlPlane, etcd, worker\nname at least one",
  })
  .min(1, { error: "a list of roles: controlPlane, etcd, worker\nname at least one" })
  .meta({ description: "What the host does. A host may be control plane and etcd member at once." });

const taint = z.strictObject({
  key: p.labelKey,
  value: p.labelValue.optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** What can be said of a host, whatever its kind. */
const member = {
  name: p.hostName,
  roles,
  labels: z
    .record(p.labelKey, p.labelValue)
    .default({})
    .meta({ description: "Labels of the Kubernetes node" }),
  taints: z
    .array(taint)
    .optional()
    .meta({ description: "Taints of the node. Default: the control plane's own for one, none for a worker" }),
  generation: z.number().int().min(1).default(1).meta({
    description:
      "Raise it after the machine was installed anew or its data were lost: every step on it runs again, and it joins what exists",
  }),
  gone: z.boolean().default(false).meta({
    description:
      "The machine is dead: its etcd member and node are removed and nothing runs on it any more. Take it out of the list after the next `up`",
  }),
};

const inventoryMember = z.strictObject({
  ...member,
  address: p.ipv4.meta({ description: "Address by which the other hosts reach it" }),
  sshHost: p.ipv4.optional().meta({ description: "Address for SSH where it differs from `address`" }),
  hostKey: p.hostKey,
});

const sandboxMember = z.strictObject({
  ...member,
  address: p.ipv4.optional().meta({ description: "Default: the next free address of the sandbox network" }),
});

const ssh = z.strictObject({
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .default("root")
    .meta({ description: "Login user; others than root need password-less sudo" }),
  port: p.port.default(22),
});

const bastion = z.strictObject({
  host: p.ipv4,
  port: p.port.default(22),
  user: ssh.shape.user,
  hostKey: p.hostKey,
});

export const hosts = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("sandbox"),
      controlPlanes: z
        .number()
        .int()
        .min(0)
        .max(7)
        .default(1)
        .meta({ description: "Hosts that are control plane and etcd member" }),
      workers: z
        .number()
        .int()
        .min(0)
        .max(50)
        .default(1)
        .meta({ description: "Hosts that run workloads only" }),
      members: z
        .array(sandboxMember)
        .optional()
        .meta({ description: "Names, addresses and roles in place of the two numbers" }),
      network: z
        .strictObject({
          cidr: z
            .union([z.literal("auto"), p.cidr])
            .default("auto")
            .meta({ description: "Network of the sandbox; `auto` takes a free one of 172.30.0.0/16" }),
          mirrorPort: p.port.default(5000).meta({ description: "Port of the artifact mirror on the bridge" }),
        })
        .prefault({})
        .meta({ description: "How the hosts are connected" }),
    }),
    z.strictObject({
      kind: z.literal("inventory"),
      members: z.array(inventoryMember).min(1).meta({ description: "The machines" }),
      ssh: ssh.prefault({}).meta({ description: "How they are reached" }),
      bastion: bastion.optional().meta({ description: "Jump host through which all of them are reached" }),
      sharedKernel: z.boolean().default(false).meta({
        description:
          "The hosts are system containers (LXC, nspawn) on a kernel of somebody else's: leave that alone, as on a sandbox",
      }),
    }),
  ])
  .meta({
    description: "The machines: disposable ones on this computer (`sandbox`) or existing ones (`inventory`)",
  });

const count = (description: string, least: number, most: number, normal: number) =>
  z.number().int().min(least).max(most).default(normal).meta({ description });

const networkInterface = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,15}$/)
  .optional()
  .meta({ description: "Interface that holds the address. Default: the one of the host's own address" });

const controlPlaneEndpoint = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("firstControlPlane") }),
    z.strictObject({
      kind: z.literal("external"),
      address: p.hostPort.meta({ description: "A load balancer in front of every control plane, HOST:PORT" }),
    }),
    z.strictObject({
      kind: z.literal("haproxy"),
      address: p.ipv4.optional().meta({
        description:
          "Free address that one control plane holds at a time (VRRP). Default on a sandbox: the tenth of its network",
      }),
      port: p.port
        .default(8443)
        .meta({ description: "Port of haproxy; not bindPort, which is on the same host" }),
      interface: networkInterface,
      routerId: count("VRRP router id, one of its own for each cluster in a network segment", 1, 255, 51),
    }),
    z.strictObject({
      kind: z.literal("kubeVip"),
      address: p.ipv4.meta({ description: "Free address that one control plane holds at a time (ARP)" }),
      interface: networkInterface,
      version: p.version.default(versions.kubeVip.release),
    }),
  ])
  .prefault({ kind: "firstControlPlane" })
  .meta({
    description:
      "How everyone reaches the API servers. Several control planes need one of the last three, and it cannot be changed later",
  });

const extraArgs = z
  .record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string())
  .default({})
  .meta({ description: "Flags without the leading dashes, as kubeadm's extraArgs" });

export const kubernetes = z.strictObject({
  version: p.version.default(versions.kubernetes.release),
  clusterName: z
    .string()
    .regex(/^[a-z0-9][-a-z0-9.]*$/)
    .default("kubernetes")
    .meta({ description: "Name of the cluster in kubeconfigs" }),
  controlPlaneEndpoint,
  bindPort: p.port.default(6443).meta({ description: "Port of the API server" }),
  podSubnet: p.cidr
    .default("10.100.0.0/17")
    .meta({ description: "Network of the pods, a /24 of it per node" }),
  serviceSubnet: p.cidr.default("10.200.0.0/19").meta({ description: "Network of service addresses" }),
  dnsDomain: p.dnsDomain.default("cluster.local").meta({ description: "Domain of service names" }),
  certSANs: z
    .array(z.union([p.ipv4, p.dnsDomain]))
    .default([])
    .meta({ description: "Further names and addresses in the API server's certificate" }),
  extraArgs: z
    .strictObject({
      apiServer: extraArgs,
      controllerManager: extraArgs,
      scheduler: extraArgs,
      kubelet: extraArgs,
    })
    .prefault({})
    .meta({ description: "Flags of the components; a change rolls from node to node" }),
  auditLog: z
    .union([
      z.literal(false),
      z.strictObject({
        maxAge: count("Days that a log file is kept", 1, 3650, 30),
        maxBackup: count("Rotated files that are kept", 1, 1000, 10),
        maxSize: count("Size at which a file is rotated, in MiB", 1, 10000, 100),
      }),
    ])
    .default(false)
    .meta({ description: "Who did what, in /var/log/kubernetes/audit.log; never the content of Secrets" }),
  encryptionAtRest: z
    .union([
      z.literal(false),
      z.strictObject({
        provider: z.enum(["secretbox", "aescbc"]).default("secretbox"),
        keyGeneration: count("Raise it for a new key; former ones can still be read", 1, 9, 1),
      }),
    ])
    .default(false)
    .meta({ description: "Encrypts Secrets in etcd" }),
  workerConcurrency: count(
    "Workers that may join, or be upgraded and thus drained, at the same time",
    1,
    50,
    1,
  ),
  drainTimeoutSeconds: count("How long draining a node may take, in seconds", 10, 3600, 300),
});

const snapshotCopy = z.strictObject({
  host: p.ipv4,
  port: p.port.default(22),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .default("root"),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]+$/)
    .meta({ description: "Directory on that machine" }),
  hostKey: p.hostKey,
});

export const etcd = z.strictObject({
  kind: z.enum(["external", "kubeadm"]).default("external").meta({
    description:
      "external: on the hosts with the role etcd, with all that this page offers. kubeadm: a pod on each control plane, as kubeadm makes it",
  }),
  version: p.version.default(versions.etcd.release),
  dataDir: p.etcdDataDir
    .default("/var/lib/etcd/default.etcd")
    .meta({ description: "Data directory, below /var/lib/etcd" }),
  initialClusterToken: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .default("etcd-cluster")
    .meta({ description: "Keeps members of different clusters apart; no secret" }),
  heartbeatInterval: z.number().int().min(10).max(5000).optional().meta({
    description: "Pause between the leader's heartbeats, in ms. Default: etcd's, 100",
  }),
  electionTimeout: z.number().int().min(50).max(50000).optional().meta({
    description:
      "Silence after which a new leader is elected, in ms; five to ten heartbeats. Default: etcd's, 1000",
  }),
  quotaBackendBytes: z.number().int().min(268435456).max(17179869184).optional().meta({
    description: "Size of the store, in bytes, at which it takes no more writes. Default: etcd's, 2 GiB",
  }),
  snapshotCount: z.number().int().min(1000).optional().meta({
    description: "Transactions after which etcd writes a snapshot of its own. Default: etcd's",
  }),
  autoCompactionRetention: z
    .string()
    .regex(/^\d+[hm]?$/)
    .optional()
    .meta({ description: "History that etcd keeps by itself, such as 1h. Default: the API server compacts" }),
  loopbackHttp: z.boolean().default(false).meta({
    description:
      "Also serve clear text on 127.0.0.1:2379, as source document 000: any local user can read Secrets",
  }),
  snapshots: z
    .union([
      z.literal(false),
      z.strictObject({
        onCalendar: z
          .string()
          .regex(/^[A-Za-z0-9*:,./ ~-]+$/)
          .default("*-*-* 00/6:00:00")
          .meta({ description: "When, as systemd's OnCalendar" }),
        keep: count("Snapshots that each member keeps", 1, 1000, 28),
        copyTo: snapshotCopy.optional().meta({
          description:
            "Machine that gets a copy of each by SSH; authorise the key in the output etcdSnapshotKey there",
        }),
      }),
    ])
    .prefault({})
    .meta({ description: "Backups in /var/backups/etcd" }),
});

export const runtime = z.strictObject({
  kind: z
    .enum(["containerd", "criDockerd", "dockershim"])
    .default("containerd")
    .meta({ description: "criDockerd: Docker from Kubernetes 1.24 on; dockershim: Docker up to 1.23" }),
  version: p.runtimeVersion.default(versions.containerd.release).meta({
    description: `Version of containerd, or of Docker. Default for Docker: ${versions.docker.release}; with dockershim ${versions.dockerWithDockershim.release}`,
  }),
  runc: p.version.optional().meta({
    description:
      "Default: what goes with the source of artifacts; means nothing for aliyun and tuna, whose packages bring their own",
  }),
  cniPlugins: p.version.optional().meta({
    description:
      "Default: what goes with the source of artifacts; means nothing for aliyun and tuna, whose packages bring their own",
  }),
  criDockerd: p.version.default(versions.criDockerd.release).meta({ description: "Version of cri-dockerd" }),
  registryMirrors: z
    .record(z.string().regex(/^[a-z0-9.-]+(:\d+)?$/), z.array(p.url).min(1))
    .default({})
    .meta({
      description: "Addresses that stand in for a registry, tried in order before the registry itself",
    }),
});

export const network = z.strictObject({
  kind: z.enum(["flannel", "kubeRouter"]).default("flannel").meta({ description: "What connects the pods" }),
  flannel: z
    .strictObject({
      version: p.version.default(versions.flannel.release),
      podCidr: p.cidr
        .optional()
        .meta({ description: "Flannel's Network; must equal kubernetes.podSubnet. Default: that" }),
      backend: z
        .enum(["vxlan", "host-gw"])
        .default("vxlan")
        .meta({ description: "host-gw needs all hosts in one network segment" }),
    })
    .prefault({})
    .meta({ description: "With kind flannel" }),
  kubeRouter: z
    .strictObject({
      version: p.version.default(versions.kubeRouter.release),
      firewall: z
        .boolean()
        .optional()
        .meta({ description: "Enforce NetworkPolicy. Default: with kind kubeRouter" }),
      serviceProxy: z.boolean().default(false).meta({
        description: "Serve Services by IPVS in place of kube-proxy; needs the kernel module ip_vs",
      }),
    })
    .prefault({})
    .meta({ description: "Runs if it has anything to do" }),
  kubeProxy: z
    .enum(["iptables", "nftables", "ipvs", "none"])
    .default("iptables")
    .meta({ description: "How kube-proxy serves Services; none where kube-router does, or nothing shall" }),
  corednsReplicas: count("Pods of CoreDNS", 1, 50, 2),
  loadBalancerImplementation,
  legacyDoublePodNetwork: z.boolean().default(false).meta({
    description:
      "Let kube-router route beside flannel, as source document 000. Early pods lose their network",
  }),
});

export const nodes = z.strictObject({
  sysctl: z
    .record(p.sysctlKey, p.sysctlValue)
    .default({})
    .meta({ description: "Kernel parameters on top of the defaults; an equal key replaces the default" }),
  modules: z
    .array(z.string().regex(/^[a-z0-9_-]+$/))
    .default([])
    .meta({ description: "Kernel modules beside the defaults" }),
  packages: z
    .strictObject({
      debian: z.array(p.packageName).default([]),
      redhat: z.array(p.packageName).default([]),
    })
    .prefault({})
    .meta({ description: "Packages beside those that Kubernetes needs" }),
  limits: z
    .strictObject({
      nofile: z
        .number()
        .int()
        .min(1024)
        .max(1048576)
        .default(65535)
        .meta({ description: "Open files per process" }),
      nproc: z.number().int().min(1024).default(10240).meta({ description: "Processes per user" }),
    })
    .prefault({}),
  historyTimeFormat: z
    .string()
    .regex(/^[^'\n]*$/)
    .default("%m/%d %T ")
    .meta({ description: "HISTTIMEFORMAT of login shells" }),
  swap: z.enum(["off", "keep"]).default("off").meta({ description: "Swap, now and after a reboot" }),
  firewall: z.enum(["off", "keep"]).default("off").meta({ description: "firewalld and ufw" }),
  selinux: z
    .enum(["disabled", "permissive", "keep"])
    .default("permissive")
    .meta({ description: "Where there is SELinux" }),
  timeSync: z.enum(["on", "keep"]).default("on").meta({ description: "Network time by chrony" }),
  timeServers: z
    .array(z.union([p.ipv4, p.dnsDomain]))
    .default([])
    .meta({ description: "Time servers for chrony. Default: the distribution's" }),
  journald: z
    .union([
      z.literal(false),
      z.strictObject({
        systemMaxUse: z
          .string()
          .regex(/^\d+[KMGT]?$/)
          .default("1G")
          .meta({ description: "Size of all logs together" }),
        maxRetentionSec: z
          .string()
          .regex(/^\d+ ?(s|min|h|day|week|month|year)?$/)
          .default("1month")
          .meta({ description: "Age at which logs are deleted" }),
      }),
    ])
    .prefault({})
    .meta({ description: "Limits of the system's journal; false leaves it as it is" }),
  prechecks: z
    .strictObject({
      mode: z.enum(["refuse", "report"]).default("refuse").meta({
        description: "Whether a host that fails a check is refused, before anything on it is changed",
      }),
      memoryMiB: count("Memory that a host that runs pods must have, in MiB", 256, 1048576, 1700),
      cpus: count("Processors that a control plane must have", 1, 256, 2),
      diskFreeMiB: count("Free space below /var/lib, in MiB", 512, 1048576, 4096),
      fsyncMilliseconds: count("Mean time of an fsync on an etcd host's disk, in ms", 1, 10000, 50),
      clockOffsetMilliseconds: count("Offset of the clock from its time servers, in ms", 1, 100000, 500),
    })
    .prefault({})
    .meta({ description: "What is looked at first on every host; docs/hosts.md" }),
  hostsEntries: z.enum(["controlPlanes", "all"]).default("controlPlanes").meta({
    description: "Whose names go to /etc/hosts; with `all`, a new worker changes that file on every host",
  }),
});

const imageRepository = z
  .string()
  .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/)
  .optional()
  .meta({ description: "Registry and path of Kubernetes' images. Default: the source's own" });

export const artifacts = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("auto") }),
    z.strictObject({ kind: z.literal("upstream"), imageRepository }),
    z.strictObject({ kind: z.literal("aliyun"), imageRepository }),
    z.strictObject({ kind: z.literal("tuna"), imageRepository }),
    z.strictObject({ kind: z.literal("sandbox") }),
    z.strictObject({
      kind: z.literal("mirror"),
      imageRepository,
      files: p.url.meta({ description: "Base address of files laid out as docs/artifacts.md says" }),
      registry: p.hostPort.meta({ description: "Registry that holds the images" }),
      registryScheme: z.enum(["http", "https"]).default("https"),
    }),
  ])
  .prefault({ kind: "auto" })
  .meta({
    description:
      "Where packages, tarballs, images and charts come from. `auto`: upstream for an inventory; on a sandbox it asks once what can be reached, docs/artifacts.md",
  });

export const pki = z.strictObject({
  keyAlgorithm: z
    .enum(["RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256"])
    .default("RSA-2048")
    .meta({ description: "Of every key that Pulumi makes" }),
  authorityValidityHours: z
    .number()
    .int()
    .min(24)
    .default(87600)
    .meta({ description: "Life of the authorities; they never renew themselves" }),
  leafValidityHours: z
    .number()
    .int()
    .min(1)
    .default(8760)
    .meta({ description: "Life of the certificates under them" }),
  renewBeforeHours: z
    .number()
    .int()
    .min(0)
    .default(720)
    .meta({ description: "A leaf is renewed by the first `up` within so many hours of its end" }),
  leafGeneration: count("Raise it to issue every leaf anew at once, kubeadm's too", 1, 1000, 1),
  etcdAuthorities: z
    .strictObject({
      trusted: z
        .array(z.number().int().min(1).max(20))
        .min(1)
        .default([1])
        .meta({ description: "Numbers of the authorities that members and clients accept" }),
      issuing: count("Number of the one that signs", 1, 20, 1),
    })
    .prefault({})
    .meta({ description: "For a change of etcd's authority in three steps; docs/pki.md" }),
});

/** Everything that a stack can say, one key of `Pulumi.<stack>.yaml` per field. */
export const config = z.strictObject({
  composition: z
    .enum(["dev", "lab", "aliyun-slb", "etcd", "machines"])
    .default("dev")
    .meta({ description: "Which composition of stacks/ to build" }),
  tier,
  preset: z.enum(["seed000", "seed001", "seed002", "seed003"]).optional().meta({
    description: "Values of a source document, below everything that this stack says itself; docs/presets.md",
  }),
  hosts: hosts.prefault({ kind: "sandbox" }),
  kubernetes: kubernetes.prefault({}).meta({ description: "The cluster itself, in kubeadm's words" }),
  etcd: etcd.prefault({}).meta({ description: "The external etcd cluster" }),
  runtime: runtime.prefault({}).meta({ description: "The container runtime" }),
  network: network.prefault({}).meta({ description: "The pod network" }),
  nodes: nodes.prefault({}).meta({ description: "How hosts are prepared" }),
  mesh,
  gateways,
  addons,
  apps,
  traffic,
  artifacts,
  pki: pki.prefault({}).meta({ description: "Keys and certificates made by Pulumi" }),
  protect: z.enum(["auto", "on", "off"]).default("auto").meta({
    description:
      "Whether authorities are protected from deletion; `auto` means yes for an inventory, no for a sandbox",
  }),
});

export type Config = z.output<typeof config>;
export type HostRole = z.output<typeof roles>[number];
export type Taint = z.output<typeof taint>;
