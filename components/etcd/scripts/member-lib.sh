# Parts of member.sh: what is on this host.

memory=/var/lib/mesh-platform/etcd
stamp() { date -u +%Y%m%dT%H%M%SZ; }

# The directory alone proves nothing: a first start that failed has left one, with an empty database.
has_data() { compgen -G "$DATA_DIR/member/wal/*.wal" >/dev/null; }
installed() { etcd --version 2>/dev/null | awk 'NR == 1 {print $3}'; }
setting() { sed -n "s/^ETCD_$1=\"\\(.*\\)\"$/\\1/p" /etc/etcd/etcd.conf 2>/dev/null || true; }

# The member goes, its data stays beside its place: it may be the last copy.
leave() {
  local unit
  for unit in mesh-platform-etcd-snapshot.timer etcd.service; do
    if ! systemctl cat "$unit" >/dev/null 2>&1; then continue; fi
    systemctl disable --now "$unit" >/dev/null 2>&1 || fail "$unit does not stop"
  done
  rm -f /usr/lib/systemd/system/etcd.service /etc/systemd/system/mesh-platform-etcd-snapshot.*
  systemctl daemon-reload
  rm -rf "$memory" /etc/etcd/etcd.conf /etc/etcd/initial.conf
  if [ -e "$DATA_DIR" ]; then
    mv "$DATA_DIR" "$DATA_DIR.removed-$(stamp)"
    say "the data of etcd is kept as $DATA_DIR.removed-*"
  fi
  changed=true
}

install_program() {
  local program
  if [ "$(installed)" = "$VERSION" ]; then return 0; fi
  make_scratch
  download "$URL" "$CHECKSUM_URL" "$scratch/etcd.tar.gz"
  tar -xzf "$scratch/etcd.tar.gz" -C "$scratch" --strip-components=1 --no-same-owner
  # etcdutl came with 3.5. etcd comes last: `installed` asks it alone, and what is cut off before is then done again.
  for program in etcdctl etcdutl etcd; do
    [ -f "$scratch/$program" ] || continue
    install -m 0755 "$scratch/$program" "/usr/bin/.$program.new"
    mv -f "/usr/bin/.$program.new" "/usr/bin/$program"
  done
  changed=true
}
