# Makes this host a control plane, and keeps it at the version and settings that are wanted. kubeadm's init and join are
# neither repeatable nor atomic, so what is there is asked of the API server, not of files: a finished control plane is
# left alone, upgraded or given new settings, our own half-finished one is reset and made anew, and anybody else's
# leftovers are refused. Only the founder may begin a cluster; everyone else joins the one that answers.
# library: ../../hosts/scripts/kubernetes-lib.sh
# library: control-plane-lib.sh
# library: settings-lib.sh
# library: upgrade-lib.sh
# library: begin-lib.sh
: "${NODE_NAME?name of the node}"
: "${VERSION?Kubernetes version}"
: "${FOUNDER?name of the host that may begin a new cluster}"
: "${GENERATION?how often this host was installed}"
: "${LEADS?whether this host does what is done once per cluster}"
: "${ADDRESS?address of this host}"
: "${API?address of the API server of this host}"
: "${ENDPOINT?address by which everyone reaches an API server}"
: "${PEERS?addresses of the other API servers, one per line}"
: "${INIT_CONFIG?configuration for kubeadm init}"
: "${INIT_FLAGS?flags of kubeadm init}"
: "${JOIN_CONFIG?configuration for kubeadm join}"
: "${KUBELET_SETTINGS?configuration for kubeadm, with flags and settings of the kubelet}"
: "${FILES?files to place first, each behind a line with its path and mode}"
: "${INIT_FILES?the same while kubeadm init runs}"
: "${PACKAGES?packages for the endpoint, one per line}"
: "${SERVICES?units that make the endpoint, one per line}"
: "${FIXED?settings that a running cluster cannot follow, one per line}"
: "${KUBE_PROXY?mode of kube-proxy, or none}"
: "${IGNORE_PREFLIGHT?checks that an upgrade may fail, with commas between; empty for none}"
: "${DRAIN_SECONDS?how long pods may take to leave the node}"
: "${CERTIFICATES?raised to have kubeadm issue its certificates anew}"
: "${AUTHORITY_DIGEST?changes with the cluster authority}"
: "${ETCD_CLIENT_DIGEST?changes with the certificate of the API server for etcd}"
: "${ENCRYPTION_DIGEST?changes with the keys for Secrets in etcd}"
: "${AUDIT_DIGEST?changes with the audit policy}"

if [ "$1" = delete ]; then
  leave
  exit 0
fi
install -d -m 0755 "$state" "$record"
# Left by a restart that was cut in the middle.
resume
if [ -f "$record/finished" ] && [ -f "$admin" ]; then
  [ "$(recall authority)" = "$AUTHORITY_DIGEST" ] ||
    fail "the cluster authority changed under a running cluster, which trusts the old one; restore the state that holds its key"
  follow_certificates
  wait_for_api
  refuse_fixed
  place_endpoint "$FILES"
  running=$(container_of kube-apiserver || true)
  upgrade_if_wanted
  follow_settings
  follow_inputs
  follow_kubelet_settings
  uncordon
  rm -f "$discovery"
  report
  exit 0
fi

if [ -f "$record/started" ]; then
  reset_half
elif found=$(leftovers); then
  fail "$found is left of another installation; run kubeadm reset --skip-phases remove-etcd-member on this host first, or take another host"
fi
openssl x509 -noout -checkend 0 -in "$pki/ca.crt" >/dev/null || fail "the cluster authority has expired; check the clocks"
case $(what_to_do) in
  join) join_cluster ;;
  begin) begin_cluster ;;
  *) exit 78 ;;
esac
finish_first
report
