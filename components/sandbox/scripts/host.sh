# One disposable host: a copy of the image, a network namespace on the sandbox's bridge, and systemd-nspawn under a
# small supervisor that outlives this step. Safe to repeat: a host that is up is left alone; one that is down, by
# whatever accident, is started again and keeps its disk.
: "${NAME?name of the machine and of its network namespace}"
: "${HOST?host name}"
: "${STATE?state folder of the host}"
: "${IMAGE?tree that the host is a copy of}"
: "${BRIDGE?bridge of the sandbox}"
: "${LINK?name of the interface that this computer gets}"
: "${ADDRESS?IPv4 address of the host}"
: "${PREFIX?length of the network prefix}"
: "${GATEWAY?address of this computer on the bridge}"
: "${HOST_KEY?public host key}"
: "${LOGIN_KEY?public key that may log in as root}"
: "${BOOT_ID?boot of this computer; a restart stops the host}"
: "${SINCE?when the host was last found dead}"

case $STATE in /var/lib/mesh-platform/?*/?*) ;; *) fail "not the folder of a sandbox host: $STATE" ;; esac

# ---- What the supervisor needs too: it is written to a file of its own further down. ----

# A new network on every boot, as on real machines: rules and interfaces of the last one are gone.
wire() {
  unwire
  ip netns add "$NAME"
  # The hardware address follows from the IP address, or the neighbours would talk to a rebooted host's old one.
  # shellcheck disable=SC2086
  ip link add "$LINK" type veth peer name eth0 address "$(printf '02:6d:%02x:%02x:%02x:%02x' ${ADDRESS//./ })" netns "$NAME"
  ip link set "$LINK" master "$BRIDGE" up
  ip -n "$NAME" link set lo up
  ip -n "$NAME" address add "$ADDRESS/$PREFIX" dev eth0
  ip -n "$NAME" link set eth0 up
  ip -n "$NAME" route add default via "$GATEWAY"
}

unwire() {
  ip link delete "$LINK" 2>/dev/null || true
  ip netns delete "$NAME" 2>/dev/null || true
}

# Control groups of its own in every hierarchy. Otherwise all hosts share one: each kubelet takes the pods of the
# others for leftovers and kills them. The supervisor stays beside the machine, since under cgroup v2 a group that
# hands out controllers may hold no process itself.
enter_groups() {
  local controllers path root own group setting
  : >"$STATE/groups"
  while IFS=: read -r _ controllers path; do
    root=/sys/fs/cgroup/${controllers#name=}
    if [ -z "$controllers" ]; then
      root=/sys/fs/cgroup
      [ ! -d "$root/unified" ] || root=$root/unified
    fi
    [ -w "$root/cgroup.procs" ] || continue
    path=${path%/}
    case $path in
      */"$NAME.service") own=$root$path ;;
      *)
        # A v2 group with processes of its own, such as the caller's, could hand no controllers on.
        if [ -z "$controllers" ] || [ ! -d "$root$path" ]; then path=; fi
        own=$root$path/$NAME
        ;;
    esac
    echo "$own" >>"$STATE/groups"
    for group in "$own" "$own/machine"; do
      mkdir -p "$group"
      for setting in cpuset.cpus cpuset.mems; do
        # Empty in a new group, and with it empty no process may enter ("No space left on device").
        if [ -n "$controllers" ] && [ -e "$group/$setting" ]; then cat "$group/../$setting" >"$group/$setting"; fi
      done
    done
    if [ -z "$controllers" ]; then
      mkdir -p "$own/supervisor"
      echo $$ >"$own/supervisor/cgroup.procs"
      # With a unit of its own, systemd has seen to the group above.
      for group in "${own%/"$NAME"}" "$own"; do
        tr ' ' '\n' <"$group/cgroup.controllers" | while read -r setting; do
          echo "+$setting" 2>/dev/null >"$group/cgroup.subtree_control" || true
        done
      done
    fi
  done </proc/self/cgroup
}

own_groups() {
  local own
  [ -f "$STATE/groups" ] || return 0
  while read -r own; do
    # What does not bear the name would be somebody else's, and everything in it is killed.
    case $own in /sys/fs/cgroup/*/"$NAME" | /sys/fs/cgroup/*/"$NAME.service" | "/sys/fs/cgroup/$NAME") ;; *) continue ;; esac
    if [ -d "$own" ]; then echo "$own"; fi
  done <"$STATE/groups"
}

