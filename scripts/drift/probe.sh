# Looks at what a list says that this host has, for `npm run drift`. Changes nothing, and holds up no step: it asks
# whether one is at work, without waiting and without keeping the lock.
: "${LIST?one per line: kind, subject and fields as declared}"

# One answer: the number of the line and what is there, or the single word `missing`.
answer() { encode "$@"; printf '%s%s\n' "$number" "$encoded"; }
decode() { printf '%b' "${1//%/\\x}"; }

look_file() {
  local digest=- mode owner
  if [ -L "$1" ]; then answer "symbolic link"; return; fi
  if [ ! -e "$1" ]; then answer missing; return; fi
  if [ ! -f "$1" ]; then answer "not a file"; return; fi
  read -r mode owner <<<"$(stat -c '%a %U:%G' "$1")"
  if [ "$2" != - ]; then digest=$(sha256sum <"$1"); fi
  answer "$mode" "$owner" "${digest%% *}"
}

look_directory() {
  local mode owner
  if [ ! -d "$1" ]; then answer missing; return; fi
  read -r mode owner <<<"$(stat -c '%a %U:%G' "$1")"
  answer "$mode" "$owner"
}

is_enabled() { systemctl is-enabled "$1" >/dev/null 2>&1; }

look_unit() {
  local enabled active tries=0
  # Several words mean that it starts by itself: enabled, static, alias, generated.
  if is_enabled "$1"; then enabled=enabled; else enabled=$(systemctl is-enabled "$1" 2>/dev/null || true); fi
  until active=$(systemctl is-active "$1" 2>/dev/null || true) && [[ $active != *ing || $tries -ge 5 ]]; do
    tries=$((tries + 1))
    sleep 1
  done
  answer "${enabled:-missing}" "${active:-unknown}"
}

look_package() {
  local status version
  if command -v dpkg-query >/dev/null; then
    read -r status version <<<"$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null || true)"
    if [ "$status" != installed ]; then version=missing; fi
  else
    version=$(rpm -q --qf '%{VERSION}-%{RELEASE}' "$1" 2>/dev/null) || version=missing
  fi
  answer "$version"
}

# What a program says of itself; each says it in another way.
version_of() {
  local ask=--version
  case $1 in
    containerd | cri-dockerd | dockerd | etcd | keepalived | kubelet | runc) ;;
    etcdctl | etcdutl) ask=version ;;
    haproxy) ask=-v ;;
    kubeadm) ask="version -o short" ;;
    kubectl) ask="version --client" ;;
    *) echo unknown; return ;;
  esac
  command -v "$1" >/dev/null || { echo missing; return; }
  # shellcheck disable=SC2086
  { "$1" $ask 2>&1 || true; } | grep -oE '[0-9]+\.[0-9]+\.[0-9]+[^ ,]*' | sed 1q || echo unreadable
}

look_sysctl() {
  local file=/proc/sys/${1//.//}
  if [ -r "$file" ]; then answer "$(xargs <"$file")"; else answer missing; fi
}

look_module() {
  if [ -d "/sys/module/${1//-/_}" ] || modprobe -n --first-time "$1" 2>&1 | grep -q 'builtin'; then answer loaded; else answer missing; fi
}

look_certificate() {
  local dates start end
  if [ ! -e "$1" ]; then answer missing; return; fi
  dates=$(openssl x509 -noout -startdate -enddate -in "$1" 2>/dev/null) || { answer unreadable; return; }
  start=$(sed -n 's/^notBefore=//p' <<<"$dates") end=$(sed -n 's/^notAfter=//p' <<<"$dates")
  answer "$(date -u -d "$end" +%FT%TZ)" "$(date -u -d "$start" +%FT%TZ)"
}

look_firewall() {
  if is_enabled "$1" || systemctl is-active "$1" >/dev/null 2>&1; then answer on; else answer off; fi
}

look_selinux() {
  local mode
  mode=$(getenforce 2>/dev/null || true)
  # Between "disabled" in the file and the next boot the kernel says Permissive: only Enforcing is told by it alone.
  if [ "$mode" != Enforcing ]; then mode=$(sed -n 's/^SELINUX=//p' /etc/selinux/config 2>/dev/null || true); fi
  mode=${mode:-disabled}
  answer "${mode,,}"
}

look_hostname() {
  local kept
  kept=$(cat /etc/hostname 2>/dev/null || true)
  # The name after the next boot, unless that of now is wrong already.
  if [ "$(uname -n)" = "$1" ]; then answer "${kept:-missing}"; else answer "$(uname -n)"; fi
}

look_user() {
  local home
  home=$(getent passwd "$1" | cut -d: -f6) || home=
  answer "${home:-missing}"
}

look() {
  case $kind in
    file | adopted) look_file "$subject" "$last" ;;
    directory) look_directory "$subject" ;;
    block) if [ -f "$subject" ]; then answer "$(block_of "$subject")"; else answer missing; fi ;;
    absent) if [ -e "$subject" ] || [ -L "$subject" ]; then answer present; else answer absent; fi ;;
    unit) look_unit "$subject" ;;
    package) look_package "$subject" ;;
    version) answer "$(version_of "$subject")" ;;
    sysctl) look_sysctl "$subject" ;;
    module) look_module "$subject" ;;
    certificate) look_certificate "$subject" ;;
    mount) answer "$(awk -v at="$subject" '$2 == at {type = $3} END {print type == "" ? "missing" : type}' /proc/self/mounts)" ;;
    swap) if [ -n "$(swapon --show --noheadings 2>/dev/null || true)" ]; then answer on; else answer off; fi ;;
    firewall) look_firewall "$subject" ;;
    selinux) look_selinux ;;
    hostname) look_hostname "$last" ;;
    user) look_user "$subject" ;;
    *) answer unknown ;;
  esac
}

lock=/run/lock/mesh-platform.lock
# Only where it is there: asking would make it.
if [ -e "$lock" ]; then
  code=0
  flock -s -n -E 75 "$lock" true || code=$?
  if [ "$code" -eq 75 ]; then finish busy true; exit 0; fi
fi
number=0
while read -r kind subject rest; do
  [ -n "$kind" ] || continue
  number=$((number + 1)) subject=$(decode "$subject") last=${rest##* }
  look
done <<<"$LIST"
finish busy false
