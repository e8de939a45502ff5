# Writes the kubeconfig on the operator's computer. Safe to repeat.
: "${KUBECONFIG_FILE?path}"
: "${KUBECONFIG_CONTENT?content}"

if [ "$1" = delete ]; then
  rm -f "$KUBECONFIG_FILE"
  exit 0
fi
printf '%s' "$KUBECONFIG_CONTENT" | place "$KUBECONFIG_FILE" 0600 "$(id -un):$(id -gn)"
finish
