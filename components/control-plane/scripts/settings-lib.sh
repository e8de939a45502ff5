# What control-plane.sh does on a control plane that runs and shall have other settings.

# What kubeadm issued, for a year; the authorities and the client certificate for etcd are Pulumi's.
expiring() {
  local file
  for file in apiserver apiserver-kubelet-client front-proxy-client; do
    [ -f "$pki/$file.crt" ] || continue
    openssl x509 -noout -checkend $((30 * 86400)) -in "$pki/$file.crt" >/dev/null || return 0
  done
  return 1
}
# Before anything is asked of the API server: with an expired certificate it does not answer.
follow_certificates() {
  local command=certs component
  if [ "$(recall certificates)" = "$CERTIFICATES" ] && ! expiring; then return 0; fi
  say "issuing kubeadm's certificates anew"
  if [ "$(minor_of "$VERSION")" -lt 20 ]; then command="alpha certs"; fi
  # shellcheck disable=SC2086
  quietly timeout -k 10 120 kubeadm $command renew all --config "$config"
  bounce etcd
  bounce kube-apiserver
  poll 180 "the API server" api_ready || fail "the API server does not come back with its new certificates; see /var/log/pods"
  for component in kube-controller-manager kube-scheduler; do restart_pod "$component"; done
  remember inputs "$(inputs)"
  remember certificates "$CERTIFICATES"
}

wait_for_api() {
  local said
  if ! poll 60 "the API server" api_ready && [ "$(recall inputs)" != "$(inputs)" ]; then
    # It may be waiting for the very file that has been renewed, and it reads such files when it starts.
    say "the API server does not answer; restarting it with its new files"
    bounce kube-apiserver
    poll 120 "the API server" api_ready && remember inputs "$(inputs)"
  fi
  poll 180 "the API server" api_ready ||
    fail "this host is a control plane, but its API server does not answer; see journalctl -u kubelet and /var/log/pods"
  poll 120 "the node" kube get node "$NODE_NAME" && return 0
  said=$(kube get node "$NODE_NAME" 2>&1 >/dev/null | tail -n 1) || true
  case $said in
    *NotFound*) fail "the cluster has no node $NODE_NAME any more, though this host was its control plane; run kubeadm reset -f --skip-phases remove-etcd-member here, remove $record and raise the host's generation" ;;
    *) fail "this host is a control plane, but its API server does not say whether it has a node $NODE_NAME: $said" ;;
  esac
}

refuse_fixed() {
  local here line address
  here=$(kube -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' | tr -d '"' | sed 's/^ *//')
  while read -r line; do
    [ -z "$line" ] || grep -qxF -- "$line" <<<"$here" ||
      fail "a running cluster cannot follow $line; it was made with $(grep -m 1 "^${line%%:*}:" <<<"$here" || echo none). Set it back, or build a new cluster"
  done <<<"$FIXED"
  address=$(sed -n 's/.*--advertise-address=//p' "$manifests/kube-apiserver.yaml")
  [ "$address" = "$ADDRESS" ] ||
    fail "this control plane was made at $address and cannot move to $ADDRESS; take it out of the config, run up, and put it in again"
}

# What the API server reads once, when it starts.
inputs() { echo "$ETCD_CLIENT_DIGEST $ENCRYPTION_DIGEST $AUDIT_DIGEST"; }
follow_inputs() {
  [ "$(recall inputs)" != "$(inputs)" ] || return 0
  # Other settings may just have restarted it.
  if [ "$(container_of kube-apiserver)" = "$running" ]; then restart_pod kube-apiserver; fi
  remember inputs "$(inputs)"
}

# part KIND: one document of kubeadm's file, from stdin.
part() { awk -v kind="kind: $1" '/^---$/ { if (mine) printf "%s", text; text = ""; mine = 0; next } { text = text $0 "\n" } $0 == kind { mine = 1 } END { if (mine) printf "%s", text }'; }

upload() {
  [ "$LEADS" = true ] || return 0
  quietly timeout -k 10 120 kubeadm init phase upload-config all --config "$config"
}

# From here on the settings in use are not known, until all of this has been done: a run that is cut does it again.
begin_settings() {
  old=$(recall config)
  rm -f "$record/config"
  printf '%s' "$INIT_CONFIG" | place "$config" 0600 root:root
  upload
}

follow_settings() {
  local old
  ! cmp -s "$record/config" - <<<"${INIT_CONFIG%$'\n'}" || return 0
  say "applying other settings"
  begin_settings
  # It restarts what has another manifest, waits for it, and puts the former one back if it does not come up.
  quietly timeout -k 10 900 kubeadm upgrade node phase control-plane --certificate-renewal=false ||
    fail "the control plane did not come up with these settings, and kubeadm has put the former ones back; correct kubernetes.extraArgs and run up again"
  end_settings
}

end_settings() {
  poll 180 "the API server" api_ready
  follow_names
  follow_proxy "$old"
  printf '%s' "$INIT_CONFIG" | place "$record/config" 0600 root:root
}

# kubeadm itself says which names belong into the certificate: it issues one aside, and the two are compared.
names_in() { openssl x509 -noout -text -in "$1" | grep -A 1 'Subject Alternative Name' | sed 1d | tr ',' '\n' | tr -d ' ' | sort; }
follow_names() {
  make_scratch
  ln -s "$pki/ca.crt" "$pki/ca.key" "$scratch/"
  sed "s|^certificatesDir: .*|certificatesDir: $scratch|" "$config" >"$scratch/kubeadm.yaml"
  quietly timeout -k 10 60 kubeadm init phase certs apiserver --config "$scratch/kubeadm.yaml"
  [ "$(names_in "$scratch/apiserver.crt")" != "$(names_in "$pki/apiserver.crt")" ] || return 0
  say "the API server gets a certificate with other names"
  # The key first: cut between the two, the names still differ and the next run issues both again.
  place "$pki/apiserver.key" 0600 root:root <"$scratch/apiserver.key"
  place "$pki/apiserver.crt" 0644 root:root <"$scratch/apiserver.crt"
  restart_pod kube-apiserver
}

# follow_proxy OLD: kube-proxy reads its settings when it starts. OLD is empty where they are not known.
follow_proxy() {
  [ "$LEADS" = true ] || return 0
  # Where it is to go, another step cleans up behind it on every node, and needs what is there now.
  [ "$KUBE_PROXY" != none ] || return 0
  if [ "$(part KubeProxyConfiguration <<<"$1")" != "$(part KubeProxyConfiguration <<<"$INIT_CONFIG")" ]; then
    say "kube-proxy gets other settings"
    quietly timeout -k 10 120 kubeadm init phase addon kube-proxy --config "$config"
    quietly kube -n kube-system rollout restart daemonset kube-proxy
  fi
}
