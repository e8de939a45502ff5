# Prepares a host for a container runtime and a kubelet. Safe to repeat: every part looks before it acts, files are
# written only when they differ, and one block of /etc/hosts is ours.
# library: family-lib.sh
: "${NODE_NAME?host name}"
: "${FAMILIES?one per line: family, key, words}"
: "${HOSTS_ENTRIES?lines for /etc/hosts, address and name}"
: "${SYSTEM_USERS?one per line: name and home}"
: "${SYSCTL_CONF?content of the sysctl.d file}"
: "${MODULES?kernel modules, one per line; after a blank the kernel from which on it is not there}"
: "${LIMITS_CONF?content of the limits.d file}"
: "${MANAGER_CONF?content of the drop-in for systemd itself; empty for none}"
: "${JOURNALD_CONF?content of the drop-in for the journal; empty for none}"
: "${PROFILE_SH?content of the profile.d file}"
: "${FORWARD_UNIT?systemd unit that accepts forwarded packets}"
: "${SWAP?off or keep}"
: "${FIREWALL?off or keep}"
: "${SELINUX?disabled, permissive or keep}"
: "${TIME_SYNC?on or keep}"
: "${TIME_SERVERS?names or addresses, one per line; empty for those of the distribution}"

begin='# mesh-platform: begin' end='# mesh-platform: end'

install_packages() {
  local key
  local -a wanted
  # What brings a repository goes first: the others may come from there.
  for key in repositoryPackages packages; do
    mapfile -t wanted < <(of_family "$key")
    if [ "${#wanted[@]}" -gt 0 ]; then packages "${wanted[@]}"; fi
  done
}

write_hosts() {
  {
    sed "/^$begin\$/,/^$end\$/d" /etc/hosts
    printf '%s\n%s\n%s\n' "$begin" "$HOSTS_ENTRIES" "$end"
  } | place /etc/hosts 0644 root:root attributes
  adopt_block /etc/hosts
}

load_modules() {
  local module gone
  local list=''
  while read -r module gone; do
    [ -n "$module" ] || continue
    if [ -n "$gone" ] && ! older "$(uname -r | cut -d- -f1)" "$gone"; then continue; fi
    list+="$module"$'\n'
  done <<<"$MODULES"
  printf '%s' "$list" | place /etc/modules-load.d/mesh-platform.conf 0644 root:root
  for module in $list; do
    manages module "$module"
    [ -d "/sys/module/$module" ] || modprobe "$module" || fail "the kernel has no module $module"
  done
}

