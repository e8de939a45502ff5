import * as pulumi from "@pulumi/pulumi";
import { pauseImage } from "../components/artifacts/images";
import type { Artifacts } from "../components/artifacts/sources";
import { etcdUser } from "../components/etcd/cluster";
import { kubernetesPackages } from "../components/hosts/kubernetes-packages";
import { leftOut, NodePreparation } from "../components/hosts/preparation";
import { containerRuntime } from "../components/hosts/runtime";
import { atLeast } from "../components/lib/versions";
import { ClusterPki } from "../components/pki/cluster-pki";
import { chooseArtifacts, type SandboxMirror } from "./artifacts";
import type { Platform } from "./config/load";
import type { HostRole } from "./config/schema";
import { type Founders, founders } from "./formation";
import { createHosts, type Host, type Hosts } from "./hosts";

/** What every stage builds on: hosts that are prepared, and the keys. */
export interface Foundation {
  readonly platform: Platform;
  readonly artifacts: Artifacts;
  /** The sandbox's own mirror, where it has one. */
  readonly mirror: SandboxMirror | undefined;
  readonly hosts: Hosts;
  readonly pki: ClusterPki;
  readonly founders: Founders;
  /** Whether what cannot be made again is protected from deletion. */
  readonly protect: boolean;
  /** Hosts of a role in the order of the config, those that are gone included. */
  having(role: HostRole): Host[];
  /** The last step of a host's preparation. */
  prepared(host: Host): pulumi.Resource;
}

/** Hosts, keys and prepared nodes: the first half of the pipeline, which every composition but `machines` needs. */
export async function layFoundation(platform: Platform): Promise<Foundation> {
  const { config } = platform;
  const { artifacts, mirror } = chooseArtifacts(platform);
  const hosts = createHosts(platform, mirror);
  const having = (role: HostRole) => hosts.all.filter((host) => host.roles.includes(role));
  const notes = [`artifacts: ${artifacts.description}`, ...leftOut(config.nodes, hosts.profile)];
  for (const warning of platform.warnings) await pulumi.log.warn(warning);
  for (const note of notes) await pulumi.log.info(note);

  const protect = config.protect === "auto" ? config.hosts.kind === "inventory" : config.protect === "on";
  const pki = new ClusterPki("pki", {
    ...config.pki,
    protect,
    adminGroup: atLeast(config.kubernetes.version, "1.29") ? "kubeadm:cluster-admins" : "system:masters",
  });
  const steps = new Map(hosts.all.map((host) => [host, prepareNode(platform, hosts, artifacts, host)]));
  const prepared = (host: Host) => {
    const step = steps.get(host);
    if (step === undefined) throw new Error(`${host.name} is no host of this platform`);
    return step;
  };
  const first = founders(having("etcd"), having("controlPlane"));
  return { platform, artifacts, mirror, hosts, pki, founders: first, protect, having, prepared };
}

/** Checks, files, packages and kernel; on a host that runs pods also the runtime and the kubelet. Returns the last step. */
function prepareNode(platform: Platform, hosts: Hosts, artifacts: Artifacts, host: Host): pulumi.Resource {
  const { config, endpoint } = platform;
  const named = hosts.all.filter(
    (other) => config.nodes.hostsEntries === "all" || other === host || other.roles.includes("controlPlane"),
  );
  const { kubernetes, network, etcd } = config;
  const preparation = new NodePreparation(host.name, {
    machine: host,
    settings: config.nodes,
    profile: hosts.profile,
    hostsEntries: named.map((other) => `${other.address} ${other.name}`),
    systemUsers: host.roles.includes("etcd") ? [etcdUser] : [],
    duties: {
      roles: host.roles,
      kubernetesVersion: kubernetes.version,
      bindPort: kubernetes.bindPort,
      haproxyPort: endpoint.kind === "haproxy" ? endpoint.port : undefined,
      etcdDataDir: etcd.kind === "external" ? etcd.dataDir : undefined,
      stackedEtcd: etcd.kind === "kubeadm",
      kubeProxy: network.kubeProxy,
      serviceProxy: network.kubeRouter.serviceProxy,
      podNetwork:
        network.kind === "kubeRouter"
          ? "kubeRouter"
          : network.flannel.backend === "vxlan"
            ? "flannelVxlan"
            : "flannel",
    },
  });
  if (!host.roles.includes("controlPlane") && !host.roles.includes("worker")) return preparation.done;
  const runtime = containerRuntime(
    host.name,
    {
      ...config.runtime,
      machine: host,
      artifacts,
      profile: hosts.profile,
      sandboxImage: `${artifacts.imageRepository}/${pauseImage(kubernetes.version)}`,
    },
    preparation,
    preparation.done,
  );
  return kubernetesPackages(
    host.name,
    { machine: host, artifacts, version: kubernetes.version },
    preparation,
    runtime,
  );
}
