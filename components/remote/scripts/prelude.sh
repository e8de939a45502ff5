set -euo pipefail
# The last part of a pipeline runs in this shell: in one of its own, `… | place FILE` could not set `changed`.
shopt -s lastpipe
umask 077
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
changed=false
# A client that goes away must not end a step half-way: it runs on in silence, and the next attempt waits for it.
trap '' PIPE

# One line of progress. Lines stay short: the SSH provider hangs on an output line of more than 64 KiB.
say() { printf '%s %s: %.500s\n' "$(date +%T)" "$(uname -n)" "$*" >&2 || true; }

# Ends the step with a message that says what to do. 78: repeating it will not help.
fail() { say "error: $*"; exit 78; }

# Scratch files carry the number of the process that made them. A step that was killed could not remove its own; of
# other steps that run right now, on the computer of a sandbox, they are not this one's to touch.
for leftover in /tmp/mesh-platform.*.??????; do
  owner=${leftover#/tmp/mesh-platform.}
  if [ -e "$leftover" ] && [ ! -d "/proc/${owner%%.*}" ]; then rm -rf "$leftover"; fi
done

# Runs a command with its output in a log; shows the end of the log only if the command fails.
quietly() {
  local log
  log=$(mktemp "/tmp/mesh-platform.$$.XXXXXX")
  local code=0
  "$@" >"$log" 2>&1 || code=$?
  if [ "$code" -eq 0 ]; then rm -f "$log"; return 0; fi
  say "failed ($code): $1 ${2:-}"
  tail -n 25 "$log" | cut -c1-400 >&2
  rm -f "$log"
  return "$code"
}

# Makes $scratch, a folder for downloads that goes when the step ends, however it ends: attempts that fail one after
# the other would fill the disk.
make_scratch() {
  scratch=$(mktemp -d "/tmp/mesh-platform.$$.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
}

# Fields as one word each in $encoded, so that a line of them can be taken apart at its blanks. An empty one becomes
# `-`, which stands for "anything".
encode() {
  local field
  encoded=
  for field in "$@"; do
    field=${field//%/%25} field=${field//\\/%5C} field=${field// /%20} field=${field//$'\t'/%09} field=${field//$'\n'/%0A}
    encoded+=" ${field:--}"
  done
}

# manages KIND [SUBJECT] FIELD…: declares how the host is from now on. `finish` prints it, Pulumi keeps it in the state,
# and `npm run drift` compares; docs/drift.md lists the kinds. To be said in every run, also where nothing changes.
managed=()
manages() { encode "$@"; managed+=("manages$encoded"); }

# adopt PATH…: declares files that another program has made, as they are now.
adopt() {
  local path mode owner digest
  for path in "$@"; do
    [ -f "$path" ] || continue
    read -r mode owner <<<"$(stat -c '%a %U:%G' "$path")"
    digest=$(sha256sum <"$path")
    manages adopted "$path" "$mode" "$owner" "${digest%% *}"
  done
}

# adopt_certificate PATH…: declares until when a certificate is valid; drift also says when it is due for renewal.
adopt_certificate() {
  local path end
  for path in "$@"; do
    end=$(openssl x509 -noout -enddate -in "$path" 2>/dev/null) || continue
    manages certificate "$path" "$(date -u -d "${end#*=}" +%FT%TZ)"
  done
}

# Our lines of a file that others write to as well.
block_of() { sed -n '/^# mesh-platform: begin$/,/^# mesh-platform: end$/p' "$1" 2>/dev/null | sha256sum | cut -d' ' -f1; }
adopt_block() { manages block "$1" "$(block_of "$1")"; }

# place PATH MODE OWNER [attributes]: writes stdin there, atomically and only if something differs. Sets `changed` and
# returns 0 either way. Mode and owner are set before the content, so that a key is never readable by others, not for a
# moment. `attributes` declares mode and owner alone: for a file that others write to as well, and for a secret so short
# that it could be guessed from its digest.
place() {
  local temporary digest
  (umask 022 && mkdir -p "$(dirname "$1")")
  # One that was killed here has left its file, perhaps with a key in it. The lock on the host rules out any other.
  rm -f "$(dirname "$1")"/.mesh-platform.??????
  temporary=$(mktemp "$(dirname "$1")/.mesh-platform.XXXXXX")
  chmod "$2" "$temporary"
  chown "$3" "$temporary"
  cat >"$temporary"
  digest=$(sha256sum <"$temporary")
  if [ "${4:-}" = attributes ]; then digest=-; fi
  manages file "$1" "$2" "$3" "${digest%% *}"
  if [ -f "$1" ] && cmp -s "$temporary" "$1" && [ "$(stat -c '%a %U:%G' "$1")" = "$(stat -c '%a %U:%G' "$temporary")" ]; then
    rm -f "$temporary"
    return 0
  fi
  sync "$temporary"
  mv -f "$temporary" "$1"
  changed=true
}

# poll SECONDS WHAT COMMAND…: repeats the command until it succeeds; says every 15 s what it waits for.
poll() {
  local limit=$1 what=$2 started=$SECONDS told=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $((SECONDS - started)) -ge "$limit" ]; then say "gave up after ${limit}s: $what"; return 1; fi
    if [ $((SECONDS - told)) -ge 15 ]; then told=$SECONDS; say "waiting $((SECONDS - started))s for $what"; fi
    sleep 0.5
  done
}

# service NAME: enables and starts a unit; restarts it if this step has changed anything, since a running service does
# not see a new file.
service() {
  if [ "$changed" = true ]; then systemctl daemon-reload; fi
  systemctl is-enabled --quiet "$1" 2>/dev/null || quietly systemctl enable "$1"
  manages unit "$1" enabled active
  if [ "$changed" = false ] && systemctl is-active --quiet "$1"; then return 0; fi
  changed=true
  quietly systemctl restart "$1" || { journalctl -u "$1" -n 15 --no-pager -o cat | cut -c1-300 >&2; return 1; }
}

# ask_web OPTION… URL: curl, tried again where nobody answers yet. curl counts such tries itself from 7.52 on, by an option
# that older ones, as CentOS 7 has one, refuse.
ask_web() {
  local code pause
  for pause in 1 2 4 8 16 0; do
    code=0
    curl --retry 5 --connect-timeout 10 "$@" || code=$?
    # 7: the connection was refused, or there is no way.
    if [ "$code" -ne 7 ] || [ "$pause" -eq 0 ]; then return "$code"; fi
    sleep "$pause"
  done
}

# download URL CHECKSUM_URL FILE: fetches and compares with the published sha256, either the bare sum or a line with
# the file's name. @ARCH@ in an address becomes the machine's architecture.
download() {
  local arch url sums sum
  case "$(uname -m)" in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) fail "no artifacts for $(uname -m)" ;; esac
  url=${1//@ARCH@/$arch}
  sums=$(ask_web -fsSL -m 60 "${2//@ARCH@/$arch}") ||
    fail "cannot download ${2//@ARCH@/$arch}; is artifacts.kind right for this network?"
  sum=$(awk -v name="${url##*/}" 'NF == 1 || $2 == name || $2 == "*" name || $2 == "*/" name {print $1; exit}' <<<"$sums")
  say "downloading ${url##*/}"
  ask_web -fsSL -m 900 -o "$3" "$url" || fail "cannot download $url"
  if [ -z "$sum" ] || [ "$(sha256sum <"$3" | cut -d' ' -f1)" != "$sum" ]; then
    rm -f "$3"
    fail "$url does not match the sha256 in ${2##*/}"
  fi
}

# apt_lists: reads the lists anew. On a host that has just booted another apt does so as well, and unlike for dpkg's own
# lock there is no option to wait for that of the lists.
apt_lists() {
  local said code started=$SECONDS told=$SECONDS
  while true; do
    code=0
    said=$(LC_ALL=C apt-get -o DPkg::Lock::Timeout=300 update 2>&1) || code=$?
    [ "$code" -ne 0 ] || return 0
    case $said in *"/lists/lock"*) ;; *) break ;; esac
    [ $((SECONDS - started)) -lt 300 ] || break
    if [ $((SECONDS - told)) -ge 15 ]; then told=$SECONDS; say "waiting $((SECONDS - started))s for another apt to end"; fi
    sleep 2
  done
  tail -n 15 <<<"$said" >&2
  fail "apt-get update ended with $code; its last lines are above"
}

# packages NAME…: installs those that are missing; NAME=VERSION asks for any build of that version.
packages() {
  local item version manager
  local -a missing=()
  if command -v apt-get >/dev/null; then manager=apt; else manager=$(command -v dnf || command -v yum); fi
  for item in "$@"; do
    version=${item#"${item%%=*}"}
    version=${version#=}
    manages package "${item%%=*}" "$version"
    if [ "$manager" = apt ]; then
      # Not ${Status}: it differs for a package that is held, and ours are.
      case $(dpkg-query -W -f '${db:Status-Status} ${Version}' "${item%%=*}" 2>/dev/null) in
        "installed ${version:+$version-}"*) ;;
        *) missing+=("${item%%=*}${version:+=$version-*}") ;;
      esac
    else
      rpm -q "${item%%=*}${version:+-$version}" >/dev/null 2>&1 || missing+=("${item%%=*}${version:+-$version}")
    fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  changed=true
  if [ "$manager" = apt ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt_lists
    quietly apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --allow-change-held-packages "${missing[@]}"
  else
    quietly "$manager" install -y "${missing[@]}"
  fi
}

# repository NAME: adds a package repository; stdin has the address and key for apt, then those for dnf or yum.
# @ID@ and @CODENAME@ become the distribution's.
repository() {
  local deb deb_key rpm rpm_key id codename
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "$ID") codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  { read -r deb; read -r deb_key; read -r rpm; read -r rpm_key; } < <(sed "s/@ID@/$id/g; s/@CODENAME@/$codename/g")
  if command -v apt-get >/dev/null; then
    packages gnupg
    ask_web -fsSL -m 60 "$deb_key" | gpg --dearmor | place "/etc/apt/keyrings/$1.gpg" 0644 root:root
    echo "deb [signed-by=/etc/apt/keyrings/$1.gpg] $deb" | place "/etc/apt/sources.list.d/$1.list" 0644 root:root
  else
    printf '[%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=%s\n' "$1" "$1" "$rpm" "$rpm_key" |
      place "/etc/yum.repos.d/$1.repo" 0644 root:root
  fi
}

# finish [KEY VALUE]…: what the step manages, one per line, and as the last line one JSON object. Values may hold no
# quotes, backslashes or line breaks.
finish() {
  local line kind path
  # bash 4.2 takes an empty list for an unset one.
  [ ${#managed[@]} -eq 0 ] || for line in "${managed[@]}"; do
    read -r _ kind path _ <<<"$line"
    # A note for the time of the step, gone again.
    if [ "$kind" = file ] && [ ! -e "$path" ]; then continue; fi
    printf '%s\n' "$line"
  done
  printf '{"changed":"%s"' "$changed"
  while [ $# -ge 2 ]; do printf ',"%s":"%s"' "$1" "$2"; shift 2; done
  printf '}\n'
}
