# Installs kubeadm, kubelet and kubectl of one version. Safe to repeat: a version that is there stays.
: "${VERSION?Kubernetes version}"
: "${FILES?one per line: name, address, address of the checksum; empty where packages are used}"
: "${REPOSITORY?addresses of the package repositories, one per line; empty where files are used}"
: "${PACKAGES?package names, one per line}"
: "${KUBELET_UNIT?content of the systemd unit}"
: "${KUBEADM_DROP_IN?content of the drop-in that kubeadm expects}"

installed() {
  [ "$(kubeadm version -o short 2>/dev/null)" = "v$VERSION" ] && [ "$(kubelet --version 2>/dev/null)" = "Kubernetes v$VERSION" ] &&
    [ -x /usr/bin/kubectl ]
}

# A kubelet newer than its control plane is not supported, and an upgrade has an order of its own.
running=$(kubelet --version 2>/dev/null || true)
if [ -f /etc/kubernetes/kubelet.conf ] && [ -n "$running" ] && [ "$running" != "Kubernetes v$VERSION" ]; then
  fail "this host is part of a cluster of $running; moving a running cluster to $VERSION is not built yet, so set kubernetes.version back"
fi

if [ -n "$FILES" ]; then
  if ! installed; then
    make_scratch
    while read -r name url sums; do
      download "$url" "$sums" "$scratch/$name"
      install -m 0755 "$scratch/$name" "/usr/bin/.$name.new"
      mv -f "/usr/bin/.$name.new" "/usr/bin/$name"
    done <<<"$FILES"
    changed=true
  fi
  printf '%s' "$KUBELET_UNIT" | place /etc/systemd/system/kubelet.service 0644 root:root
  printf '%s' "$KUBEADM_DROP_IN" | place /etc/systemd/system/kubelet.service.d/10-kubeadm.conf 0644 root:root
else
  repository mesh-platform-kubernetes <<<"$REPOSITORY"
  mapfile -t names <<<"$PACKAGES"
  wanted=()
  for name in "${names[@]}"; do
    # kubernetes-cni has versions of its own.
    if [ "$name" = kubernetes-cni ]; then wanted+=("$name"); else wanted+=("$name=$VERSION"); fi
  done
  packages "${wanted[@]}"
  # An unattended upgrade would move a node ahead of its control plane.
  if command -v apt-mark >/dev/null; then quietly apt-mark hold "${names[@]}"; fi
fi
if [ "$changed" = true ]; then systemctl daemon-reload; fi
systemctl is-enabled --quiet kubelet 2>/dev/null || quietly systemctl enable kubelet
# Before kubeadm has run there is nothing to restart; afterwards a new binary or file takes effect only so.
if [ "$changed" = true ] && [ -f /etc/kubernetes/kubelet.conf ]; then quietly systemctl restart kubelet; fi
finish version "$(kubeadm version -o short)"
