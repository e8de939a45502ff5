# What control-plane.sh does on a control plane that shall have another version.

api_version() { kube get --raw /version | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p'; }
upgrade_if_wanted() {
  local here old
  here=$(api_version)
  one_step "$here" "$VERSION"
  if [ "$here" = "$VERSION" ] && [ "$(kubelet_version)" = "$VERSION" ] && [ ! -f "$record/upgrading" ]; then return 0; fi
  say "upgrading this control plane from $here to $VERSION"
  # Until the end: all of it can be repeated, and the versions alone do not show how far it came.
  remember upgrading "$VERSION"
  begin_settings
  say "pulling images"
  quietly timeout -k 10 600 kubeadm config images pull --config "$config"
  run_upgrade
  poll 180 "the API server" api_ready
  [ "$(api_version)" = "$VERSION" ] || fail "kubeadm has run, but the API server here is not of $VERSION; see /var/log/pods"
  end_settings
  switch_kubelet
  # A kubelet of another version starts its static pods anew, a few seconds after it is Ready itself. Whoever comes next,
  # such as a worker's upgrade, must not meet that.
  poll 180 "the API server to settle under its new kubelet" settled || fail "the API server keeps restarting under the new kubelet; see journalctl -u kubelet and /var/log/pods"
  rm -f "$record/upgrading"
}
settled() {
  local before
  before=$(container_of kube-apiserver) && [ -n "$before" ] || return 1
  sleep 8
  [ "$(container_of kube-apiserver)" = "$before" ]
}

# The first one upgrades what the cluster has once; the others follow what it has left in the cluster.
run_upgrade() {
  local -a flags=()
  if [ -n "$IGNORE_PREFLIGHT" ]; then flags+=("--ignore-preflight-errors=$IGNORE_PREFLIGHT"); fi
  # From 1.33 on kubeadm's own file says so; before 1.32 there are no phases, and kubeadm goes by the ConfigMap.
  if [ "$KUBE_PROXY" = none ] && [ "$(minor_of "$VERSION")" -eq 32 ]; then flags+=(--skip-phases=addon/kube-proxy); fi
  if [ "$LEADS" = true ]; then
    quietly timeout -k 10 1200 kubeadm upgrade apply -y "v$VERSION" "${flags[@]}"
  else
    quietly timeout -k 10 1200 kubeadm upgrade node "${flags[@]}"
  fi || fail "kubeadm could not upgrade this control plane, and has put the former one back where it could; the lines above say why. Run up again once that is put right"
}
