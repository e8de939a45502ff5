# Takes kube-proxy out of a cluster where it has run: its DaemonSet and ConfigMap, and on every node the rules that it
# left in the kernel, which would answer for Services beside those of another proxy. Safe to repeat: without either
# object it does nothing, and the two go last, so that a run that was cut off begins again.
: "${IMAGE?image of kube-proxy, for a cluster whose DaemonSet was deleted by hand; changes with the version}"

kube() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 20s -n kube-system "$@"; }
none_left() { [ -z "$(kube get pods -l "$1" -o name)" ]; }
phases() { kube get pods -l app=kube-proxy-cleanup -o 'jsonpath={range .items[*]}{.metadata.name} {.status.phase}{"\n"}{end}'; }
ended() { local all; all=$(phases) && [ -n "$all" ] && ! grep -qvE ' (Succeeded|Failed)$' <<<"$all"; }

cleanup_pod() {
  cat <<POD
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"kube-proxy-cleanup-$1","namespace":"kube-system","labels":{"app":"kube-proxy-cleanup"}},
"spec":{"nodeName":"$1","hostNetwork":true,"restartPolicy":"Never","automountServiceAccountToken":false,"priorityClassName":"system-node-critical",
"tolerations":[{"operator":"Exists"}],
"containers":[{"name":"cleanup","image":"$2","imagePullPolicy":"IfNotPresent","command":["kube-proxy","--cleanup"],"securityContext":{"privileged":true},
"volumeMounts":[{"name":"lib-modules","mountPath":"/lib/modules","readOnly":true},{"name":"xtables-lock","mountPath":"/run/xtables.lock"}]}],
"volumes":[{"name":"lib-modules","hostPath":{"path":"/lib/modules"}},{"name":"xtables-lock","hostPath":{"path":"/run/xtables.lock","type":"FileOrCreate"}}]}}
POD
}

poll 60 "the API server" kube get --raw /readyz || fail "the API server does not answer; see journalctl -u kubelet"
found=$(kube get daemonset/kube-proxy configmap/kube-proxy --ignore-not-found -o name)
if [ -z "$found" ]; then finish; return 0; fi
changed=true

# A node that is down would keep its rules, and nobody would look again once the two objects are gone.
nodes=$(kube get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}')
down=$(awk '$2 != "True" {print $1}' <<<"$nodes" | xargs)
[ -z "$down" ] || fail "kube-proxy cannot be cleaned away on nodes that are not Ready: $down; start them, or take them out of the cluster, and run up again"

if [[ $found == *daemonset* ]]; then
  # The image that is on the nodes already.
  IMAGE=$(kube get daemonset kube-proxy -o 'jsonpath={.spec.template.spec.containers[0].image}')
  # Stopped before anything is cleaned, or it would write its rules again; not deleted, as it says what is to be done.
  say "stopping kube-proxy"
  quietly kube patch daemonset kube-proxy -p '{"spec":{"template":{"spec":{"nodeSelector":{"mesh-platform/kube-proxy":"stopped"}}}}}'
  poll 120 "kube-proxy to stop" none_left k8s-app=kube-proxy || fail "pods of kube-proxy do not end; kubectl -n kube-system get pods -l k8s-app=kube-proxy"
fi

quietly kube delete pods -l app=kube-proxy-cleanup --ignore-not-found
while read -r node _; do cleanup_pod "$node" "$IMAGE" | quietly kube create -f -; done <<<"$nodes"
say "cleaning kube-proxy's rules away on $(wc -l <<<"$nodes") nodes"
poll 300 "kube-proxy --cleanup on every node" ended || true
failed=$(phases | awk '$2 != "Succeeded" {print $1}')
for pod in $failed; do
  say "$pod"
  { kube logs "$pod" --tail 5 || kube get pod "$pod" -o 'jsonpath={.status.containerStatuses[0].state}'; } 2>&1 | cut -c1-300 >&2 || true
done
[ -z "$failed" ] || fail "kube-proxy --cleanup did not succeed on every node, as said above; put it right and run up again"

quietly kube delete pods -l app=kube-proxy-cleanup --ignore-not-found
# Without its ConfigMap a kubeadm that knows no proxy.disabled takes the cluster for one without kube-proxy.
quietly kube delete daemonset kube-proxy --ignore-not-found
quietly kube delete configmap kube-proxy --ignore-not-found
finish nodes "$(wc -l <<<"$nodes")"
