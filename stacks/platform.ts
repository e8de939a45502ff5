import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Artifacts } from "../components/artifacts/sources";
import { ControlPlane, controlPlaneFiles, etcdClientFiles } from "../components/control-plane/control-plane";
import type { KubeadmModel } from "../components/control-plane/kubeadm-config";
import { EtcdCluster, etcdMemberFiles, etcdUser } from "../components/etcd/cluster";
import { kubernetesPackages } from "../components/hosts/kubernetes-packages";
import { stepOptions } from "../components/hosts/machine";
import { leftOut, NodePreparation } from "../components/hosts/preparation";
import { containerRuntime, criSocket } from "../components/hosts/runtime";
import { stateFolder } from "../components/lib/folders";
import { clusterReady } from "../components/network/dns";
import { Flannel } from "../components/network/flannel";
import type { KeyPair } from "../components/pki/authority";
import { ClusterPki } from "../components/pki/cluster-pki";
import { discoveryHash } from "../components/pki/kubeconfig";
import { RemoteFile } from "../components/remote/file";
import { Worker } from "../components/workers/worker";
import { chooseArtifacts } from "./artifacts";
import { compareVersions, kubeadmApiFor, pauseImageFor } from "./config/compat";
import type { Platform } from "./config/load";
import { createHosts, type Host, type Hosts } from "./hosts";
import { writeKubeconfig } from "./kubeconfig-file";

/**
 * The whole pipeline, in order: hosts, keys, prepared nodes, etcd, control plane, pod network, workers. Every stage
 * takes what earlier ones made; nothing reaches back.
 */
export async function buildPlatform(platform: Platform) {
  const { config, stack } = platform;
  const { artifacts, servesMirror } = await chooseArtifacts(platform);
  const hosts = createHosts(platform, servesMirror);
  const notes = [`artifacts: ${artifacts.description}`, ...leftOut(config.nodes, hosts.profile)];
  for (const warning of platform.warnings) await pulumi.log.warn(warning);
  for (const note of notes) await pulumi.log.info(note);

  const having = (role: Host["roles"][number]) => hosts.all.filter((host) => host.roles.includes(role));
  const [first] = having("controlPlane");
  if (first === undefined) throw new Error("no host has the role controlPlane");

  const pki = new ClusterPki("pki", {
    ...config.pki,
    protect: config.protect === "auto" ? config.hosts.kind === "inventory" : config.protect === "on",
    adminGroup:
      compareVersions(config.kubernetes.version, "1.29") >= 0 ? "kubeadm:cluster-admins" : "system:masters",
  });
  const prepared = new Map(hosts.all.map((host) => [host, prepareNode(platform, hosts, artifacts, host)]));
  const after = (host: Host) => [prepared.get(host)].filter((step) => step !== undefined);

  const members = having("etcd").map((machine) => ({
    machine,
    keys: pki.etcdMember(`${machine.name}-etcd`, machine.address),
  }));
  const keys = new Map(
    hosts.all
      .filter((host) => host.roles.some((role) => role !== "worker"))
      .map((host) => [
        host,
        placeKeys(pki, host, members.find(({ machine }) => machine === host)?.keys, after(host)),
      ]),
  );
  const etcd = new EtcdCluster("etcd", {
    ...config.etcd,
    download: artifacts.etcd,
    members: members.map((member) => ({ ...member, after: keys.get(member.machine) ?? pki })),
  });

  const model: KubeadmModel = {
    ...config.kubernetes,
    api: kubeadmApiFor(config.kubernetes.version),
    kubernetesVersion: config.kubernetes.version,
    controlPlaneEndpoint: `${first.address}:${config.kubernetes.bindPort}`,
    imageRepository: artifacts.imageRepository,
    criSocket,
    etcd: { endpoints: etcd.endpoints, ...etcdClientFiles },
    profile: hosts.profile,
  };
  const controlPlane = new ControlPlane("control-plane", {
    machine: first,
    model,
    pki,
    after: [...etcd.done, ...keys.values(), ...after(first)],
  });
  const kubeconfigFile = join(stateFolder(), `kubeconfig-${stack}`);
  writeKubeconfig(kubeconfigFile, controlPlane.kubeconfig);

  const cluster = new k8s.Provider(
    "cluster",
    {
      kubeconfig: controlPlane.kubeconfig,
      // Without it a kubeconfig that is not yet known, or a renewed certificate in it, replaces everything in the cluster.
      clusterIdentifier: `${pulumi.getProject()}-${stack}`,
    },
    // The provider asks the cluster once, when it starts, and takes "unreachable" for an answer that lasts.
    { dependsOn: [controlPlane.done] },
  );
  const network = new Flannel(
    "flannel",
    { ...config.network.flannel, podSubnet: config.kubernetes.podSubnet, cluster: controlPlane.done },
    { provider: cluster },
  );
  clusterReady(first.name, first, controlPlane, [controlPlane.done, network.done]);

  const api = { server: controlPlane.endpoint, authority: pki.kubernetes.certificate, ...pki.admin };
  for (const machine of having("worker")) {
    new Worker(machine.name, {
      machine,
      controlPlane: first,
      model,
      api,
      after: [controlPlane.done, ...after(machine)],
      network: network.done,
    });
  }

  return {
    endpoint: controlPlane.endpoint,
    kubeconfig: controlPlane.kubeconfig,
    kubeconfigFile,
    nodes: Object.fromEntries(hosts.all.map(({ name, address, roles }) => [name, { address, roles }])),
    artifacts: artifacts.description,
    // For joining a machine by hand: kubeadm join --discovery-token-ca-cert-hash.
    discoveryTokenCaCertHash: pki.kubernetes.certificate.apply(discoveryHash),
    certificateExpiry: {
      kubernetesAuthority: pki.kubernetes.expires,
      frontProxyAuthority: pki.frontProxy.expires,
      etcdAuthority: pki.etcd.expires,
      admin: pki.admin.expires,
      apiserverEtcdClient: pki.apiserverEtcdClient.expires,
      apiserver: controlPlane.done.result.apply((result) => result.apiserverExpires),
      etcdMembers: Object.fromEntries(members.map(({ machine, keys: pair }) => [machine.name, pair.expires])),
    },
  };
}

