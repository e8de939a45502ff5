#!/usr/bin/env bash
# Lists what sandboxes have left on this computer, and ends with 1 if there is anything. Looks only, removes nothing.
# Usage: leftovers.sh [ID]   one sandbox by its six digits; without it, all of them.
set -euo pipefail

id=${1:-}
# The names of all things of a sandbox hold its id (components/sandbox/plan.ts).
digits=${id:-'[0-9a-f]{6}'}
folder=/var/lib/mesh-platform
found=$(mktemp)
trap 'rm -f "$found"' EXIT

report() { while IFS= read -r line; do printf '%s: %s\n' "$1" "$line" >>"$found"; done; }

{ ip netns list || true; } | awk '{print $1}' | { grep -E "^mp-$digits-" || true; } | report "network namespace"
ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | { grep -E "^mp$digits(-|$)" || true; } | report "interface"
awk '{print $5}' /proc/self/mountinfo | { grep -E "^$folder/$digits/" || true; } | report "mount"
{ find "$folder" -mindepth 1 -maxdepth 1 2>/dev/null || true; } | { grep -E "/$digits$" || true; } | report "folder"
{ find /run/lock -maxdepth 1 -name 'mesh-platform-*' 2>/dev/null || true; } | { grep -E "mesh-platform-$digits-" || true; } | report "lock file"
{ find /sys/fs/cgroup -type d -name 'mp-*' -prune 2>/dev/null || true; } | { grep -E "/mp-$digits-[^/]*$" || true; } | report "control group"
for table in nat filter; do
  { iptables -w -t "$table" -S 2>/dev/null || true; } | { grep -E "mesh-platform-$digits( |\"|$)" || true; } | report "iptables rule ($table)"
done
if [ -d /run/systemd/system ]; then
  systemctl list-units --all --plain --no-legend 'mp-*' | awk '{print $1}' | { grep -E "^mp-${digits}[-.]" || true; } | report "unit"
fi

# A mirror server bears no id on its command line; the folder in which it writes its number has it.
for process in /proc/[0-9]*; do
  line=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
  case $line in
    *"bash $folder/"*"/machine "*) word=${line#*"bash $folder/"} owner=${word%%/*} what=supervisor ;;
    "systemd-nspawn "*" --machine=mp-"*) word=${line#*" --machine=mp-"} owner=${word%%-*} what=machine ;;
    *"sandbox/mirror/serve.ts "*)
      what="mirror server"
      log=$(readlink "$process/fd/1" 2>/dev/null) || continue
      case $log in "$folder"/*) word=${log#"$folder/"} owner=${word%%/*} ;; *) continue ;; esac
      ;;
    *) continue ;;
  esac
  if [ -z "$id" ] || [ "$owner" = "$id" ]; then echo "${process#/proc/} $line" | cut -c1-160 | report "$what"; fi
done

if [ -s "$found" ]; then
  cat "$found"
  exit 1
fi
echo "nothing left"
