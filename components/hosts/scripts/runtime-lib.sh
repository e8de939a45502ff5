# What the scripts of all container runtimes share.

# The kind of runtime that this host has, written down last.
kind_stamp=/var/lib/mesh-platform/runtime.kind

# refuse_other_kind KIND: the containers of a node are known to one runtime alone; another one would start them anew
# beside the old ones.
refuse_other_kind() {
  local old
  old=$(cat "$kind_stamp" 2>/dev/null) || return 0
  if [ "$old" = "$1" ] || [ ! -f /etc/kubernetes/kubelet.conf ]; then return 0; fi
  fail "this node runs its pods with $old; take it out of the cluster before runtime.kind becomes $1, or set that back"
}

# fetch NAME URL SUMS: into $scratch. SUMS is the address of a checksum file, or the sums themselves by architecture.
fetch() {
  local arch sums=$3
  case $sums in
    sha256:*)
      if [ "$(uname -m)" = aarch64 ]; then arch=arm64; else arch=amd64; fi
      sed -E "s/.*[:,]$arch=([0-9a-f]+).*/\1/" <<<"$sums" >"$scratch/$1.sum"
      sums=file://$scratch/$1.sum
      ;;
  esac
  download "$2" "$sums" "$scratch/$1"
}

# unpacked FILE: the folder with its content, which only root can write to.
unpacked() {
  rm -rf "$scratch/unpacked"
  install -d -m 0755 "$scratch/unpacked"
  tar -xzf "$scratch/$1" -C "$scratch/unpacked" --no-same-owner
}

# put FOLDER: installs every program that was unpacked. A running program cannot be overwritten, only replaced, which
# install does.
put() {
  install -d -m 0755 "$1"
  find "$scratch/unpacked" -type f -exec install -m 0755 {} "$1/" \;
}
