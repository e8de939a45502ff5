# Removes the members of etcd that there shall be no more, one at a time, each only while a majority stays. Safe to
# repeat: with no such member it changes nothing.
# library: etcd-lib.sh
: "${ADDRESS?address of the member that is asked}"
: "${MEMBERS?the members that there shall be, one per line: name, address}"

own=https://$ADDRESS:2379

# Those that do not answer go first: without them the rest is more easily a majority.
undesired() {
  local table id role name peer url
  table=$(rows "$own") || fail "etcd at $ADDRESS does not list its members; is there a majority? See journalctl -u etcd"
  while read -r id _ role name peer url; do
    if wanted "$MEMBERS" "$name" "$peer"; then continue; fi
    if healthy "$url"; then echo "1 $id $name $url"; else echo "0 $id $name $url"; fi
  done <<<"$table" | sort
}

whole() {
  local table name address
  table=$(rows "$own") || return 1
  while read -r name address; do
    grep -q " started voter $name " <<<"$table" && healthy "https://$address:2379" || return 1
  done <<<"$MEMBERS"
}

poll 60 "etcd at $ADDRESS" healthy "$own" || fail "etcd at $ADDRESS is not healthy; see journalctl -u etcd"
leaving=$(undesired)
me=$(rows "$own" | awk -v url="$own" '$6 == url {print $1}')
while read -r _ id name url; do
  [ -n "$id" ] || continue
  # A leader that leaves costs an election; one that hands over first does not. Others just say that they are none.
  client "$url" move-leader "$me" >/dev/null 2>&1 || true
  let_go "$own" "$id" "$name"
done <<<"$leaving"
poll 120 "every member of etcd" whole || fail "not every member of etcd is healthy: $(awk '{printf "%s ", $1}' <<<"$MEMBERS")"
finish members "$(wc -l <<<"$MEMBERS" | tr -d ' ')"
