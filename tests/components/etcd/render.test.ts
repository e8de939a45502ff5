import { describe, expect, it } from "vitest";
import {
  type EtcdMemberSettings,
  etcdUnit,
  renderEtcdConf,
  renderInitialConf,
} from "../../../components/etcd/render";

const member: EtcdMemberSettings = {
  name: "etcd2",
  address: "10.0.0.2",
  version: "3.6.15",
  dataDir: "/var/lib/etcd/default.etcd",
  initialClusterToken: "etcd-cluster",
};

/** Names of the variables, without `ETCD_`. */
const names = (conf: string) => [...conf.matchAll(/^ETCD_([A-Z0-9_]+)=/gm)].map(([, name]) => name ?? "");

describe("renderEtcdConf", () => {
  it("speaks TLS to clients and peers alike, and holds nothing of the first start but the token", () => {
    expect(renderEtcdConf(member)).toBe(`ETCD_NAME="etcd2"
ETCD_DATA_DIR="/var/lib/etcd/default.etcd"
ETCD_LISTEN_PEER_URLS="https://10.0.0.2:2380"
ETCD_LISTEN_CLIENT_URLS="https://10.0.0.2:2379,https://127.0.0.1:2379"
ETCD_LISTEN_METRICS_URLS="http://127.0.0.1:2381"
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://10.0.0.2:2380"
ETCD_ADVERTISE_CLIENT_URLS="https://10.0.0.2:2379"
ETCD_INITIAL_CLUSTER_TOKEN="etcd-cluster"
ETCD_FEATURE_GATES="InitialCorruptCheck=true"
ETCD_WATCH_PROGRESS_NOTIFY_INTERVAL="5s"
ETCD_CERT_FILE="/etc/etcd/ssl/etcd.pem"
ETCD_KEY_FILE="/etc/etcd/ssl/etcd-key.pem"
ETCD_TRUSTED_CA_FILE="/etc/etcd/ssl/ca.pem"
ETCD_CLIENT_CERT_AUTH="true"
ETCD_PEER_CERT_FILE="/etc/etcd/ssl/etcd.pem"
ETCD_PEER_KEY_FILE="/etc/etcd/ssl/etcd-key.pem"
ETCD_PEER_TRUSTED_CA_FILE="/etc/etcd/ssl/ca.pem"
ETCD_PEER_CLIENT_CERT_AUTH="true"
ETCD_TLS_MIN_VERSION="TLS1.2"
`);
  });

  it("takes over what the operator chooses", () => {
    const conf = renderEtcdConf({
      ...member,
      heartbeatInterval: 150,
      electionTimeout: 1500,
      quotaBackendBytes: 4294967296,
      snapshotCount: 20000,
      autoCompactionRetention: "1h",
    });
    expect(conf).toContain(`ETCD_HEARTBEAT_INTERVAL="150"
ETCD_ELECTION_TIMEOUT="1500"
ETCD_QUOTA_BACKEND_BYTES="4294967296"
ETCD_SNAPSHOT_COUNT="20000"
ETCD_AUTO_COMPACTION_MODE="periodic"
ETCD_AUTO_COMPACTION_RETENTION="1h"
`);
  });

  it("opens clear text on the loopback only where that is asked for", () => {
    const line = (conf: string) =>
      conf.split("\n").find((each) => each.startsWith("ETCD_LISTEN_CLIENT_URLS"));
    expect(line(renderEtcdConf({ ...member, loopbackHttp: true }))).toBe(
      'ETCD_LISTEN_CLIENT_URLS="https://10.0.0.2:2379,http://127.0.0.1:2379"',
    );
    expect(renderEtcdConf(member)).not.toMatch(/http:\/\/(?!127\.0\.0\.1:2381)/);
  });

  it.each([
    ["3.3.13", ["ENABLE_V2"]],
    ["3.4.45", ["ENABLE_V2", "LOGGER"]],
    [
      "3.5.33",
      ["ENABLE_V2", "EXPERIMENTAL_INITIAL_CORRUPT_CHECK", "EXPERIMENTAL_WATCH_PROGRESS_NOTIFY_INTERVAL"],
    ],
    ["3.6.15", ["FEATURE_GATES", "WATCH_PROGRESS_NOTIFY_INTERVAL", "TLS_MIN_VERSION"]],
    ["3.7.2", ["FEATURE_GATES", "WATCH_PROGRESS_NOTIFY_INTERVAL", "TLS_MIN_VERSION"]],
  ])("names for %s what that version knows beyond the common settings", (version, own) => {
    const always = names(renderEtcdConf({ ...member, version: "3.0.0" })).filter(
      (name) => name !== "ENABLE_V2",
    );
    const found = names(renderEtcdConf({ ...member, version }));
    expect(found.filter((name) => !always.includes(name))).toEqual(own);
    expect(found.filter((name) => always.includes(name))).toEqual(always);
  });
});

describe("renderInitialConf", () => {
  it("begins a cluster of one", () => {
    expect(renderInitialConf(member)).toBe(
      'ETCD_INITIAL_CLUSTER="etcd2=https://10.0.0.2:2380"\nETCD_INITIAL_CLUSTER_STATE="new"\n',
    );
  });
});

describe("etcdUnit", () => {
  it("counts as started once the member serves, and takes settings from environment files alone", () => {
    expect(etcdUnit).toBe(`[Unit]
Description=etcd, the cluster's key-value store
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
Group=etcd
WorkingDirectory=/var/lib/etcd
EnvironmentFile=/etc/etcd/etcd.conf
EnvironmentFile=-/etc/etcd/initial.conf
ExecStart=/usr/bin/etcd
Restart=on-failure
RestartSec=5
LimitNOFILE=65536
TimeoutStartSec=300

[Install]
WantedBy=multi-user.target
`);
  });
});
