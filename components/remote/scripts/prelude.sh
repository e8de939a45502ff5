set -euo pipefail
umask 077
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
changed=false

# One line of progress. Lines stay short: the SSH provider hangs on an output line of more than 64 KiB.
say() { printf '%s %s: %.500s\n' "$(date +%T)" "$(hostname)" "$*" >&2; }

# Ends the step with a message that says what to do. 78: repeating it will not help.
fail() { say "error: $*"; exit 78; }

# Runs a command with its output in a log; shows the end of the log only if the command fails.
quietly() {
  local log
  log=$(mktemp /tmp/mesh-platform.XXXXXX)
  local code=0
  "$@" >"$log" 2>&1 || code=$?
  if [ "$code" -eq 0 ]; then rm -f "$log"; return 0; fi
  say "failed ($code): $1 ${2:-}"
  tail -n 25 "$log" | cut -c1-400 >&2
  rm -f "$log"
  return "$code"
}

# place PATH MODE OWNER: writes stdin there, atomically and only if something differs. Sets `changed` and returns 0
# either way. Mode and owner are set before the content, so that a key is never readable by others, not for a moment.
place() {
  local temporary
  mkdir -p -m 755 "$(dirname "$1")"
  temporary=$(mktemp "$(dirname "$1")/.mesh-platform.XXXXXX")
  chmod "$2" "$temporary"
  chown "$3" "$temporary"
  cat >"$temporary"
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

# finish [KEY VALUE]…: the last line, one JSON object. Values may hold no quotes, backslashes or line breaks.
finish() {
  printf '{"changed":"%s"' "$changed"
  while [ $# -ge 2 ]; do printf ',"%s":"%s"' "$1" "$2"; shift 2; done
  printf '}\n'
}
