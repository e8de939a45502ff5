# Runs on the control plane. Waits until the node is Ready; when the node leaves the config, drains it and removes it.
# Safe to repeat: waiting changes nothing, and a node that is gone is not drained again.
: "${NODE_NAME?name of the node}"

kube() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 30s "$@"; }

if [ "$1" = delete ]; then
  # No answer is not the same as no node: going on would reset a host whose pods nobody has moved.
  known=$(kube get node "$NODE_NAME" --ignore-not-found -o name) ||
    fail "the API server does not answer, so $NODE_NAME cannot be drained; bring the control plane back and run up again"
  [ -n "$known" ] || exit 0
  say "draining $NODE_NAME"
  # Pods that belong to no controller are lost with the node in any case; a disruption budget may hold the drain.
  quietly kubectl --kubeconfig /etc/kubernetes/admin.conf drain "$NODE_NAME" --ignore-daemonsets --delete-emptydir-data --force --timeout 300s ||
    fail "$NODE_NAME could not be drained within 300 s; look at its pods and their disruption budgets, then run up again"
  quietly kube delete node "$NODE_NAME"
  exit 0
fi

ready() { [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
poll 300 "node $NODE_NAME to be Ready" ready || fail "$NODE_NAME has joined but is not Ready; see journalctl -u kubelet there"
finish
