import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";
import { printing } from "../support/tarball";

const config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
const settings = "kind: KubeletConfiguration\nmaxPods: 110\n";
const parameters = {
  NODE_NAME: "node1",
  VERSION: "1.36.3",
  API_SERVER: "https://10.0.0.1:6443",
  JOIN_CONFIG: config,
  KUBELET_SETTINGS: settings,
  IGNORE_PREFLIGHT: "",
  DRAIN_SECONDS: "30",
};
const discovery = "/etc/kubernetes/mesh-platform-discovery.conf";
const staged = "/var/lib/mesh-platform/kubelet-1.36.3";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  // What the steps before have put in place.
  host.write(discovery, "token", 0o600);
  host.write("/usr/bin/kubelet", printing("Kubernetes v1.36.3"), 0o755);
  host.setState("cluster", "1.36.3");
  host.stub("sleep");
  host.stub("iptables-save", 'cat "$STATE/rules" 2>/dev/null || true');
  host.stub("iptables-restore", 'cat >"$STATE/rules"');
  host.stub("ip", '[ "$2" = delete ] || [ -e "$STATE/$3" ]');
  host.stub(
    "curl",
    `case "$*" in */version) printf '{"gitVersion": "v%s"}\\n' "$(cat "$STATE/cluster")" ;; esac`,
  );
  host.stub(
    "kubeadm",
    `case "$*" in
  join*)
    [ -e "$ROOT${discovery}" ] || { echo "no discovery file"; exit 1; }
    echo kubelet >"$ROOT/etc/kubernetes/kubelet.conf"
    [ ! -e "$STATE/cut" ] || exit 1
    [ -e "$STATE/lost" ] || touch "$STATE/node" ;;
  reset*) rm -f "$STATE/node" ;;
esac`,
  );
  // One pod per line as the script asks for it; an eviction takes its line away, at the second try where a budget holds.
  host.stub(
    "kubectl",
    `[ -e "$STATE/node" ] || exit 1
case "$*" in
  *"spec.unschedulable}") cat "$STATE/unschedulable" 2>/dev/null ;;
  *"mesh-platform/cordoned}") cat "$STATE/cordoned" 2>/dev/null ;;
  *'"unschedulable":true'*) echo true >"$STATE/unschedulable"; echo true >"$STATE/cordoned" ;;
  *'"unschedulable":null'*) rm -f "$STATE/unschedulable" "$STATE/cordoned" ;;
  *nodeInfo*) echo "$("$ROOT/usr/bin/kubelet" --version | cut -d' ' -f2) True" ;;
  *"get pods"*) cat "$STATE/pods" 2>/dev/null ;;
  *eviction*)
    if [ -e "$STATE/budget" ]; then
      rm "$STATE/budget"
      echo "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget." >&2
      exit 1
    fi
    pod=\${*#*/pods/}; pod=\${pod%%/*}
    cat >>"$STATE/evictions"
    grep -v " $pod " "$STATE/pods" >"$STATE/pods.new"; mv "$STATE/pods.new" "$STATE/pods" ;;
esac
exit 0`,
  );
});
afterEach(() => host.remove());

const run = (changed: Partial<typeof parameters> = {}, action: "create" | "delete" = "create") =>
  host.run("components/workers/scripts/join.sh", { ...parameters, ...changed }, action);
const acts = (calls: readonly string[]) => calls.filter((call) => call.startsWith("kubeadm"));
const join = "kubeadm join --config /etc/kubernetes/kubeadm.yaml";
const kubeletStart = "kubeadm init phase kubelet-start --config /etc/kubernetes/kubeadm-kubelet.yaml";
const pod = (namespace: string, name: string, more = "owner=ReplicaSet mirror= going=", phase = "Running") =>
  `${namespace} ${name} ${phase} ${more}\n`;

