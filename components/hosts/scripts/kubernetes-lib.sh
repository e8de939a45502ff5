# What the steps that join, upgrade and reset a node share. `kube` is the script's own kubectl, with the credentials
# that the host has; NODE_NAME, VERSION and the like are the script's parameters.

state=/var/lib/mesh-platform

kubelet_version() { kubelet --version 2>/dev/null | sed -n 's/^Kubernetes v//p'; }
minor_of() { cut -d. -f2 <<<"$1"; }

# one_step FROM TO: refuses what no upgrade can do. Data written by a newer version may be unreadable for an older one,
# and the parts of a cluster understand each other across one minor version.
one_step() {
  [ "$1" != "$2" ] || return 0
  [ "$(printf '%s\n' "$1" "$2" | sort -V | sed -n 1p)" = "$1" ] ||
    fail "Kubernetes $1 runs here and cannot go back to $2; set kubernetes.version to $1 or later"
  [ $(($(minor_of "$2") - $(minor_of "$1"))) -le 1 ] ||
    fail "Kubernetes $1 runs here and cannot jump to $2; go by way of 1.$(($(minor_of "$1") + 1)), with an up of its own"
}

# version_at URL: the version of the API server there; nothing where none answers. A load balancer's own error page is
# no answer, and an API server without anonymous access answers with a Status.
api_body() { curl -ksS --noproxy '*' --connect-timeout 5 -m 10 "$1/version" 2>/dev/null || true; }
version_at() { api_body "$1" | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p'; }
answers() { api_body "$1" | grep -Eq '"gitVersion"|"kind": *"Status"'; }

# Pods here that a drain has to move, one per line: namespace, name, owner=KIND, and going=TIME once it is ending.
# Pods of DaemonSets and of the kubelet's own manifests stay; what has ended is in nobody's way.
movable_pods() {
  local namespace name phase owner mirror going
  kube get pods --all-namespaces --field-selector "spec.nodeName=$NODE_NAME" -o 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.status.phase} owner={.metadata.ownerReferences[0].kind} mirror={.metadata.annotations.kubernetes\.io/config\.mirror} going={.metadata.deletionTimestamp}{"\n"}{end}' |
    while read -r namespace name phase owner mirror going; do
      case "$phase $owner" in Succeeded\ * | Failed\ * | *\ owner=DaemonSet | *\ owner=Node) continue ;; esac
      if [ "$mirror" = mirror= ]; then echo "$namespace $name $owner $going"; fi
    done
}

# evict NAMESPACE NAME: asks for it; a disruption budget may say no for now. The kind of policy v1 came with 1.22.
evict() {
  local api=policy/v1 answer
  if [ "$(minor_of "$VERSION")" -lt 22 ]; then api=policy/v1beta1; fi
  answer=$(kube create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - 2>&1 <<<"{\"apiVersion\":\"$api\",\"kind\":\"Eviction\",\"metadata\":{\"namespace\":\"$1\",\"name\":\"$2\"}}") && return 0
  case $answer in *TooManyRequests* | *NotFound*) ;; *) say "evicting $1/$2: $answer" ;; esac
}

# One change, so that a node which we took out of service is always known as such: the operator's own cordon stays.
cordon() {
  [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.spec.unschedulable}')" != true ] || return 0
  quietly kube patch node "$NODE_NAME" --type merge -p '{"metadata":{"annotations":{"mesh-platform/cordoned":"true"}},"spec":{"unschedulable":true}}'
}
# Asked until somebody answers: a kubelet that is new restarts the API server of its host when it gets to it.
uncordon() {
  local taken=false
  poll 180 "the API server" take_back || fail "no API server answers, and $NODE_NAME may still be out of service; see journalctl -u kubelet, then run up again"
  if [ "$taken" = true ]; then say "took $NODE_NAME into service again" && changed=true; fi
}
take_back() {
  local ours
  ours=$(kube get node "$NODE_NAME" -o 'jsonpath={.metadata.annotations.mesh-platform/cordoned}') || return 1
  [ "$ours" = true ] || return 0
  kube patch node "$NODE_NAME" --type merge -p '{"metadata":{"annotations":{"mesh-platform/cordoned":null}},"spec":{"unschedulable":null}}' || return 1
  taken=true
}

# drain SECONDS: moves the pods of this node away, by its own credentials if need be: a kubelet may evict its own pods.
drain() {
  local deadline=$((SECONDS + $1)) pods lonely namespace name owner going told=$SECONDS
  lonely=$(movable_pods | while read -r namespace name owner going; do if [ "$owner $going" = "owner= going=" ]; then printf '%s ' "$namespace/$name"; fi; done)
  [ -z "$lonely" ] || fail "nobody would start these pods of $NODE_NAME again: $lonely; delete them or give them a Deployment, then run up again"
  cordon
  say "draining $NODE_NAME"
  while :; do
    if pods=$(movable_pods); then
      [ -n "$pods" ] || return 0
      while read -r namespace name owner going; do if [ "$going" = going= ]; then evict "$namespace" "$name"; fi; done <<<"$pods"
    fi
    [ "$SECONDS" -lt "$deadline" ] ||
      fail "$NODE_NAME could not be drained within $1 s, for these pods: $(cut -d' ' -f1,2 <<<"${pods:-?}" | tr '\n' ',' | cut -c1-300) look at their disruption budgets, then run up again"
    if [ $((SECONDS - told)) -ge 15 ]; then told=$SECONDS; say "still draining: $(wc -l <<<"$pods") pods"; fi
    sleep 1
  done
}

