import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const parameters = { IMAGE: "registry.k8s.io/kube-proxy:v1.36.3" };

/** As much of kubectl as the script uses, on a cluster of a few files. */
const kubectl = `
while :; do
  case "$1" in --kubeconfig | --request-timeout | -n) shift 2 ;; *) break ;; esac
done
[ ! -e "$STATE/unreachable" ] || { echo "connection refused" >&2; exit 1; }
case "$1 $2" in
  "get --raw") ;;
  "get daemonset/kube-proxy")
    for kind in daemonset.apps configmap; do [ ! -e "$STATE/$kind" ] || echo "$kind/kube-proxy"; done ;;
  "get daemonset") printf here/kube-proxy:v1.35.4 ;;
  "get nodes") cat "$STATE/nodes" ;;
  "get pods")
    case "$4" in
      k8s-app=kube-proxy) [ ! -e "$STATE/running" ] || echo pod/kube-proxy-abcde ;;
      *) for pod in "$STATE"/pods/*; do [ ! -e "$pod" ] || echo "\${pod##*/} $(cat "$STATE/phase" 2>/dev/null || echo Succeeded)"; done ;;
    esac ;;
  "patch daemonset") [ -e "$STATE/stuck" ] || rm -f "$STATE/running" ;;
  "create -f")
    pod=$(cat)
    mkdir -p "$STATE/pods"
    name=\${pod#*'"name":"'}
    printf '%s' "$pod" >"$STATE/pods/\${name%%'"'*}" ;;
  "logs kube-proxy-cleanup-"*) echo "no such table" ;;
  "delete pods") rm -rf "$STATE/pods" ;;
  "delete daemonset") rm -f "$STATE/daemonset.apps" ;;
  "delete configmap") rm -f "$STATE/configmap" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac`;

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  host.stub("kubectl", kubectl);
  host.setState("nodes", "cp1 True\nworker1 True\n");
});
afterEach(() => host.remove());

const ran = () => {
  for (const name of ["daemonset.apps", "configmap", "running"]) host.setState(name, "");
};
const run = () => host.run("components/network/scripts/kube-proxy.sh", parameters);
const prefix = "kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 20s -n kube-system ";
/** What was changed in the cluster. */
const acts = (calls: readonly string[]) =>
  calls.map((call) => call.replace(prefix, "")).filter((call) => !call.startsWith("get "));
const created = ["create -f -", "create -f -"];
const clearing = "delete pods -l app=kube-proxy-cleanup --ignore-not-found";
const last = [
  clearing,
  "delete daemonset kube-proxy --ignore-not-found",
  "delete configmap kube-proxy --ignore-not-found",
];
const stop =
  'patch daemonset kube-proxy -p {"spec":{"template":{"spec":{"nodeSelector":{"mesh-platform/kube-proxy":"stopped"}}}}}';

describe("kube-proxy.sh", () => {
  it("does nothing where kube-proxy has never been", async () => {
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "false" }, []]);
  });

  it("stops kube-proxy, cleans every node, and then forgets it", async () => {
    ran();
    const first = await run();
    expect([first.code, first.result, acts(first.calls)]).toEqual([
      0,
      { changed: "true", nodes: "2" },
      [stop, clearing, ...created, ...last],
    ]);
    const again = await run();
    expect([again.result, acts(again.calls)]).toEqual([{ changed: "false" }, []]);
  });

  it("cleans by a privileged pod on the node itself, with the image that is there", async () => {
    ran();
    host.setState("phase", "Failed");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls).slice(0, 4)]).toEqual([78, [stop, clearing, ...created]]);
    expect(stderr).toContain("kube-proxy-cleanup-worker1\nno such table\n");
    expect(stderr).toContain("error: kube-proxy --cleanup did not succeed on every node");
    const pod = JSON.parse(host.read("/..state/pods/kube-proxy-cleanup-worker1"));
    expect([pod.metadata.name, pod.spec.nodeName]).toEqual(["kube-proxy-cleanup-worker1", "worker1"]);
    expect(pod.spec).toMatchObject({
      hostNetwork: true,
      restartPolicy: "Never",
      tolerations: [{ operator: "Exists" }],
    });
    expect(pod.spec.containers[0]).toMatchObject({
      image: "here/kube-proxy:v1.35.4",
      command: ["kube-proxy", "--cleanup"],
      securityContext: { privileged: true },
    });
    expect(pod.spec.containers[0].volumeMounts.map((mount: { name: string }) => mount.name)).toEqual(
      pod.spec.volumes.map((volume: { name: string }) => volume.name),
    );
  });

  it("begins again after a run that was broken off or failed", async () => {
    ran();
    host.setState("phase", "Failed");
    await run();
    host.unsetState("phase");
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([
      0,
      { changed: "true", nodes: "2" },
      [stop, clearing, ...created, ...last],
    ]);
  });

  it("also cleans where only the DaemonSet was deleted by hand", async () => {
    host.setState("configmap", "");
    host.setState("phase", "Failed");
    const { calls } = await run();
    expect(acts(calls).slice(0, 3)).toEqual([clearing, ...created]);
    const pod = JSON.parse(host.read("/..state/pods/kube-proxy-cleanup-cp1"));
    expect(pod.spec.containers[0].image).toBe("registry.k8s.io/kube-proxy:v1.36.3");
  });

  it("touches nothing while a node is down", async () => {
    ran();
    host.setState("nodes", "cp1 True\nworker1 Unknown\nworker2 False\n");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: kube-proxy cannot be cleaned away on nodes that are not Ready: worker1 worker2; start them, or take them out of the cluster, and run up again",
    );
  });

  it("cleans nothing while kube-proxy still writes", async () => {
    ran();
    host.setState("stuck", "");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, [stop]]);
    expect(stderr).toContain("error: pods of kube-proxy do not end");
  });

  it("does not take an API server that is away for a cluster without kube-proxy", async () => {
    ran();
    host.setState("unreachable", "");
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("error: the API server does not answer");
  });
});