describe("join.sh on a fresh host", () => {
  it("joins, and takes the token away with the file that held it", async () => {
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "true", version: "1.36.3" }, [join]]);
    expect([host.read("/etc/kubernetes/kubeadm.yaml"), host.mode("/etc/kubernetes/kubeadm.yaml")]).toEqual([
      config,
      "600",
    ]);
    expect(host.has(discovery)).toBe(false);
    expect([
      host.has("/var/lib/mesh-platform/join.done"),
      host.has("/var/lib/mesh-platform/join.started"),
    ]).toEqual([true, false]);
    expect(host.leftovers()).toEqual([]);
  });

  it("looks for the API server first, and says so when it is not to be seen", async () => {
    host.stub("curl", "exit 28");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: https://10.0.0.1:6443 does not answer from here; look at routes and firewalls",
    );
    expect(host.has("/var/lib/mesh-platform/join.started")).toBe(false);
  });

  it("asks the API past a proxy of the host's environment", async () => {
    host.stub("curl");
    const { calls } = await run();
    const asked = calls.filter((call) => call.startsWith("curl "));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((call) => !call.includes(" --noproxy * "))).toEqual([]);
  });

  it("says how to get a ticket where it was used up before", async () => {
    host.stub("curl");
    await run();
    await run({}, "delete");
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("raise the generation of node1, so that the step node1-keys writes it again");
  });

  it("does not bring a kubelet that is newer than the control plane", async () => {
    host.setState("cluster", "1.35.4");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: the control plane runs Kubernetes 1.35.4 and this host would run 1.36.3; upgrade the control plane first\n",
    );
  });
});

describe("join.sh on a worker", () => {
  it("changes nothing", async () => {
    await run();
    const before = host.files();
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "false", version: "1.36.3" }, []]);
    expect(host.files()).toEqual(before);
  });

  it("gives the kubelet other settings, once, and moves no pod for it", async () => {
    await run();
    const other = { KUBELET_SETTINGS: settings.replace("110", "50") };
    const { code, result, calls } = await run(other);
    expect([code, result?.changed, acts(calls)]).toEqual([0, "true", [kubeletStart]]);
    expect(host.read("/etc/kubernetes/kubeadm-kubelet.yaml")).toBe(other.KUBELET_SETTINGS);
    expect(calls.filter((call) => call.includes("get pods"))).toEqual([]);
    expect(acts((await run(other)).calls)).toEqual([]);
  });

  it("asks the API server with the host's own credentials", async () => {
    await run();
    const { calls } = await run();
    expect(calls).toContain(
      "kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout 10s get node node1",
    );
  });

  it("is not taken for somebody else's because the API server is away", async () => {
    await run();
    host.stub("kubectl", "exit 1");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: this host has joined, but https://10.0.0.1:6443 does not answer or has no node node1 any more",
    );
    expect(stderr).not.toContain("kubeadm reset");
  });
});

