import { describe, expect, it } from "vitest";
import { etcdUnit, renderEtcdConf } from "../../../components/etcd/render";

const members = [
  { name: "cp1", address: "10.0.0.1" },
  { name: "etcd2", address: "10.0.0.2" },
  { name: "etcd3", address: "10.0.0.3" },
];

describe("renderEtcdConf", () => {
  it("lists all members and speaks TLS to clients and peers alike", () => {
    const conf = renderEtcdConf({
      name: "etcd2",
      address: "10.0.0.2",
      dataDir: "/var/lib/etcd/default.etcd",
      initialClusterToken: "etcd-cluster",
      members,
    });
    expect(conf).toBe(`ETCD_NAME="etcd2"
ETCD_DATA_DIR="/var/lib/etcd/default.etcd"
ETCD_LISTEN_PEER_URLS="https://10.0.0.2:2380"
ETCD_LISTEN_CLIENT_URLS="https://10.0.0.2:2379,https://127.0.0.1:2379"
ETCD_LISTEN_METRICS_URLS="http://127.0.0.1:2381"
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://10.0.0.2:2380"
ETCD_ADVERTISE_CLIENT_URLS="https://10.0.0.2:2379"
ETCD_INITIAL_CLUSTER="cp1=https://10.0.0.1:2380,etcd2=https://10.0.0.2:2380,etcd3=https://10.0.0.3:2380"
ETCD_INITIAL_CLUSTER_TOKEN="etcd-cluster"
ETCD_INITIAL_CLUSTER_STATE="new"
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

  it("is the same for one member, apart from the list", () => {
    const [cp1] = members;
    const conf = renderEtcdConf({
      name: "cp1",
      address: "10.0.0.1",
      dataDir: "/d",
      initialClusterToken: "t",
      members: cp1 === undefined ? [] : [cp1],
    });
    expect(conf).toContain('ETCD_INITIAL_CLUSTER="cp1=https://10.0.0.1:2380"\n');
    expect(conf).not.toMatch(/http:\/\/(?!127\.0\.0\.1:2381)/);
  });
});

describe("etcdUnit", () => {
  it("counts as started once the member serves, and takes settings from the environment file alone", () => {
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
