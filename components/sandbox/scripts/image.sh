# Builds the file tree that every host is a copy of, once per recipe, in the cache of this computer.
# Safe to repeat: a tree with this recipe's digest is never touched again, and a half-built one is in a folder that
# is thrown away. Hosts are copies, so removing the cache harms no host.
: "${CACHE?folder that holds one folder per recipe}"
: "${DIGEST?digest of the recipe, the name of the folder}"
: "${SUITE?Debian suite}"
: "${PACKAGES?packages, one per line}"
: "${MASKED?systemd units that must not start, one per line}"
: "${DISABLED?systemd units that start only where they are enabled, one per line}"
: "${TREE?folder with files to add to the tree}"
: "${IMAGE_MIRROR?Debian mirror, empty for the default of debootstrap}"
: "${SINCE?when the tree was last found missing}"

# The tree is read by the services of the hosts, not by root alone; under the prelude's 077 sshd's user would find a
# root folder that it may not enter.
umask 022
image="$CACHE/$DIGEST"
if [ -d "$image/tree" ]; then
  touch "$image"
  finish image "$image/tree" digest "$DIGEST"
  return 0
fi

mkdir -p "$CACHE"
# The lock of this step keeps out every other builder, so what is unfinished belongs to nobody any more.
rm -rf --one-file-system "$CACHE"/.unfinished.*
work=$(mktemp -d "$CACHE/.unfinished.XXXXXX")
chmod 755 "$work"
tree="$work/tree"

# Two packages out of three are unpacked without a sign of life; the count shows that it moves on.
narrate() {
  local count=0 told=$SECONDS line
  while read -r line; do
    count=$((count + 1))
    printf '%s\n' "$line" >>"$work/log"
    if [ $((SECONDS - told)) -ge 10 ]; then told=$SECONDS; say "image: $line ($count steps)"; fi
  done
}

say "image: building Debian $SUITE with debootstrap (a minute or two, once per computer)"
arguments=(--variant=minbase "--include=${PACKAGES//$'\n'/,}" "$SUITE" "$tree")
[ -z "$IMAGE_MIRROR" ] || arguments+=("$IMAGE_MIRROR")
# In a mount namespace of its own, so that a build that is cut off leaves no /proc mounted in the cache.
if ! unshare --mount --pid --fork --kill-child --mount-proc \
  env DEBIAN_FRONTEND=noninteractive debootstrap "${arguments[@]}" > >(narrate) 2>&1; then
  tail -n 15 "$work/log" >&2 || true
  tail -n 15 "$tree/debootstrap/debootstrap.log" >&2 2>/dev/null || true
  fail "debootstrap could not build Debian $SUITE; its last lines are above. Is a Debian mirror reachable from this computer?"
fi

while read -r file; do
  mode=644
  [ ! -x "$TREE/$file" ] || mode=755
  install -D -m "$mode" "$TREE/$file" "$tree/$file"
done < <(find "$TREE" -type f -printf '%P\n')
chroot "$tree" systemctl --quiet enable mesh-platform-kernel-files.service
chroot "$tree" systemctl --quiet set-default multi-user.target
while read -r unit; do chroot "$tree" systemctl --quiet disable "$unit"; done <<<"$DISABLED"
while read -r unit; do ln -sf /dev/null "$tree/etc/systemd/system/$unit"; done <<<"$MASKED"

# Identity is each host's own.
rm -f "$tree"/etc/ssh/ssh_host_* "$tree/etc/hostname" "$tree/etc/resolv.conf" "$tree/etc/machine-id" "$tree/var/lib/dbus/machine-id"
# Smaller by half, so that a copy takes seconds.
rm -rf "$tree"/usr/share/{doc,man,locale,info,lintian} "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/debootstrap
rm -f "$work/log"
echo "$SINCE" >"$work/since"

sync -f "$work"
mv -T "$work" "$image"
changed=true
# Trees of older recipes go once nobody has used them for a month.
find "$CACHE" -mindepth 1 -maxdepth 1 -mtime +30 ! -path "$image" -exec rm -rf --one-file-system {} +
say "image: $(du -sh "$image/tree" | cut -f1) in $image"
finish image "$image/tree" digest "$DIGEST"