# Sets what differs and reads it back: sysctl -p reports success for a value that the kernel then clamps.
apply_sysctls() {
  local key value file
  local -a wrong=()
  printf '%s' "$SYSCTL_CONF" | place /etc/sysctl.d/90-mesh-platform.conf 0644 root:root
  while IFS=' =' read -r key value; do
    [ -n "$key" ] || continue
    manages sysctl "$key" "$value"
    file=/proc/sys/${key//.//}
    [ "$(xargs 2>/dev/null <"$file")" = "$value" ] && continue
    { printf '%s' "$value" >"$file"; } 2>/dev/null || true
    if [ "$(xargs 2>/dev/null <"$file")" = "$value" ]; then changed=true; else wrong+=("$key"); fi
  done <<<"$SYSCTL_CONF"
  [ ${#wrong[@]} -eq 0 ] || fail "the kernel did not take these parameters: ${wrong[*]}; correct nodes.sysctl"
}

create_users() {
  local user home
  while read -r user home; do
    [ -n "$user" ] || continue
    manages user "$user" "$home"
    manages directory "$home" 700 "$user:$user"
    if ! getent passwd "$user" >/dev/null; then
      getent group "$user" >/dev/null || groupadd -r "$user"
      useradd -r -g "$user" -d "$home" -s "$(command -v nologin)" "$user"
      changed=true
    fi
    install -d -m 0700 -o "$user" -g "$user" "$home"
  done <<<"$SYSTEM_USERS"
}

swap_off() {
  local unit
  manages swap off
  if [ -n "$(swapon --show --noheadings)" ]; then swapoff -a; changed=true; fi
  # The commented line keeps its text, so that the administrator can undo it; a comment is not matched again.
  if [ -f /etc/fstab ]; then
    sed -E 's/^([^#].*[[:space:]]swap[[:space:]].*)$/# \1/' /etc/fstab | place /etc/fstab 0644 root:root attributes
  fi
  # systemd finds swap partitions by itself and would switch them on again at the next boot.
  for unit in $(systemctl list-units --type swap --all --plain --no-legend | awk '{print $1}'); do
    quietly systemctl mask "$unit"
  done
}

firewall_off() {
  local unit
  for unit in $(of_family firewallUnits); do
    manages firewall "$unit" off
    if systemctl is-enabled "$unit" >/dev/null 2>&1; then quietly systemctl disable --now "$unit"; changed=true; fi
  done
}

set_selinux() {
  [ -f /etc/selinux/config ] || return 0
  manages selinux "$SELINUX"
  sed -E "s/^SELINUX=.*/SELINUX=$SELINUX/" /etc/selinux/config |
    place /etc/selinux/config 0644 root:root attributes
  if [ "$(getenforce)" = Enforcing ]; then setenforce 0; changed=true; fi
}

# apart COMMAND…: runs it and sets $own to whether it has changed anything; what came before does not count.
apart() {
  local before=$changed
  changed=false
  "$@"
  own=$changed
  if [ "$before" = true ]; then changed=true; fi
}

# drop_in PATH TEXT: writes it, or removes it where the text is empty.
drop_in() {
  if [ -n "$2" ]; then
    printf '%s' "$2" | place "$1" 0644 root:root
  elif [ -f "$1" ]; then
    rm -f "$1"
    changed=true
  fi
}

# chrony's file with our servers in a block at its end and the distribution's commented out, or as it was without any.
time_sources() {
  local server
  sed -E "/^$begin\$/,/^$end\$/d; s/^# mesh-platform took out: //" "$1"
  [ -n "$TIME_SERVERS" ] || return 0
  printf '%s\n' "$begin"
  while read -r server; do printf 'server %s iburst\n' "$server"; done <<<"$TIME_SERVERS"
  printf '%s\n' "$end"
}

set_time_sources() {
  local file out=''
  file=$(of_family timeConfig)
  [ -f "$file" ] || return 0
  if [ -n "$TIME_SERVERS" ]; then out='# mesh-platform took out: '; fi
  time_sources "$file" | sed -E "/^$begin\$/,/^$end\$/!s/^((pool|server|peer|sourcedir)[[:space:]])/$out\1/" |
    place "$file" 0644 root:root attributes
  if [ -n "$TIME_SERVERS" ]; then adopt_block "$file"; fi
}

keep_time() {
  if [ -z "$TIME_SERVERS" ] && ! grep -qs "^$begin\$" "$(of_family timeConfig)" &&
    systemctl is-active chronyd chrony systemd-timesyncd ntpd 2>/dev/null | grep -c '^active' >/dev/null; then
    return 0
  fi
  packages "$(of_family timePackage)"
  set_time_sources
  service "$(of_family timeService)"
}

find_family
[ -n "$family" ] || fail "the distribution is neither of the Debian nor of the Red Hat family"
manages hostname "$NODE_NAME"
if [ "$(cat /etc/hostname 2>/dev/null)" != "$NODE_NAME" ]; then hostnamectl set-hostname "$NODE_NAME"; changed=true; fi
install_packages
write_hosts
create_users
printf '%s' "$LIMITS_CONF" | place /etc/security/limits.d/20-nproc.conf 0644 root:root
printf '%s' "$PROFILE_SH" | place /etc/profile.d/mesh-platform.sh 0644 root:root
apart drop_in /etc/systemd/system.conf.d/90-mesh-platform.conf "$MANAGER_CONF"
if [ "$own" = true ]; then quietly systemctl daemon-reexec; fi
apart drop_in /etc/systemd/journald.conf.d/90-mesh-platform.conf "$JOURNALD_CONF"
if [ "$own" = true ]; then quietly systemctl restart systemd-journald; fi
if [ "$SWAP" = off ]; then swap_off; fi
if [ "$FIREWALL" = off ]; then firewall_off; fi
if [ "$SELINUX" != keep ]; then set_selinux; fi
if [ "$TIME_SYNC" = on ]; then apart keep_time; fi
load_modules
apply_sysctls

printf '%s' "$FORWARD_UNIT" | place /etc/systemd/system/mesh-platform-forward.service 0644 root:root
service mesh-platform-forward
finish
