import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { SecretFile } from "../remote/file";
import { quote } from "../remote/quote";
import { renderSystemdUnit } from "../remote/systemd-unit";

/** A machine that gets a copy of each snapshot by sftp. */
export interface SnapshotCopy {
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  /** Default `root`. */
  readonly user?: string;
  /** Directory there; it must exist. */
  readonly path: string;
  /** Its SSH host key, such as `ssh-ed25519 AAAA…`; the machine is trusted by nothing else. */
  readonly hostKey: string;
}

export interface SnapshotSettings {
  /** When, as systemd's OnCalendar. */
  readonly onCalendar: string;
  /** Scheduled snapshots that each member keeps; those that somebody asked for stay. */
  readonly keep: number;
  /** Default: snapshots stay on the members. */
  readonly copyTo?: SnapshotCopy | undefined;
}

export const snapshotKeyFile = "/etc/etcd/snapshot-key";

const program = "/usr/local/sbin/mesh-platform-etcd-snapshot";

/** Parameters of a member's step about snapshots. With `false` there is no schedule, and the program is there still. */
export function snapshotParameters(settings: SnapshotSettings | false, endpoint: string) {
  const copy = settings === false ? undefined : settings.copyTo;
  return {
    SNAPSHOT_SCRIPT: readFileSync(join(__dirname, "host", "snapshot.sh"), "utf8"),
    SNAPSHOT_CONF: renderSnapshotConf(settings, endpoint),
    SNAPSHOT_HOST_KEY: copy === undefined ? "" : knownHost(copy),
    SNAPSHOT_SERVICE: snapshotService,
    SNAPSHOT_TIMER: settings === false ? "" : renderSnapshotTimer(settings.onCalendar),
  };
}

/** /etc/etcd/snapshot.conf, which the program reads as shell. */
export function renderSnapshotConf(settings: SnapshotSettings | false, endpoint: string): string {
  const copy = settings === false ? undefined : settings.copyTo;
  const values: Readonly<Record<string, string | number>> = {
    ENDPOINT: endpoint,
    ...(settings === false ? {} : { KEEP: settings.keep }),
    ...(copy === undefined
      ? {}
      : { COPY_TO: `${copy.user ?? "root"}@${copy.host}`, COPY_PORT: copy.port ?? 22, COPY_PATH: copy.path }),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(String(value))}\n`)
    .join("");
}

/** The line of known_hosts; a port other than 22 belongs to the name. */
const knownHost = ({ host, port = 22, hostKey }: SnapshotCopy): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}`;

export const snapshotService = renderSystemdUnit({
  Unit: { Description: "Snapshot of etcd", After: "etcd.service" },
  Service: {
    Type: "oneshot",
    ExecStart: `${program} scheduled`,
    Nice: 10,
    IOSchedulingClass: "idle",
    TimeoutStartSec: 1800,
  },
});

export function renderSnapshotTimer(onCalendar: string): string {
  return renderSystemdUnit({
    Unit: { Description: "Snapshots of etcd" },
    Timer: {
      OnCalendar: onCalendar,
      // Members that read their whole store at the same second would all be slow at it.
      RandomizedDelaySec: "15min",
      // One that was missed while the host was off is made up for.
      Persistent: true,
    },
    Install: { WantedBy: "timers.target" },
  });
}

/** The key with which members log in where copies go. Whoever owns that machine authorises `publicKey` there. */
export interface SnapshotKey {
  /** One line for authorized_keys. */
  readonly publicKey: pulumi.Output<string>;
  /** Its place on every member, beside the certificates. */
  readonly file: SecretFile;
}

export function snapshotKey(name: string, parent: pulumi.Resource): SnapshotKey {
  const key = new tls.PrivateKey(name, { algorithm: "ED25519" }, { parent });
  return {
    publicKey: key.publicKeyOpenssh.apply((line) => line.trim()),
    file: {
      path: snapshotKeyFile,
      mode: "0600",
      owner: "root:root",
      content: pulumi.secret(key.privateKeyOpenssh),
    },
  };
}
