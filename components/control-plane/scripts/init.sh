# Makes this host the first control plane. kubeadm init is neither repeatable nor atomic, so what it has done is asked
# of the API server, not of files: a finished control plane is left alone, our own half-finished one is reset and made
# anew, and anybody else's leftovers are refused.
: "${NODE_NAME?name of the node}"
: "${KUBEADM_CONFIG?configuration for kubeadm}"
: "${AUTHORITY_DIGEST?changes with the cluster authority}"
: "${ETCD_CLIENT_DIGEST?changes with the certificate of the API server for etcd}"

state=/var/lib/mesh-platform
config=/etc/kubernetes/kubeadm.yaml
kube() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 5s "$@"; }
api_ready() { kube get --raw /readyz; }

# kubeadm uploads its configuration near its end, and the add-ons after it. All of them there means it finished.
initialised() {
  [ -f "$state/init.done" ] && [ -f /etc/kubernetes/admin.conf ] || return 1
  poll 180 "the API server" api_ready || fail "the control plane was initialised, but its API server does not answer; see journalctl -u kubelet and /var/log/pods"
  kube -n kube-system get configmap kubeadm-config >/dev/null && kube get node "$NODE_NAME" >/dev/null
}

# Everything but the authorities, which other steps have put in place: kubeadm reset would delete those as well, hence
# the directory that does not exist.
reset_half() {
  say "an earlier init did not finish; resetting it"
  quietly timeout -k 10 180 kubeadm reset -f --cert-dir /run/mesh-platform.none || true
  rm -rf /etc/cni/net.d/* /etc/kubernetes/manifests/* /etc/kubernetes/*.conf /var/lib/kubelet/config.yaml
}

leftovers() {
  local file
  for file in /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf; do
    [ ! -e "$file" ] || { echo "$file"; return 0; }
  done
  return 1
}

expiry() { date -u -d "$(openssl x509 -noout -enddate -in "$1" | cut -d= -f2)" +%FT%TZ; }
report() { finish version "$(kubeadm version -o short)" apiserverExpires "$(expiry /etc/kubernetes/pki/apiserver.crt)"; }

install -d -m 0755 "$state"
# Left by a restart of the API server (below) that was cut in the middle.
if [ -f "$state/kube-apiserver.yaml" ]; then mv "$state/kube-apiserver.yaml" /etc/kubernetes/manifests/; fi
if initialised; then
  [ "$(cat "$config")" = "${KUBEADM_CONFIG%$'\n'}" ] ||
    fail "the control plane runs with other settings; changing them on a running cluster is not built yet: $(diff "$config" - <<<"${KUBEADM_CONFIG%$'\n'}" | grep '^[<>]' | head -n 6 | tr '\n' ' ')"
  read -r authority etcd_client <"$state/init.done"
  [ "$authority" = "$AUTHORITY_DIGEST" ] ||
    fail "the cluster authority changed under a running cluster, which trusts the old one; restore the state that holds its key"
  if [ "$etcd_client" != "$ETCD_CLIENT_DIGEST" ]; then
    # The API server reads this certificate once, when it starts.
    say "the certificate for etcd changed; restarting the API server"
    mv /etc/kubernetes/manifests/kube-apiserver.yaml "$state/" && sleep 5
    mv "$state/kube-apiserver.yaml" /etc/kubernetes/manifests/
    poll 180 "the API server" api_ready
    printf '%s %s\n' "$AUTHORITY_DIGEST" "$ETCD_CLIENT_DIGEST" | place "$state/init.done" 0644 root:root
  fi
  report
  exit 0
fi

if [ -f "$state/init.started" ]; then
  reset_half
elif found=$(leftovers); then
  fail "$found is left of another installation; run kubeadm reset on this host first, or take another host"
fi
date -u +%FT%TZ | place "$state/init.started" 0644 root:root
printf '%s' "$KUBEADM_CONFIG" | place "$config" 0600 root:root
openssl x509 -noout -checkend 0 -in /etc/kubernetes/pki/ca.crt >/dev/null || fail "the cluster authority has expired; check the clocks"

say "pulling images"
quietly timeout -k 10 600 kubeadm config images pull --config "$config"
say "running kubeadm init"
quietly timeout -k 10 420 kubeadm init --config "$config"
poll 120 "the API server" api_ready
# kubeadm makes a token that is valid for a day although nobody asked for one.
kube -n kube-system delete secret --field-selector type=bootstrap.kubernetes.io/token >/dev/null
printf '%s %s\n' "$AUTHORITY_DIGEST" "$ETCD_CLIENT_DIGEST" | place "$state/init.done" 0644 root:root
rm -f "$state/init.started"
report
