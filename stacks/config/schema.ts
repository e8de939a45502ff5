import { z } from "zod";
import * as p from "./primitives";

const roles = z
  .array(z.enum(["controlPlane", "etcd", "worker"]), {
    error: "a list of roles: controlPlane, etcd, worker\nname at least one",
  })
  .min(1, { error: "a list of roles: controlPlane, etcd, worker\nname at least one" })
  .meta({ description: "What the host does. A host may be control plane and etcd member at once." });

const inventoryMember = z.strictObject({
  name: p.hostName,
  address: p.ipv4.meta({ description: "Address by which the other hosts reach it" }),
  sshHost: p.ipv4.optional().meta({ description: "Address for SSH where it differs from `address`" }),
  hostKey: p.hostKey,
  roles,
});

const sandboxMember = z.strictObject({
  name: p.hostName,
  address: p.ipv4.optional().meta({ description: "Default: the next free address of the sandbox network" }),
  roles,
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
        .min(1)
        .max(1)
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

export const kubernetes = z.strictObject({
  version: p.version.default("1.36.3"),
  clusterName: z
    .string()
    .regex(/^[a-z0-9][-a-z0-9.]*$/)
    .default("kubernetes")
    .meta({ description: "Name of the cluster in kubeconfigs" }),
  controlPlaneEndpoint: p.hostPort.optional().meta({
    description: "Address of the API server for everyone. Default: the first control plane and bindPort",
  }),
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
});

export const etcd = z.strictObject({
  version: p.version.default("3.6.15"),
  dataDir: p.etcdDataDir
    .default("/var/lib/etcd/default.etcd")
    .meta({ description: "Data directory, below /var/lib/etcd" }),
  initialClusterToken: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .default("etcd-cluster")
    .meta({ description: "Keeps members of different clusters apart; no secret" }),
});

export const runtime = z.strictObject({
  kind: z.literal("containerd").default("containerd").meta({ description: "Others are not built" }),
  version: p.version.default("2.3.7"),
  runc: p.version.optional().meta({
    description:
      "Default: what goes with the source of artifacts; means nothing for aliyun and tuna, whose packages bring their own",
  }),
  cniPlugins: p.version.optional().meta({
    description:
      "Default: what goes with the source of artifacts; means nothing for aliyun and tuna, whose packages bring their own",
  }),
});

export const network = z.strictObject({
  kind: z.literal("flannel").default("flannel").meta({ description: "Others are not built" }),
  version: p.version.default("0.26.7"),
  podCidr: p.cidr
    .optional()
    .meta({ description: "Flannel's Network; must equal kubernetes.podSubnet. Default: that" }),
  backend: z
    .enum(["vxlan", "host-gw"])
    .default("vxlan")
    .meta({ description: "host-gw needs all hosts in one network segment" }),
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
  hostsEntries: z.enum(["controlPlanes", "all"]).default("controlPlanes").meta({
    description: "Whose names go to /etc/hosts; with `all`, a new worker changes that file on every host",
  }),
});

export const artifacts = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("auto") }),
    z.strictObject({ kind: z.literal("upstream") }),
    z.strictObject({ kind: z.literal("aliyun") }),
    z.strictObject({ kind: z.literal("tuna") }),
    z.strictObject({ kind: z.literal("sandbox") }),
    z.strictObject({
      kind: z.literal("mirror"),
      files: p.url.meta({ description: "Base address of files laid out as docs/artifacts.md says" }),
      registry: p.hostPort.meta({ description: "Registry that holds the images" }),
      registryScheme: z.enum(["http", "https"]).default("https"),
    }),
  ])
  .prefault({ kind: "auto" })
  .meta({
    description:
      "Where packages, tarballs and images come from. `auto` asks once which is reachable and says so.",
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
});

/** Everything that a stack can say, one key of `Pulumi.<stack>.yaml` per field. */
export const config = z.strictObject({
  composition: z
    .enum(["dev", "machines"])
    .default("dev")
    .meta({ description: "Which composition of stacks/ to build" }),
  hosts: hosts.prefault({ kind: "sandbox" }),
  kubernetes: kubernetes.prefault({}).meta({ description: "The cluster itself, in kubeadm's words" }),
  etcd: etcd.prefault({}).meta({ description: "The external etcd cluster" }),
  runtime: runtime.prefault({}).meta({ description: "The container runtime" }),
  network: network.prefault({}).meta({ description: "The pod network" }),
  nodes: nodes.prefault({}).meta({ description: "How hosts are prepared" }),
  artifacts,
  pki: pki.prefault({}).meta({ description: "Keys and certificates made by Pulumi" }),
  protect: z.enum(["auto", "on", "off"]).default("auto").meta({
    description:
      "Whether authorities are protected from deletion; `auto` means yes for an inventory, no for a sandbox",
  }),
});

export type Config = z.output<typeof config>;
export type HostRole = z.output<typeof roles>[number];