# All processes of the machine, without the supervisor.
processes() {
  local groups
  mapfile -t groups < <(own_groups)
  [ ${#groups[@]} -gt 0 ] || return 0
  find "${groups[@]/%//machine}" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u || true
}

# The machine's own process 1: the only one that is number 1 exactly one PID namespace further in.
leader() {
  local files
  mapfile -t files < <(processes | sed 's|.*|/proc/&/status|')
  [ ${#files[@]} -gt 0 ] || return 1
  files=("$(grep -lsE '^NSpid:[[:space:]]+[0-9]+[[:space:]]+1$' "${files[@]}" | head -n 1)")
  [ -n "${files[0]}" ] || return 1
  files[0]=${files[0]#/proc/}
  echo "${files[0]%/status}"
}

supervisor() {
  local pid
  pid=$(cat "$STATE/supervisor.pid" 2>/dev/null) || return 1
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
    *"$STATE/machine supervise "*) echo "$pid" ;;
    *) return 1 ;;
  esac
}

supervise() {
  local code modules=()
  # The prelude's 077 would close the control groups to everybody but root inside.
  umask 022
  exec 9>"$STATE/supervisor.lock"
  flock -n 9 || exit 0
  echo $$ >"$STATE/supervisor.pid"
  enter_groups
  # With the computer's modules in sight, modprobe inside works as on a real machine.
  [ ! -d /lib/modules ] || modules=(--bind-ro=/lib/modules)
  while true; do
    wire
    code=0
    (
      while read -r own; do echo "$BASHPID" >"$own/machine/cgroup.procs"; done < <(own_groups)
      # /tmp stays on the disk as Debian has it, instead of taking memory.
      export SYSTEMD_NSPAWN_TMPFS_TMP=0
      # --keep-unit makes nspawn end with 133 for a reboot. Registration would need machined, which is not everywhere.
      exec systemd-nspawn --quiet --directory="$STATE/root" --boot --register=no --keep-unit --machine="$NAME" \
        --hostname="$HOST" --network-namespace-path="/run/netns/$NAME" --capability=all --system-call-filter=@known \
        --resolv-conf=off --timezone=off --link-journal=no --bind=/dev/kmsg --bind=/dev/net/tun "${modules[@]}" 9>&-
    ) || code=$?
    echo "systemd-nspawn ended with $code"
    [ "$code" -eq 133 ] || break
  done
}

idle() { [ -z "$(processes)" ] && ! supervisor; }

# stop SECONDS: an orderly power-off within this time, then the hard way; leaves no process, group or link.
stop() {
  local pid own
  # SIGRTMIN+4 is systemd's word for "power off".
  if pid=$(leader); then kill -s RTMIN+4 "$pid" 2>/dev/null || true; fi
  if ! idle && ! { [ -n "$pid" ] && poll "$1" "$HOST to power off" idle; }; then
    if pid=$(supervisor); then kill -9 "$pid" 2>/dev/null || true; fi
    # The process 1 first: the kernel then ends all others of its namespace.
    if pid=$(leader); then kill -9 "$pid" 2>/dev/null || true; fi
    poll 10 "the processes of $HOST to end" kill_rest
  fi
  if [ -d /run/systemd/system ]; then
    systemctl stop "$NAME.service" 2>/dev/null || true
    systemctl reset-failed "$NAME.service" 2>/dev/null || true
  fi
  ip netns pids "$NAME" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
  unwire
  while read -r own; do
    poll 10 "the control group $own to empty" drop_group "$own"
  done < <(own_groups)
  rm -f "$STATE/supervisor.pid" "$STATE/groups"
}

kill_rest() {
  processes | xargs -r kill -9 2>/dev/null || true
  idle
}

drop_group() {
  find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  [ ! -d "$1" ]
}

remove() {
  local mount
  stop 10
  while read -r mount; do umount -l "$mount"; done < <(awk -v top="$STATE/" 'index($5, top) == 1 {print $5}' /proc/self/mountinfo | sort -r)
  # Half a disk must not pass for a disk if this is cut off and the host is made again.
  rm -rf --one-file-system "$STATE/root.unfinished"
  if [ -d "$STATE/root" ]; then mv -T "$STATE/root" "$STATE/root.unfinished"; fi
  # The identity is another step's, which runs again only when it is deleted as well.
  if [ -d "$STATE" ]; then
    find "$STATE" -mindepth 1 -maxdepth 1 ! -name identity -exec rm -rf --one-file-system {} +
    rmdir "$STATE" 2>/dev/null || true
  fi
}

# ---- This step alone. ----

if [ "$1" = delete ]; then
  remove
  finish
  return 0
fi

# The image is needed for a new host only: an old one keeps its disk when the recipe changes.
make_disk() {
  say "host $HOST: copying the image"
  rm -rf --one-file-system "$STATE/root.unfinished"
  cp -a --reflink=auto "$IMAGE" "$STATE/root.unfinished"
  tr -d - </proc/sys/kernel/random/uuid >"$STATE/root.unfinished/etc/machine-id"
  chmod 444 "$STATE/root.unfinished/etc/machine-id"
  mv -T "$STATE/root.unfinished" "$STATE/root"
  changed=true
}

nameservers() {
  local file
  # systemd-resolved's stub listens on the computer's loopback, out of a host's reach; its second file has the truth.
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    if grep -sE '^nameserver' "$file" | grep -vE '[[:space:]](127\.|::1)'; then return 0; fi
  done
  say "host $HOST: this computer has no name server that a host could reach; names will not resolve there"
}

addresses() {
  grep -vE "[[:space:]]$HOST\$" "$STATE/root/etc/hosts" 2>/dev/null || printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
  echo "$ADDRESS $HOST"
}

settings() {
  local name
  for name in NAME HOST STATE BRIDGE LINK ADDRESS PREFIX GATEWAY LC_ALL PATH; do printf '%s=%q\n' "$name" "${!name}"; done
}

# What the supervisor runs, as one file: functions and values as they are here.
machine() {
  echo '#!/bin/bash'
  echo 'set -euo pipefail'
  settings
  echo 'export LC_ALL PATH'
  declare -f say poll wire unwire enter_groups own_groups processes leader supervisor supervise idle stop kill_rest drop_group remove
  # shellcheck disable=SC2016
  echo '"$@"'
}

start() {
  say "host $HOST: starting"
  # Under systemd as a unit of its own: a daemon that belongs to a login session or to a CI job ends with it.
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="$NAME.service" -p Delegate=yes -p KillMode=mixed -p TasksMax=infinity \
      -p "StandardOutput=truncate:$STATE/console.log" bash "$STATE/machine" supervise
  else
    setsid bash "$STATE/machine" supervise </dev/null >"$STATE/console.log" 2>&1 &
  fi
  changed=true
}

banner() {
  # shellcheck disable=SC2016
  case $(timeout 5 bash -c 'exec 3<"/dev/tcp/$0/22" && head -c 4 <&3' "$ADDRESS" 2>/dev/null) in
    SSH-) return 0 ;;
    *) return 1 ;;
  esac
}
booted() { banner || ! supervisor; }

settled() {
  case $(nsenter -t "$(leader)" -a systemctl is-system-running 2>/dev/null) in
    running | degraded) return 0 ;;
    *) return 1 ;;
  esac
}

