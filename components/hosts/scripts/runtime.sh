# Installs containerd, runc and the CNI plugins and has containerd answer on its CRI socket. Safe to repeat: a version
# that is there is not downloaded again, and containerd restarts only if a file changed; containers keep running then.
: "${VERSION?containerd version}"
: "${FILES?one per line: name, address, address of the checksum; empty where packages are used}"
: "${REPOSITORY?addresses of the package repositories, one per line; empty where files are used}"
: "${PACKAGES?package names, one per line}"
: "${CONTAINERD_CONFIG?content of config.toml}"
: "${CONTAINERD_UNIT?content of the systemd unit}"
: "${REGISTRY_HOSTS?one per line: registry and the address that stands in for it}"

# What was installed is written down last, so that a download that was cut is repeated.
stamp=/var/lib/mesh-platform/runtime.installed

install_files() {
  local name url sums
  [ "$(cat "$stamp" 2>/dev/null)" != "$FILES" ] || return 0
  make_scratch
  while read -r name url sums; do download "$url" "$sums" "$scratch/$name"; done <<<"$FILES"
  install -d -m 0755 /usr/local/bin /usr/local/sbin /opt/cni/bin "$scratch/unpacked"
  # A running program cannot be overwritten, only replaced: unpack beside it, then move.
  tar -xzf "$scratch/containerd" -C "$scratch/unpacked" --no-same-owner
  install -m 0755 "$scratch"/unpacked/bin/* /usr/local/bin/
  install -m 0755 "$scratch/runc" /usr/local/sbin/runc
  rm -rf "$scratch/unpacked"
  install -d -m 0755 "$scratch/unpacked"
  tar -xzf "$scratch/cniPlugins" -C "$scratch/unpacked" --no-same-owner
  find "$scratch/unpacked" -type f -exec install -m 0755 {} /opt/cni/bin/ \;
  printf '%s' "$FILES" | place "$stamp" 0644 root:root
}

if [ -n "$FILES" ]; then
  install_files
  printf '%s' "$CONTAINERD_UNIT" | place /etc/systemd/system/containerd.service 0644 root:root
else
  repository mesh-platform-runtime <<<"$REPOSITORY"
  mapfile -t wanted <<<"$PACKAGES"
  packages "${wanted[@]/%/=$VERSION}"
fi
printf '%s' "$CONTAINERD_CONFIG" | place /etc/containerd/config.toml 0644 root:root
while read -r registry url; do
  [ -n "$registry" ] || continue
  # No `server` line: an image that the mirror lacks is still asked of its own registry.
  printf '[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$url" |
    place "/etc/containerd/certs.d/$registry/hosts.toml" 0644 root:root
done <<<"$REGISTRY_HOSTS"
service containerd

# The daemon answers even if its CRI plugin failed to load; the kubelet then reports only "unknown service".
cri_is_ok() { ctr plugins ls | awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" && $NF == "ok" {found = 1} END {exit !found}'; }
poll 60 "containerd's CRI plugin" cri_is_ok || fail "containerd runs without its CRI plugin; see journalctl -u containerd"
finish version "$(containerd --version | awk '{print $3}')"
