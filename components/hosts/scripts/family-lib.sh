# The family of distributions that this host is of, and what is called differently there. A script that uses it
# demands FAMILIES, one line per family and key, then the words.

# Sets $family; empty for a distribution of no family that is known.
find_family() {
  # shellcheck source=/dev/null
  case " $(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}") " in
    *" debian "* | *" ubuntu "*) family=debian ;;
    *" rhel "* | *" fedora "* | *" centos "*) family=redhat ;;
    *) family='' ;;
  esac
}

# of_family KEY: the words of this host's family, one per line.
of_family() {
  awk -v family="$family" -v key="$1" '$1 == family && $2 == key {for (i = 3; i <= NF; i++) print $i}' <<<"$FAMILIES"
}

# older VERSION VERSION: whether the first is older than the second.
older() { [ "$1" != "$2" ] && printf '%s\n%s\n' "$1" "$2" | sort -V -C; }
