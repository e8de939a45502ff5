# Fills the folder that the artifact mirror serves. Safe to repeat: what is there is not built again. There is no
# undo, as the folder is a cache that sandboxes share.
: "${MIRROR_DIR?folder to fill}"
: "${CONTENT?groups to add to what every cluster needs, one per line}"
: "${RECIPE?digest of what belongs into it}"
: "${PROJECT?root folder of the project}"
: "${SINCE?when the folder was last found missing}"

cd "$PROJECT" || fail "the project is not in $PROJECT any more"
# Without an index the folder was emptied, and the time of its first filling means nothing any more.
[ -e "$MIRROR_DIR/index.json" ] || rm -f "$MIRROR_DIR/since"
say "mirror: filling $MIRROR_DIR ${CONTENT:+with ${CONTENT//$'\n'/, } }(half an hour or more the first time, seconds afterwards)"
umask 022
# The prelude narrows PATH; node and go may be where only the operator's PATH leads, which /proc still knows.
PATH="$PATH:$(tr '\0' '\n' <"/proc/$$/environ" | sed -n 's/^PATH=//p')"
flags=()
for group in $CONTENT; do flags+=("--$group"); done
node -r tsx/cjs scripts/mirror.ts --out "$MIRROR_DIR" "${flags[@]}" >&2
# Written once: the other sandboxes that use the folder have this time in their parameters.
[ -e "$MIRROR_DIR/since" ] || echo "$SINCE" >"$MIRROR_DIR/since"
finish directory "$MIRROR_DIR" recipe "$RECIPE"
