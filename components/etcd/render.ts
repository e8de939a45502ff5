import { minorNumber } from "../lib/versions";
import { renderSystemdUnit } from "../remote/systemd-unit";
import type { EtcdSettings } from "./settings";

/** Where a member's certificate, key and authorities are, in the layout of the source documents. */
export const etcdFiles = {
  authority: "/etc/etcd/ssl/ca.pem",
  certificate: "/etc/etcd/ssl/etcd.pem",
  privateKey: "/etc/etcd/ssl/etcd-key.pem",
} as const;

/** Home of the etcd user; the data directory lies below it. */
export const etcdHome = "/var/lib/etcd";

export interface EtcdMemberSettings extends EtcdSettings {
  readonly name: string;
  readonly address: string;
  /** Three numbers; decides which variables there are. */
  readonly version: string;
}

/** One variable of etcd, without `ETCD_`. Without a value it is left out. */
interface Variable {
  readonly name: string;
  readonly value: (member: EtcdMemberSettings) => string | number | undefined;
  /** First minor version of 3 that reads it. Default: all. */
  readonly from?: number;
  /** First minor version of 3 that reads it no more, or needs it no more. Default: none. */
  readonly until?: number;
}

export const peerUrl = (address: string): string => `https://${address}:2380`;
export const clientUrl = (address: string): string => `https://${address}:2379`;

const fixed = (name: string, value: string, versions: { from?: number; until?: number } = {}): Variable => ({
  name,
  value: () => value,
  ...versions,
});

/**
 * Every variable with the versions that know it. An unknown one would only be warned about, but it would stand in the
 * file as if it did something.
 */
const variables: readonly Variable[] = [
  { name: "NAME", value: ({ name }) => name },
  { name: "DATA_DIR", value: ({ dataDir }) => dataDir },
  { name: "LISTEN_PEER_URLS", value: ({ address }) => peerUrl(address) },
  {
    name: "LISTEN_CLIENT_URLS",
    value: ({ address, loopbackHttp }) =>
      `${clientUrl(address)},${loopbackHttp === true ? "http" : "https"}://127.0.0.1:2379`,
  },
  fixed("LISTEN_METRICS_URLS", "http://127.0.0.1:2381"),
  { name: "INITIAL_ADVERTISE_PEER_URLS", value: ({ address }) => peerUrl(address) },
  { name: "ADVERTISE_CLIENT_URLS", value: ({ address }) => clientUrl(address) },
  { name: "INITIAL_CLUSTER_TOKEN", value: ({ initialClusterToken }) => initialClusterToken },
  { name: "HEARTBEAT_INTERVAL", value: ({ heartbeatInterval }) => heartbeatInterval },
  { name: "ELECTION_TIMEOUT", value: ({ electionTimeout }) => electionTimeout },
  { name: "QUOTA_BACKEND_BYTES", value: ({ quotaBackendBytes }) => quotaBackendBytes },
  { name: "SNAPSHOT_COUNT", value: ({ snapshotCount }) => snapshotCount },
  {
    name: "AUTO_COMPACTION_MODE",
    value: ({ autoCompactionRetention }) => (autoCompactionRetention === undefined ? undefined : "periodic"),
  },
  { name: "AUTO_COMPACTION_RETENTION", value: ({ autoCompactionRetention }) => autoCompactionRetention },
  // The API of etcd 2, on by default in 3.3.
  fixed("ENABLE_V2", "false", { until: 6 }),
  // The default from 3.5 on; before, a format of its own.
  fixed("LOGGER", "zap", { from: 4, until: 5 }),
  // Compares the member's data with that of its peers before it serves, as kubeadm has it since these versions.
  fixed("EXPERIMENTAL_INITIAL_CORRUPT_CHECK", "true", { from: 5, until: 6 }),
  fixed("FEATURE_GATES", "InitialCorruptCheck=true", { from: 6 }),
  // Without it the API server's watch cache lags where little is written.
  fixed("EXPERIMENTAL_WATCH_PROGRESS_NOTIFY_INTERVAL", "5s", { from: 5, until: 6 }),
  fixed("WATCH_PROGRESS_NOTIFY_INTERVAL", "5s", { from: 6 }),
  fixed("CERT_FILE", etcdFiles.certificate),
  fixed("KEY_FILE", etcdFiles.privateKey),
  fixed("TRUSTED_CA_FILE", etcdFiles.authority),
  fixed("CLIENT_CERT_AUTH", "true"),
  fixed("PEER_CERT_FILE", etcdFiles.certificate),
  fixed("PEER_KEY_FILE", etcdFiles.privateKey),
  fixed("PEER_TRUSTED_CA_FILE", etcdFiles.authority),
  fixed("PEER_CLIENT_CERT_AUTH", "true"),
  // Late patches of 3.4 and 3.5 know it too; which ones is not certain.
  fixed("TLS_MIN_VERSION", "TLS1.2", { from: 6 }),
];

/**
 * /etc/etcd/etcd.conf as environment variables: everything but the first start's two, which `renderInitialConf` has.
 * Never combined with flags: from 3.4 on, etcd refuses to start when a variable and its flag are both given. Auto TLS
 * is left out, since certificates make etcd ignore it.
 */
export function renderEtcdConf(member: EtcdMemberSettings): string {
  const minor = minorNumber(member.version);
  return variables
    .filter(({ from = 0, until = Number.POSITIVE_INFINITY }) => minor >= from && minor < until)
    .map(({ name, value }) => [name, value(member)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `ETCD_${name}="${value}"\n`)
    .join("");
}

/**
 * /etc/etcd/initial.conf of the member that begins the cluster, alone. The member's step writes the same, and for one
 * that joins the list that the cluster has then.
 */
export function renderInitialConf(founder: { readonly name: string; readonly address: string }): string {
  return `ETCD_INITIAL_CLUSTER="${founder.name}=${peerUrl(founder.address)}"\nETCD_INITIAL_CLUSTER_STATE="new"\n`;
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
    // The second is read at the first start alone; a restored member has none.
    EnvironmentFile: ["/etc/etcd/etcd.conf", "-/etc/etcd/initial.conf"],
    ExecStart: "/usr/bin/etcd",
    Restart: "on-failure",
    RestartSec: 5,
    LimitNOFILE: 65536,
    // Alone it starts at once; one of several waits for a majority of them.
    TimeoutStartSec: 300,
  },
  Install: { WantedBy: "multi-user.target" },
});
