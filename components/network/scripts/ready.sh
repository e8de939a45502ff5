# Waits until the control plane's node is Ready and CoreDNS is available. Changes nothing.
: "${NODE_NAME?name of the control plane node}"

kube() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 10s "$@"; }
node_ready() { [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
dns_ready() { [ "$(kube -n kube-system get deployment coredns -o 'jsonpath={.status.conditions[?(@.type=="Available")].status}')" = True ]; }

poll 300 "node $NODE_NAME to be Ready" node_ready || fail "$NODE_NAME is not Ready; see journalctl -u kubelet and the pods of flannel or kube-router"
poll 300 "CoreDNS" dns_ready || {
  kube -n kube-system get pods -l k8s-app=kube-dns --no-headers | cut -c1-200 >&2
  fail "CoreDNS is not available; kubectl -n kube-system describe pods -l k8s-app=kube-dns says why"
}
finish
