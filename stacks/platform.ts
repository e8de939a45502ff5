import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
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
import { ClusterPki } from "../components/pki/cluster-pki";
import { RemoteFile } from "../components/remote/file";
import { Worker } from "../components/workers/worker";
import { chooseArtifacts } from "./artifacts";
import { compareVersions, kubeadmApiFor, pauseImageFor } from "./config/compat";
import type { Platform } from "./config/load";
import { createHosts, type Host } from "./hosts";
import { writeKubeconfig } from "./kubeconfig-file";

/**
 * The whole pipeline, in order: hosts, keys, prepared nodes, etcd, control plane, pod network, workers. Every stage
 * takes what earlier ones made; nothing reaches back.
 */
export async function buildPlatform(platform: Platform) {
  const { config } = platform;
  for (const warning of platform.warnings) await pulumi.log.warn(warning);
  const { artifacts, servesMirror } = await chooseArtifacts(platform);
  await pulumi.log.info(`artifacts: ${artifacts.description}`);

  const { all: hosts, profile } = createHosts(platform, servesMirror);
  for (const sentence of leftOut(config.nodes, profile)) await pulumi.log.info(sentence);
  const having = (role: Host["roles"][number]) => hosts.filter((host) => host.roles.includes(role));
  const [first] = having("controlPlane");
  if (first === undefined) throw new Error("no host has the role controlPlane");

  const endpoint = config.kubernetes.controlPlaneEndpoint ?? `${first.address}:${config.kubernetes.bindPort}`;
  const protect = config.protect === "auto" ? config.hosts.kind === "inventory" : config.protect === "on";
  const pki = new ClusterPki("pki", {
    ...config.pki,
    protect,
    adminGroup:
      compareVersions(config.kubernetes.version, "1.29") >= 0 ? "kubeadm:cluster-admins" : "system:masters",
  });

  const nodes = new Map(hosts.map((host) => [host.name, prepareNode(host)]));
  const prepared = (host: Host) => nodes.get(host.name) ?? [];

  const etcdMembers = having("etcd").map((machine) => ({
    machine,
    keys: pki.etcdMember(`${machine.name}-etcd`, machine.address),
  }));
  const keysInPlace = new Map(
    hosts
      .filter((host) => !host.roles.includes("worker"))
      .map((host) => {
        const member = etcdMembers.find(({ machine }) => machine === host);
        const files = [
          ...(member === undefined ? [] : etcdMemberFiles(pki.etcd.certificate, member.keys)),
          ...(host.roles.includes("controlPlane") ? controlPlaneFiles(pki) : []),
        ];
        const step = new RemoteFile(
          `${host.name}-keys`,
          { connection: host.connection, files },
          stepOptions(host, pki, prepared(host)),
        );
        return [host.name, step] as const;
      }),
  );
  const etcd = new EtcdCluster("etcd", {
    ...config.etcd,
    download: artifacts.etcd,
    members: etcdMembers.map((member) => ({ ...member, after: keysInPlace.get(member.machine.name) ?? pki })),
  });

  const model: KubeadmModel = {
    ...config.kubernetes,
    api: kubeadmApiFor(config.kubernetes.version),
    kubernetesVersion: config.kubernetes.version,
    controlPlaneEndpoint: endpoint,
    imageRepository: artifacts.imageRepository,
    criSocket,
    etcd: { endpoints: etcd.endpoints, ...etcdClientFiles },
    profile,
  };
  const controlPlane = new ControlPlane("control-plane", {
    machine: first,
    model,
    pki,
    after: [...etcd.done, ...prepared(first), ...[...keysInPlace.values()]],
  });
  const kubeconfigFile = join(stateFolder(), `kubeconfig-${platform.stack}`);
  writeKubeconfig(kubeconfigFile, controlPlane.kubeconfig);

  const cluster = new k8s.Provider(
    "cluster",
    {
      kubeconfig: controlPlane.kubeconfig,
      // Without it a kubeconfig that is not yet known, or a renewed certificate in it, replaces everything in the cluster.
      clusterIdentifier: `${pulumi.getProject()}-${platform.stack}`,
    },
    // The provider asks the cluster once, when it starts, and takes "unreachable" for an answer that lasts.
    { dependsOn: [controlPlane.done] },
  );
  const network = new Flannel(
    "flannel",
    { ...config.network, podSubnet: config.kubernetes.podSubnet, cluster: controlPlane.done },
    { provider: cluster },
  );
  clusterReady(first.name, first, controlPlane, [controlPlane.done, network.done]);

  const api = { server: controlPlane.endpoint, authority: pki.kubernetes.certificate, ...pki.admin };
  for (const host of having("worker")) {
    new Worker(host.name, {
      machine: host,
      controlPlane: first,
      model,
      api,
      after: [controlPlane.done, ...prepared(host)],
      network: network.done,
    });
  }

  return {
    endpoint: controlPlane.endpoint,
    kubeconfig: controlPlane.kubeconfig,
    kubeconfigFile,
    nodes: Object.fromEntries(hosts.map((host) => [host.name, { address: host.address, roles: host.roles }])),
    artifacts: artifacts.description,
    certificateExpiry: {
      kubernetesAuthority: pki.kubernetes.expires,
      frontProxyAuthority: pki.frontProxy.expires,
      etcdAuthority: pki.etcd.expires,
      admin: pki.admin.expires,
      apiserverEtcdClient: pki.apiserverEtcdClient.expires,
      apiserver: controlPlane.done.result.apply((result) => result.apiserverExpires),
      etcdMembers: Object.fromEntries(etcdMembers.map(({ machine, keys }) => [machine.name, keys.expires])),
    },
  };

  /** Facts, files, packages and kernel; for hosts that run pods also the runtime and the kubelet, side by side. */
  function prepareNode(host: Host): pulumi.Resource[] {
    const runsPods = host.roles.includes("controlPlane") || host.roles.includes("worker");
    const named =
      config.nodes.hostsEntries === "all"
        ? hosts
        : hosts.filter((other) => other === host || other.roles.includes("controlPlane"));
    const preparation = new NodePreparation(host.name, {
      machine: host,
      settings: config.nodes,
      profile,
      hostsEntries: named.map((other) => `${other.address} ${other.name}`),
      systemUsers: host.roles.includes("etcd") ? [etcdUser] : [],
    });
    if (!runsPods) return [preparation.done];
    const runtime = containerRuntime(
      host.name,
      {
        machine: host,
        artifacts,
        version: config.runtime.version,
        profile,
        sandboxImage: `${artifacts.imageRepository}/${pauseImageFor(config.kubernetes.version)}`,
      },
      preparation,
      preparation.done,
    );
    const packages = kubernetesPackages(
      host.name,
      { machine: host, artifacts, version: config.kubernetes.version },
      preparation,
      runtime,
    );
    return [packages];
  }
}
