/** The members of a stack's etcd as they are right now. */
import type { Host } from "./hosts";

export interface MemberStatus {
  readonly name: string;
  readonly url: string;
  /** `healthy`, `not healthy`, `learner` or `unstarted`. */
  readonly health: string;
  readonly leader: boolean;
  /** Size of the store in bytes; undefined where the member does not answer. */
  readonly size: number | undefined;
  readonly version: string;
}

/** Prints for each member what `member list` says, whether it is healthy, and its status as JSON, each on a line. */
export const STATUS_PROGRAM = `
set -u
export ETCDCTL_API=3 LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /etc/etcd/snapshot.conf
client() {
  local url=$1
  shift
  etcdctl --endpoints "$url" --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem \\
    --key /etc/etcd/ssl/etcd-key.pem --command-timeout 5s "$@" 2>/dev/null
}
list=$(client "$ENDPOINT" member list) || { echo "etcd does not list its members; is there a majority?" >&2; exit 1; }
while read -r line; do
  url=$(awk -F', ' '{print $5}' <<<"$line")
  printf '%s\\n' "$line"
  if [ -n "$url" ] && client "$url" endpoint health >/dev/null; then echo healthy; else echo "not healthy"; fi
  if [ -n "$url" ]; then client "$url" endpoint status -w json || echo '[]'; else echo '[]'; fi
done <<<"$list"
`;

/** Asks one member after the other until one knows. */
export async function statusOf(members: readonly Host[]): Promise<MemberStatus[]> {
  const faults: string[] = [];
  for (const host of members) {
    try {
      return readStatus(await host.shell(STATUS_PROGRAM));
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.join("\n"));
}

export function readStatus(output: string): MemberStatus[] {
  const lines = output.trimEnd().split("\n");
  return Array.from({ length: Math.floor(lines.length / 3) }, (_, index) => {
    const [row = "", health = "", status = ""] = lines.slice(index * 3, index * 3 + 3);
    return memberOf(row.split(", "), health, status);
  }).sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true }));
}

function memberOf(
  [, state, name = "", peer = "", url = "", learner]: string[],
  health: string,
  status: string,
): MemberStatus {
  // Numbers of members are too large for JSON.parse.
  const number = (key: string) => new RegExp(`"${key}":(\\d+)`).exec(status)?.[1];
  const size = number("dbSize");
  return {
    name: name === "" ? "-" : name,
    url: url === "" ? peer : url,
    health: state === "unstarted" ? "unstarted" : learner === "true" ? "learner" : health,
    leader: number("leader") !== undefined && number("leader") === number("member_id"),
    size: size === undefined ? undefined : Number(size),
    version: /"version":"([^"]+)"/.exec(status)?.[1] ?? "-",
  };
}

export function renderStatus(members: readonly MemberStatus[]): string {
  const megabytes = (size: number | undefined) =>
    size === undefined ? "-" : `${(size / 1e6).toFixed(1)} MB`;
  const rows = [
    ["MEMBER", "ADDRESS", "HEALTH", "LEADER", "SIZE", "VERSION"],
    ...members.map(({ name, url, health, leader, size, version }) => [
      ...[name, url.replace(/^https:\/\//, ""), health],
      ...[leader ? "leader" : "", megabytes(size), version],
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
