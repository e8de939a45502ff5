# Reads what the host is and refuses what the platform cannot run on. Changes nothing.

# shellcheck source=/dev/null
. /etc/os-release
case " ${ID:-} ${ID_LIKE:-} " in
  *" debian "* | *" ubuntu "*) family=debian ;;
  *" rhel "* | *" fedora "* | *" centos "*) family=redhat ;;
  *) fail "the distribution ${ID:-unknown} is neither of the Debian nor of the Red Hat family" ;;
esac
case "$(uname -m)" in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) fail "the processor $(uname -m) is neither x86_64 nor aarch64" ;;
esac
[ "$(id -u)" -eq 0 ] || fail "the step does not run as root; give the login user password-less sudo"
[ -d /run/systemd/system ] || fail "systemd is not running here; etcd, containerd and the kubelet are systemd units"
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then cgroup=2; else cgroup=1; fi

finish family "$family" os "${ID:-} ${VERSION_ID:-}" arch "$arch" kernel "$(uname -r)" cgroup "$cgroup" \
  memoryMiB "$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)" cpus "$(nproc)" \
  machineId "$(cat /etc/machine-id)" systemd "$(systemctl --version | awk 'NR == 1 {print $2}')"
