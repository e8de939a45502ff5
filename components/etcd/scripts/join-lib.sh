# Parts of member.sh: how a member without data comes into the cluster, or begins one.

# Without data this is either the first start of all, or a member that joins, perhaps once more.
begin_or_join() {
  local name address seat=""
  while read -r name address; do
    [ -n "$name" ] || continue
    if rows "https://$address:2379" >/dev/null 2>&1; then seat=https://$address:2379; break; fi
  done <<<"$PEERS"
  systemctl stop etcd 2>/dev/null || true
  if [ -e "$DATA_DIR/member" ]; then mv "$DATA_DIR/member" "$DATA_DIR/unfinished-$(stamp)"; fi
  if [ -n "$seat" ]; then join_at "$seat"; else begin; fi
  changed=true
}

begin() {
  local name address
  if [ "$NODE_NAME" != "$FOUNDER" ]; then
    fail "no other member of etcd answers, and only $FOUNDER may begin a cluster; bring one back (journalctl -u etcd there), or restore a snapshot: npm run etcd -- restore"
  fi
  if [ "$GENERATION" != 1 ]; then
    fail "no other member of etcd answers, and $FOUNDER was made anew, so there may be a cluster somewhere; bring a member back, or restore a snapshot: npm run etcd -- restore"
  fi
  while read -r name address; do
    [ -n "$name" ] || continue
    case $(LC_ALL=C timeout 5 bash -c "exec 3<>/dev/tcp/$address/2379 && echo connected" 2>&1) in
      *"Connection refused"*) ;;
      *connected*) fail "etcd on $name listens but lists no members: a cluster without a majority, or other certificates. See journalctl -u etcd there; nothing new is begun beside it" ;;
      *) fail "$name ($address) is silent, so it may hold a cluster that this host would split; start it, or correct its address or firewall" ;;
    esac
  done <<<"$PEERS"
  say "beginning a new etcd cluster"
  initial "$NODE_NAME=https://$ADDRESS:2380" new
}

initial() {
  printf 'ETCD_INITIAL_CLUSTER="%s"\nETCD_INITIAL_CLUSTER_STATE="%s"\n' "$1" "$2" |
    place /etc/etcd/initial.conf 0644 root:root
}

# join_at URL: has an entry in the member list, and the list in initial.conf.
join_at() {
  local table id state name peer known=false list=""
  table=$(rows "$1") || fail "etcd at $1 does not list its members any more"
  while read -r id state _ name peer _; do
    if [ "$peer" = "https://$ADDRESS:2380" ] && [ "$state" = unstarted ]; then
      known=true
    elif [ "$name" = "$NODE_NAME" ] || [ "$peer" = "https://$ADDRESS:2380" ]; then
      say "$NODE_NAME is a member without its data"
      let_go "$1" "$id" "$NODE_NAME"
    fi
  done <<<"$table"
  if [ "$known" = false ]; then
    drop_dead "$1"
    answer=
    poll 90 "a place in etcd" added "$1" || fail "etcd at $1 does not take $NODE_NAME: ${answer##*Error: }"
  fi
  table=$(rows "$1") || fail "etcd at $1 does not list its members any more"
  while read -r _ _ _ name peer _; do
    if [ "$peer" = "https://$ADDRESS:2380" ]; then name=$NODE_NAME; fi
    list+=${list:+,}$name=${peer//,/,$name=}
  done <<<"$table"
  initial "$list" existing
}

# A dead member that there shall be no more must go first: etcd takes nobody while a voter is missing.
drop_dead() {
  local table id name peer url
  table=$(rows "$1") || return 0
  while read -r id _ _ name peer url; do
    if wanted "$NODE_NAME $ADDRESS"$'\n'"$PEERS" "$name" "$peer"; then continue; fi
    poll 10 "etcd on $name" healthy "$url" || let_go "$1" "$id" "$name"
  done <<<"$table"
}

# A learner has no vote until it has caught up, so that the majority stays with those who have the data. etcd refuses
# for some seconds after other members have come or restarted.
added() {
  local table
  local -a words=(member add "$NODE_NAME" "--peer-urls=https://$ADDRESS:2380")
  # 3.3 has none: there the new member counts at once.
  case $VERSION in 3.3.*) ;; *) words+=(--learner) ;; esac
  answer=$(client "$1" "${words[@]}" 2>&1) || true
  table=$(rows "$1") && grep -qF " https://$ADDRESS:2380 " <<<"$table"
}

# Healthy; a learner is asked to be promoted, which etcd grants once it has caught up.
settled() {
  local name address table id role peer
  healthy "https://$ADDRESS:2379" && return 0
  while read -r name address; do
    if [ -z "$name" ] || ! table=$(rows "https://$address:2379"); then continue; fi
    while read -r id _ role _ peer _; do
      if [ "$peer" = "https://$ADDRESS:2380" ] && [ "$role" = learner ]; then
        client "https://$address:2379" member promote "$id" >/dev/null 2>&1 || true
      fi
    done <<<"$table"
    return 1
  done <<<"$PEERS"
  return 1
}

not_settled() {
  say "$(client "https://$ADDRESS:2379" endpoint health 2>&1 | tail -n 1)"
  fail "etcd on $NODE_NAME is not healthy; see journalctl -u etcd"
}
