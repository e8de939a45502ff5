# Makes this host a worker of the cluster. Like kubeadm init, join is not repeatable: a node that the API server knows
# by this host's own credentials is left alone, our own half-finished join is reset, other leftovers are refused.
: "${NODE_NAME?name of the node}"
: "${API_SERVER?address of the API server}"
: "${KUBEADM_CONFIG?configuration for kubeadm}"

state=/var/lib/mesh-platform
config=/etc/kubernetes/kubeadm.yaml
discovery=/etc/kubernetes/mesh-platform-discovery.conf

reset_host() {
  quietly timeout -k 10 180 kubeadm reset -f || true
  rm -rf /etc/cni/net.d/* /etc/kubernetes/*.conf /var/lib/kubelet/config.yaml "$state/join.done" "$state/join.started"
  # The next cluster's pod network would find these with addresses of the old one.
  local link
  for link in cni0 flannel.1; do if ip link show "$link" >/dev/null 2>&1; then ip link delete "$link"; fi; done
}

if [ "$1" = delete ]; then
  reset_host
  exit 0
fi

knows_node() { kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout 5s get node "$NODE_NAME"; }
joined() {
  [ -f "$state/join.done" ] && [ -f /etc/kubernetes/kubelet.conf ] || return 1
  # Not to be taken for a stranger's leftovers: resetting a worker because the API server is away would end its pods.
  poll 60 "the API server" knows_node ||
    fail "this host has joined, but $API_SERVER does not answer or has no node $NODE_NAME any more; look at the control plane, or take the host out of the config, run up, and put it in again"
}

install -d -m 0755 "$state"
if joined; then
  [ "$(cat "$config")" = "${KUBEADM_CONFIG%$'\n'}" ] ||
    fail "the node has joined with other settings; take it out of the config, run up, and put it in again"
  finish
  exit 0
fi
if [ -f "$state/join.started" ]; then
  say "an earlier join did not finish; resetting it"
  cp -p "$discovery" "$state/discovery.conf"
  reset_host
  mv "$state/discovery.conf" "$discovery"
elif [ -f /etc/kubernetes/kubelet.conf ]; then
  fail "/etc/kubernetes/kubelet.conf is left of another installation; run kubeadm reset on this host first"
fi

curl -ksS --connect-timeout 5 -m 10 --retry 5 --retry-connrefused -o /dev/null "$API_SERVER/healthz" ||
  fail "$API_SERVER does not answer from here; look at routes and firewalls between this host and the control plane"
date -u +%FT%TZ | place "$state/join.started" 0644 root:root
printf '%s' "$KUBEADM_CONFIG" | place "$config" 0600 root:root
say "running kubeadm join"
quietly timeout -k 10 420 kubeadm join --config "$config"
poll 60 "this node's object" knows_node
date -u +%FT%TZ | place "$state/join.done" 0644 root:root
# Only now: a join that is repeated needs it, and the step that wrote it does not run again. From here on the token in
# it is of no use, and the kubelet has credentials of its own.
rm -f "$discovery" "$state/join.started"
changed=true
finish
