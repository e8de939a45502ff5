/** What the operator chooses for every member alike, in the words of etcd. */
export interface EtcdSettings {
  /** Absolute path below the etcd user's home. A cluster cannot move to another. */
  readonly dataDir: string;
  /** Keeps members of different clusters from joining each other; no secret. */
  readonly initialClusterToken: string;
  /** Pause between the leader's heartbeats, in ms. Default: etcd's, 100. */
  readonly heartbeatInterval?: number | undefined;
  /** Silence after which the others elect a new leader, in ms; five to ten heartbeats. Default: etcd's, 1000. */
  readonly electionTimeout?: number | undefined;
  /** Size limit of the store in bytes; beyond it, it takes no more writes. Default: etcd's, 2 GiB. */
  readonly quotaBackendBytes?: number | undefined;
  /** Transactions after which etcd writes a snapshot of its own. Default: etcd's, 10000 from 3.6 on, else 100000. */
  readonly snapshotCount?: number | undefined;
  /** History that etcd keeps by itself, such as `1h`. Default: all; the API server compacts every five minutes. */
  readonly autoCompactionRetention?: string | undefined;
  /**
   * Serve clear text on 127.0.0.1:2379 in place of TLS, as the oldest source document does: any local user can then
   * read every Secret. Default false.
   */
  readonly loopbackHttp?: boolean;
}
