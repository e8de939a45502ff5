# Prepares a host for a container runtime and a kubelet. Safe to repeat: every part looks before it acts, files are
# written only when they differ, and one block of /etc/hosts is ours.
: "${NODE_NAME?host name}"
: "${HOSTS_ENTRIES?lines for /etc/hosts, address and name}"
: "${SYSTEM_USERS?one per line: name and home}"
: "${SYSCTL_CONF?content of the sysctl.d file}"
: "${MODULES?kernel modules, one per line}"
: "${DEBIAN_PACKAGES?packages where apt is}"
: "${REDHAT_PACKAGES?packages where dnf or yum is}"
: "${LIMITS_CONF?content of the limits.d file}"
: "${PROFILE_SH?content of the profile.d file}"
: "${FORWARD_UNIT?systemd unit that accepts forwarded packets}"
: "${SWAP?off or keep}"
: "${FIREWALL?off or keep}"
: "${SELINUX?disabled, permissive or keep}"
: "${TIME_SYNC?on or keep}"

install_packages() {
  local -a wanted
  if command -v apt-get >/dev/null; then mapfile -t wanted <<<"$DEBIAN_PACKAGES"; else mapfile -t wanted <<<"$REDHAT_PACKAGES"; fi
  packages "${wanted[@]}"
}

write_hosts() {
  local begin='# mesh-platform: begin' end='# mesh-platform: end'
  {
    sed "/^$begin\$/,/^$end\$/d" /etc/hosts
    printf '%s\n%s\n%s\n' "$begin" "$HOSTS_ENTRIES" "$end"
  } | place /etc/hosts 0644 root:root
}

load_modules() {
  local module
  printf '%s\n' "$MODULES" | place /etc/modules-load.d/mesh-platform.conf 0644 root:root
  while read -r module; do
    [ -z "$module" ] || [ -d "/sys/module/$module" ] || modprobe "$module" || fail "the kernel has no module $module"
  done <<<"$MODULES"
}

# Sets what differs and reads it back: sysctl -p reports success for a value that the kernel then clamps.
apply_sysctls() {
  local key value file
  local -a wrong=()
  printf '%s' "$SYSCTL_CONF" | place /etc/sysctl.d/90-mesh-platform.conf 0644 root:root
  while IFS=' =' read -r key value; do
    [ -n "$key" ] || continue
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
  if [ -n "$(swapon --show --noheadings)" ]; then swapoff -a; changed=true; fi
  # The commented line keeps its text, so that the administrator can undo it; a comment is not matched again.
  if [ -f /etc/fstab ]; then
    sed -E 's/^([^#].*[[:space:]]swap[[:space:]].*)$/# \1/' /etc/fstab | place /etc/fstab 0644 root:root
  fi
  # systemd finds swap partitions by itself and would switch them on again at the next boot.
  for unit in $(systemctl list-units --type swap --all --plain --no-legend | awk '{print $1}'); do
    quietly systemctl mask "$unit"
  done
}

firewall_off() {
  local unit
  for unit in firewalld ufw; do
    if systemctl is-enabled "$unit" >/dev/null 2>&1; then quietly systemctl disable --now "$unit"; changed=true; fi
  done
}

set_selinux() {
  [ -f /etc/selinux/config ] || return 0
  sed -E "s/^SELINUX=.*/SELINUX=$SELINUX/" /etc/selinux/config | place /etc/selinux/config 0644 root:root
  if [ "$(getenforce)" = Enforcing ]; then setenforce 0; changed=true; fi
}

keep_time() {
  systemctl is-active chronyd chrony systemd-timesyncd 2>/dev/null | grep -c '^active' >/dev/null && return 0
  packages chrony
  if command -v apt-get >/dev/null; then service chrony; else service chronyd; fi
}

if [ "$(cat /etc/hostname 2>/dev/null)" != "$NODE_NAME" ]; then hostnamectl set-hostname "$NODE_NAME"; changed=true; fi
install_packages
write_hosts
create_users
printf '%s' "$LIMITS_CONF" | place /etc/security/limits.d/20-nproc.conf 0644 root:root
printf '%s' "$PROFILE_SH" | place /etc/profile.d/mesh-platform.sh 0644 root:root
if [ "$SWAP" = off ]; then swap_off; fi
if [ "$FIREWALL" = off ]; then firewall_off; fi
if [ "$SELINUX" != keep ]; then set_selinux; fi
if [ "$TIME_SYNC" = on ]; then keep_time; fi
load_modules
apply_sysctls

printf '%s' "$FORWARD_UNIT" | place /etc/systemd/system/mesh-platform-forward.service 0644 root:root
service mesh-platform-forward
finish
