import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const parameters = {
  NODE_NAME: "node1",
  GONE: "false",
  SELF: "false",
  DNS: "false",
  LABELS: "",
  TAINTS: "",
  SERVING_CERTIFICATES: "false",
  DRAIN_SECONDS: "300",
};

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  host.setState("ready", "True");
  host.setState("dns", "True");
  host.setState("node", "");
  // Keeps annotations as the API server would; labels and taints are only noted as calls.
  host.stub(
    "kubectl",
    `for last; do :; done
case "$*" in
  *"get node node1 --ignore-not-found"*)
    [ ! -e "$STATE/away" ] || { echo "connection refused" >&2; exit 1; }
    [ ! -e "$STATE/node" ] || echo node/node1 ;;
  *"get deployment coredns"*) cat "$STATE/dns" ;;
  *'type=="Ready"'*) cat "$STATE/ready" ;;
  *"annotations.mesh-platform/labels}") cat "$STATE/labels" 2>/dev/null ;;
  *"annotations.mesh-platform/taints}") cat "$STATE/taints" 2>/dev/null ;;
  *"annotate node"*) word=\${last#mesh-platform/}; printf '%s' "\${word#*=}" >"$STATE/\${word%%=*}" ;;
  *spec.taints*) cat "$STATE/now" 2>/dev/null ;;
  *"get pods"*) cat "$STATE/pods" 2>/dev/null ;;
  *"get certificatesigningrequests"*) cat "$STATE/requests" 2>/dev/null ;;
  *" drain "*) [ ! -e "$STATE/budget" ] || { echo "cannot evict pod"; exit 1; } ;;
  *"delete node"*) rm -f "$STATE/node" ;;
esac
exit 0`,
  );
});
afterEach(() => host.remove());

const member = (changed: Partial<typeof parameters> = {}, action: "create" | "delete" = "create") =>
  host.run("components/workers/scripts/membership.sh", { ...parameters, ...changed }, action);
const asked = (calls: readonly string[]) =>
  calls.map((call) => call.replace(/^kubectl --kubeconfig \S+ (--request-timeout 30s )?/, ""));
const acts = (calls: readonly string[]) =>
  asked(calls).filter((call) => /^(label|taint|annotate|certificate|drain|delete|-n \S+ delete)/.test(call));

describe("membership.sh on a node that came", () => {
  it("ends once the node is Ready, and gives it nothing that was not asked for", async () => {
    const { code, result, calls } = await member();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "false" }, []]);
  });

  it.each(["", "False", "Unknown"])("fails where it stays Ready=%j", async (state) => {
    host.setState("ready", state);
    const { code, stderr } = await member();
    expect(code).toBe(78);
    expect(stderr).toContain("error: node1 has joined but is not Ready; see journalctl -u kubelet there");
  });

  it("waits for CoreDNS on request, and shows its pods where it does not come", async () => {
    expect((await member({ DNS: "true" })).code).toBe(0);
    host.setState("dns", "False");
    host.setState("pods", "coredns-1 0/1 CrashLoopBackOff\n");
    const { code, stderr } = await member({ DNS: "true" });
    expect(code).toBe(78);
    expect(stderr).toContain("coredns-1 0/1 CrashLoopBackOff\n");
    expect(stderr).toContain("error: CoreDNS is not available");
  });

  it("approves the serving certificate of this node, and no other's", async () => {
    host.setState(
      "requests",
      "csr-1 system:node:node1 Approved\ncsr-2 system:node:node2 \ncsr-3 system:node:node1 \n",
    );
    const { result, calls } = await member({ SERVING_CERTIFICATES: "true" });
    expect([result?.changed, acts(calls)]).toEqual(["true", ["certificate approve csr-3"]]);
    expect(acts((await member()).calls)).toEqual([]);
  });
});

describe("membership.sh with labels", () => {
  it("sets them and remembers that they are ours", async () => {
    const { result, calls } = await member({ LABELS: "zone=a\nexample.com/disk=ssd" });
    expect([result?.changed, acts(calls)]).toEqual([
      "true",
      [
        "label node node1 --overwrite zone=a example.com/disk=ssd",
        "annotate node node1 --overwrite mesh-platform/labels=zone=a,example.com/disk=ssd",
      ],
    ]);
    expect((await member({ LABELS: "zone=a\nexample.com/disk=ssd" })).result?.changed).toBe("false");
  });

  it("takes away those that are no longer wanted, and none of others", async () => {
    await member({ LABELS: "zone=a\nexample.com/disk=ssd" });
    const { calls } = await member({ LABELS: "zone=b" });
    expect(acts(calls)[0]).toBe("label node node1 --overwrite zone=b example.com/disk-");
    expect(acts((await member()).calls)).toEqual([
      "label node node1 --overwrite zone-",
      "annotate node node1 --overwrite mesh-platform/labels=",
    ]);
  });
});

