import { type EndpointFile, interfaceOf } from "./endpoint-file";
import type { NodeModel } from "./kubeadm-model";

/** haproxy on every control plane, and an address that keepalived keeps on one of them. */
export interface HaproxyEndpoint {
  readonly kind: "haproxy";
  /** IPv4 address that no host has, in the network of the control planes. */
  readonly address: string;
  /** Port of haproxy; differs from the API server's, which listens on the same hosts. */
  readonly port: number;
  /** Network interface that gets the address, such as `eth0`. Default: that of the host's own address. */
  readonly interface?: string | undefined;
  /** VRRP's number for the address, 1 to 255; one of its own for each cluster in a network segment. */
  readonly routerId: number;
}

/** Where haproxy answers keepalived's question whether it is alive; on the loopback only. */
export const alivePort = 8405;

export function haproxyFiles(
  endpoint: HaproxyEndpoint,
  node: NodeModel,
  controlPlanes: readonly NodeModel[],
  bindPort: number,
): EndpointFile[] {
  return [
    {
      path: "/etc/haproxy/haproxy.cfg",
      mode: "0644",
      content: renderHaproxyConfig(endpoint, controlPlanes, bindPort),
    },
    {
      path: "/etc/keepalived/keepalived.conf",
      mode: "0644",
      content: renderKeepalivedConfig(endpoint, node, controlPlanes),
    },
  ];
}

/**
 * TLS is passed through: clients check the API server's own certificate. A server counts as up by what it says about
 * itself at /readyz, not by an open port, which an API server without its etcd has as well. Watches are silent for
 * minutes, hence the long timeouts; they are cut when their server goes down, so that clients look for another one.
 */
export function renderHaproxyConfig(
  endpoint: HaproxyEndpoint,
  controlPlanes: readonly NodeModel[],
  bindPort: number,
): string {
  const servers = controlPlanes.map(({ name, address }) => `  server ${name} ${address}:${bindPort}`);
  return `global
  log stdout format raw local0 notice
  user haproxy
  group haproxy
  maxconn 8192

defaults
  log global
  mode tcp
  option dontlognull
  timeout connect 5s
  timeout client 1h
  timeout server 1h

frontend api
  bind *:${endpoint.port}
  option clitcpka
  default_backend control-planes

backend control-planes
  balance leastconn
  option srvtcpka
  option httpchk GET /readyz
  http-check expect status 200
  timeout check 4s
  default-server check check-ssl verify none inter 3s fastinter 1s fall 2 rise 2 on-marked-down shutdown-sessions
${servers.join("\n")}

frontend alive
  mode http
  bind 127.0.0.1:${alivePort}
  timeout client 5s
  monitor-uri /alive
`;
}

/**
 * Unicast, since many networks, clouds above all, drop multicast. The address stays where it is when an earlier host
 * comes back (nopreempt): moving it cuts connections for nothing. A host whose haproxy is dead gives it up; whether
 * its own API server lives does not matter, as haproxy goes to any of them.
 */
export function renderKeepalivedConfig(
  endpoint: HaproxyEndpoint,
  node: NodeModel,
  controlPlanes: readonly NodeModel[],
): string {
  const place = controlPlanes.findIndex(({ name }) => name === node.name);
  if (place < 0) throw new Error(`${node.name} is not one of the control planes of the endpoint`);
  const device = interfaceOf(endpoint);
  const peers = controlPlanes.filter(({ name }) => name !== node.name).map(({ address }) => address);
  const block = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? "" : `  ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;
  return `global_defs {
  router_id ${node.name}
  enable_script_security
  script_user nobody
}

vrrp_script haproxy {
  script "/usr/bin/curl -fsS -m 2 -o /dev/null http://127.0.0.1:${alivePort}/alive"
  interval 2
  timeout 3
  fall 2
  rise 2
}

vrrp_instance api {
  state BACKUP
  nopreempt
  interface ${device}
  virtual_router_id ${endpoint.routerId}
  priority ${Math.max(1, 200 - place)}
  advert_int 1
  garp_master_refresh 60
  unicast_src_ip ${node.address}
${block("unicast_peer", peers)}${block("virtual_ipaddress", [`${endpoint.address}/32 dev ${device}`])}${block("track_script", ["haproxy"])}}
`;
}
