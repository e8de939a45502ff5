# Runs on a control plane, for one node: waits until it is Ready and gives it its labels and taints; when the node
# leaves the config, drains it and removes it. Safe to repeat: what is as it should be is left alone, and a node that is
# gone is not drained again.
: "${NODE_NAME?name of the node}"
: "${GONE?whether the machine is dead: its node is removed without asking it}"
: "${SELF?whether this host is that node: it cannot be taken out of the cluster that it alone carries}"
: "${DNS?whether to wait for CoreDNS as well}"
: "${LABELS?one key=value per line}"
: "${TAINTS?one key=value:effect per line}"
: "${SERVING_CERTIFICATES?whether to approve what the kubelet asks for to serve its own port}"
: "${DRAIN_SECONDS?how long pods may take to leave the node}"

kube() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 30s "$@"; }

known() {
  # No answer is not the same as no node: going on would reset a host whose pods nobody has moved.
  name=$(kube get node "$NODE_NAME" --ignore-not-found -o name) ||
    fail "the API server does not answer, so $NODE_NAME cannot be drained; bring the control plane back and run up again"
  [ -n "$name" ]
}

# Nobody will ever report these pods as ended; until they are, a StatefulSet does not start them anywhere else.
remove_dead() {
  local namespace pod
  say "removing the node $NODE_NAME, whose machine is gone"
  kube get pods --all-namespaces --field-selector "spec.nodeName=$NODE_NAME" -o 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' |
    while read -r namespace pod; do
      quietly kube -n "$namespace" delete pod "$pod" --force --grace-period 0 --wait=false --ignore-not-found
    done
  quietly kube delete node "$NODE_NAME" --ignore-not-found
}

if [ "$1" = delete ]; then
  if [ "$SELF" = true ] || ! known; then exit 0; fi
  if [ "$GONE" = true ]; then remove_dead; exit 0; fi
  say "draining $NODE_NAME"
  # Pods that belong to no controller are lost with the node in any case; a disruption budget may hold the drain.
  quietly kubectl --kubeconfig /etc/kubernetes/admin.conf drain "$NODE_NAME" --ignore-daemonsets --delete-emptydir-data --force --timeout "${DRAIN_SECONDS}s" ||
    fail "$NODE_NAME could not be drained within $DRAIN_SECONDS s; look at its pods and their disruption budgets, then run up again"
  quietly kube delete node "$NODE_NAME"
  exit 0
fi
if [ "$GONE" = true ]; then
  if known; then remove_dead; changed=true; fi
  finish
  exit 0
fi

ready() { [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
dns_ready() { [ "$(kube -n kube-system get deployment coredns -o 'jsonpath={.status.conditions[?(@.type=="Available")].status}')" = True ]; }

# Requests for a serving certificate, under this node's own name, that nobody has answered.
approve() {
  local request user state
  kube get certificatesigningrequests -o 'jsonpath={range .items[?(@.spec.signerName=="kubernetes.io/kubelet-serving")]}{.metadata.name} {.spec.username} {.status.conditions[0].type}{"\n"}{end}' |
    while read -r request user state; do
      if [ "$user" = "system:node:$NODE_NAME" ] && [ -z "$state" ]; then
        say "approving the serving certificate of $NODE_NAME"
        quietly kube certificate approve "$request"
        changed=true
      fi
    done
}

# An annotation tells which labels and taints are ours: one that is no longer wanted goes, one that others set stays.
annotation() { kube get node "$NODE_NAME" -o "jsonpath={.metadata.annotations.mesh-platform/$1}"; }
keep() {
  [ "$(annotation "$1")" != "$2" ] || return 0
  quietly kube annotate node "$NODE_NAME" --overwrite "mesh-platform/$1=$2"
  changed=true
}
listed() { grep -qxF -- "$1" <<<"$2"; }

follow_labels() {
  local line
  local -a words=()
  while read -r line; do if [ -n "$line" ]; then words+=("$line"); fi; done <<<"$LABELS"
  for line in $(annotation labels | tr , ' '); do
    grep -q "^${line%%=*}=" <<<"$LABELS" || words+=("${line%%=*}-")
  done
  if [ ${#words[@]} -gt 0 ]; then quietly kube label node "$NODE_NAME" --overwrite "${words[@]}"; fi
  keep labels "$(tr '\n' , <<<"$LABELS" | sed 's/,*$//')"
}

follow_taints() {
  local line now ours
  local -a words=()
  now=$(kube get node "$NODE_NAME" -o 'jsonpath={range .spec.taints[*]}{.key}={.value}:{.effect}{"\n"}{end}')
  # kubeadm gives a control plane its own, and they are ours to take away where the config names others.
  ours=$(annotation taints | tr , '\n'; printf '\n%s' node-role.kubernetes.io/{control-plane,master}=:NoSchedule)
  while read -r line; do
    if [ -n "$line" ] && ! listed "$line" "$now"; then words+=("$line"); fi
  done <<<"$TAINTS"
  while read -r line; do
    if [ -n "$line" ] && listed "$line" "$ours" && ! listed "$line" "$TAINTS"; then
      # kubectl names a taint by key and effect; one whose value changes is overwritten, not removed.
      if ! grep -q "^${line%%=*}=.*:${line##*:}\$" <<<"$TAINTS"; then words+=("${line%%=*}:${line##*:}-"); fi
    fi
  done <<<"$now"
  if [ ${#words[@]} -gt 0 ]; then quietly kube taint node "$NODE_NAME" --overwrite "${words[@]}"; changed=true; fi
  keep taints "$(tr '\n' , <<<"$TAINTS" | sed 's/,*$//')"
}

poll 300 "node $NODE_NAME to be Ready" ready || fail "$NODE_NAME has joined but is not Ready; see journalctl -u kubelet there, and the pods of its network"
if [ "$SERVING_CERTIFICATES" = true ]; then approve; fi
follow_labels
follow_taints
if [ "$DNS" = true ]; then
  poll 300 "CoreDNS" dns_ready || {
    kube -n kube-system get pods -l k8s-app=kube-dns --no-headers | cut -c1-200 >&2
    fail "CoreDNS is not available; kubectl -n kube-system describe pods -l k8s-app=kube-dns says why"
  }
fi
finish
