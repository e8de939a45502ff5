import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptHost } from "../support/script-host";

const config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
const parameters = { NODE_NAME: "node1", API_SERVER: "https://10.0.0.1:6443", KUBEADM_CONFIG: config };
const discovery = "/etc/kubernetes/mesh-platform-discovery.conf";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  // What the step before has put in place.
  host.write(discovery, "token", 0o600);
  host.stub("curl");
  host.stub("ip", '[ "$2" = delete ] || [ -e "$STATE/$3" ]');
  host.stub(
    "kubeadm",
    `case "$1" in
  join)
    [ -e "$ROOT${discovery}" ] || { echo "no discovery file"; exit 1; }
    echo kubelet >"$ROOT/etc/kubernetes/kubelet.conf"
    [ ! -e "$STATE/cut" ] || exit 1
    [ -e "$STATE/lost" ] || touch "$STATE/node" ;;
  reset) rm -f "$STATE/node" ;;
esac`,
  );
  host.stub("kubectl", '[ -e "$STATE/node" ]');
});
afterEach(() => host.remove());

const run = (changed: Partial<typeof parameters> = {}, action: "create" | "delete" = "create") =>
  host.run("components/workers/scripts/join.sh", { ...parameters, ...changed }, action);
const acts = (calls: readonly string[]) => calls.filter((call) => call.startsWith("kubeadm"));
const join = "kubeadm join --config /etc/kubernetes/kubeadm.yaml";

describe("join.sh on a fresh host", () => {
  it("joins, and takes the token away with the file that held it", async () => {
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "true" }, [join]]);
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
});

describe("join.sh on a worker", () => {
  it("changes nothing", async () => {
    await run();
    const before = host.files();
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([0, { changed: "false" }, []]);
    expect(host.files()).toEqual(before);
  });

  it("refuses other settings, and touches nothing", async () => {
    await run();
    const before = host.files();
    const { code, stderr, calls } = await run({ KUBEADM_CONFIG: `${config}x: y\n` });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: the node has joined with other settings; take it out of the config, run up, and put it in again\n",
    );
    expect(host.files()).toEqual(before);
  });

  it("asks the API server with the host's own credentials", async () => {
    await run();
    const { calls } = await run();
    expect(calls).toContain(
      "kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout 5s get node node1",
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
    expect([code, result]).toEqual([0, { changed: "true" }]);
    expect(acts(calls)).toEqual(["kubeadm reset -f", join]);
    expect([host.has(discovery), host.has("/var/lib/mesh-platform/discovery.conf")]).toEqual([false, false]);
  });
});

describe("join.sh on somebody else's installation", () => {
  it("refuses, and touches nothing", async () => {
    host.write("/etc/kubernetes/kubelet.conf", "theirs");
    const before = host.files();
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("is left of another installation; run kubeadm reset on this host first\n");
    expect(host.files()).toEqual(before);
  });
});

describe("join.sh when the worker leaves", () => {
  it("resets the host, and takes the pod network's links and settings with it", async () => {
    await run();
    host.write("/etc/cni/net.d/10-flannel.conflist", "{}");
    host.setState("cni0", "");
    const { code, calls } = await run({}, "delete");
    expect([code, acts(calls)]).toEqual([0, ["kubeadm reset -f"]]);
    expect(calls.filter((call) => call.startsWith("ip link delete"))).toEqual(["ip link delete cni0"]);
    for (const file of [
      "/etc/kubernetes/kubelet.conf",
      "/etc/cni/net.d/10-flannel.conflist",
      "/var/lib/mesh-platform/join.done",
    ]) {
      expect([file, host.has(file)]).toEqual([file, false]);
    }
  });

  it("can be told so again, and can take the host back later", async () => {
    await run();
    await run({}, "delete");
    expect((await run({}, "delete")).code).toBe(0);
    host.write(discovery, "token", 0o600);
    expect((await run()).result).toEqual({ changed: "true" });
  });
});

