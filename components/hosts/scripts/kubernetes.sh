# Installs kubeadm, kubelet and kubectl of one version. Safe to repeat: a version that is there stays. On a host that
# belongs to a cluster the new kubelet is only laid ready: it may not be newer than its control plane, and its node has
# to be drained first, which is for the step that joined the host.
# library: kubernetes-lib.sh
: "${VERSION?Kubernetes version}"
: "${FILES?one per line: name, address, address of the checksum; empty where packages are used}"
: "${REPOSITORY?addresses of the package repositories, one per line; empty where files are used}"
: "${PACKAGES?package names, one per line}"
: "${KUBELET_UNIT?content of the systemd unit}"
: "${KUBEADM_DROP_IN?content of the drop-in that kubeadm expects}"

staged=$state/kubelet-$VERSION
running=$(kubelet_version || true)
later=false
if [ -f /etc/kubernetes/kubelet.conf ] && [ -n "$running" ] && [ "$running" != "$VERSION" ]; then
  one_step "$running" "$VERSION"
  later=true
fi

installed() {
  [ "$(kubeadm version -o short 2>/dev/null)" = "v$VERSION" ] && [ -x /usr/bin/kubectl ] && [ -x "$kubelet" ] &&
    [ "$("$kubelet" --version 2>/dev/null)" = "Kubernetes v$VERSION" ]
}

if [ -n "$FILES" ]; then
  kubelet=/usr/bin/kubelet
  if [ "$later" = true ]; then kubelet=$staged; fi
  if ! installed; then
    make_scratch
    install -d -m 0755 "$state"
    rm -f "$state"/kubelet-[0-9]*
    while read -r name url sums; do
      download "$url" "$sums" "$scratch/$name"
      target=/usr/bin/$name
      if [ "$name" = kubelet ]; then target=$kubelet; fi
      install -m 0755 "$scratch/$name" "$(dirname "$target")/.$name.new"
      mv -f "$(dirname "$target")/.$name.new" "$target"
    done <<<"$FILES"
    changed=true
  fi
  programs=$changed changed=false
  printf '%s' "$KUBELET_UNIT" | place /etc/systemd/system/kubelet.service 0644 root:root
  printf '%s' "$KUBEADM_DROP_IN" | place /etc/systemd/system/kubelet.service.d/10-kubeadm.conf 0644 root:root
  # A kubelet that is laid ready is no reason to restart the one that runs.
  restart=$changed
  if [ "$programs" = true ]; then
    changed=true
    if [ "$later" = false ]; then restart=true; fi
  fi
else
  repository mesh-platform-kubernetes <<<"$REPOSITORY"
  mapfile -t names <<<"$PACKAGES"
  wanted=()
  for name in "${names[@]}"; do
    case $name in
      # It has versions of its own.
      kubernetes-cni) wanted+=("$name") ;;
      kubelet) if [ "$later" = false ]; then wanted+=("$name=$VERSION"); fi ;;
      *) wanted+=("$name=$VERSION") ;;
    esac
  done
  packages "${wanted[@]}"
  # An unattended upgrade would move a node ahead of its control plane.
  if command -v apt-mark >/dev/null; then quietly apt-mark hold "${names[@]}"; fi
  restart=$changed
  if [ "$later" = true ]; then restart=false; fi
fi
if [ "$changed" = true ]; then systemctl daemon-reload; fi
systemctl is-enabled --quiet kubelet 2>/dev/null || quietly systemctl enable kubelet
# Before kubeadm has run there is nothing to restart; afterwards a new binary or file takes effect only so.
if [ "$restart" = true ] && [ -f /etc/kubernetes/kubelet.conf ]; then quietly systemctl restart kubelet; fi
manages version kubeadm "$VERSION"
manages version kubectl "$VERSION"
finish version "$(kubeadm version -o short)"
