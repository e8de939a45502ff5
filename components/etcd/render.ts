import { renderSystemdUnit } from "../remote/systemd-unit";

export interface EtcdMemberSettings {
  readonly name: string;
  readonly address: string;
  readonly dataDir: string;
  readonly initialClusterToken: string;
  /** All members that the cluster starts with. */
  readonly members: readonly { readonly name: string; readonly address: string }[];
}

/** Where a member's certificate, key and authority are, in the layout of the source documents. */
export const etcdFiles = {
  authority: "/etc/etcd/ssl/ca.pem",
  certificate: "/etc/etcd/ssl/etcd.pem",
  privateKey: "/etc/etcd/ssl/etcd-key.pem",
} as const;

/** Home of the etcd user; the data directory lies below it. */
export const etcdHome = "/var/lib/etcd";

/**
 * /etc/etcd/etcd.conf as environment variables. Never combined with flags: from 3.4 on, etcd refuses to start when a
 * variable and its flag are both given. Auto TLS is left out, since certificates make etcd ignore it. The clear-text
 * loopback listener of the source document is left out too: any local user could read every Secret through it.
 */
export function renderEtcdConf(member: EtcdMemberSettings): string {
  const peer = (address: string) => `https://${address}:2380`;
  const settings: Readonly<Record<string, string>> = {
    NAME: member.name,
    DATA_DIR: member.dataDir,
    LISTEN_PEER_URLS: peer(member.address),
    LISTEN_CLIENT_URLS: `https://${member.address}:2379,https://127.0.0.1:2379`,
    LISTEN_METRICS_URLS: "http://127.0.0.1:2381",
    INITIAL_ADVERTISE_PEER_URLS: peer(member.address),
    ADVERTISE_CLIENT_URLS: `https://${member.address}:2379`,
    INITIAL_CLUSTER: member.members.map(({ name, address }) => `${name}=${peer(address)}`).join(","),
    INITIAL_CLUSTER_TOKEN: member.initialClusterToken,
    INITIAL_CLUSTER_STATE: "new",
    CERT_FILE: etcdFiles.certificate,
    KEY_FILE: etcdFiles.privateKey,
    TRUSTED_CA_FILE: etcdFiles.authority,
    CLIENT_CERT_AUTH: "true",
    PEER_CERT_FILE: etcdFiles.certificate,
    PEER_KEY_FILE: etcdFiles.privateKey,
    PEER_TRUSTED_CA_FILE: etcdFiles.authority,
    PEER_CLIENT_CERT_AUTH: "true",
    TLS_MIN_VERSION: "TLS1.2",
  };
  return Object.entries(settings)
    .map(([key, value]) => `ETCD_${key}="${value}"\n`)
    .join("");
}

export const etcdUnit = renderSystemdUnit({
  Unit: {
    Description: "etcd, the cluster's key-value store",
    Documentation: "https://etcd.io/docs/",
    Wants: "network-online.target",
    After: "network-online.target",
  },
  Service: {
    // notify: the unit counts as started only once the member has joined and serves.
    Type: "notify",
    User: "etcd",
    Group: "etcd",
    WorkingDirectory: etcdHome,
    EnvironmentFile: "/etc/etcd/etcd.conf",
    ExecStart: "/usr/bin/etcd",
    Restart: "on-failure",
    RestartSec: 5,
    LimitNOFILE: 65536,
    // With one member the unit starts at once; with several it waits for a quorum of them.
    TimeoutStartSec: 300,
  },
  Install: { WantedBy: "multi-user.target" },
});