describe("membership.sh", () => {
  const member = (action: "create" | "delete" = "create") =>
    host.run("components/workers/scripts/membership.sh", { NODE_NAME: "node1" }, action);
  beforeEach(() => {
    host.setState("ready", "");
    host.stub(
      "kubectl",
      `case "$*" in
  *jsonpath*) cat "$STATE/ready" ;;
  *"get node node1 --ignore-not-found"*)
    [ ! -e "$STATE/away" ] || { echo "connection refused" >&2; exit 1; }
    [ ! -e "$STATE/node" ] || echo node/node1 ;;
  *drain*) [ ! -e "$STATE/budget" ] || { echo "cannot evict pod"; exit 1; } ;;
  *"delete node"*) rm "$STATE/node" ;;
esac`,
    );
  });

  it("ends once the node is Ready, and changes nothing", async () => {
    host.setState("ready", "True");
    const before = host.files();
    expect(await member()).toMatchObject({ code: 0, result: { changed: "false" } });
    expect(host.files()).toEqual(before);
  });

  it.each(["False", "Unknown", ""])("fails with a hint while the node is Ready=%j", async (state) => {
    host.setState("ready", state);
    const { code, stderr } = await member();
    expect(code).toBe(78);
    expect(stderr).toContain("error: node1 has joined but is not Ready; see journalctl -u kubelet there\n");
  });

  it("drains a node that leaves before it removes it", async () => {
    host.setState("node", "");
    const { code, calls } = await member("delete");
    expect(code).toBe(0);
    expect(
      calls.map((call) => call.replace(/^kubectl --kubeconfig \S+ (--request-timeout 30s )?/, "")),
    ).toEqual([
      "get node node1 --ignore-not-found -o name",
      "drain node1 --ignore-daemonsets --delete-emptydir-data --force --timeout 300s",
      "delete node node1",
    ]);
  });

  it("keeps a node that cannot be drained, and says what holds it", async () => {
    host.setState("node", "");
    host.setState("budget", "");
    const { code, stderr, calls } = await member("delete");
    expect(code).toBe(78);
    expect(stderr).toContain("cannot evict pod\n");
    expect(stderr).toContain(
      "error: node1 could not be drained within 300 s; look at its pods and their disruption budgets, then run up again\n",
    );
    expect(calls.filter((call) => call.includes("delete node"))).toEqual([]);
  });

  it("does not take an API server that is away for a node that is gone", async () => {
    host.setState("node", "");
    host.setState("away", "");
    const { code, stderr, calls } = await member("delete");
    expect([code, calls.length]).toEqual([78, 1]);
    expect(stderr).toContain("the API server does not answer, so node1 cannot be drained");
  });

  it("has nothing to do for a node that is gone", async () => {
    const { code, calls } = await member("delete");
    expect([code, calls.length]).toEqual([0, 1]);
  });
});

describe("ready.sh", () => {
  const ready = () => host.run("components/network/scripts/ready.sh", { NODE_NAME: "cp1" });
  beforeEach(() => {
    host.stub(
      "kubectl",
      `case "$*" in
  *"get node cp1"*) cat "$STATE/node-ready" ;;
  *"get deployment coredns"*) cat "$STATE/dns-ready" ;;
  *"get pods"*) echo "coredns-1 0/1 CrashLoopBackOff" ;;
esac`,
    );
    host.setState("node-ready", "True");
    host.setState("dns-ready", "True");
  });

  it("ends once the node is Ready and CoreDNS answers", async () => {
    expect(await ready()).toMatchObject({ code: 0, result: { changed: "false" } });
  });

  it.each([
    ["node-ready", "error: cp1 is not Ready; see journalctl -u kubelet and the pods of kube-flannel\n"],
    ["dns-ready", "coredns-1 0/1 CrashLoopBackOff\n"],
  ])("fails with a hint without %s", async (state, hint) => {
    host.setState(state, "False");
    const { code, stderr } = await ready();
    expect(code).toBe(78);
    expect(stderr).toContain(hint);
  });
});
