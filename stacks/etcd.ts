import type * as pulumi from "@pulumi/pulumi";
import { EtcdCluster, etcdMemberFiles } from "../components/etcd/cluster";
import { snapshotKey } from "../components/etcd/snapshots";
import { stepOptions } from "../components/hosts/machine";
import type { KeyPair } from "../components/pki/authority";
import { RemoteFile, type SecretFile } from "../components/remote/file";
import type { Platform } from "./config/load";
import { rememberFormation } from "./formation";
import { type Foundation, layFoundation } from "./foundation";
import type { Host } from "./hosts";

/** The secret files that hosts get, each host's in one step, and those steps. */
export interface PlacedKeys {
  readonly steps: ReadonlyMap<Host, RemoteFile>;
  /** When each member's certificate ends, by host. */
  readonly memberExpiry: Readonly<Record<string, pulumi.Output<string>>>;
  readonly memberKeys: ReadonlyMap<Host, KeyPair>;
  /** One line for authorized_keys of the machine that copies of snapshots go to. */
  readonly snapshotPublicKey: pulumi.Output<string> | undefined;
}

/** Puts the secret files of every host in place: those of its etcd member, and `more` that it needs besides. */
export function placeKeys(
  foundation: Foundation,
  more: (host: Host) => readonly SecretFile[] = () => [],
): PlacedKeys {
  const { pki, hosts, platform } = foundation;
  const { snapshots } = platform.config.etcd;
  const copies = snapshots !== false && snapshots.copyTo !== undefined;
  const key = copies ? snapshotKey("etcd-snapshot-key", pki) : undefined;
  const memberKeys = new Map(foundation.having("etcd").map((host) => [host, pki.etcdMember(host)]));
  const filesOf = (host: Host): SecretFile[] => {
    const member = memberKeys.get(host);
    return [
      ...(member === undefined ? [] : etcdMemberFiles(pki.etcdBundle, member)),
      ...(member === undefined || key === undefined ? [] : [key.file]),
      ...more(host),
    ];
  };
  const steps = hosts.all
    .map((host) => [host, filesOf(host)] as const)
    .filter(([, files]) => files.length > 0)
    .map(([host, files]) => {
      const options = stepOptions(host, pki, [foundation.prepared(host)]);
      return [
        host,
        new RemoteFile(`${host.name}-keys`, { connection: host.connection, files }, options),
      ] as const;
    });
  return {
    steps: new Map(steps),
    memberKeys,
    memberExpiry: Object.fromEntries([...memberKeys].map(([host, { expires }]) => [host.name, expires])),
    snapshotPublicKey: key?.publicKey,
  };
}

/** The etcd cluster on the hosts with the role, or nothing where kubeadm runs it. */
export function buildEtcd(foundation: Foundation, keys: PlacedKeys): EtcdCluster | undefined {
  const { platform, artifacts, pki } = foundation;
  const { etcd, kubernetes } = platform.config;
  if (etcd.kind === "kubeadm") return undefined;
  return new EtcdCluster("etcd", {
    ...etcd,
    download: artifacts.etcd,
    members: [...keys.memberKeys].map(([machine, pair]) => ({
      machine,
      keys: pair,
      after: keys.steps.get(machine) ?? pki,
    })),
    founder: foundation.founders.etcd,
    trust: { issuer: pki.etcd.certificate, bundle: pki.etcdBundle },
    snapshotBefore: `kubernetes-${kubernetes.version}`,
  });
}

/** The composition `etcd`: a cluster of etcd and nothing else, on hosts with that role. */
export async function etcd(platform: Platform) {
  const foundation = await layFoundation(platform);
  const keys = placeKeys(foundation);
  const cluster = buildEtcd(foundation, keys);
  if (cluster === undefined)
    throw new Error("the composition etcd builds etcd itself; set etcd.kind to external");
  const settled = cluster.settleMembers([]);
  rememberFormation(platform, [settled]);
  return {
    endpoints: cluster.endpoints,
    artifacts: foundation.artifacts.description,
    nodes: describeNodes(foundation),
    ...(keys.snapshotPublicKey === undefined ? {} : { etcdSnapshotKey: keys.snapshotPublicKey }),
    certificateExpiry: { ...foundation.pki.expires, etcdMembers: keys.memberExpiry },
  };
}

export const describeNodes = ({ hosts }: Foundation) =>
  Object.fromEntries(hosts.all.map(({ name, address, roles }) => [name, { address, roles }]));