describe("membership.sh with taints", () => {
  it("sets what is missing, leaves what others set, and takes away its own", async () => {
    host.setState("now", "node.kubernetes.io/disk-pressure=:NoSchedule\n");
    const first = await member({ TAINTS: "gpu=yes:NoSchedule\nbatch=:NoExecute" });
    expect(acts(first.calls)).toEqual([
      "taint node node1 --overwrite gpu=yes:NoSchedule batch=:NoExecute",
      "annotate node node1 --overwrite mesh-platform/taints=gpu=yes:NoSchedule,batch=:NoExecute",
    ]);
    host.setState(
      "now",
      "node.kubernetes.io/disk-pressure=:NoSchedule\ngpu=yes:NoSchedule\nbatch=:NoExecute\n",
    );
    expect((await member({ TAINTS: "gpu=yes:NoSchedule\nbatch=:NoExecute" })).result?.changed).toBe("false");
    expect(acts((await member({ TAINTS: "gpu=yes:NoSchedule" })).calls)[0]).toBe(
      "taint node node1 --overwrite batch:NoExecute-",
    );
  });

  it("overwrites one whose value changes instead of removing it", async () => {
    host.setState("now", "gpu=yes:NoSchedule\n");
    host.setState("taints", "gpu=yes:NoSchedule");
    expect(acts((await member({ TAINTS: "gpu=no:NoSchedule" })).calls)[0]).toBe(
      "taint node node1 --overwrite gpu=no:NoSchedule",
    );
  });

  it("keeps a control plane's own taint where it is wanted, and takes it away where it is not", async () => {
    const own = "node-role.kubernetes.io/control-plane=:NoSchedule";
    host.setState("now", `${own}\n`);
    expect(acts((await member({ TAINTS: own })).calls)).toEqual([
      `annotate node node1 --overwrite mesh-platform/taints=${own}`,
    ]);
    expect(acts((await member()).calls)[0]).toBe(
      "taint node node1 --overwrite node-role.kubernetes.io/control-plane:NoSchedule-",
    );
  });
});

describe("membership.sh on a node that leaves", () => {
  it("drains it before it removes it", async () => {
    const { code, calls } = await member({ DRAIN_SECONDS: "60" }, "delete");
    expect(code).toBe(0);
    expect(asked(calls)).toEqual([
      "get node node1 --ignore-not-found -o name",
      "drain node1 --ignore-daemonsets --delete-emptydir-data --force --timeout 60s",
      "delete node node1",
    ]);
  });

  it("keeps a node that cannot be drained, and says what holds it", async () => {
    host.setState("budget", "");
    const { code, stderr, calls } = await member({}, "delete");
    expect(code).toBe(78);
    expect(stderr).toContain("cannot evict pod\n");
    expect(stderr).toContain("error: node1 could not be drained within 300 s; look at its pods");
    expect(calls.filter((call) => call.includes("delete node"))).toEqual([]);
  });

  it("does not take an API server that is away for a node that is gone", async () => {
    host.setState("away", "");
    const { code, stderr, calls } = await member({}, "delete");
    expect([code, calls.length]).toEqual([78, 1]);
    expect(stderr).toContain("the API server does not answer, so node1 cannot be drained");
  });

  it("has nothing to do for a node that is gone", async () => {
    host.unsetState("node");
    const { code, calls } = await member({}, "delete");
    expect([code, calls.length]).toEqual([0, 1]);
  });

  it("has nothing to do on the one control plane that carries the cluster", async () => {
    expect(await member({ SELF: "true" }, "delete")).toMatchObject({ code: 0, calls: [] });
  });
});

describe("membership.sh on a machine that is gone", () => {
  it("removes its pods, so that a StatefulSet may start them elsewhere, and then the node, undrained", async () => {
    host.setState("pods", "shop db-0\nkube-system kube-proxy-x\n");
    const { code, result, calls } = await member({ GONE: "true" });
    expect([code, result]).toEqual([0, { changed: "true" }]);
    expect(acts(calls)).toEqual([
      "-n shop delete pod db-0 --force --grace-period 0 --wait=false --ignore-not-found",
      "-n kube-system delete pod kube-proxy-x --force --grace-period 0 --wait=false --ignore-not-found",
      "delete node node1 --ignore-not-found",
    ]);
    expect((await member({ GONE: "true" })).result).toEqual({ changed: "false" });
  });

  it("is not drained either when it leaves the config", async () => {
    const { calls } = await member({ GONE: "true" }, "delete");
    expect(acts(calls)).toEqual(["delete node node1 --ignore-not-found"]);
    expect(acts((await member({ GONE: "true" }, "delete")).calls)).toEqual([]);
  });
});
