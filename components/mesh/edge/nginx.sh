# Runs nginx, and has it read its config again when the kubelet brings a new one. Connections stay; a config that nginx
# refuses is not taken, and the former one goes on serving.

root=${NGINX_ROOT:-/etc/nginx} # where the volumes are
pause=${RELOAD_SECONDS:-5}     # between two looks

# A volume of a ConfigMap or Secret is changed by moving the link ..data.
state() {
  for link in "$root"/conf.d/..data "$root"/tls/*/..data; do
    [ ! -L "$link" ] || readlink "$link"
  done
}

watch() {
  while sleep "$pause"; do
    now=$(state)
    [ "$now" = "$known" ] && continue
    known=$now
    if nginx -t; then nginx -s reload; else echo "the new config is not taken; the former one goes on" >&2; fi
  done
}

# Before nginx reads its config, so that a change in between is not lost.
known=$(state)
watch &
exec nginx -g "daemon off;"
