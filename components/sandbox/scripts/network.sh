# The network between the hosts of one sandbox: a bridge with the gateway's address, the way out, and the artifact
# mirror that listens there. Safe to repeat: what is right is left alone, so hosts keep their connections.
# `delete` also removes hosts that a broken-off run left behind and that Pulumi therefore knows nothing of; so it does,
# called by hand, for a sandbox whose state is lost (scripts/lib/sandbox/remove.ts).
: "${SANDBOX?id of the sandbox}"
: "${BRIDGE?name of the bridge}"
: "${CIDR?IPv4 network of the sandbox}"
: "${GATEWAY?address of this computer on the bridge}"
: "${STATE?state folder of the sandbox}"
: "${OWNER?who made the sandbox, one JSON object}"
: "${MIRROR_DIR?folder that the artifact mirror serves, empty for no mirror}"
: "${MIRROR_PORT?port of the artifact mirror}"
: "${MIRROR_CODE?digest of the mirror server, which starts anew when it changes}"
: "${PROJECT?root folder of the project}"
: "${BOOT_ID?boot of this computer; a restart takes bridge, rules and mirror with it}"
: "${SINCE?when bridge or mirror was last found missing}"

tag="mesh-platform-$SANDBOX"
listen="$GATEWAY:$MIRROR_PORT"
case $STATE in /var/lib/mesh-platform/?*) ;; *) fail "not a sandbox folder: $STATE" ;; esac

number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  echo $(((a << 24) + (b << 16) + (c << 8) + d))
}

# overlap A/N B/M: whether two networks have an address in common.
overlap() {
  local shorter=${1#*/}
  [ "${2#*/}" -ge "$shorter" ] || shorter=${2#*/}
  [ $(($(number "${1%/*}") >> (32 - shorter))) -eq $(($(number "${2%/*}") >> (32 - shorter))) ]
}

# With a clash the computer would lose the way to a network of its own, perhaps the one this session comes from.
refuse_clash() {
  local line network
  while read -r line; do
    case $line in *" dev $BRIDGE "* | "$BRIDGE "*) continue ;; esac
    network=$(grep -oE '[0-9]+(\.[0-9]+){3}(/[0-9]+)?' <<<"$line" | head -n 1)
    [ -n "$network" ] || continue
    case $network in */*) ;; *) network="$network/32" ;; esac
    if overlap "$CIDR" "$network"; then
      fail "$CIDR is in use on this computer ($line); choose a free network in hosts.network.cidr"
    fi
  done < <(
    ip -4 -o route show table main | grep -v '^default'
    ip -4 -o address show | sed 's/^[0-9]*: *//'
    grep -s '^nameserver' /etc/resolv.conf
  )
}

# raise NAME VALUE: a limit that all hosts share, as they share the kernel.
raise() {
  local value
  value=$(cat "/proc/sys/$1")
  [ "$value" -lt "$2" ] || return 0
  say "network: raising ${1//\//.} of this computer from $value to $2 until it restarts; the hosts share it"
  echo "$2" >"/proc/sys/$1"
  changed=true
}

bridge() {
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    # An address of its own: a bridge otherwise takes the lowest of its ports, and what the hosts remember of the
    # gateway goes wrong for seconds whenever a host comes or goes.
    # shellcheck disable=SC2086
    ip link add "$BRIDGE" address "$(printf '02:6d:%02x:%02x:%02x:%02x' ${GATEWAY//./ })" type bridge
    changed=true
  fi
  if [ "$(ip -4 -o address show dev "$BRIDGE" | awk '{print $4}')" != "$GATEWAY/${CIDR#*/}" ]; then
    ip -4 address flush dev "$BRIDGE"
    ip address add "$GATEWAY/${CIDR#*/}" dev "$BRIDGE"
    changed=true
  fi
  ip link set "$BRIDGE" up
}

# each_rule COMMAND…: calls it with table, chain and rule. FORWARD is needed where its policy is DROP (Docker), INPUT
# where a firewall closes unknown ports. The rules stand first, so a REJECT further down does not matter.
each_rule() {
  "$@" nat POSTROUTING -s "$CIDR" ! -o "$BRIDGE" -j MASQUERADE
  "$@" filter FORWARD -i "$BRIDGE" -j ACCEPT
  "$@" filter FORWARD -o "$BRIDGE" -j ACCEPT
  if [ -n "$MIRROR_DIR" ]; then "$@" filter INPUT -i "$BRIDGE" -p tcp --dport "$MIRROR_PORT" -j ACCEPT; fi
}
rule() {
  local action=$1 table=$2 chain=$3
  shift 3
  iptables -w -t "$table" "$action" "$chain" "$@" -m comment --comment "$tag"
}
tagged() { iptables -w -t "$1" -S | grep -E -- "--comment \"?$tag\"?( |$)"; }
drop_rules() {
  local table line
  for table in nat filter; do
    while read -r line; do
      # xargs reads the quotes that `iptables -S` writes.
      xargs iptables -w -t "$table" <<<"-D ${line#-A }"
    done < <(tagged "$table")
  done
}
wanted_rules() {
  local expected=3
  [ -z "$MIRROR_DIR" ] || expected=4
  [ "$( (tagged nat; tagged filter) | wc -l)" -eq "$expected" ] && each_rule rule -C 2>/dev/null
}

