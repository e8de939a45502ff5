# Looks at a host before anything on it is changed: a line per check, then everything that is wrong at once, so that
# it is set right in one go. Changes nothing; the file that measures the disk goes at once.
# library: family-lib.sh
: "${MODE?refuse or report}"
: "${FAMILIES?one per line: family, key, words}"
: "${NODE_NAME?host name that it will have}"
: "${ADDRESS?address by which the other hosts reach it}"
: "${MEMORY_MIB?least memory; 0 where any will do}"
: "${CPUS?fewest processors; 0 where any will do}"
: "${DISK_FREE_MIB?least free space below /var/lib; 0 where any will do}"
: "${FSYNC_MILLISECONDS?longest mean fsync; 0 where it is not measured}"
: "${CLOCK_OFFSET_MILLISECONDS?largest offset from the time servers; 0 where any will do}"
: "${KERNEL_MINIMUM?oldest kernel, and for whom}"
: "${CGROUP_V1?refuse, or any other word}"
: "${PORTS?one per line: port, protocol, and the programs of ours that may hold it}"
: "${MODULES?kernel modules that will be loaded, one per line; after a blank the kernel from which on it is not there}"
: "${IPVS?needed, or any other word}"
: "${ETCD_DATA_DIR?data directory of etcd; empty where it does not run}"
: "${SWAP?off, keep or tolerated}"
: "${FIREWALL?off or keep}"
: "${SELINUX?disabled, permissive or keep}"

faults=()
basic=0
fine() { say "fine   $1: $2"; }
# fault NAME FOUND ALLOWED CHANGE: kept for the end.
fault() { faults+=("$1: found $2; allowed: $3; change: $4"); }
# Without these no later step could run at all, whatever the mode.
basic_fault() { basic=1; fault "$@"; }

check_system() {
  find_family
  # shellcheck source=/dev/null
  os=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}") || os=unknown
  [ -n "$family" ] || basic_fault host.os "$os" "a distribution of the Debian or the Red Hat family" "install another one"
  case "$(uname -m)" in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=''; basic_fault host.processor "$(uname -m)" "x86_64 or aarch64" "take another machine" ;;
  esac
  [ "$(id -u)" -eq 0 ] || basic_fault host.user "user $(id -u)" root "give the login user password-less sudo"
  [ -d /run/systemd/system ] ||
    basic_fault host.systemd "not running" systemd "take a system that boots with it: etcd, runtime and kubelet are its units"
  if [ "${os%% *}" = centos ] && [ "${os#* }" = 7 ] && grep -qs '^mirrorlist=' /etc/yum.repos.d/CentOS-*.repo; then
    fault host.repositories "CentOS 7 with its first mirror list" "a vault of CentOS 7, since its mirrors ended with it in 2024" \
      "write baseurl of such a vault into /etc/yum.repos.d/CentOS-*.repo; docs/hosts.md"
  fi
  fine host.os "$os, ${arch:-unknown processor}"
}

check_kernel() {
  local minimum for_whom
  read -r minimum for_whom <<<"$KERNEL_MINIMUM"
  kernel=$(uname -r)
  if [ -n "$minimum" ] && older "${kernel%%-*}" "$minimum"; then
    fault host.kernel "$kernel" "$minimum or later, for $for_whom" "install a newer kernel, or choose an older Kubernetes"
  else
    fine host.kernel "$kernel"
  fi
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then cgroup=2; else cgroup=1; fi
  if [ "$cgroup" = 1 ] && [ "$CGROUP_V1" = refuse ]; then
    fault host.cgroup "version 1" "version 2, from Kubernetes 1.35 on" "boot with systemd.unified_cgroup_hierarchy=1"
  else
    fine host.cgroup "version $cgroup"
  fi
}

# at_least NAME FOUND UNIT LIMIT CHANGE
at_least() {
  if [ "$2" -lt "$4" ]; then fault "$1" "$2 $3" "$4 $3 or more" "$5"; else fine "$1" "$2 $3"; fi
}

check_size() {
  memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
  cpus=$(nproc)
  disk=$(df -P -m /var/lib | awk 'NR == 2 {print $4}')
  at_least host.memory "$memory" MiB "$MEMORY_MIB" "give it more, or lower nodes.prechecks.memoryMiB"
  at_least host.cpus "$cpus" processors "$CPUS" "give it more, or lower nodes.prechecks.cpus"
  at_least host.disk.free "$disk" "MiB below /var/lib" "$DISK_FREE_MIB" "free some, or lower nodes.prechecks.diskFreeMiB"
}

