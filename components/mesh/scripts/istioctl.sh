# Installs Istio by its own program. Safe to repeat: the namespace says which document was installed last, and where that
# is this one and everything runs, the cluster is left alone.
: "${VERSION?version of Istio and of istioctl}"
: "${URL?archive with the program; @ARCH@ stands for the architecture}"
: "${CHECKSUM_URL?its published sha256}"
: "${NAMESPACE?where istiod lives}"
: "${DOCUMENT?an IstioOperator document}"

program=/usr/local/bin/istioctl
document=/var/lib/mesh-platform/istio-operator.yaml
config=/etc/kubernetes/admin.conf

kube() { kubectl --kubeconfig "$config" --request-timeout 20s "$@"; }
version_here() { "$program" version --remote=false --short 2>/dev/null || true; }
noted() { kube get namespace "$NAMESPACE" --ignore-not-found -o 'jsonpath={.metadata.annotations.mesh-platform/istio}'; }
# Deployments of Istio alone: add-ons live in the same namespace.
unavailable() { kube -n "$NAMESPACE" get deployments -l 'install.operator.istio.io/owning-resource' -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Available")].status}{"\n"}{end}' | awk '$2 != "True" {print $1}'; }
running() { local missing; kube -n "$NAMESPACE" get deployment istiod -o name && missing=$(unavailable) && [ -z "$missing" ]; }
# A webhook without the authority of istiod's certificate refuses every pod, or every policy.
bundles() { kube get "$1" -l "$2" -o 'jsonpath={range .items[*]}{.metadata.name} {.webhooks[0].clientConfig.caBundle}{"\n"}{end}'; }
trusted_kind() { local all; all=$(bundles "$1" "$2") && [ -n "$all" ] && ! grep -q ' $' <<<"$all"; }
trusted() { trusted_kind mutatingwebhookconfigurations app=sidecar-injector && trusted_kind validatingwebhookconfigurations app=istiod; }

poll 60 "the API server" kube get --raw /readyz || fail "the API server does not answer; see journalctl -u kubelet"
if [ "$(version_here)" != "$VERSION" ]; then
  make_scratch
  download "$URL" "$CHECKSUM_URL" "$scratch/istioctl.tar.gz"
  quietly tar -xzf "$scratch/istioctl.tar.gz" -C "$scratch" istioctl || fail "$URL is no archive of istioctl"
  quietly install -D -m 0755 "$scratch/istioctl" "$program.new"
  mv -f "$program.new" "$program"
  [ "$(version_here)" = "$VERSION" ] || fail "$URL is not istioctl $VERSION; correct artifacts or mesh.version"
  changed=true
fi
adopt "$program"
place "$document" 0644 root:root <<<"$DOCUMENT"

digest=$(sha256sum <"$document")
wanted="$VERSION ${digest:0:16}"
if [ "$(noted)" = "$wanted" ] && running >/dev/null 2>&1 && trusted; then
  finish installed "$wanted"
  return 0
fi

changed=true
say "installing Istio $VERSION"
quietly "$program" install --kubeconfig "$config" -y -f "$document" ||
  fail "istioctl install did not succeed, as said above; kubectl -n $NAMESPACE get pods, then run up again"
poll 300 "istiod and the gateways" running || fail "Istio does not become available; kubectl -n $NAMESPACE get pods"
poll 120 "the webhooks' certificates" trusted || fail "istiod does not write its certificate into the webhooks; kubectl -n $NAMESPACE logs deploy/istiod"
# Last, so that a run that was cut off begins again.
quietly kube annotate namespace "$NAMESPACE" --overwrite "mesh-platform/istio=$wanted"
finish installed "$wanted"
