# What control-plane.sh does on a host that is no control plane yet, or only half of one.

# Everything but the authorities, which other steps have put in place: kubeadm reset would delete those as well, hence
# the directory that does not exist. What kubeadm issued goes, as it may bear other names next time.
reset_half() {
  local name
  say "an earlier run did not finish; resetting it"
  reset_node --cert-dir /run/mesh-platform.none
  for name in apiserver apiserver-kubelet-client front-proxy-client; do rm -f "$pki/$name.crt" "$pki/$name.key"; done
}

leftovers() {
  local file
  for file in "$manifests/kube-apiserver.yaml" "$admin" /etc/kubernetes/kubelet.conf; do
    [ ! -e "$file" ] || { echo "$file"; return 0; }
  done
  return 1
}

# Prints join or begin. A founder that finds no answer may begin a cluster once in its life: a second one beside the
# first, or an empty one over lost data, is what nobody would notice in time.
what_to_do() {
  local peer
  if answers "$ENDPOINT"; then echo join; return 0; fi
  for peer in $PEERS; do
    answers "$peer" || continue
    poll 60 "the endpoint $ENDPOINT" answers "$ENDPOINT" ||
      { say "error: a cluster answers at $peer, but not at its endpoint $ENDPOINT; see to the endpoint (haproxy, keepalived, kube-vip or your load balancer) and run up again"; return 0; }
    echo join
    return 0
  done
  if [ "$FOUNDER" = "$NODE_NAME" ] && [ "$GENERATION" = 1 ]; then echo begin; return 0; fi
  if poll 60 "the cluster at $ENDPOINT" answers "$ENDPOINT"; then echo join; return 0; fi
  say "error: no API server answers at $ENDPOINT${PEERS:+ or at a peer}, and only $FOUNDER, before it was ever installed anew, may begin a cluster; bring a control plane back, or restore a snapshot of etcd as docs/etcd.md says. If there never was a cluster, docs/decisions/0011 says how to name another founder"
}

begin_cluster() {
  place_endpoint "$INIT_FILES"
  remember started begin
  printf '%s' "$INIT_CONFIG" | place "$config" 0600 root:root
  say "pulling images"
  quietly timeout -k 10 600 kubeadm config images pull --config "$config"
  say "running kubeadm init"
  # shellcheck disable=SC2086
  quietly timeout -k 10 420 kubeadm init --config "$config" $INIT_FLAGS
  poll 120 "the API server" api_ready
  # kubeadm makes a token that is valid for a day although nobody asked for one.
  kube -n kube-system delete secret --field-selector type=bootstrap.kubernetes.io/token >/dev/null
  place_endpoint "$FILES"
}

join_cluster() {
  local cluster
  [ -f "$discovery" ] ||
    fail "$discovery is gone, with the token in it; raise the generation of $NODE_NAME, so that the step $NODE_NAME-keys writes it again"
  cluster=$(version_at "$ENDPOINT")
  [ -z "$cluster" ] || [ "$cluster" = "$VERSION" ] ||
    fail "the cluster runs Kubernetes $cluster and this host has $VERSION; set kubernetes.version to $cluster, let this host join, then upgrade"
  place_endpoint "$FILES"
  remember started join
  printf '%s' "$INIT_CONFIG" | place "$config" 0600 root:root
  printf '%s' "$JOIN_CONFIG" | place /etc/kubernetes/kubeadm-join.yaml 0600 root:root
  say "pulling images"
  quietly timeout -k 10 600 kubeadm config images pull --config "$config"
  forgotten
  say "running kubeadm join"
  quietly timeout -k 10 600 kubeadm join --config /etc/kubernetes/kubeadm-join.yaml
  poll 120 "the API server" api_ready
}

# Written down last that it has finished, and from what.
finish_first() {
  poll 60 "this node's object" kube get node "$NODE_NAME"
  keep_kubelet_settings
  remember authority "$AUTHORITY_DIGEST"
  remember certificates "$CERTIFICATES"
  remember inputs "$(inputs)"
  printf '%s' "$INIT_CONFIG" | place "$record/config" 0600 root:root
  remember finished "$VERSION"
  rm -f "$record/started" "$discovery"
}
