# What the parts of control-plane.sh share: records, files, and restarts of static pods.

record=$state/control-plane
admin=/etc/kubernetes/admin.conf
pki=/etc/kubernetes/pki
manifests=/etc/kubernetes/manifests
paused=/etc/kubernetes/mesh-platform-paused
config=/etc/kubernetes/kubeadm.yaml
discovery=/etc/kubernetes/mesh-platform-discovery.conf

# This host's own API server: behind the endpoint another one may answer, of another version or with other settings.
kube() { kubectl --kubeconfig "$admin" --server "$API" --request-timeout 10s "$@"; }
api_ready() { kube get --raw /readyz; }
# What was done here, one small file each.
remember() { printf '%s\n' "$2" | place "$record/$1" 0600 root:root; }
recall() { cat "$record/$1" 2>/dev/null || true; }
expiry() { date -u -d "$(openssl x509 -noout -enddate -in "$1" | cut -d= -f2)" +%FT%TZ; }
report() {
  adopt "$manifests"/*.yaml "$config"
  adopt_certificate "$pki"/{apiserver,apiserver-kubelet-client,front-proxy-client}.crt
  declare_kubelet
  finish version "$(kubeadm version -o short)" apiserverExpires "$(expiry "$pki/apiserver.crt")"
}

# place_files TEXT: each file behind a line `=== PATH MODE`. Plain text, so that a preview shows the line that changes.
# The endpoint's address is put on the interface that has this host's own, where the config names none.
place_files() {
  local line path='' mode='' text='' interface=''
  if [[ $1 == *@INTERFACE@* ]]; then
    interface=$(ip -o -4 addr show to "$ADDRESS" | awk '{print $2; exit}')
    [ -n "$interface" ] || fail "no interface of this host has its address $ADDRESS; name one in kubernetes.controlPlaneEndpoint.interface"
  fi
  while IFS= read -r line; do
    if [[ $line == "=== "* ]]; then
      if [ -n "$path" ]; then printf '%s' "$text" | place "$path" "$mode" root:root; fi
      read -r _ path mode <<<"$line"
      text=''
    else
      text+=${line//@INTERFACE@/$interface}$'\n'
    fi
  done <<<"${1%$'\n'}"
  if [ -n "$path" ]; then printf '%s' "$text" | place "$path" "$mode" root:root; fi
}

# place_endpoint FILES: packages first, as a package asks what to do with a file of its own that is there already.
place_endpoint() {
  local before=$changed name
  local -a names=()
  mapfile -t names < <(sed '/^$/d' <<<"$PACKAGES")
  if [ ${#names[@]} -gt 0 ]; then packages "${names[@]}"; fi
  if [ "$changed" = true ]; then before=true; fi
  # A service restarts where `changed` is set; what was changed before this has nothing to do with it.
  changed=false
  place_files "$1"
  for name in $SERVICES; do service "$name"; done
  if [ "$before" = true ]; then changed=true; fi
}

leave() {
  local name path
  for name in $SERVICES; do quietly systemctl disable --now "$name" || true; done
  reset_node
  sed -n 's/^=== \([^ ]*\) .*/\1/p' <<<"$FILES" | while read -r path; do rm -f "$path"; done
  rm -rf "$record" "$paused" "$discovery"
}

# --- restarts: the kubelet ends a static pod whose manifest goes away, and starts it anew when it comes back

resume() {
  local file
  for file in "$paused"/*.yaml; do if [ -f "$file" ]; then mv "$file" "$manifests/"; fi; done
}
stopped() { ! pidof "$1"; }
bounce() {
  [ -f "$manifests/$1.yaml" ] || return 0
  # In the same file system: the kubelet must not see half a manifest.
  mkdir -p "$paused"
  mv "$manifests/$1.yaml" "$paused/"
  poll 60 "$1 to stop" stopped "$1" || true
  mv "$paused/$1.yaml" "$manifests/"
  changed=true
}
container_of() { kube -n kube-system get pod "$1-$NODE_NAME" -o 'jsonpath={.status.containerStatuses[0].containerID}'; }
renewed() {
  local now
  now=$(container_of "$1") && [ -n "$now" ] && [ "$now" != "$2" ]
}
restart_pod() {
  local before
  before=$(container_of "$1" 2>/dev/null || true)
  say "restarting $1"
  bounce "$1"
  poll 180 "the API server" api_ready || fail "the API server does not come back; see /var/log/pods/kube-system_kube-apiserver*"
  poll 120 "$1" renewed "$1" "$before" || fail "$1 does not come back; see /var/log/pods and journalctl -u kubelet"
}