[ -s "$STATE/identity/ssh_host_ed25519_key" ] || fail "the host key of $HOST is not in $STATE; run its identity step first"
if [ ! -d "$STATE/root" ]; then
  [ -d "$IMAGE" ] || fail "there is no image at $IMAGE; run the image step first"
  make_disk
fi

place "$STATE/root/etc/hostname" 644 root:root <<<"$HOST"
place "$STATE/root/etc/resolv.conf" 644 root:root < <(nameservers)
place "$STATE/root/etc/hosts" 644 root:root < <(addresses)
install -d -m 700 "$STATE/root/root/.ssh"
place "$STATE/root/root/.ssh/authorized_keys" 600 root:root <<<"$LOGIN_KEY"

# A new version of this script waits for the next start: an upgrade of the program is no reason for a reboot.
place "$STATE/machine" 700 root:root < <(machine)

# What a running host would notice only when it starts again.
others=$changed
changed=false
place "$STATE/root/etc/ssh/ssh_host_ed25519_key" 600 root:root <"$STATE/identity/ssh_host_ed25519_key"
place "$STATE/root/etc/ssh/ssh_host_ed25519_key.pub" 644 root:root <<<"$HOST_KEY"
place "$STATE/settings" 600 root:root < <(settings)
restart=$changed
[ "$others" = false ] || changed=true

if "$restart" || ! supervisor >/dev/null || ! leader >/dev/null || ! ip link show "$LINK" >/dev/null 2>&1; then
  stop 30
  start
fi
# The bridge may be a new one, with the host still up.
if ip link show "$LINK" >/dev/null 2>&1 && ! ip -o link show "$LINK" | grep -q " master $BRIDGE "; then
  ip link set "$LINK" master "$BRIDGE" up
  changed=true
fi
# Only its name can be lost while the host is up.
if [ ! -e "/run/netns/$NAME" ] && pid=$(leader); then ip netns attach "$NAME" "$pid"; changed=true; fi
poll 90 "sshd of $HOST on $ADDRESS" booted || fail "$HOST does not answer on $ADDRESS:22; its console: $STATE/console.log"
if ! supervisor >/dev/null; then
  tail -n 20 "$STATE/console.log" | cut -c1-400 >&2
  fail "$HOST stopped while starting; the end of its console is above"
fi
poll 60 "the services of $HOST" settled || fail "the services of $HOST do not settle; look with: nsenter -t $(leader) -a systemctl list-jobs"
echo "$SINCE" >"$STATE/since"
say "host $HOST: up at $ADDRESS"
finish address "$ADDRESS" name "$NAME"
