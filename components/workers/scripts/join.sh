# Makes this host a worker of the cluster, and keeps it at the version and settings that are wanted. Like kubeadm init,
# join is not repeatable: a node that the API server knows by this host's own credentials is left alone or upgraded, our
# own half-finished join is reset, other leftovers are refused.
# library: ../../hosts/scripts/kubernetes-lib.sh
: "${NODE_NAME?name of the node}"
: "${VERSION?Kubernetes version}"
: "${API_SERVER?address of the API server}"
: "${JOIN_CONFIG?configuration for kubeadm join}"
: "${KUBELET_SETTINGS?configuration for kubeadm, with flags and settings of the kubelet}"
: "${IGNORE_PREFLIGHT?checks that an upgrade may fail, with commas between; empty for none}"
: "${DRAIN_SECONDS?how long pods may take to leave the node}"

config=/etc/kubernetes/kubeadm.yaml
discovery=/etc/kubernetes/mesh-platform-discovery.conf

reset_host() {
  reset_node
  rm -rf "$state"/join.{done,started} "$state/upgrade.started" /etc/kubernetes/pki/ca.crt
}

if [ "$1" = delete ]; then
  reset_host
  rm -f "$discovery"
  exit 0
fi

kube() { kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout 10s "$@"; }
knows_node() { kube get node "$NODE_NAME"; }

joined() {
  [ -f "$state/join.done" ] && [ -f /etc/kubernetes/kubelet.conf ] || return 1
  # Not to be taken for a stranger's leftovers: resetting a worker because the API server is away would end its pods.
  poll 60 "the API server" knows_node ||
    fail "this host has joined, but $API_SERVER does not answer or has no node $NODE_NAME any more; look at the control plane, or take the host out of the config, run up, and put it in again"
}

# The control planes have been upgraded before: no worker's kubelet may be newer than they are.
not_ahead() {
  local cluster
  cluster=$(version_at "$API_SERVER")
  [ -z "$cluster" ] || [ "$(printf '%s\n' "$VERSION" "$cluster" | sort -V | sed -n 1p)" = "$VERSION" ] ||
    fail "the control plane runs Kubernetes $cluster and this host would run $VERSION; upgrade the control plane first"
}

upgrade() {
  one_step "$(kubelet_version)" "$VERSION"
  not_ahead
  say "upgrading this worker from $(kubelet_version) to $VERSION"
  date -u +%FT%TZ | place "$state/upgrade.started" 0644 root:root
  quietly timeout -k 10 300 kubeadm upgrade node ${IGNORE_PREFLIGHT:+--ignore-preflight-errors="$IGNORE_PREFLIGHT"}
  switch_kubelet
  rm -f "$state/upgrade.started"
}

install -d -m 0755 "$state"
if joined; then
  if [ "$(kubelet_version)" != "$VERSION" ] || [ -f "$state/upgrade.started" ]; then upgrade; fi
  follow_kubelet_settings
  uncordon
  # Renewed by the step before on some occasion; this host needs it no more.
  rm -f "$discovery"
  declare_kubelet
  finish version "$VERSION"
  exit 0
fi
if [ -f "$state/join.started" ]; then
  say "an earlier join did not finish; resetting it"
  reset_host
elif [ -f /etc/kubernetes/kubelet.conf ]; then
  fail "/etc/kubernetes/kubelet.conf is left of another installation; run kubeadm reset --skip-phases remove-etcd-member on this host first"
fi

[ -f "$discovery" ] || fail "$discovery is gone, with the token in it; raise the generation of $NODE_NAME, so that the step $NODE_NAME-keys writes it again"
# Whatever proxy the host has, the API is not behind it.
ask_web -ksS --noproxy '*' -m 10 -o /dev/null "$API_SERVER/healthz" ||
  fail "$API_SERVER does not answer from here; look at routes and firewalls between this host and the control plane"
not_ahead
date -u +%FT%TZ | place "$state/join.started" 0644 root:root
printf '%s' "$JOIN_CONFIG" | place "$config" 0600 root:root
forgotten
say "running kubeadm join"
quietly timeout -k 10 420 kubeadm join --config "$config"
poll 60 "this node's object" knows_node
keep_kubelet_settings
date -u +%FT%TZ | place "$state/join.done" 0644 root:root
# Only now: a join that is repeated needs it, and the step that wrote it does not run again. From here on the token in
# it is of no use, and the kubelet has credentials of its own.
rm -f "$discovery" "$state/join.started"
changed=true
declare_kubelet
finish version "$VERSION"
