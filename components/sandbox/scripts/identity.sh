# Puts a host's private host key where the step that makes the host takes it from. A step of its own because it is
# secret; the public halves are plain parameters of the other step. Safe to repeat: an equal key is left alone.
: "${STATE?state folder of the host}"
: "${HOST_PRIVATE_KEY?private host key in OpenSSH form}"
: "${SINCE?when the key was last found missing}"

case $STATE in /var/lib/mesh-platform/?*/?*) ;; *) fail "not the folder of a sandbox host: $STATE" ;; esac
if [ "$1" = delete ]; then
  # A host that was never finished is unknown to Pulumi; this step comes before it and so cleans up behind it.
  if [ -f "$STATE/machine" ]; then bash "$STATE/machine" remove; fi
  rm -rf --one-file-system "$STATE"
  finish
  return 0
fi
install -d -m 755 "$(dirname "$(dirname "$STATE")")" "$(dirname "$STATE")" "$STATE"
install -d -m 700 "$STATE/identity"
place "$STATE/identity/ssh_host_ed25519_key" 600 root:root <<<"${HOST_PRIVATE_KEY%$'\n'}"
echo "$SINCE" >"$STATE/identity/since"
finish
