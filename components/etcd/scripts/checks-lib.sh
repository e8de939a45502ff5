# Parts of member.sh: what is refused before anything is touched.

# What etcd would not survive, or would do in silence.
refuse_impossible() {
  local former
  former=$(setting DATA_DIR)
  if [ "${former:-$DATA_DIR}" != "$DATA_DIR" ] && [ -d "$former/member" ]; then
    fail "the data of etcd is in $former; in another directory it would start empty, so set etcd.dataDir back"
  fi
  if [ "$formed" = false ]; then
    if systemctl is-active --quiet etcd && healthy "https://$ADDRESS:2379"; then
      fail "etcd runs, but its data is not in $DATA_DIR any more; take a snapshot of it before anything else"
    fi
    return 0
  fi
  former=$(setting INITIAL_ADVERTISE_PEER_URLS)
  if [ -n "$former" ] && [ "$former" != "https://$ADDRESS:2380" ]; then
    fail "the other members know this one as $former; take it out of the config, run up, and add it with its new address"
  fi
  refuse_version "$(installed)"
  refuse_trust
}

# refuse_version FROM: data can be read by the next minor version, and by no other. From 3.5 the last patches are needed: earlier ones keep
# removed members in the store, and they come back to life.
refuse_version() {
  local -i major minor patch to_major to_minor
  [ -n "$1" ] || return 0
  IFS=. read -r major minor patch <<<"${1%%-*}"
  IFS=. read -r to_major to_minor _ <<<"${VERSION%%-*}"
  if [ "$to_major.$to_minor" = "$major.$minor" ]; then return 0; fi
  if [ "$to_major" -ne "$major" ] || [ "$to_minor" -lt "$minor" ]; then
    fail "etcd $1 cannot become $VERSION: older versions do not read newer data, so set etcd.version to $1 or later"
  fi
  if [ "$to_minor" -gt $((minor + 1)) ]; then
    fail "etcd $1 cannot become $VERSION at once; go by way of $major.$((minor + 1)), with an up of its own"
  fi
  if [ "$major.$minor" = 3.5 ] && [ "$patch" -lt 26 ]; then
    fail "etcd $1 cannot become $VERSION; set etcd.version to 3.5.26 or a later 3.5 first, with an up of its own"
  fi
}

# While members restart one by one, each must accept the certificates of those before and after it. New certificates
# are in place already when this runs, but all connections that there are go on.
refuse_trust() {
  local issuer trusted
  [ -f "$memory/trust" ] || return 0
  { read -r issuer; trusted=$(cat); } <"$memory/trust"
  if ! grep -qxF "$ISSUER" <<<"$trusted"; then
    fail "the members do not trust the new authority of etcd yet; set pki.etcdAuthorities.issuing back, run up with both authorities trusted, then change it"
  fi
  if ! grep -qxF "$issuer" <<<"$TRUSTED"; then
    fail "the members still have certificates of an authority that would be trusted no more; keep it in pki.etcdAuthorities.trusted until an up with the new issuing one is through"
  fi
}

# Without a majority a restart may be the repair. With one, nobody else may be missing from it.
refuse_risky_restart() {
  local table role name url version sick=
  healthy "https://$ADDRESS:2379" || return 0
  drop_dead "https://$ADDRESS:2379"
  table=$(rows "https://$ADDRESS:2379") || return 0
  while read -r _ _ role name _ url; do
    if [ "$role" = learner ] || [ "$url" = "https://$ADDRESS:2379" ]; then continue; fi
    if ! poll 20 "etcd on $name" healthy "$url"; then sick+=" $name"; continue; fi
    version=$(client "$url" endpoint status | awk -F', ' '{print $3}')
    refuse_version "$version"
  done <<<"$table"
  if [ -n "$sick" ]; then
    fail "etcd is not healthy on$sick, and a restart of $NODE_NAME could leave no majority; bring it back (journalctl -u etcd there), or say gone: true where the machine is dead, and run up again"
  fi
}
