# Lists what a host is made of, to be compared with another host that came about in another way: names, modes and
# owners of everything that steps touch, and digests of what does not hold keys, times or ids of one cluster.
set -euo pipefail
export LC_ALL=C

own_content() {
  case $1 in
    /etc/kubernetes/pki/* | /etc/kubernetes/*.conf | /etc/etcd/ssl/* | /var/lib/kubelet/pki/*) return 1 ;;
    /etc/ssh/ssh_host_* | /root/.ssh/* | /root/.kube/cache/* | /etc/machine-id | /etc/shadow* | /etc/*- | /var/lib/mesh-platform/*) return 1 ;;
    *) return 0 ;;
  esac
}

# What is missing on a host is missing in its list.
{ find /etc /usr/local /opt /root /tmp /var/lib/mesh-platform /var/lib/kubelet/config.yaml /var/lib/kubelet/pki \
  /var/lib/kubelet/*.env /lib/systemd/system ! -name '*.log' -printf '%p %y %m %u:%g %l\n' 2>/dev/null || true; } |
  # The name of the kubelet's client certificate holds the time of its making.
  sed -E 's/[0-9]{4}(-[0-9]{2}){5}/TIME/g' | grep -v '^/tmp/systemd-private' | sort
while read -r file; do
  # One that has gone meanwhile is not there.
  if own_content "$file"; then sha256sum "$file" || [[ ! -e $file ]]; fi
done < <(find /etc /usr/local /opt /root /var/lib/kubelet/config.yaml /var/lib/kubelet/*.env -type f 2>/dev/null | sort)
systemctl list-unit-files --state=enabled,masked --no-legend --plain | awk '{print "unit", $1, $2}' | sort
for unit in containerd kubelet etcd haproxy keepalived; do echo "active $unit $(systemctl is-active "$unit" || true)"; done
echo "failed $(systemctl --failed --no-legend --plain | awk '{print $1}' | sort | tr '\n' ' ')"
# On which host CoreDNS runs is the scheduler's choice.
ctr -n k8s.io images ls -q 2>/dev/null | grep -v '^sha256:\|/coredns[:@]' | sort | sed 's/^/image /' || true
