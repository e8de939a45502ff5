# Parts of member.sh: the snapshot program, its schedule, and the snapshot before an upgrade.

place_snapshots() {
  local before=$changed
  printf '%s' "$SNAPSHOT_SCRIPT" | place /usr/local/sbin/mesh-platform-etcd-snapshot 0755 root:root
  printf '%s' "$SNAPSHOT_CONF" | place /etc/etcd/snapshot.conf 0644 root:root
  if [ -n "$SNAPSHOT_HOST_KEY" ]; then
    command -v sftp >/dev/null || fail "snapshots are copied by sftp, which this host lacks; add the SSH client to nodes.packages"
    printf '%s\n' "$SNAPSHOT_HOST_KEY" | place /etc/etcd/snapshot.known_hosts 0644 root:root
  fi
  placed=$changed changed=$before
}

# Once for each new value, and before anything else: a first value on a new cluster has nothing to be kept from.
snapshot_before() {
  if [ "$(cat "$memory/snapshot-before" 2>/dev/null)" = "$SNAPSHOT_BEFORE" ]; then return 0; fi
  if [ "$formed" = true ] && [ -n "$SNAPSHOT_BEFORE" ]; then
    say "taking a snapshot before $SNAPSHOT_BEFORE"
    quietly mesh-platform-etcd-snapshot "before-${SNAPSHOT_BEFORE//[!A-Za-z0-9._-]/-}" ||
      fail "no snapshot could be taken before $SNAPSHOT_BEFORE; nothing was changed"
  fi
  printf '%s\n' "$SNAPSHOT_BEFORE" | place "$memory/snapshot-before" 0644 root:root
}

schedule_snapshots() {
  local etcd_changed=$changed unit=/etc/systemd/system/mesh-platform-etcd-snapshot
  changed=false
  printf '%s' "$SNAPSHOT_SERVICE" | place "$unit.service" 0644 root:root
  if [ -n "$SNAPSHOT_TIMER" ]; then
    printf '%s' "$SNAPSHOT_TIMER" | place "$unit.timer" 0644 root:root
    service mesh-platform-etcd-snapshot.timer
  elif [ -e "$unit.timer" ]; then
    systemctl disable --now mesh-platform-etcd-snapshot.timer >/dev/null 2>&1 || true
    rm -f "$unit.timer"
    changed=true
  fi
  if [ "$etcd_changed" = true ] || [ "$placed" = true ]; then changed=true; fi
}