healthy() {
  local status=
  # In a shell of its own: a failed connection would end the step.
  # shellcheck disable=SC2016
  status=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET /healthz HTTP/1.0\r\nHost: mirror\r\n\r\n" >&3 && head -n 1 <&3' "$GATEWAY" "$MIRROR_PORT" 2>/dev/null) || return 1
  case $status in *" 200 "*) return 0 ;; *) return 1 ;; esac
}
# Or dead already, in which case waiting is in vain.
answered() { healthy || { [ -s "$STATE/mirror.pid" ] && ! mirror_pid; }; }
mirror_pid() {
  local pid
  pid=$(cat "$STATE/mirror.pid" 2>/dev/null) || return 1
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
    *"sandbox/mirror/serve.ts "*"--listen"*) echo "$pid" ;;
    *) return 1 ;;
  esac
}
stop_mirror() {
  local pid
  if [ -d /run/systemd/system ]; then systemctl stop "mp-$SANDBOX.mirror.service" 2>/dev/null || true; fi
  if pid=$(mirror_pid); then
    kill "$pid" 2>/dev/null || true
    poll 5 "the mirror to stop" eval '! mirror_pid' || kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$STATE/mirror.pid" "$STATE/mirror.started" "$STATE/mirror.log"
}
# Under systemd as a unit of its own: a daemon that belongs to a login session or to a CI job ends with it.
start_mirror() {
  local node command record
  # The prelude narrows PATH; node may be where only the operator's PATH leads, which /proc still knows.
  node=$(PATH="$PATH:$(tr '\0' '\n' <"/proc/$$/environ" | sed -n 's/^PATH=//p')" command -v node)
  command=("$node" -r tsx/cjs components/sandbox/mirror/serve.ts --dir "$MIRROR_DIR" --listen "$listen")
  # shellcheck disable=SC2016
  record=(bash -c 'cd "$1"; echo $$ >"$0/mirror.pid"; shift; exec "$@" </dev/null >"$0/mirror.log" 2>&1' "$STATE" "$PROJECT")
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="mp-$SANDBOX.mirror" "${record[@]}" "${command[@]}"
  else
    setsid "${record[@]}" "${command[@]}" </dev/null >/dev/null 2>&1 &
  fi
  poll 60 "the artifact mirror on $listen" answered || true
  if ! healthy; then
    tail -n 20 "$STATE/mirror.log" | cut -c1-400 >&2 || true
    fail "the artifact mirror does not answer on http://$listen/healthz; its log is above"
  fi
}
mirror() {
  local started="$MIRROR_CODE $MIRROR_DIR $listen"
  if [ -z "$MIRROR_DIR" ]; then stop_mirror; return 0; fi
  if [ "$(cat "$STATE/mirror.started" 2>/dev/null)" = "$started" ] && mirror_pid >/dev/null && healthy; then return 0; fi
  stop_mirror
  say "network: starting the artifact mirror on http://$listen"
  start_mirror
  echo "$started" >"$STATE/mirror.started"
  changed=true
}

# What bears the sandbox's id although no folder tells of it any more.
drop_strays() {
  local name
  while read -r name; do
    ip netns pids "$name" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    ip netns delete "$name" 2>/dev/null || true
  done < <(ip netns list | awk '{print $1}' | grep "^mp-$SANDBOX-")
  while read -r name; do
    ip link delete "$name" 2>/dev/null || true
  done < <(ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | grep "^mp$SANDBOX-")
}

remove() {
  local host mount
  for host in "$STATE"/*/machine; do
    [ -f "$host" ] || continue
    say "network: removing the host $(basename "$(dirname "$host")"), which nobody else does any more"
    bash "$host" remove
  done
  drop_strays
  stop_mirror
  drop_rules
  if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link delete "$BRIDGE"; fi
  while read -r mount; do umount -l "$mount"; done < <(awk -v top="$STATE/" 'index($5, top) == 1 {print $5}' /proc/self/mountinfo | sort -r)
  rm -rf --one-file-system "$STATE"
  rmdir /var/lib/mesh-platform 2>/dev/null || true
  rm -f "/run/lock/mesh-platform-$SANDBOX"-*
}

if [ "$1" = delete ]; then
  remove
  finish
  return 0
fi

refuse_clash
install -d -m 755 /var/lib/mesh-platform "$STATE"
if ! ip link show "$BRIDGE" >/dev/null 2>&1 && [ ! -e "$STATE/cidr" ]; then
  # Pulumi does not remember a step that failed, so nothing else would ever remove what this one began.
  trap 'code=$?; if [ "$code" -ne 0 ]; then remove || true; fi' EXIT
fi
# First of all, so that whatever is left of a run that is cut off can be told whose it is.
place "$STATE/owner" 644 root:root <<<"$OWNER"
place "$STATE/cidr" 644 root:root <<<"$CIDR"

# The hosts share this kernel and cannot load anything into it. What is built in, or missing, fails here and may.
for module in bridge br_netfilter veth vxlan overlay nf_conntrack ip_tables iptable_nat ip6_tables; do
  modprobe -q "$module" 2>/dev/null || true
done
# It stays on after `delete`, as others (Docker, libvirt) may rely on it by then.
if [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
  echo 1 >/proc/sys/net/ipv4/ip_forward
  changed=true
fi
# A host takes 20 to 30 inotify instances, and all of them count as the one root's. With the usual limit of 128 the
# services of the fifth host fail with "too many open files". Only higher, never lower, and not undone either.
raise fs/inotify/max_user_instances 1024
raise fs/inotify/max_user_watches 262144
bridge
if ! wanted_rules; then
  drop_rules
  each_rule rule -I
  changed=true
fi
mirror
echo "$SINCE" >"$STATE/since"
finish