describe("join.sh with another version", () => {
  const wanted = { VERSION: "1.37.1", KUBELET_SETTINGS: settings.replace("110", "111") };
  const next = "/var/lib/mesh-platform/kubelet-1.37.1";
  beforeEach(async () => {
    await run();
    // The control planes have been upgraded, and the step before has laid the kubelet ready.
    host.setState("cluster", "1.37.1");
    host.write(next, printing("Kubernetes v1.37.1"), 0o755);
  });
  const patches = (calls: readonly string[]) => calls.filter((call) => call.includes(" patch node "));

  it("drains itself, switches the kubelet and takes itself into service again", async () => {
    host.setState(
      "pods",
      pod("shop", "web-1") +
        pod("kube-system", "kube-proxy-x", "owner=DaemonSet mirror= going=") +
        pod("kube-system", "static-node1", "owner=Node mirror=abc going=") +
        pod("shop", "job-1", "owner=Job mirror= going=", "Succeeded") +
        pod("shop", "web-2"),
    );
    const { code, result, calls } = await run(wanted);
    expect([code, result]).toEqual([0, { changed: "true", version: "1.37.1" }]);
    expect(acts(calls)).toEqual(["kubeadm upgrade node", kubeletStart]);
    expect(calls.filter((call) => call.includes("eviction"))).toEqual(
      ["web-1", "web-2"].map(
        (name) =>
          `kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout 10s create --raw /api/v1/namespaces/shop/pods/${name}/eviction -f -`,
      ),
    );
    expect(patches(calls).length).toBe(2);
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.37.1"));
    expect([host.has(next), host.has("/var/lib/mesh-platform/upgrade.started")]).toEqual([false, false]);
    const again = await run(wanted);
    expect([again.result?.changed, acts(again.calls)]).toEqual(["false", []]);
  });

  it("asks again where a disruption budget says not yet", async () => {
    host.setState("pods", pod("shop", "web-1"));
    host.setState("budget", "");
    const { code, calls } = await run(wanted);
    expect(code).toBe(0);
    expect(calls.filter((call) => call.includes("eviction")).length).toBe(2);
  });

  it("waits for a pod that is going, without asking again", async () => {
    host.setState("pods", pod("shop", "web-1", "owner=ReplicaSet mirror= going=2026-11-21T08:00:00Z"));
    host.stub("sleep", ': >"$STATE/pods"');
    const { code, calls } = await run(wanted);
    expect([code, calls.filter((call) => call.includes("eviction"))]).toEqual([0, []]);
  });

  it("keeps the old kubelet where pods do not leave, and goes on once they do", async () => {
    host.setState("pods", pod("shop", "stuck", "owner=ReplicaSet mirror= going=2026-11-21T08:00:00Z"));
    const { code, stderr } = await run({ ...wanted, DRAIN_SECONDS: "0" });
    expect(code).toBe(78);
    expect(stderr).toContain("error: node1 could not be drained within 0 s, for these pods: shop stuck,");
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.36.3"));
    host.setState("pods", "");
    expect((await run(wanted)).result).toEqual({ changed: "true", version: "1.37.1" });
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.37.1"));
  });

  it("refuses to end pods that nobody would start again, before it touches the node", async () => {
    host.setState("pods", pod("default", "client", "owner= mirror= going="));
    const { code, stderr, calls } = await run(wanted);
    expect([code, patches(calls)]).toEqual([78, []]);
    expect(stderr).toContain("error: nobody would start these pods of node1 again: default/client ;");
  });

  it("does not take a list that it could not get for an empty one", async () => {
    host.stub("kubectl", 'case "$*" in *"get pods"*) exit 1 ;; *"unschedulable}"*) echo true ;; esac');
    const { code } = await run({ ...wanted, DRAIN_SECONDS: "0" });
    expect(code).not.toBe(0);
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.36.3"));
  });

  it("leaves an operator's own cordon in place", async () => {
    host.setState("unschedulable", "true");
    const { code, calls } = await run(wanted);
    expect([code, patches(calls)]).toEqual([0, []]);
  });

  it("takes the node into service again where only that was missing", async () => {
    await run(wanted);
    host.setState("unschedulable", "true");
    host.setState("cordoned", "true");
    const { result, stderr } = await run(wanted);
    expect(result?.changed).toBe("true");
    expect(stderr).toContain("took node1 into service again\n");
  });

  it("ends well after a kill between the new kubelet and its settings", async () => {
    host.stub("kubeadm", 'case "$*" in "init phase"*) [ ! -e "$STATE/cut" ] || exit 137 ;; esac');
    host.setState("cut", "");
    expect((await run(wanted)).code).not.toBe(0);
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.37.1"));
    host.unsetState("cut");
    const { code, calls } = await run(wanted);
    expect([code, acts(calls)]).toEqual([0, ["kubeadm upgrade node", kubeletStart]]);
    expect(patches(calls).length).toBe(1);
  });

  it("passes on the checks that may fail on such hosts", async () => {
    const { calls } = await run({ ...wanted, IGNORE_PREFLIGHT: "SystemVerification,Swap" });
    expect(acts(calls)[0]).toBe("kubeadm upgrade node --ignore-preflight-errors=SystemVerification,Swap");
  });

  it.each([
    ["1.35.9", "Kubernetes 1.36.3 runs here and cannot go back to 1.35.9"],
    ["1.38.0", "Kubernetes 1.36.3 runs here and cannot jump to 1.38.0; go by way of 1.37"],
  ])("refuses %s", async (version, why) => {
    const { code, stderr, calls } = await run({ VERSION: version });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(`error: ${why}`);
  });

  it("waits for nobody to run ahead of the control plane", async () => {
    host.setState("cluster", "1.36.3");
    const { code, stderr, calls } = await run(wanted);
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("upgrade the control plane first");
  });

  it("takes the package where no file was laid ready, and holds it again", async () => {
    rmSync(host.path(next));
    host.stub("apt-mark");
    host.stub("dpkg-query", "exit 1");
    host.stub(
      "apt-get",
      `case "$*" in *install*) printf '#!/bin/bash\\necho Kubernetes v1.37.1\\n' >"$ROOT/usr/bin/kubelet" ;; esac`,
    );
    const { code, calls } = await run(wanted);
    expect(code).toBe(0);
    expect(calls).toContain("apt-mark hold kubelet");
    expect(calls.some((call) => / kubelet=1\.37\.1-\*$/.test(call))).toBe(true);
  });
});

