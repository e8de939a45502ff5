import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { dnsImageFor } from "../components/artifacts/images";
import { projectImages } from "../components/artifacts/sources";
import { auditDigest, auditFile, auditPart } from "../components/control-plane/audit";
import { ControlPlane, controlPlaneFiles, etcdClientFiles } from "../components/control-plane/control-plane";
import { EncryptionAtRest, encryptionPart } from "../components/control-plane/encryption";
import { endpointAddress } from "../components/control-plane/endpoint";
import { controlPlaneTaints } from "../components/control-plane/kubeadm-api";
import type { KubeadmModel } from "../components/control-plane/kubeadm-config";
import type { EtcdCluster } from "../components/etcd/cluster";
import { criSocketOf } from "../components/hosts/runtime";
import { stateFolder } from "../components/lib/folders";
import { podNetwork } from "../components/network/pod-network";
import { discoveryHash } from "../components/pki/kubeconfig";
import { joinTicket } from "../components/workers/join-ticket";
import { membership } from "../components/workers/membership";
import { Worker } from "../components/workers/worker";
import { kubeadmApiOf } from "./config/compat-kubernetes";
import type { Platform } from "./config/load";
import { buildEtcd, describeNodes, placeKeys } from "./etcd";
import { rememberFormation } from "./formation";
import { type Foundation, layFoundation } from "./foundation";
import type { Host } from "./hosts";
import { buildInCluster, planInCluster } from "./in-cluster";
import { writeKubeconfig } from "./kubeconfig-file";
import type { TrafficProgram } from "./traffic";

/** What a composition adds to the pipeline. */
export interface Additions {
  /** Traffic in TypeScript, where the config's section is not enough. Default: none. */
  readonly traffic?: TrafficProgram;
}

/**
 * The whole pipeline, in order: hosts, keys, prepared nodes, etcd, control planes, pod network, workers, and what runs
 * in the cluster: mesh, add-ons, applications. Every stage takes what earlier ones made; nothing reaches back.
 */
