# Has this member of etcd running with its program, settings and certificate, in the cluster that there is. Safe to
# repeat: data is never removed, and etcd restarts only for a change, while every other member is healthy.
# library: etcd-lib.sh
# library: member-lib.sh
# library: checks-lib.sh
# library: join-lib.sh
# library: snapshots-lib.sh
: "${NODE_NAME?name of this member}"
: "${ADDRESS?address of this member}"
: "${PEERS?the other members that there shall be, one per line: name, address}"
: "${FOUNDER?the only host that may begin a cluster}"
: "${GENERATION?above 1 the machine was made anew, and begins no cluster}"
: "${VERSION?etcd version}"
: "${URL?address of the tarball}"
: "${CHECKSUM_URL?address of its checksums}"
: "${ETCD_CONF?content of etcd.conf}"
: "${ETCD_UNIT?content of the systemd unit}"
: "${DATA_DIR?data directory}"
: "${CERTIFICATE_DIGEST?changes with the certificate, so that etcd reads the new one}"
: "${ISSUER?digest of the authority that issued the certificates of members}"
: "${TRUSTED?digests of the authorities that members accept, one per line}"
: "${SNAPSHOT_BEFORE?what a snapshot is taken before, when it changes; empty for none}"
: "${SNAPSHOT_SCRIPT?program that takes a snapshot}"
: "${SNAPSHOT_CONF?its settings}"
: "${SNAPSHOT_HOST_KEY?line for known_hosts of the machine that gets copies; empty for none}"
: "${SNAPSHOT_SERVICE?content of the unit that runs it}"
: "${SNAPSHOT_TIMER?content of the timer; empty for no schedule}"

if [ "$1" = delete ]; then
  leave
  finish
  return 0
fi

formed=false
if has_data; then formed=true; fi
refuse_impossible

place_snapshots
if systemctl is-active --quiet etcd; then snapshot_before; fi

# The directory of the files was made by the step that wrote them, readable by root only.
chown etcd:etcd /etc/etcd/ssl
chmod 0700 /etc/etcd/ssl
install -d -m 0700 -o etcd -g etcd "$(dirname "$DATA_DIR")" "$DATA_DIR"
printf '%s' "$ETCD_CONF" | place /etc/etcd/etcd.conf 0644 root:root
printf '%s' "$ETCD_UNIT" | place /usr/lib/systemd/system/etcd.service 0644 root:root
echo 'export ETCDCTL_API=3' | place /etc/profile.d/etcd.sh 0644 root:root

# What the running etcd was started with is written down last of all. A step that was refused or cut off half-way has
# placed its files already, and would find nothing changed the next time.
running=$memory/running
if [ "$changed" = true ]; then rm -f "$running"; fi
digest=$(printf '%s\n' "$VERSION" "$ETCD_CONF" "$ETCD_UNIT" "$CERTIFICATE_DIGEST" "$TRUSTED" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$running" 2>/dev/null)" != "$digest" ] || [ "$(installed)" != "$VERSION" ]; then changed=true; fi
if [ "$formed" = true ] && [ "$changed" = true ] && systemctl is-active --quiet etcd; then refuse_risky_restart; fi

install_program
if [ "$formed" = false ]; then begin_or_join; fi
service etcd
poll 300 "etcd at $ADDRESS" settled || not_settled

printf '%s\n' "$ISSUER" "$TRUSTED" | place "$memory/trust" 0644 root:root
printf '%s\n' "$digest" | place "$running" 0644 root:root
snapshot_before
schedule_snapshots
manages version etcd "$VERSION"
manages directory "$DATA_DIR" 700 etcd:etcd
finish version "$VERSION"
