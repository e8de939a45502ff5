# Installs Docker, and cri-dockerd where the kubelet speaks only CRI. Safe to repeat: what is there is not downloaded
# again, and a daemon restarts only if a file changed; live-restore keeps containers running then.
# library: runtime-lib.sh
# library: family-lib.sh
: "${KIND?criDockerd or dockershim}"
: "${FAMILIES?packages of Docker by family; no words where files are used}"
: "${REPOSITORY?addresses of the package repositories, one per line; empty where files are used}"
: "${FILES?one per line: name, address, address of the checksum or the sums themselves}"
: "${DAEMON_JSON?settings of dockerd}"
: "${DOCKER_UNIT?content of the systemd unit; empty where packages are used}"
: "${DOCKER_DROP_IN?content of the drop-in for it}"
: "${CGROUP_DRIVER?systemd or cgroupfs, as the kubelet is told}"
: "${CRI_DOCKERD_UNIT?content of the systemd unit; empty where the kubelet speaks to Docker itself}"

# What was installed is written down last, so that a download that was cut is repeated.
stamp=/var/lib/mesh-platform/runtime.installed

install_files() {
  local name url sums
  if [ -z "$FILES" ] || [ "$(cat "$stamp" 2>/dev/null)" = "$FILES" ]; then return 0; fi
  make_scratch
  while read -r name url sums; do
    fetch "$name" "$url" "$sums"
    unpacked "$name"
    if [ "$name" = cniPlugins ]; then put /opt/cni/bin; else put /usr/local/bin; fi
  done <<<"$FILES"
  changed=true
  printf '%s' "$FILES" | place "$stamp" 0644 root:root
}

install_packages() {
  local -a wanted
  repository mesh-platform-runtime <<<"$REPOSITORY"
  find_family
  mapfile -t wanted < <(of_family packages)
  [ "${#wanted[@]}" -gt 0 ] || fail "Docker has no packages for this distribution"
  packages "${wanted[@]}"
}

refuse_other_kind "$KIND"
install_files
printf '%s' "$DAEMON_JSON" | place /etc/docker/daemon.json 0644 root:root
printf '%s' "$DOCKER_DROP_IN" | place /etc/systemd/system/docker.service.d/mesh-platform.conf 0644 root:root
if [ -n "$DOCKER_UNIT" ]; then printf '%s' "$DOCKER_UNIT" | place /etc/systemd/system/docker.service 0644 root:root; fi
# After its files: a package starts its daemon at once.
if [ -n "$REPOSITORY" ]; then install_packages; fi
service docker

# Two managers of control groups on one host fight, and the kubelet does not start.
driver=$(docker info -f '{{.CgroupDriver}}')
[ "$driver" = "$CGROUP_DRIVER" ] ||
  fail "Docker uses the cgroup driver $driver, and the kubelet $CGROUP_DRIVER; take other exec-opts out of /etc/docker and its units"

if [ -n "$CRI_DOCKERD_UNIT" ]; then
  printf '%s' "$CRI_DOCKERD_UNIT" | place /etc/systemd/system/cri-docker.service 0644 root:root
  service cri-docker
  poll 60 "cri-dockerd's socket" test -e /run/cri-dockerd.sock || fail "cri-dockerd does not answer; see journalctl -u cri-docker"
fi
printf '%s' "$KIND" | place "$kind_stamp" 0644 root:root
finish version "$(docker version -f '{{.Server.Version}}')"