# The kubelet of VERSION, which the step before could not put in place: an old control plane may not have a newer kubelet.
install_kubelet() {
  local staged=$state/kubelet-$VERSION
  if [ -f "$staged" ]; then
    install -m 0755 "$staged" /usr/bin/.kubelet.new
    mv -f /usr/bin/.kubelet.new /usr/bin/kubelet
    rm -f "$staged"
  else
    packages "kubelet=$VERSION"
    # Installing takes the hold off, and an unattended upgrade would move the node ahead of its control plane.
    if command -v apt-mark >/dev/null; then quietly apt-mark hold kubelet; fi
  fi
  [ "$(kubelet_version)" = "$VERSION" ] ||
    fail "the kubelet of $VERSION is not here; raise the host's generation, so that the step $NODE_NAME-kubernetes gets it again"
  systemctl daemon-reload
  changed=true
}

declare_kubelet() {
  manages version kubelet "$VERSION"
  manages unit kubelet enabled active
  adopt /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env
  manages forget /etc/kubernetes/mesh-platform-discovery.conf
}
kubelet_alive() { curl -fsS -m 5 http://127.0.0.1:10248/healthz; }
# Flags and settings of the kubelet, as kubeadm writes them at init and join; it restarts the kubelet.
configure_kubelet() {
  rm -f "$state/kubelet.yaml"
  printf '%s' "$KUBELET_SETTINGS" | place /etc/kubernetes/kubeadm-kubelet.yaml 0600 root:root
  quietly timeout -k 10 120 kubeadm init phase kubelet-start --config /etc/kubernetes/kubeadm-kubelet.yaml
  poll 120 "the kubelet" kubelet_alive || fail "the kubelet does not run with its new settings; see journalctl -u kubelet, correct kubernetes.extraArgs.kubelet and run up again"
  changed=true
  keep_kubelet_settings
}
# What is in use; a join leaves the same behind.
keep_kubelet_settings() { printf '%s' "$KUBELET_SETTINGS" | place "$state/kubelet.yaml" 0600 root:root; }
follow_kubelet_settings() {
  ! cmp -s "$state/kubelet.yaml" - <<<"${KUBELET_SETTINGS%$'\n'}" || return 0
  say "the kubelet gets other settings"
  configure_kubelet
}

on_version() { [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}')" = "v$VERSION True" ]; }
# Drains, puts the new kubelet in place and waits until the cluster sees it. Whatever fails leaves the node out of
# service; the next run goes on, and takes it back at its end.
switch_kubelet() {
  if [ "$(kubelet_version)" != "$VERSION" ]; then
    drain "$DRAIN_SECONDS"
    say "switching the kubelet to $VERSION"
    install_kubelet
  fi
  configure_kubelet
  poll 300 "$NODE_NAME to be Ready with $VERSION" on_version || fail "the kubelet of $VERSION runs, but $NODE_NAME is not Ready; see journalctl -u kubelet"
  uncordon
}

# kubeadm does not let a node join whose name is taken by one that is Ready, and the cluster notices only after 40 s that
# a node was reset or installed anew. The token for joining may look.
not_ready() {
  local now
  now=$(kubectl --kubeconfig /etc/kubernetes/mesh-platform-discovery.conf --request-timeout 5s get node "$NODE_NAME" --ignore-not-found -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') &&
    [ "$now" != True ]
}
forgotten() { poll 90 "the cluster to notice that the former $NODE_NAME is away" not_ready || true; }

# reset_node [FLAG…]: what kubeadm made, and what kubeadm leaves: the pod network's settings, rules and links. The next
# cluster's network would find them with addresses of the old one.
reset_node() {
  local -a flags=(-f "$@")
  # Where kubeadm has made no etcd, it empties /var/lib/etcd all the same: that of a member which is none of its business.
  if [ ! -e /etc/kubernetes/manifests/etcd.yaml ]; then flags+=(--skip-phases remove-etcd-member); fi
  quietly timeout -k 10 180 kubeadm reset "${flags[@]}" || true
  rm -rf /etc/cni/net.d/* /etc/kubernetes/manifests/* /etc/kubernetes/{admin,super-admin,kubelet,bootstrap-kubelet,controller-manager,scheduler}.conf
  rm -rf /etc/kubernetes/kubeadm*.yaml /var/lib/kubelet/config.yaml "$state"/kubelet-[0-9]* "$state/kubelet.yaml"
  local tool link rules
  for tool in iptables ip6tables; do
    rules=$("$tool-save" 2>/dev/null || true)
    grep -Eq 'KUBE-|CNI-|FLANNEL' <<<"$rules" || continue
    grep -Ev 'KUBE-|CNI-|FLANNEL|flanneld' <<<"$rules" | "$tool-restore" || say "rules of $tool could not be cleaned"
  done
  if command -v nft >/dev/null; then for link in ip ip6; do nft delete table "$link" kube-proxy >/dev/null 2>&1 || true; done; fi
  if command -v ipvsadm >/dev/null; then ipvsadm --clear >/dev/null 2>&1 || true; fi
  for link in cni0 flannel.1 kube-bridge kube-ipvs0 kube-dummy-if; do
    if ip link show "$link" >/dev/null 2>&1; then ip link delete "$link"; fi
  done
}