describe("join.sh after a run of its own that was cut", () => {
  it.each([
    ["within kubeadm", "cut"],
    ["before the cluster knew the node", "lost"],
  ])("resets and joins again with the same discovery file (%s)", async (_where, state) => {
    host.setState(state, "");
    expect((await run()).code).toBe(1);
    expect([host.has("/var/lib/mesh-platform/join.started"), host.has(discovery)]).toEqual([true, true]);
    host.unsetState(state);
    const { code, result, calls } = await run();
    expect([code, result?.changed]).toEqual([0, "true"]);
    expect(acts(calls)).toEqual(["kubeadm reset -f --skip-phases remove-etcd-member", join]);
    expect(host.has(discovery)).toBe(false);
  });
});

describe("join.sh on somebody else's installation", () => {
  it("refuses, and touches nothing", async () => {
    host.write("/etc/kubernetes/kubelet.conf", "theirs");
    const before = host.files();
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "is left of another installation; run kubeadm reset --skip-phases remove-etcd-member on this host first\n",
    );
    expect(host.files()).toEqual(before);
  });
});

describe("join.sh when the worker leaves", () => {
  it("resets the host, and takes the pod network's links, rules and settings with it", async () => {
    await run();
    host.write("/etc/cni/net.d/10-flannel.conflist", "{}");
    host.write(staged, "");
    host.setState("cni0", "");
    const kept = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j ACCEPT\nCOMMIT\n";
    host.setState(
      "rules",
      kept.replace(
        "COMMIT",
        ":KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n:CNI-1 - [0:0]\nCOMMIT",
      ),
    );
    const { code, calls } = await run({}, "delete");
    expect([code, acts(calls)]).toEqual([0, ["kubeadm reset -f --skip-phases remove-etcd-member"]]);
    expect(calls.filter((call) => call.startsWith("ip link delete"))).toEqual(["ip link delete cni0"]);
    expect((await host.runLines('cat "$STATE/rules"')).stdout).toBe(kept);
    for (const file of [
      "/etc/kubernetes/kubelet.conf",
      "/etc/cni/net.d/10-flannel.conflist",
      "/var/lib/mesh-platform/join.done",
      staged,
    ]) {
      expect([file, host.has(file)]).toEqual([file, false]);
    }
  });

  it("can be told so again, and can take the host back later", async () => {
    await run();
    await run({}, "delete");
    expect((await run({}, "delete")).code).toBe(0);
    host.write(discovery, "token", 0o600);
    expect((await run()).result?.changed).toBe("true");
  });
});
