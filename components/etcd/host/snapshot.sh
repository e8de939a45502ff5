#!/bin/bash
# mesh-platform-etcd-snapshot [KIND]: takes a snapshot of etcd through this member, checks it, keeps the newest of the
# scheduled ones, and sends a copy away. Settings: /etc/etcd/snapshot.conf. Prints the file's path.
set -euo pipefail
umask 077
export LC_ALL=C ETCDCTL_API=3 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
FOLDER=/var/backups/etcd KEEP=28 ENDPOINT=https://127.0.0.1:2379 COPY_TO='' COPY_PORT=22 COPY_PATH=''
# shellcheck source=/dev/null
. /etc/etcd/snapshot.conf

kind=${1:-scheduled}
name=$(uname -n)-$kind-$(date -u +%Y%m%dT%H%M%SZ).db
mkdir -p "$FOLDER"
chmod 0700 "$FOLDER"
exec 9>"$FOLDER/.lock"
flock 9
# Of a run that was cut off.
rm -f "$FOLDER"/.*.part

client() {
  etcdctl --endpoints "$ENDPOINT" --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem \
    --key /etc/etcd/ssl/etcd-key.pem "$@"
}
# A member that is cut off from the others would hand out what it knew last.
client --command-timeout 10s endpoint health >&2
client snapshot save "$FOLDER/.$name.part" >&2
if command -v etcdutl >/dev/null; then inspect=etcdutl; else inspect=etcdctl; fi
"$inspect" snapshot status "$FOLDER/.$name.part" >&2
sync "$FOLDER/.$name.part"
mv "$FOLDER/.$name.part" "$FOLDER/$name"

# Names sort by time. Those that somebody asked for stay until somebody removes them.
find "$FOLDER" -maxdepth 1 -name "$(uname -n)-scheduled-*.db" | sort -r | tail -n "+$((KEEP + 1))" | xargs -r rm -f

if [ -n "$COPY_TO" ]; then
  # Under its own name only once it is whole. sftp needs no shell at the other end.
  printf 'put "%s" "%s"\nrename "%s" "%s"\n' "$FOLDER/$name" "$COPY_PATH/.$name.part" \
    "$COPY_PATH/.$name.part" "$COPY_PATH/$name" |
    sftp -q -b - -P "$COPY_PORT" -i /etc/etcd/snapshot-key -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=20 \
      -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/etcd/snapshot.known_hosts "$COPY_TO" >&2
fi
echo "$FOLDER/$name"
