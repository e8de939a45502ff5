import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changes, Lab, touched, until } from "./lab";
import { inside } from "./power";

/**
 * The real thing: hosts, etcd, a cluster, its growth and its end, on this computer. The tests are chapters of one
 * story and run in order; a cluster of its own for each would take an hour.
 */
const stack = "sandbox-test";
const lab = new Lab(stack);
const withWorkers = (workers: number, more: Record<string, unknown> = {}) =>
  lab.configure({
    composition: "dev",
    hosts: { kind: "sandbox", workers },
    artifacts: { kind: "auto" },
    ...more,
  });
const etcdctl = (certificate: string, rest: string) =>
  `etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/ssl/ca.pem --command-timeout 5s ${certificate} ${rest}`;
const memberCertificate = "--cert /etc/etcd/ssl/etcd.pem --key /etc/etcd/ssl/etcd-key.pem";

beforeAll(() => {
  withWorkers(1);
});

afterAll(async () => {
  await lab.end();
});

describe("a cluster on disposable hosts", () => {
  it("finishes after being killed in the middle of kubeadm init", async () => {
    const killed = await lab.run("up", ["--yes"], /running kubeadm init/);
    expect(killed.code).toBeNull();
    // Its script goes on without it, and would end well. So that there is a half to be reset, it is ended on the host, too.
    inside(lab.id, "cp1", "pkill -KILL -f 'bash -s -- creat[e]'; pkill -KILL -x kubeadm");
    expect(await lab.must("up", "--yes")).toContain("an earlier run did not finish; resetting it");
    const nodes = lab.kubectl(
      "get",
      "nodes",
      "-o",
      'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
    );
    expect(nodes.trim().split(" ").sort()).toEqual(["cp1=True", "worker1=True"]);
    // One init that ran to its end, not a second over the first.
    expect(lab.onHost("cp1", "ls /var/lib/mesh-platform")).not.toContain("init.started");
  });

  it("has CoreDNS running and lets pods of two nodes talk by service name", async () => {
    const dns = lab.kubectl(
      "-n",
      "kube-system",
      "get",
      "pods",
      "-l",
      "k8s-app=kube-dns",
      "-o",
      "jsonpath={.items[*].status.phase}",
    );
    expect(dns.split(" ")).toEqual(["Running", "Running"]);
    lab.onHost(
      "cp1",
      `kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - <<'YAML'\n${readFileSync(join(__dirname, "echo.yaml"), "utf8")}\nYAML`,
    );
    lab.kubectl("wait", "--for=condition=Ready", "pod/echo", "pod/client", "--timeout=180s");
    const placed = lab.kubectl("get", "pods", "echo", "client", "-o", "jsonpath={.items[*].spec.nodeName}");
    expect(placed.split(" ")).toEqual(["worker1", "cp1"]);
    const url = "http://echo.default.svc.cluster.local:8080/";
    const words = ["exec", "client", "--", "fortio", "curl", "-quiet", "-payload", "hello from cp1", url];
    // A pod is Ready before every node's kube-proxy knows it, and CoreDNS runs before it has read the Services.
    let answer = "";
    await until(() => {
      answer = lab.tryKubectl(...words).stdout;
      return answer !== "";
    }, 30);
    expect(answer).toContain("hello from cp1");
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("has not lost etcd's data to the reset of a half-made control plane", () => {
    // A member whose files are gone notices when it next cleans up among them, which ends it: every 30 s.
    expect(lab.onHost("cp1", "systemctl show -P NRestarts etcd").trim()).toBe("0");
  });

  it("writes the kubeconfig for its owner alone", () => {
    expect((statSync(lab.kubeconfig).mode & 0o777).toString(8)).toBe("600");
  });

  it("previews one changed kernel parameter as that line on each host and nothing else", async () => {
    withWorkers(1, { nodes: { sysctl: { "net.ipv4.tcp_fin_timeout": 25 } } });
    const preview = await lab.must("preview", "--diff");
    withWorkers(1);
    const removed = preview.match(/^\s*- .*\S.*$/gm) ?? [];
    const added = preview.match(/^\s*\+ .*\S.*$/gm) ?? [];
    expect(removed.map((line) => line.replace(/^\s*- /, ""))).toEqual(
      Array(2).fill("net.ipv4.tcp_fin_timeout = 30"),
    );
    expect(added.map((line) => line.replace(/^\s*\+ /, ""))).toEqual(
      Array(2).fill("net.ipv4.tcp_fin_timeout = 25"),
    );
    expect(changes(preview)).toMatchObject({ "to update": 2 });
  });

  it("serves etcd to the client certificate only, from a closed directory", () => {
    expect(lab.onHost("cp1", etcdctl(memberCertificate, "endpoint health 2>&1"))).toContain("is healthy");
    const without = lab.tryOnHost("cp1", etcdctl("", "endpoint health 2>&1"));
    expect(without.status).not.toBe(0);
    expect(lab.onHost("cp1", "stat -c '%a %U' /var/lib/etcd/default.etcd").trim()).toBe("700 etcd");
    expect(lab.onHost("cp1", "stat -c '%a %U' /etc/etcd/ssl/etcd-key.pem").trim()).toBe("600 etcd");
    // kubeadm's whole state is there, so etcd is not a bystander.
    expect(lab.onHost("cp1", etcdctl(memberCertificate, "get /registry/minions/cp1 --keys-only"))).toContain(
      "/registry/minions/cp1",
    );
  });

  it("renders what kubeadm itself finds valid", () => {
    expect(lab.onHost("cp1", "kubeadm config validate --config /etc/kubernetes/kubeadm.yaml 2>&1")).toContain(
      "ok",
    );
    // The join's file names the discovery file, which is gone since the join; kubeadm wants to see it.
    const discovery = "/etc/kubernetes/mesh-platform-discovery.conf";
    const validate = "kubeadm config validate --config /etc/kubernetes/kubeadm.yaml 2>&1";
    expect(
      lab.onHost("worker1", `test ! -e ${discovery} && touch ${discovery} && ${validate}; rm ${discovery}`),
    ).toContain("ok");
  });

  it("lets no bootstrap token outlive its minutes", () => {
    const tokens = lab.kubectl(
      "-n",
      "kube-system",
      "get",
      "secrets",
      "--field-selector",
      "type=bootstrap.kubernetes.io/token",
      "-o",
      "jsonpath={range .items[*]}{.data.expiration} {end}",
    );
    const ends = tokens
      .trim()
      .split(" ")
      .filter(Boolean)
      .map((text) => Date.parse(Buffer.from(text, "base64").toString()));
    expect(ends.every((end) => end < Date.now() + 15 * 60_000)).toBe(true);
  });

  it("comes back by itself when a host reboots", async () => {
    const before = lab.onHost(
      "worker1",
      "systemctl show -p UserspaceTimestampMonotonic --value init.scope; cat /proc/1/stat | cut -d' ' -f22",
    );
    lab.tryOnHost("worker1", "systemctl reboot");
    await until(() => {
      const after = lab.tryOnHost(
        "worker1",
        "systemctl is-active kubelet && systemctl show -p UserspaceTimestampMonotonic --value init.scope; cat /proc/1/stat | cut -d' ' -f22",
      );
      return (
        after.status === 0 &&
        after.stdout.startsWith("active") &&
        !after.stdout.includes(before.trim().split("\n").at(-1) ?? "")
      );
    }, 120);
    lab.kubectl("wait", "--for=condition=Ready", "node/worker1", "--timeout=180s");
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("adds a worker by that worker's steps alone", async () => {
    withWorkers(2);
    const names = touched(await lab.must("up", "--yes"));
    expect(names.filter((name) => !name.includes("worker2"))).toEqual([]);
    expect(names).toContain("worker2-join");
    expect(lab.kubectl("get", "nodes", "-o", "name").trim().split("\n")).toContain("node/worker2");
  });

  it("drains and removes a worker that left the config", async () => {
    withWorkers(1);
    const output = await lab.must("up", "--yes");
    expect(output).toContain("draining worker2");
    expect(lab.kubectl("get", "nodes", "-o", "name").trim().split("\n").sort()).toEqual([
      "node/cp1",
      "node/worker1",
    ]);
    const namespaces = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
    expect(namespaces).toContain(`mp-${lab.id}-worker1`);
    expect(namespaces).not.toContain(`mp-${lab.id}-worker2`);
  });

  it("keeps every secret out of the state file and out of everything it printed", () => {
    const resources = lab.deployment();
    const keys = resources.flatMap((resource) => [
      resource.outputs.privateKeyPem,
      resource.outputs.privateKeyOpenssh,
      resource.outputs.result,
    ]);
    const canaries = keys
      .filter((value): value is string => typeof value === "string" && value.length > 5)
      .flatMap(pieces);
    expect(canaries.length).toBeGreaterThan(20);
    const places = { state: readFileSync(lab.stateFile, "utf8"), output: lab.transcript.join("\n") };
    const found = Object.entries(places).flatMap(([place, text]) =>
      canaries.filter((canary) => text.includes(canary)).map(() => place),
    );
    expect(found).toEqual([]);
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});

/** A secret as it could show up: its longest line, that in base64 at each offset, and the text with escaped breaks. */
function pieces(secret: string): string[] {
  const line = secret
    .split("\n")
    .reduce((longest, candidate) => (candidate.length > longest.length ? candidate : longest), "");
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.from("x".repeat(offset) + line)
      .toString("base64")
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [line, ...encoded.filter((text) => text.length > 12)];
}