/** Facts, files, packages and kernel; on a host that runs pods also the runtime and the kubelet. Returns the last step. */
function prepareNode({ config }: Platform, hosts: Hosts, artifacts: Artifacts, host: Host): pulumi.Resource {
  const named = hosts.all.filter(
    (other) => config.nodes.hostsEntries === "all" || other === host || other.roles.includes("controlPlane"),
  );
  const preparation = new NodePreparation(host.name, {
    machine: host,
    settings: config.nodes,
    profile: hosts.profile,
    hostsEntries: named.map((other) => `${other.address} ${other.name}`),
    systemUsers: host.roles.includes("etcd") ? [etcdUser] : [],
  });
  if (!host.roles.includes("controlPlane") && !host.roles.includes("worker")) return preparation.done;
  const runtime = containerRuntime(
    host.name,
    {
      machine: host,
      artifacts,
      version: config.runtime.version,
      profile: hosts.profile,
      sandboxImage: `${artifacts.imageRepository}/${pauseImageFor(config.kubernetes.version)}`,
    },
    preparation,
    preparation.done,
  );
  const kubernetes = { machine: host, artifacts, version: config.kubernetes.version };
  return kubernetesPackages(host.name, kubernetes, preparation, runtime);
}

/** The secret files of a host that is etcd member, control plane or both, in one step. */
function placeKeys(
  pki: ClusterPki,
  host: Host,
  member: KeyPair | undefined,
  after: pulumi.Resource[],
): RemoteFile {
  const files = [
    ...(member === undefined ? [] : etcdMemberFiles(pki.etcd.certificate, member)),
    ...(host.roles.includes("controlPlane") ? controlPlaneFiles(pki) : []),
  ];
  return new RemoteFile(
    `${host.name}-keys`,
    { connection: host.connection, files },
    stepOptions(host, pki, after),
  );
}
