import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Download } from "../artifacts/sources";
import { type Machine, stepOptions } from "../hosts/machine";
import type { KeyPair } from "../pki/authority";
import { fingerprint } from "../pki/kubeconfig";
import type { SecretFile } from "../remote/file";
import { RemoteScript, type ScriptParameters } from "../remote/script";
import { clientUrl, etcdFiles, etcdHome, etcdUnit, renderEtcdConf } from "./render";
import type { EtcdSettings } from "./settings";
import { type SnapshotSettings, snapshotParameters } from "./snapshots";

export interface EtcdMember {
  readonly machine: Machine;
  /** Serves clients and peers. */
  readonly keys: KeyPair;
  /** The step after which the member's files are in place. */
  readonly after: pulumi.Resource;
}

export interface EtcdClusterArgs extends EtcdSettings {
  /** Three numbers without a leading v. */
  readonly version: string;
  readonly download: Download;
  /** The members that there shall be, in the order in which they are formed and changed. */
  readonly members: readonly EtcdMember[];
  /** Name of the only host that may begin a new cluster; every other one joins what is there, or fails. */
  readonly founder: pulumi.Input<string>;
  readonly trust: {
    /** PEM of the authority that issued the members' certificates. */
    readonly issuer: pulumi.Input<string>;
    /** PEMs of all authorities that members accept, one after the other. */
    readonly bundle: pulumi.Input<string>;
  };
  /** Backups on every member; `false` for no schedule. */
  readonly snapshots: SnapshotSettings | false;
  /** When it changes, the first member takes a snapshot named `before-<this>` before anything else. Default: never. */
  readonly snapshotBefore?: string;
}

const script = (name: string) => join(__dirname, "scripts", name);

/**
 * An etcd cluster on its own unit, outside of Kubernetes, with TLS for clients and between members. The founder begins
 * it alone and the others join as learners, one after the other: a member votes only once it has the data. The same
 * order carries every later change, so that never more than one member restarts.
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Client addresses of the living members, `https://ADDRESS:2379`. */
  readonly endpoints: readonly string[];
  /** The steps after which every member is healthy. */
  readonly done: readonly pulumi.Resource[];
  private readonly living: readonly Machine[];

  constructor(name: string, args: EtcdClusterArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:etcd:EtcdCluster", name, {}, options);
    const machines = args.members.map(({ machine }) => machine);
    this.living = machines.filter(({ gone }) => gone !== true);
    const steps: pulumi.Resource[] = [];
    for (const { machine, keys, after } of args.members) {
      const step = new RemoteScript(
        `${machine.name}-etcd`,
        {
          connection: machine.connection,
          script: script("member.sh"),
          parameters: this.memberParameters(args, machine, keys),
          // Each other member may take 20 s to be judged, a download minutes, catching up with a large store too.
          timeoutSeconds: 1800,
          undo: true,
        },
        stepOptions(machine, this, [after, ...steps.slice(-1)]),
      );
      steps.push(step);
    }
    this.done = steps;
    this.endpoints = this.living.map(({ address }) => clientUrl(address));
    this.registerOutputs({ endpoints: this.endpoints });
  }

  /**
   * The step `etcd-members`, on the first living member: removes members that the config names no more, one at a time,
   * never below a majority. `after` is whatever still uses their addresses, such as the control planes.
   */
  settleMembers(after: readonly pulumi.Resource[]): RemoteScript {
    const [first] = this.living;
    if (first === undefined) throw new Error("no living host has the role etcd");
    return new RemoteScript(
      "etcd-members",
      {
        connection: first.connection,
        script: script("members.sh"),
        parameters: { ADDRESS: first.address, MEMBERS: this.living.map(nameAndAddress) },
        timeoutSeconds: 900,
      },
      stepOptions(first, this, [...this.done, ...after]),
    );
  }

  private memberParameters(args: EtcdClusterArgs, machine: Machine, keys: KeyPair): ScriptParameters {
    const { name, address } = machine;
    return {
      NODE_NAME: name,
      ADDRESS: address,
      PEERS: this.living.filter((other) => other !== machine).map(nameAndAddress),
      FOUNDER: args.founder,
      GENERATION: machine.connection.generation ?? 1,
      VERSION: args.version,
      URL: args.download.url,
      CHECKSUM_URL: args.download.checksumUrl,
      ETCD_CONF: renderEtcdConf({ ...args, name, address }),
      ETCD_UNIT: etcdUnit,
      DATA_DIR: args.dataDir,
      CERTIFICATE_DIGEST: keys.certificate.apply(fingerprint),
      ISSUER: pulumi.output(args.trust.issuer).apply(fingerprints),
      TRUSTED: pulumi.output(args.trust.bundle).apply(fingerprints),
      SNAPSHOT_BEFORE: machine === this.living[0] ? (args.snapshotBefore ?? "") : "",
      ...snapshotParameters(args.snapshots, clientUrl(address)),
    };
  }
}

/** A digest for each certificate of a bundle, whatever stands between them. */
export function fingerprints(bundle: string): string[] {
  const certificates = bundle.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [bundle];
  return certificates.map((certificate) => fingerprint(certificate.trim()));
}

const nameAndAddress = ({ name, address }: Machine): string => `${name} ${address}`;

/** The user that etcd runs as, for the host's preparation. */
export const etcdUser = `etcd ${etcdHome}`;

/** A member's files; only the etcd user reads them. `bundle` is the PEMs of the authorities that it accepts. */
export function etcdMemberFiles(bundle: pulumi.Input<string>, keys: KeyPair): SecretFile[] {
  const file = (path: string, content: pulumi.Input<string>) => ({
    path,
    mode: "0600",
    owner: "etcd:etcd",
    content,
  });
  return [
    file(etcdFiles.authority, bundle),
    file(etcdFiles.certificate, keys.certificate),
    file(etcdFiles.privateKey, keys.privateKey),
  ];
}