check_network() {
  if ip -4 -o addr show | grep -F "inet $ADDRESS/" >/dev/null; then
    fine host.address "$ADDRESS"
  else
    fault host.address "no interface with $ADDRESS" "the address of the config on an interface" \
      "correct the address in hosts.members, or the machine's network"
  fi
  if [ -n "$(ip -4 route show default)" ]; then
    fine host.route "a default route"
  else
    fault host.route "no default route" "one" "add it: packets to service addresses have no way without one"
  fi
  local other
  other=$(sed '/^# mesh-platform: begin$/,/^# mesh-platform: end$/d; s/#.*//' /etc/hosts 2>/dev/null |
    awk -v name="$NODE_NAME" -v own="$ADDRESS" \
      '$1 != own && $1 !~ /^127\./ && $1 !~ /:/ {for (i = 2; i <= NF; i++) if ($i == name) print $1}' | head -n 1)
  if [ -n "$other" ]; then
    fault host.name "$NODE_NAME at $other in /etc/hosts" "$NODE_NAME at $ADDRESS alone" "take that line out, or rename the host"
  else
    fine host.name "$NODE_NAME"
  fi
}

# holders PORT PROTOCOL: the programs that listen there, `kernel` where the kernel does.
holders() {
  awk -v port=":$1\$" -v protocol="$2" '
    $1 == protocol && $5 ~ port {
      if (!match($0, /users:\(\(/)) { print "kernel"; next }
      rest = substr($0, RSTART)
      while (match(rest, /\("[^"]*"/)) { print substr(rest, RSTART + 2, RLENGTH - 3); rest = substr(rest, RSTART + RLENGTH) }
    }' <<<"$listening" | sort -u
}

# Whether a port is held by what this platform put there. Linux cuts the name of a program after 15 characters; a
# tunnel such as flannel's is held by the kernel, on behalf of the interface that is named after an @.
is_ours() {
  local holder=$1 owner
  shift
  for owner in "$@"; do
    case $owner in
      @*) if [ "$holder" = kernel ] && ip link show "${owner#@}" >/dev/null 2>&1; then return 0; fi ;;
      *) if [ "$holder" = "${owner:0:15}" ]; then return 0; fi ;;
    esac
  done
  return 1
}

check_ports() {
  local port protocol owners holder listening count=0
  if ! command -v ss >/dev/null; then fine host.ports "not looked at, since there is no ss"; return; fi
  listening=$(ss -lntup)
  while read -r port protocol owners; do
    [ -n "$port" ] || continue
    count=$((count + 1))
    for holder in $(holders "$port" "$protocol"); do
      # shellcheck disable=SC2086
      is_ours "$holder" $owners ||
        fault "host.ports.$port" "$holder" "nothing on $port/$protocol but $owners" "stop it, or give it another port"
    done
  done <<<"$PORTS"
  fine host.ports "$count looked at"
}

check_clock() {
  local tracking
  clock=unknown
  tracking=$(chronyc -n tracking 2>/dev/null) || tracking=''
  if grep -c '^Leap status.*Normal' <<<"$tracking" >/dev/null; then
    clock=$(awk '/^System time/ {print int($4 * 1000 + 0.5)}' <<<"$tracking")
    if [ "$CLOCK_OFFSET_MILLISECONDS" -gt 0 ] && [ "$clock" -gt "$CLOCK_OFFSET_MILLISECONDS" ]; then
      fault host.clock "$clock ms off" "$CLOCK_OFFSET_MILLISECONDS ms at most" "let chrony set it: chronyc makestep"
      return
    fi
    fine host.clock "$clock ms off its servers"
  elif timedatectl 2>/dev/null | grep -c 'synchronized: yes' >/dev/null; then
    fine host.clock "synchronized, offset unknown"
  else
    fine host.clock "kept by nobody, or not in step yet"
  fi
}

# etcd waits for the disk with every write; a slow one costs elections. Small writes that are synced, as its log does.
check_fsync() {
  local folder=/var/lib count=100 started
  fsync=unknown
  if [ "$FSYNC_MILLISECONDS" -eq 0 ] || [ -z "$ETCD_DATA_DIR" ]; then return 0; fi
  if [ -d "$ETCD_DATA_DIR/member" ]; then fine host.disk.fsync "not measured, since etcd is at work"; return; fi
  # A disk of its own is mounted there.
  if [ -d /var/lib/etcd ] && [ "$(stat -c %d /var/lib/etcd)" != "$(stat -c %d /var/lib)" ]; then folder=/var/lib/etcd; fi
  probe=$(mktemp -d "$folder/.mesh-platform-fsync.XXXXXX")
  trap 'rm -rf "$probe"' EXIT
  started=$(date +%s%N)
  dd if=/dev/zero of="$probe/file" bs=2300 count="$count" oflag=dsync 2>/dev/null
  fsync=$((($(date +%s%N) - started) / count / 1000))
  rm -rf "$probe"
  if [ "$fsync" -gt $((FSYNC_MILLISECONDS * 1000)) ]; then
    fault host.disk.fsync "$fsync microseconds on average" "$FSYNC_MILLISECONDS ms at most" \
      "put $ETCD_DATA_DIR on a faster disk, or raise nodes.prechecks.fsyncMilliseconds"
  else
    fine host.disk.fsync "$fsync microseconds on average"
  fi
}

has_module() { [ -d "/sys/module/$1" ] || modprobe -n -q "$1" 2>/dev/null; }

check_modules() {
  local module gone
  local absent=''
  while read -r module gone; do
    [ -n "$module" ] || continue
    if [ -n "$gone" ] && ! older "${kernel%%-*}" "$gone"; then continue; fi
    has_module "$module" || absent+=" $module"
  done <<<"$MODULES"
  if [ -n "$absent" ]; then
    fault host.modules "none called$absent" "all that nodes.modules and the platform load" \
      "install the kernel package that has them (linux-modules-extra, kernel-modules-extra)"
  else
    fine host.modules "all there"
  fi
  if has_module ip_vs; then
    ipvs=yes
  elif [ "$IPVS" = needed ]; then
    ipvs=no
    fault host.modules.ip_vs "no ip_vs" "ip_vs, for the service proxy of the config" \
      "install the module, or set network.kubeProxy: iptables and network.kubeRouter.serviceProxy: false"
  else
    ipvs=no
    fine host.modules.ip_vs "not there: neither kube-router's service proxy nor kube-proxy's ipvs mode can run here"
  fi
}

check_services() {
  local unit active=''
  if [ -z "$(swapon --show --noheadings 2>/dev/null)" ]; then
    fine host.swap none
  elif [ "$SWAP" = keep ]; then
    fault host.swap on off "set nodes.swap: off; the kubelet does not start with swap"
  else
    fine host.swap "on, $SWAP"
  fi
  for unit in $(of_family firewallUnits); do
    if systemctl is-active --quiet "$unit" 2>/dev/null; then active+=" $unit"; fi
  done
  firewall=${active# }
  firewall=${firewall:-none}
  if [ "$firewall" != none ] && [ "$FIREWALL" = keep ]; then
    fine host.firewall "$firewall stays: it must let the hosts' ports and the packets of pods through"
  else
    fine host.firewall "$firewall"
  fi
  selinux=$(getenforce 2>/dev/null) || selinux=none
  fine host.selinux "$selinux, to be: $SELINUX"
}

check_system
check_kernel
check_size
check_network
check_ports
check_clock
check_fsync
check_modules
check_services

if [ "${#faults[@]}" -gt 0 ]; then
  for fault in "${faults[@]}"; do say "fault  $fault"; done
  [ "$basic" = 0 ] || fail "${#faults[@]} of the checks above failed; nothing was changed here"
  [ "$MODE" = report ] ||
    fail "${#faults[@]} of the checks above failed; nothing was changed here. nodes.prechecks.mode: report goes on regardless"
fi
finish family "$family" os "$os" arch "$arch" kernel "$kernel" cgroup "$cgroup" memoryMiB "$memory" cpus "$cpus" \
  diskFreeMiB "$disk" fsyncMicroseconds "$fsync" clockOffsetMilliseconds "$clock" ipvs "$ipvs" firewall "$firewall" \
  selinux "$selinux" faults "${#faults[@]}" machineId "$(cat /etc/machine-id)" \
  systemd "$(systemctl --version | awk 'NR == 1 {print $2}')"
