#!/bin/bash
# The parts of a restore that happen on a host, called in their order by `npm run etcd -- restore`.
#   check FILE | hold | clear | restore FILE | release
set -euo pipefail
umask 077
export LC_ALL=C ETCDCTL_API=3
fail() { echo "error: $*" >&2; exit 78; }
setting() { sed -n "s/^ETCD_$1=\"\(.*\)\"$/\1/p" /etc/etcd/etcd.conf; }
# etcdutl came with etcd 3.5.
if command -v etcdutl >/dev/null; then tool=etcdutl; else tool=etcdctl; fi
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
held=/etc/kubernetes/mesh-platform-held-kube-apiserver.yaml

# wait_for SECONDS COMMAND…
wait_for() {
  local -i left=$1
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $((left -= 1)) -lt 0 ]; then return 1; fi
    sleep 1
  done
}
no_server() { ! pgrep -x kube-apiserver; }

case $1 in
  check)
    [ -s "$2" ] || fail "$(uname -n) has no snapshot $2"
    "$tool" snapshot status "$2" || fail "$2 is damaged, or no snapshot"
    ;;
  hold)
    # An API server that saw the store empty or jump back would tell every controller so.
    if [ -e "$manifest" ]; then mv "$manifest" "$held"; fi
    wait_for 120 no_server || fail "the API server does not stop; is the kubelet running?"
    ;;
  clear)
    if systemctl cat etcd >/dev/null 2>&1; then systemctl stop etcd; fi
    data=$(setting DATA_DIR)
    if [ -e "$data" ]; then mv "$data" "$data.replaced-$(date -u +%Y%m%dT%H%M%SZ)"; fi
    ;;
  restore)
    data=$(setting DATA_DIR)
    peer=$(setting INITIAL_ADVERTISE_PEER_URLS)
    [ ! -e "$data" ] || fail "$data is in the way; move it aside"
    # Whoever watches goes by revisions: higher than all that were given out, and with no way to ask for those between.
    bump=()
    if "$tool" snapshot restore --help 2>&1 | grep -q bump-revision; then
      bump=(--bump-revision 1000000000 --mark-compacted)
    fi
    "$tool" snapshot restore "$2" --data-dir "$data" --name "$(setting NAME)" \
      --initial-cluster "$(setting NAME)=$peer" --initial-advertise-peer-urls "$peer" \
      --initial-cluster-token "$(setting INITIAL_CLUSTER_TOKEN)" ${bump[@]+"${bump[@]}"}
    chown -R etcd:etcd "$data"
    ;;
  release)
    if [ -e "$held" ]; then mv "$held" "$manifest"; fi
    if [ -e "$manifest" ]; then
      wait_for 180 pgrep -x kube-apiserver || fail "the API server does not come back; see /var/log/pods"
    fi
    ;;
  *) fail "unknown part of a restore: $1" ;;
esac