export async function buildPlatform(platform: Platform, { traffic }: Additions = {}) {
  const { config, stack, endpoint } = platform;
  const { kubernetes } = config;
  const foundation = await layFoundation(platform);
  const inCluster = await planInCluster(foundation);
  const { artifacts, pki, having } = foundation;
  const controlPlanes = having("controlPlane");
  const [first] = living(controlPlanes);
  if (first === undefined) throw new Error("no living host has the role controlPlane");
  const address = endpointAddress(endpoint, first.address, kubernetes.bindPort);

  const encryption =
    kubernetes.encryptionAtRest === false
      ? undefined
      : new EncryptionAtRest("encryption", { ...kubernetes.encryptionAtRest, protect: foundation.protect });
  const api = { server: `https://${address}`, authority: pki.kubernetes.certificate, ...pki.admin };
  const tickets = new Map(
    [...controlPlanes, ...having("worker")].map((machine) => [
      machine,
      joinTicket({
        machine,
        api,
        clusterName: kubernetes.clusterName,
        parent: pki,
        founder: foundation.founders.controlPlane,
      }),
    ]),
  );
  const hooksOf = (host: Host) => tickets.get(host)?.hooks ?? {};
  const keys = placeKeys(foundation, (host) => [
    ...(host.roles.includes("controlPlane") ? controlPlaneFiles(pki, config.etcd.kind) : []),
    ...(host.roles.includes("controlPlane") && encryption !== undefined ? [encryption.file] : []),
    ...[tickets.get(host)?.file].filter((file) => file !== undefined),
  ]);
  const after = (host: Host) => [
    foundation.prepared(host),
    ...[keys.steps.get(host)].filter((step) => step !== undefined),
  ];

  const etcd = buildEtcd(foundation, keys);
  const model = kubeadmModel(foundation, address, etcd);
  const controlPlane = new ControlPlane("control-plane", {
    nodes: controlPlanes.map((machine) => ({
      machine,
      hooks: hooksOf(machine),
      after: [...(etcd?.done ?? []), ...after(machine)],
    })),
    model,
    pki,
    founder: foundation.founders.controlPlane,
    endpoint,
    context: {
      bindPort: kubernetes.bindPort,
      kubernetesVersion: kubernetes.version,
      kubeVipImage: projectImages.kubeVip,
    },
    files: kubernetes.auditLog === false ? [] : [auditFile()],
    auditDigest: kubernetes.auditLog === false ? "" : auditDigest(),
    encryptionDigest: encryption?.digest,
    leafGeneration: config.pki.leafGeneration,
    drainTimeoutSeconds: kubernetes.drainTimeoutSeconds,
  });
  const kubeconfigFile = join(stateFolder(), `kubeconfig-${stack}`);
  writeKubeconfig(kubeconfigFile, controlPlane.kubeconfig);

  const firstUp = controlPlane.steps.get(first.name) ?? controlPlane.done;
  const cluster = new k8s.Provider(
    "cluster",
    {
      kubeconfig: controlPlane.kubeconfig,
      // Without it a kubeconfig that is not yet known, or a renewed certificate in it, replaces everything in the cluster.
      clusterIdentifier: `${pulumi.getProject()}-${stack}`,
      // Else a changed mesh config would be replaced, and for a moment there would be none.
      enableConfigMapMutable: true,
    },
    // The provider asks the cluster once, when it starts, and takes "unreachable" for an answer that lasts.
    { dependsOn: [firstUp] },
  );
  const network = podNetwork(
    {
      settings: config.network,
      podSubnet: kubernetes.podSubnet,
      serviceSubnet: kubernetes.serviceSubnet,
      nodePortRange: kubernetes.extraArgs.apiServer["service-node-port-range"],
      endpoint: address,
      kubernetesVersion: kubernetes.version,
      imageRepository: artifacts.imageRepository,
      seat: first,
      cluster: firstUp,
      controlPlanes: [...controlPlane.steps.values()],
      parent: controlPlane,
    },
    { provider: cluster },
  );
  // Where the cluster is asked about a node: at another one, so that the question outlives the node.
  const seatOf = (host: Host) => living(controlPlanes).find((other) => other !== host) ?? first;
  for (const machine of controlPlanes) {
    membership({
      machine,
      seat: seatOf(machine),
      parent: controlPlane,
      after: [controlPlane.done, ...network.done],
      labels: machine.labels,
      taints: machine.taints ?? controlPlaneTaints(kubernetes.version),
      awaitDns: machine === first,
      drainTimeoutSeconds: kubernetes.drainTimeoutSeconds,
    });
  }

  // A worker joins, and leaves for an upgrade, only after the one so many places before it is back.
  const joined: pulumi.Resource[] = [];
  for (const machine of having("worker")) {
    const before = joined[joined.length - kubernetes.workerConcurrency];
    const worker = new Worker(machine.name, {
      machine,
      seat: seatOf(machine),
      model,
      hooks: hooksOf(machine),
      after: [controlPlane.done, ...after(machine), ...(before === undefined ? [] : [before])],
      network: network.dns,
      labels: machine.labels,
      taints: machine.taints,
      drainTimeoutSeconds: kubernetes.drainTimeoutSeconds,
    });
    joined.push(worker.joined);
  }
  const services = buildInCluster(inCluster, {
    seat: first,
    cluster: firstUp,
    after: [network.dns, ...joined],
    parent: controlPlane,
    provider: cluster,
    traffic,
  });
  const settled = etcd?.settleMembers([controlPlane.done]);
  rememberFormation(platform, [controlPlane.done, ...(settled === undefined ? [] : [settled])]);

  return {
    endpoint: controlPlane.endpoint,
    kubeconfig: controlPlane.kubeconfig,
    kubeconfigFile,
    nodes: describeNodes(foundation),
    ...services,
    artifacts: artifacts.description,
    ...(keys.snapshotPublicKey === undefined ? {} : { etcdSnapshotKey: keys.snapshotPublicKey }),
    // For joining a machine by hand: kubeadm join --discovery-token-ca-cert-hash.
    discoveryTokenCaCertHash: pki.kubernetes.certificate.apply(discoveryHash),
    certificateExpiry: {
      ...pki.expires,
      etcdMembers: keys.memberExpiry,
      apiservers: Object.fromEntries(
        [...controlPlane.steps].map(([name, step]) => [
          name,
          step.result.apply((result) => result.apiserverExpires),
        ]),
      ),
    },
  };
}

const living = (hosts: readonly Host[]) => hosts.filter(({ gone }) => !gone);

/** The config in kubeadm's words. */
function kubeadmModel(
  { platform, artifacts, hosts, having }: Foundation,
  controlPlaneEndpoint: string,
  etcd: EtcdCluster | undefined,
): KubeadmModel {
  const { kubernetes, runtime, network } = platform.config;
  const { auditLog, encryptionAtRest } = kubernetes;
  const dns = dnsImageFor(kubernetes.version, artifacts.imageRepository);
  return {
    api: kubeadmApiOf(kubernetes.version),
    kubernetesVersion: kubernetes.version,
    clusterName: kubernetes.clusterName,
    controlPlaneEndpoint,
    bindPort: kubernetes.bindPort,
    podSubnet: kubernetes.podSubnet,
    serviceSubnet: kubernetes.serviceSubnet,
    dnsDomain: kubernetes.dnsDomain,
    certSANs: kubernetes.certSANs,
    controlPlanes: living(having("controlPlane")),
    imageRepository: artifacts.imageRepository,
    criSocket: criSocketOf(runtime.kind, kubernetes.version),
    etcd: etcd === undefined ? {} : { endpoints: etcd.endpoints, ...etcdClientFiles },
    profile: hosts.profile,
    kubeProxy: network.kubeProxy,
    extraArgs: kubernetes.extraArgs,
    apiServerParts: [
      ...(auditLog === false ? [] : [auditPart(auditLog)]),
      ...(encryptionAtRest === false ? [] : [encryptionPart]),
    ],
    ...(dns === undefined ? {} : { dns }),
  };
}
