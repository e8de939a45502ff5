import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Download } from "../artifacts/sources";
import { type Machine, stepOptions } from "../hosts/machine";
import type { KeyPair } from "../pki/authority";
import { fingerprint } from "../pki/kubeconfig";
import type { SecretFile } from "../remote/file";
import { RemoteScript } from "../remote/script";
import { etcdFiles, etcdHome, etcdUnit, renderEtcdConf } from "./render";

export interface EtcdMember {
  readonly machine: Machine;
  /** Serves clients and peers. */
  readonly keys: KeyPair;
  /** The step after which the member's files are in place. */
  readonly after: pulumi.Resource;
}

export interface EtcdClusterArgs {
  /** Three numbers without a leading v. */
  readonly version: string;
  readonly download: Download;
  /** Absolute path below the etcd user's home. */
  readonly dataDir: string;
  /** Keeps members of different clusters from joining each other; no secret. */
  readonly initialClusterToken: string;
  /** An odd number; each starts with all of them known. */
  readonly members: readonly EtcdMember[];
}

/**
 * An etcd cluster on its own unit, outside of Kubernetes, with TLS for clients and between members. All members start
 * together: each waits for a quorum, so one after the other would wait for ever.
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Client addresses, `https://ADDRESS:2379`. */
  readonly endpoints: readonly string[];
  /** The steps after which every member is healthy. */
  readonly done: readonly pulumi.Resource[];

  constructor(name: string, args: EtcdClusterArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:etcd:EtcdCluster", name, {}, options);
    const members = args.members.map(({ machine }) => ({ name: machine.name, address: machine.address }));
    this.done = args.members.map(
      ({ machine, keys, after }) =>
        new RemoteScript(
          `${machine.name}-etcd`,
          {
            connection: machine.connection,
            script: join(__dirname, "scripts", "member.sh"),
            parameters: {
              VERSION: args.version,
              URL: args.download.url,
              CHECKSUM_URL: args.download.checksumUrl,
              ETCD_CONF: renderEtcdConf({ ...args, name: machine.name, address: machine.address, members }),
              ETCD_UNIT: etcdUnit,
              DATA_DIR: args.dataDir,
              ENDPOINT: `https://${machine.address}:2379`,
              CERTIFICATE_DIGEST: keys.certificate.apply(fingerprint),
            },
            timeoutSeconds: 900,
          },
          stepOptions(machine, this, [after]),
        ),
    );
    this.endpoints = members.map(({ address }) => `https://${address}:2379`);
    this.registerOutputs({ endpoints: this.endpoints });
  }
}

/** The user that etcd runs as, for the host's preparation. */
export const etcdUser = `etcd ${etcdHome}`;

/** A member's files; only the etcd user reads them. */
export function etcdMemberFiles(authority: pulumi.Input<string>, keys: KeyPair): SecretFile[] {
  const file = (path: string, content: pulumi.Input<string>) => ({
    path,
    mode: "0600",
    owner: "etcd:etcd",
    content,
  });
  return [
    file(etcdFiles.authority, authority),
    file(etcdFiles.certificate, keys.certificate),
    file(etcdFiles.privateKey, keys.privateKey),
  ];
}
