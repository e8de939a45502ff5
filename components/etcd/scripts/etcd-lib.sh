# What the steps of etcd share: asking members, and letting one go without losing the majority.

# etcdctl 3.3 speaks the old API unless told; later ones know no other.
export ETCDCTL_API=3

# client URL WORD…: etcdctl with this host's certificate.
client() {
  local url=$1
  shift
  etcdctl --endpoints "$url" --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem \
    --key /etc/etcd/ssl/etcd-key.pem --command-timeout 5s "$@"
}

# healthy URL: whether that member serves reads that a majority stands behind. A learner does not.
healthy() { client "$1" endpoint health >/dev/null 2>&1; }

# rows URL: the members as that one knows them, one a line: ID STATE ROLE NAME PEER_URL CLIENT_URL, `-` for nothing.
rows() {
  client "$1" member list 2>/dev/null | awk -F', ' 'NF >= 4 {
    print $1, $2, ($6 == "true" ? "learner" : "voter"), ($3 == "" ? "-" : $3), $4, ($5 == "" ? "-" : $5)
  }'
}

# wanted LIST NAME PEER_URL: whether a list of lines "name address" has that member. One that was added and never started
# has no name yet.
wanted() {
  awk -v name="$2" -v peer="$3" '$1 == name || "https://" $2 ":2380" == peer {found = 1} END {exit !found}' <<<"$1"
}

# dropped URL ID: asks for a member's removal; true once the list has it no more.
dropped() {
  local table
  client "$1" member remove "$2" >/dev/null 2>&1 || true
  table=$(rows "$1") && ! grep -q "^$2 " <<<"$table"
}

# let_go URL ID NAME: removes a member, if a majority of the voters that remain is healthy right now. etcd would count
# those that it has heard of lately; a cluster that has lost its majority can only be restored.
let_go() {
  local table id role name url told=
  local -i voters=0 well=0
  table=$(rows "$1" | sort -k 4) || fail "etcd at $1 does not list its members"
  while read -r id _ role name _ url; do
    if [ "$id" = "$2" ] || [ "$role" = learner ]; then continue; fi
    voters+=1
    if healthy "$url"; then well+=1 told+=", $name healthy"; else told+=", $name NOT healthy"; fi
  done <<<"$table"
  if [ $((well * 2)) -le "$voters" ]; then
    fail "removing $3 from etcd would leave no majority (${told#, }); bring the others back first, see journalctl -u etcd there"
  fi
  say "removing $3 from etcd; there remain: ${told#, }"
  poll 60 "etcd to let $3 go" dropped "$1" "$2" || fail "etcd at $1 does not remove $3"
  changed=true
}
