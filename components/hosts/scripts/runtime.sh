# Installs containerd, runc and the CNI plugins and has containerd answer on its CRI socket. Safe to repeat: a version
# that is there is not downloaded again, and containerd restarts only if a file changed; containers keep running then.
# library: runtime-lib.sh
: "${VERSION?containerd version}"
: "${FILES?one per line: name, address, address of the checksum; empty where packages are used}"
: "${REPOSITORY?addresses of the package repositories, one per line; empty where files are used}"
: "${PACKAGES?package names, one per line}"
: "${CONTAINERD_CONFIG?content of config.toml}"
: "${CONTAINERD_UNIT?content of the systemd unit}"
: "${REGISTRY_HOSTS?one per line: registry, then the addresses that stand in for it, in their order}"

# What was installed is written down last, so that a download that was cut is repeated.
stamp=/var/lib/mesh-platform/runtime.installed
mark='# Written by mesh-platform.'

install_files() {
  local name url sums
  [ "$(cat "$stamp" 2>/dev/null)" != "$FILES" ] || return 0
  make_scratch
  while read -r name url sums; do fetch "$name" "$url" "$sums"; done <<<"$FILES"
  install -d -m 0755 /usr/local/sbin
  unpacked containerd
  put /usr/local/bin
  install -m 0755 "$scratch/runc" /usr/local/sbin/runc
  unpacked cniPlugins
  put /opt/cni/bin
  if [ -f "$scratch/crictl" ]; then
    unpacked crictl
    put /usr/local/bin
  fi
  printf '%s' "$FILES" | place "$stamp" 0644 root:root
}

# No `server` line: an image that every mirror lacks is still asked of its own registry.
registry_hosts() {
  local url
  printf '%s\n' "$mark"
  for url in "$@"; do printf '[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$url"; done
}

write_registry_hosts() {
  local registry urls file
  local wanted=' '
  while read -r registry urls; do
    [ -n "$registry" ] || continue
    wanted+="$registry "
    # shellcheck disable=SC2086
    registry_hosts $urls | place "/etc/containerd/certs.d/$registry/hosts.toml" 0644 root:root
  done <<<"$REGISTRY_HOSTS"
  for file in /etc/containerd/certs.d/*/hosts.toml; do
    registry=$(basename "$(dirname "$file")")
    if [ ! -f "$file" ] || [ "$(head -n 1 "$file")" != "$mark" ]; then continue; fi
    case $wanted in *" $registry "*) ;; *) rm -f "$file"; changed=true ;; esac
  done
}

refuse_other_kind containerd
if [ -n "$FILES" ]; then
  install_files
  printf '%s' "$CONTAINERD_UNIT" | place /etc/systemd/system/containerd.service 0644 root:root
else
  repository mesh-platform-runtime <<<"$REPOSITORY"
  mapfile -t wanted <<<"$PACKAGES"
  packages "${wanted[@]/%/=$VERSION}"
fi
printf '%s' "$CONTAINERD_CONFIG" | place /etc/containerd/config.toml 0644 root:root
write_registry_hosts
service containerd

# The daemon answers even if its CRI plugin failed to load; the kubelet then reports only "unknown service".
cri_is_ok() { ctr plugins ls | awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" && $NF == "ok" {found = 1} END {exit !found}'; }
poll 60 "containerd's CRI plugin" cri_is_ok || fail "containerd runs without its CRI plugin; see journalctl -u containerd"
printf containerd | place "$kind_stamp" 0644 root:root
finish version "$(containerd --version | awk '{print $3}')"
