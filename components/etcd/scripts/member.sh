# Installs etcd and has this member healthy. Safe to repeat: data is never touched, and etcd restarts only if its
# program, settings, unit or certificate changed.
: "${VERSION?etcd version}"
: "${URL?address of the tarball}"
: "${CHECKSUM_URL?address of its checksums}"
: "${ETCD_CONF?content of etcd.conf}"
: "${ETCD_UNIT?content of the systemd unit}"
: "${DATA_DIR?data directory}"
: "${ENDPOINT?client address of this member}"
: "${CERTIFICATE_DIGEST?changes with the certificate, so that etcd reads the new one}"

conf=/etc/etcd/etcd.conf
setting() { sed -n "s/^ETCD_$1=//p"; }

# etcd reads INITIAL_CLUSTER only for an empty data directory; on a formed cluster a new list would be ignored, and
# the operator would believe in members that are not there.
if [ -d "$DATA_DIR/member" ] && [ -f "$conf" ] &&
  [ "$(setting INITIAL_CLUSTER <"$conf")" != "$(setting INITIAL_CLUSTER <<<"$ETCD_CONF")" ]; then
  fail "the etcd cluster is formed of $(setting INITIAL_CLUSTER <"$conf"); changing its members is not built yet, so keep the hosts with the role etcd as they were"
fi

former=$([ ! -f "$conf" ] || setting DATA_DIR <"$conf" | tr -d '"')
if [ "$former" != "$DATA_DIR" ] && [ -d "$former/member" ]; then
  fail "the data of etcd is in $former; in another directory it would start empty, so set etcd.dataDir back"
fi

if [ "$(etcd --version 2>/dev/null | awk 'NR == 1 {print $3}')" != "$VERSION" ]; then
  make_scratch
  download "$URL" "$CHECKSUM_URL" "$scratch/etcd.tar.gz"
  tar -xzf "$scratch/etcd.tar.gz" -C "$scratch" --strip-components=1 --no-same-owner
  for program in etcd etcdctl etcdutl; do
    install -m 0755 "$scratch/$program" "/usr/bin/.$program.new"
    mv -f "/usr/bin/.$program.new" "/usr/bin/$program"
  done
  changed=true
fi

# The directory of the files was made by the step that wrote them, readable by root only.
chown etcd:etcd /etc/etcd/ssl
chmod 0700 /etc/etcd/ssl
install -d -m 0700 -o etcd -g etcd "$(dirname "$DATA_DIR")" "$DATA_DIR"
printf '%s' "$ETCD_CONF" | place "$conf" 0644 root:root
printf '%s' "$ETCD_UNIT" | place /usr/lib/systemd/system/etcd.service 0644 root:root
echo 'export ETCDCTL_API=3' | place /etc/profile.d/etcd.sh 0644 root:root
printf '%s\n' "$CERTIFICATE_DIGEST" | place /var/lib/mesh-platform/etcd.certificate 0644 root:root
service etcd

client() { etcdctl --endpoints "$ENDPOINT" --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem --key /etc/etcd/ssl/etcd-key.pem "$@"; }
healthy() { client --command-timeout 3s endpoint health; }
poll 120 "etcd at $ENDPOINT" healthy || fail "etcd is not healthy; see journalctl -u etcd"
finish version "$VERSION"
