import { renderEtcdConf } from "../../../components/etcd/render";
import { FileServer, sha256 } from "../../support/file-server";
import { ScriptHost, type ScriptRun } from "../../support/script-host";
import { printing, tarball } from "../../support/tarball";

export const peers = { etcd1: "127.0.20.1", etcd2: "127.0.20.2", etcd3: "127.0.20.3" } as const;
export type Name = keyof typeof peers;
const client = (name: Name) => `https://${peers[name]}:2379`;

/** A line of `etcdctl member list`. */
export const line = (name: Name, state: "voter" | "learner" | "unstarted" = "voter"): string =>
  [
    `id${name.slice(-1)}`,
    state === "unstarted" ? "unstarted" : "started",
    state === "unstarted" ? "" : name,
    `https://${peers[name]}:2380`,
    state === "unstarted" ? "" : client(name),
    state === "voter" ? "false" : "true",
  ].join(", ");

/**
 * etcdctl with a cluster in two files: `members` as `member list` prints it, `sick` with the addresses of members that
 * are not healthy. A learner is not healthy either, and becomes a member that is by being promoted.
 */
const etcdctl = `#!/bin/bash
url=$2; shift 10
echo "etcdctl \${url#https://} $*" >>"$CALLS"
peer="\${url%2379}2380"
case "$1 $2" in
  "endpoint health") ! grep -qxF "$url" "$STATE/sick" 2>/dev/null && ! grep -q ", $peer, .*true$" "$STATE/members" 2>/dev/null ;;
  "endpoint status") echo "$url, 1, $(cat "$STATE/version" 2>/dev/null || echo 3.6.15), 20 kB" ;;
  "member list") ! grep -qxF "$url" "$STATE/silent" 2>/dev/null && cat "$STATE/members" 2>/dev/null ;;
  "member add") [ ! -e "$STATE/full" ] || { echo "Error: etcdserver: unhealthy cluster" >&2; exit 1; }
    echo "id9, unstarted, , \${4#--peer-urls=}, , $([ "$5" = --learner ] && echo true || echo false)" >>"$STATE/members" ;;
  "member promote") sed -i "s/^$3, [a-z]*, [^,]*, \\([^,]*\\), .*/$3, started, promoted, \\1, , false/" "$STATE/members" ;;
  "member remove") sed -i "/^$3, /d" "$STATE/members" ;;
  *) true ;;
esac
`;

/** A machine, a server with etcd's tarball, and the step of a member on it. */
export class EtcdStub {
  readonly host = new ScriptHost();
  readonly server: FileServer;

  private constructor(server: FileServer) {
    this.server = server;
    this.host.stub("uname", "case $1 in -m) echo x86_64 ;; *) echo host ;; esac");
    this.host.stub("journalctl");
    this.publish("3.6.15");
    // The step before has put keys there.
    this.host.write("/etc/etcd/ssl/etcd-key.pem", "key", 0o600);
  }

  static async start(): Promise<EtcdStub> {
    return new EtcdStub(await FileServer.start());
  }

  stop(): void {
    this.server.stop();
    this.host.remove();
  }

  publish(version: string): void {
    const path = `/etcd-v${version}-linux-amd64.tar.gz`;
    const folder = `etcd-v${version}-linux-amd64`;
    const content = tarball({
      [`${folder}/etcd`]: `#!/bin/bash\nprintf 'etcd Version: ${version}\\nGit SHA: abc\\n'\n`,
      [`${folder}/etcdctl`]: etcdctl,
      [`${folder}/etcdutl`]: printing("etcdutl"),
    });
    this.server.files[path] = content;
    this.server.files["/SHA256SUMS"] =
      `${sha256("x")}  another.tar.gz\n${sha256(content)}  ${path.slice(1)}\n`;
  }

  parameters(name: Name, version = "3.6.15") {
    return {
      NODE_NAME: name,
      ADDRESS: peers[name],
      PEERS: "",
      FOUNDER: "etcd1",
      GENERATION: 1,
      VERSION: version,
      URL: this.server.url(`/etcd-v${version}-linux-@ARCH@.tar.gz`),
      CHECKSUM_URL: this.server.url("/SHA256SUMS"),
      ETCD_CONF: renderEtcdConf({
        name,
        address: peers[name],
        version,
        dataDir: "/var/lib/etcd/default.etcd",
        initialClusterToken: "t",
      }),
      ETCD_UNIT: "[Service]\nUser=etcd\n",
      DATA_DIR: "/var/lib/etcd/default.etcd",
      CERTIFICATE_DIGEST: "0123456789abcdef",
      ISSUER: "one",
      TRUSTED: ["one"],
      SNAPSHOT_BEFORE: "",
      SNAPSHOT_SCRIPT: '#!/bin/bash\necho "snapshot $*" >>"$CALLS"; [ ! -e "$STATE/full-disk" ]\n',
      SNAPSHOT_CONF: "KEEP=28\n",
      SNAPSHOT_HOST_KEY: "",
      SNAPSHOT_SERVICE: "[Service]\nType=oneshot\n",
      SNAPSHOT_TIMER: "[Timer]\nOnCalendar=daily\n",
    };
  }

  run(
    name: Name,
    changed: object = {},
    version = "3.6.15",
    action: "create" | "delete" = "create",
  ): Promise<ScriptRun> {
    const parameters = { ...this.parameters(name, version), ...changed };
    return this.host.run("components/etcd/scripts/member.sh", parameters, action);
  }

  /** What the member list says. */
  members(...lines: string[]): void {
    this.host.setState("members", `${lines.join("\n")}\n`);
  }

  listed(): string[] {
    return this.host.read("/..state/members").trimEnd().split("\n");
  }

  /** The members that are not healthy from now on. */
  sick(...names: Name[]): void {
    this.host.setState("sick", names.map((name) => `${client(name)}\n`).join(""));
  }

  /** As after a first start: etcd has written its log. */
  hasData(): void {
    this.host.write("/var/lib/etcd/default.etcd/member/wal/0-0.wal", "data");
  }
}

/** The `name address` lines of a parameter. */
export const others = (...names: Name[]): string[] => names.map((name) => `${name} ${peers[name]}`);

export const units = (calls: readonly string[]) =>
  calls.filter((call) => /^systemctl (daemon-reload|enable|restart|disable|stop)/.test(call));

/** What etcdctl was asked to change. */
export const changes = (calls: readonly string[]) =>
  calls.filter((call) => /^etcdctl \S+ (member (add|remove|promote)|move-leader)/.test(call));
