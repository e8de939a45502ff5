import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testCertificate } from "../support/pems";
import { ScriptHost } from "../support/script-host";
import { printing } from "../support/tarball";

const proxy = (mode: string) => `---\nkind: KubeProxyConfiguration\nmode: ${mode}\n`;
const config = (more = "", mode = "iptables") => `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
networking:
  podSubnet: 10.244.0.0/16
${more}${proxy(mode)}`;
const parameters = {
  NODE_NAME: "cp1",
  VERSION: "1.36.3",
  FOUNDER: "cp1",
  GENERATION: "1",
  LEADS: "true",
  ADDRESS: "10.0.0.1",
  API: "https://10.0.0.1:6443",
  ENDPOINT: "https://10.0.0.9:8443",
  PEERS: "https://10.0.0.2:6443\nhttps://10.0.0.3:6443",
  INIT_CONFIG: config(),
  INIT_FLAGS: "",
  JOIN_CONFIG: "kind: JoinConfiguration\n",
  KUBELET_SETTINGS: "kind: KubeletConfiguration\nmaxPods: 110\n",
  FILES:
    "=== /etc/haproxy/haproxy.cfg 0644\nserver cp1\n=== /etc/kubernetes/audit-policy.yaml 0600\nkind: Policy\n",
  INIT_FILES: "=== /etc/haproxy/haproxy.cfg 0644\nserver cp1\n",
  PACKAGES: "",
  SERVICES: "haproxy",
  FIXED: "clusterName: kubernetes\npodSubnet: 10.244.0.0/16",
  KUBE_PROXY: "iptables",
  IGNORE_PREFLIGHT: "",
  DRAIN_SECONDS: "30",
  CERTIFICATES: "1",
  AUTHORITY_DIGEST: "aaaa",
  ETCD_CLIENT_DIGEST: "1111",
  ENCRYPTION_DIGEST: "",
  AUDIT_DIGEST: "",
};
type Parameters = typeof parameters;
/** Another control plane than the founder, which does nothing that is done once per cluster. */
const second = {
  NODE_NAME: "cp2",
  ADDRESS: "10.0.0.2",
  API: "https://10.0.0.2:6443",
  LEADS: "false",
  PEERS: "https://10.0.0.1:6443",
};
const discovery = "/etc/kubernetes/mesh-platform-discovery.conf";
const record = "/var/lib/mesh-platform/control-plane";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  // What earlier steps have put in place.
  host.write("/etc/kubernetes/pki/ca.crt", testCertificate("authority"));
  host.write("/etc/kubernetes/pki/ca.key", "key", 0o600);
  host.write("/usr/bin/kubelet", printing("Kubernetes v1.36.3"), 0o755);
  host.write(discovery, "token", 0o600);
  host.setState("starts", "0");
  host.setState("issued", testCertificate("apiserver"));
  host.setState("version", "1.36.3");
  host.stub("sleep");
  host.stub("ip");
  host.stub("iptables-save");
  // Stands for the process: asked whether it has stopped, which makes the next container a new one.
  host.stub("pidof", 'echo $(($(cat "$STATE/starts") + 1)) >"$STATE/starts"; [ -e "$STATE/never-stops" ]');
  host.stub(
    "curl",
    `for url; do :; done
case $url in *:10248/*) exit 0 ;; esac
name=\${url#https://}; name=\${name%%[:/]*}
[ ! -e "$STATE/at/$name" ] || printf '{"gitVersion": "v%s"}\\n' "$(cat "$STATE/at/$name")"`,
  );
  host.stub(
    "kubeadm",
    `k=$ROOT/etc/kubernetes
made() {
  mkdir -p "$k/manifests"
  for part in kube-apiserver kube-controller-manager kube-scheduler; do
    printf '    - --advertise-address=%s\\n' "$1" >"$k/manifests/$part.yaml"
  done
  [ ! -e "$STATE/cut" ] || { echo "error execution phase wait-control-plane"; exit 1; }
  echo admin >"$k/admin.conf"; echo kubelet >"$k/kubelet.conf"; cp "$STATE/issued" "$k/pki/apiserver.crt"
  cp "$k/kubeadm.yaml" "$STATE/cluster"
  touch "$STATE/api" "$STATE/node"
}
for last; do :; done
case "$*" in
  version*) echo v1.36.3 ;;
  "init phase certs apiserver"*)
    folder=$(sed -n 's/^certificatesDir: //p' "$last")
    [ -e "$folder/ca.key" ] || exit 1
    cp "$STATE/issued" "$folder/apiserver.crt"; echo key >"$folder/apiserver.key" ;;
  "init phase upload-config"*) cp "$last" "$STATE/cluster" ;;
  "init phase"*) ;;
  init*) made 10.0.0.1 ;;
  join*) [ -e "$ROOT${discovery}" ] || exit 1; made 10.0.0.2 ;;
  "upgrade node phase"*)
    [ ! -e "$STATE/bad-flags" ] || { echo "[upgrade] rolled back"; exit 1; }
    [ ! -e "$STATE/rolls" ] || echo $(($(cat "$STATE/starts") + 1)) >"$STATE/starts" ;;
  "upgrade apply"* | "upgrade node"*)
    [ ! -e "$STATE/bad-upgrade" ] || { echo "[upgrade] rolled back"; exit 1; }
    cp "$STATE/wanted" "$STATE/version" ;;
  *renew*) cp "$STATE/issued" "$k/pki/apiserver.crt" ;;
  reset*) rm -f "$STATE/api" "$STATE/node" ;;
esac`,
  );
  host.stub(
    "kubectl",
    `case "$*" in
  *"--raw /readyz") [ -e "$STATE/api" ]; exit ;;
  *"--raw /version") printf '{\\n  "gitVersion": "v%s"\\n}\\n' "$(cat "$STATE/version")" ;;
  *"get configmap kubeadm-config"*) cat "$STATE/cluster" ;;
  *containerStatuses*) printf 'containerd://%s' "$(cat "$STATE/starts")" ;;
  *"spec.unschedulable}") cat "$STATE/unschedulable" 2>/dev/null ;;
  *"mesh-platform/cordoned}") cat "$STATE/cordoned" 2>/dev/null ;;
  *'"unschedulable":true'*) echo true >"$STATE/unschedulable"; echo true >"$STATE/cordoned" ;;
  *'"unschedulable":null'*) rm -f "$STATE/unschedulable" "$STATE/cordoned" ;;
  *nodeInfo*) echo "$("$ROOT/usr/bin/kubelet" --version | cut -d' ' -f2) True" ;;
  *"get pods"*) cat "$STATE/pods" 2>/dev/null ;;
  *"get node cp"*) [ -e "$STATE/node" ]; exit ;;
esac
exit 0`,
  );
});
afterEach(() => host.remove());

const run = (changed: Partial<Parameters> = {}, action: "create" | "delete" = "create") =>
  host.run("components/control-plane/scripts/control-plane.sh", { ...parameters, ...changed }, action);
/** What was done with kubeadm, without questions and without the long tail of a config's path. */
const acts = (calls: readonly string[]) =>
  calls
    .filter((call) => /^kubeadm (?!version)/.test(call))
    .map((call) => call.replace(/^kubeadm /, "").replace(/ --config \S+$/, ""));
const cluster = (calls: readonly string[]) =>
  calls.filter((call) => / (patch|delete|rollout) /.test(call)).length;
const present = { version: "v1.36.3", apiserverExpires: "2036-01-01T00:00:00Z" };
const starts = async () => Number((await host.runLines('cat "$STATE/starts"')).stdout);

describe("control-plane.sh on a fresh founder", () => {
  it("places its files, pulls the images, runs kubeadm init and says until when its certificate is valid", async () => {
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([0, { changed: "true", ...present }]);
    expect(acts(calls)).toEqual(["config images pull", "init"]);
    expect([host.read("/etc/kubernetes/kubeadm.yaml"), host.mode("/etc/kubernetes/kubeadm.yaml")]).toEqual([
      host.moved(config()),
      "600",
    ]);
    expect([host.read("/etc/haproxy/haproxy.cfg"), host.read("/etc/kubernetes/audit-policy.yaml")]).toEqual([
      "server cp1\n",
      "kind: Policy\n",
    ]);
    expect([host.mode("/etc/haproxy/haproxy.cfg"), host.mode("/etc/kubernetes/audit-policy.yaml")]).toEqual([
      "644",
      "600",
    ]);
    expect(calls).toContain("systemctl restart haproxy");
  });

  it("writes down last that it has finished, and keeps no ticket", async () => {
    await run();
    expect(host.read(`${record}/finished`)).toBe("1.36.3\n");
    expect([host.has(`${record}/started`), host.has(discovery)]).toEqual([false, false]);
    expect(host.leftovers()).toEqual([]);
  });

  it("takes away the token that kubeadm made unasked", async () => {
    const { calls } = await run();
    expect(calls.filter((call) => call.includes("delete secret"))).toEqual([
      "kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://10.0.0.1:6443 --request-timeout 10s -n kube-system delete secret --field-selector type=bootstrap.kubernetes.io/token",
    ]);
  });

  it("gives the endpoint its lasting files once init is done", async () => {
    const file = (text: string) => `=== /etc/kubernetes/manifests/kube-vip.yaml 0600\n${text}\n`;
    await run({ SERVICES: "", INIT_FILES: file("super-admin"), FILES: file("admin") });
    expect(host.read("/etc/kubernetes/manifests/kube-vip.yaml")).toBe("admin\n");
  });

  it("puts the endpoint on the interface of its own address", async () => {
    host.stub("ip", "echo '2: eth7    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth7'");
    const FILES = "=== /etc/keepalived/keepalived.conf 0644\ninterface @INTERFACE@\n";
    expect((await run({ FILES, INIT_FILES: FILES })).code).toBe(0);
    expect(host.read("/etc/keepalived/keepalived.conf")).toBe("interface eth7\n");
  });

  it("passes flags that no file can say", async () => {
    const { calls } = await run({ INIT_FLAGS: "--skip-phases=addon/kube-proxy" });
    expect(calls).toContain(
      "kubeadm init --config /etc/kubernetes/kubeadm.yaml --skip-phases=addon/kube-proxy",
    );
  });

  it("refuses an authority that has expired, before it runs anything", async () => {
    host.stub("openssl", "exit 1");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("error: the cluster authority has expired; check the clocks\n");
  });

  it("joins where a cluster answers after all", async () => {
    host.setState("at/10.0.0.9", "1.36.3");
    expect(acts((await run()).calls)).toEqual(["config images pull", "join"]);
  });

  it.each([
    ["was installed anew", { GENERATION: "2" }],
    ["is not the founder", { FOUNDER: "cp9" }],
  ])("does not begin a cluster where it %s and nobody answers", async (_why, changed) => {
    const { code, stderr, calls } = await run(changed);
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toMatch(
      /error: no API server answers at https:\/\/10\.0\.0\.9:8443 or at a peer, and only cp\d/,
    );
  });

  it("does not begin one either where a peer answers and the endpoint does not", async () => {
    host.setState("at/10.0.0.3", "1.36.3");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: a cluster answers at https://10.0.0.3:6443, but not at its endpoint https://10.0.0.9:8443; see to the endpoint",
    );
  });
});

describe("control-plane.sh on a further host", () => {
  beforeEach(() => host.setState("at/10.0.0.9", "1.36.3"));

  it("joins the cluster that answers", async () => {
    const { code, result, calls } = await run(second);
    expect([code, result?.changed]).toEqual([0, "true"]);
    expect(acts(calls)).toEqual(["config images pull", "join"]);
    expect(host.read("/etc/kubernetes/kubeadm-join.yaml")).toBe("kind: JoinConfiguration\n");
    expect(host.has(discovery)).toBe(false);
    expect((await run(second)).result).toEqual({ changed: "false", ...present });
  });

  it("says how to get a ticket where it has none", async () => {
    await host.runLines(`rm ${discovery}\nfinish`);
    const { code, stderr } = await run(second);
    expect(code).toBe(78);
    expect(stderr).toContain("raise the generation of cp2, so that the step cp2-keys writes it again\n");
  });

  it("does not join a cluster of another version, whose kubelets would be older", async () => {
    host.setState("at/10.0.0.9", "1.35.4");
    const { code, stderr, calls } = await run(second);
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: the cluster runs Kubernetes 1.35.4 and this host has 1.36.3; set kubernetes.version to 1.35.4, let this host join, then upgrade\n",
    );
  });

  it("begins again after a join that was cut", async () => {
    host.setState("cut", "");
    expect((await run(second)).code).toBe(1);
    host.unsetState("cut");
    const { code, calls } = await run(second);
    expect([code, acts(calls)]).toEqual([
      0,
      [
        "reset -f --cert-dir /run/mesh-platform.none --skip-phases remove-etcd-member",
        "config images pull",
        "join",
      ],
    ]);
  });
});

describe("control-plane.sh on a finished control plane", () => {
  beforeEach(() => run());

  it("changes nothing", async () => {
    const before = host.files();
    const { code, result, calls } = await run();
    expect([code, result, acts(calls), cluster(calls)]).toEqual([0, { changed: "false", ...present }, [], 0]);
    expect(host.files()).toEqual(before);
  });

  it("refuses another authority under a running cluster", async () => {
    const before = host.files();
    const { code, stderr, calls } = await run({ AUTHORITY_DIGEST: "bbbb" });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("the cluster authority changed under a running cluster");
    expect(host.files()).toEqual(before);
  });

  it("refuses what a running cluster cannot follow, and says what it runs with", async () => {
    const { code, stderr, calls } = await run({ FIXED: "clusterName: kubernetes\npodSubnet: 10.99.0.0/16" });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: a running cluster cannot follow podSubnet: 10.99.0.0/16; it was made with podSubnet: 10.244.0.0/16. Set it back",
    );
  });

  it("refuses to move to another address", async () => {
    const { code, stderr } = await run({ ADDRESS: "10.0.0.77" });
    expect(code).toBe(78);
    expect(stderr).toContain("error: this control plane was made at 10.0.0.1 and cannot move to 10.0.0.77");
  });

  it("gives the parts other flags through kubeadm, which waits for them", async () => {
    const INIT_CONFIG = config("apiServer:\n  extraArgs: []\n");
    const { code, calls } = await run({ INIT_CONFIG });
    expect([code, acts(calls)]).toEqual([
      0,
      [
        "init phase upload-config all",
        "upgrade node phase control-plane --certificate-renewal=false",
        "init phase certs apiserver",
      ],
    ]);
    expect((await run({ INIT_CONFIG })).result?.changed).toBe("false");
  });

  it("tells the cluster of them on one host only", async () => {
    const { calls } = await run({ INIT_CONFIG: config("x: y\n"), LEADS: "false" });
    expect(acts(calls)).not.toContain("init phase upload-config all");
    expect(acts(calls)).toContain("upgrade node phase control-plane --certificate-renewal=false");
  });

  it("says so where the parts do not come up with them, and takes the former ones back the next time", async () => {
    host.setState("bad-flags", "");
    const { code, stderr } = await run({ INIT_CONFIG: config("bad: yes\n") });
    expect(code).toBe(78);
    expect(stderr).toContain("[upgrade] rolled back\n");
    expect(stderr).toContain("error: the control plane did not come up with these settings");
    host.unsetState("bad-flags");
    const { calls } = await run();
    expect(acts(calls)[0]).toBe("init phase upload-config all");
    expect((await run()).result?.changed).toBe("false");
  });

  it("issues the API server's certificate anew for other names, and restarts it", async () => {
    host.setState("issued", certificateFor("api.example.com"));
    const before = await starts();
    const { code, stderr } = await run({ INIT_CONFIG: config("x: y\n") });
    expect([code, host.read("/etc/kubernetes/pki/apiserver.crt")]).toEqual([
      0,
      certificateFor("api.example.com"),
    ]);
    expect(stderr).toContain("the API server gets a certificate with other names\n");
    expect(await starts()).toBe(before + 1);
    expect(host.leftovers()).toEqual([]);
  });

  it("gives kube-proxy other settings and starts it anew, on one host only", async () => {
    const changed = { INIT_CONFIG: config("", "nftables") };
    const { calls } = await run({ ...changed, LEADS: "false" });
    expect(acts(calls)).not.toContain("init phase addon kube-proxy");
    const before = await run();
    expect(before.code).toBe(0);
    const leading = await run(changed);
    expect(acts(leading.calls)).toContain("init phase addon kube-proxy");
    expect(leading.calls.filter((call) => call.endsWith("rollout restart daemonset kube-proxy")).length).toBe(
      1,
    );
  });

  it("leaves kube-proxy to another step where it is to go", async () => {
    const { calls } = await run({ INIT_CONFIG: config().replace(proxy("iptables"), ""), KUBE_PROXY: "none" });
    expect([acts(calls).includes("init phase addon kube-proxy"), cluster(calls)]).toEqual([false, 0]);
  });

  it("gives the kubelet other settings", async () => {
    const changed = { KUBELET_SETTINGS: "kind: KubeletConfiguration\nmaxPods: 50\n" };
    const { calls } = await run(changed);
    expect(acts(calls)).toEqual(["init phase kubelet-start"]);
    expect(acts((await run(changed)).calls)).toEqual([]);
  });

  it.each(["ETCD_CLIENT_DIGEST", "ENCRYPTION_DIGEST", "AUDIT_DIGEST"])(
    "restarts the API server, once, for another %s",
    async (name) => {
      const before = await starts();
      const { code, result, calls } = await run({ [name]: "2222" });
      expect([code, result?.changed, acts(calls)]).toEqual([0, "true", []]);
      expect([await starts(), host.has("/etc/kubernetes/manifests/kube-apiserver.yaml")]).toEqual([
        before + 1,
        true,
      ]);
      expect((await run({ [name]: "2222" })).result?.changed).toBe("false");
    },
  );

  it("does not restart it a second time where other flags have just done so", async () => {
    host.setState("rolls", "");
    const before = await starts();
    await run({ INIT_CONFIG: config("x: y\n"), ENCRYPTION_DIGEST: "2222" });
    expect(await starts()).toBe(before + 1);
  });

  it("gives a part its manifest back where a restart was cut", async () => {
    host.stub("pidof", "kill -9 $PPID");
    await run({ ETCD_CLIENT_DIGEST: "2222" });
    host.stub("pidof", "exit 1");
    const { code } = await run({ ETCD_CLIENT_DIGEST: "1111" });
    expect([code, host.has("/etc/kubernetes/manifests/kube-apiserver.yaml")]).toEqual([0, true]);
  });

  it("issues kubeadm's certificates anew when it is told to", async () => {
    const before = await starts();
    const { code, calls } = await run({ CERTIFICATES: "2" });
    expect([code, acts(calls)]).toEqual([0, ["certs renew all"]]);
    expect(await starts()).toBe(before + 3);
    expect((await run({ CERTIFICATES: "2" })).result?.changed).toBe("false");
  });

  it("issues them anew a month before they end", async () => {
    host.stub(
      "openssl",
      'case "$*" in *checkend*) [ -e "$STATE/fresh" ] ;; *) echo notAfter=Jan  1 00:00:00 2036 GMT ;; esac',
    );
    const { calls } = await run();
    expect(acts(calls)).toEqual(["certs renew all"]);
    host.setState("fresh", "");
    expect(acts((await run()).calls)).toEqual([]);
  });

  it("knows the command of old versions of kubeadm", async () => {
    const { calls } = await run({ CERTIFICATES: "2", VERSION: "1.19.16" });
    expect(acts(calls)[0]).toBe("alpha certs renew all");
  });

  it("restarts an API server that waits for a file which has been renewed", async () => {
    host.stub("pidof", 'touch "$STATE/api"; exit 1');
    host.unsetState("api");
    const { code, stderr } = await run({ ETCD_CLIENT_DIGEST: "2222" });
    expect(code).toBe(0);
    expect(stderr).toContain("the API server does not answer; restarting it with its new files\n");
  });

  it("neither resets nor repeats anything because the API server is away", async () => {
    host.unsetState("api");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: this host is a control plane, but its API server does not answer; see journalctl",
    );
  });

  it("restarts haproxy for another backend, and nothing else", async () => {
    const { calls } = await run({ FILES: "=== /etc/haproxy/haproxy.cfg 0644\nserver cp2\n" });
    expect([acts(calls), calls.filter((call) => call.startsWith("systemctl restart"))]).toEqual([
      [],
      ["systemctl restart haproxy"],
    ]);
  });
});

describe("control-plane.sh with another version", () => {
  const wanted = { VERSION: "1.37.1", INIT_CONFIG: config("kubernetesVersion: v1.37.1\n") };
  const staged = "/var/lib/mesh-platform/kubelet-1.37.1";
  beforeEach(async () => {
    await run();
    host.setState("wanted", "1.37.1");
    host.write(staged, printing("Kubernetes v1.37.1"), 0o755);
  });
  const whole = (step: string) => [
    ...(step === "upgrade node" ? [] : ["init phase upload-config all"]),
    "config images pull",
    step,
    "init phase certs apiserver",
    "init phase kubelet-start",
  ];

  it("upgrades the cluster, then drains, switches the kubelet and takes the node into service again", async () => {
    const { code, result, calls } = await run(wanted);
    expect([code, result?.changed, acts(calls)]).toEqual([0, "true", whole("upgrade apply -y v1.37.1")]);
    expect(host.read("/usr/bin/kubelet")).toBe(printing("Kubernetes v1.37.1"));
    expect(calls.filter((call) => call.includes(" patch node ")).length).toBe(2);
    expect([host.has(staged), host.has(`${record}/upgrading`)]).toEqual([false, false]);
    const again = await run(wanted);
    expect([again.result?.changed, acts(again.calls)]).toEqual(["false", []]);
  });

  it("follows what the first has left in the cluster", async () => {
    const { code, calls } = await run({ ...wanted, LEADS: "false" });
    expect([code, acts(calls)]).toEqual([0, whole("upgrade node")]);
  });

  it("passes on the checks that may fail on such hosts", async () => {
    const { calls } = await run({ ...wanted, IGNORE_PREFLIGHT: "SystemVerification" });
    expect(acts(calls)).toContain("upgrade apply -y v1.37.1 --ignore-preflight-errors=SystemVerification");
  });

  it.each([
    [
      "1.38.0",
      "Kubernetes 1.36.3 runs here and cannot jump to 1.38.0; go by way of 1.37, with an up of its own",
    ],
    [
      "1.35.4",
      "Kubernetes 1.36.3 runs here and cannot go back to 1.35.4; set kubernetes.version to 1.36.3 or later",
    ],
  ])("refuses %s", async (version, why) => {
    const { code, stderr, calls } = await run({ VERSION: version });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(`error: ${why}\n`);
  });

  it("leaves the node in service where kubeadm could not upgrade, and begins again", async () => {
    host.setState("bad-upgrade", "");
    const { code, stderr, calls } = await run(wanted);
    expect([code, calls.filter((call) => call.includes(" patch node "))]).toEqual([78, []]);
    expect(stderr).toContain("error: kubeadm could not upgrade this control plane");
    host.unsetState("bad-upgrade");
    expect(acts((await run(wanted)).calls)).toEqual(
      [...whole("upgrade apply -y v1.37.1")].flatMap((act) =>
        // Which settings kube-proxy had is no longer known, so it gets them again.
        act === "init phase certs apiserver" ? [act, "init phase addon kube-proxy"] : [act],
      ),
    );
  });

  it("goes on after a drain that took too long, and takes the node into service in the end", async () => {
    host.setState("pods", "shop web-1 Running owner=ReplicaSet mirror= going=2026-11-21T08:00:00Z\n");
    const { code, stderr } = await run({ ...wanted, DRAIN_SECONDS: "0" });
    expect(code).toBe(78);
    expect(stderr).toContain("error: cp1 could not be drained within 0 s, for these pods: shop web-1,");
    expect(host.has(`${record}/upgrading`)).toBe(true);
    host.setState("pods", "");
    const { calls } = await run(wanted);
    expect(acts(calls)).toContain("init phase kubelet-start");
    expect(calls.filter((call) => call.includes('"unschedulable":null')).length).toBe(1);
    expect((await run(wanted)).result?.changed).toBe("false");
  });

  it("ends well where it was killed while the kubelet was switched", async () => {
    host.stub("install", "kill -9 $PPID");
    await run(wanted);
    host.stub(
      "install",
      'for target; do :; done; cp "$3" "$target" 2>/dev/null; chmod 755 "$target"; exit 0',
    );
    const { code, result } = await run(wanted);
    expect([code, result?.changed, host.read("/usr/bin/kubelet")]).toEqual([
      0,
      "true",
      printing("Kubernetes v1.37.1"),
    ]);
    expect((await run(wanted)).result?.changed).toBe("false");
  });
});

describe("control-plane.sh after a run of its own that was cut", () => {
  it("resets what is half there, keeps the authorities, and makes it anew", async () => {
    host.setState("cut", "");
    const cut = await run();
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain("error execution phase wait-control-plane");
    expect([host.has(`${record}/started`), host.has(`${record}/finished`)]).toEqual([true, false]);
    const authority = host.files()["/etc/kubernetes/pki/ca.key"];
    host.unsetState("cut");
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([0, { changed: "true", ...present }]);
    expect(acts(calls)).toEqual([
      "reset -f --cert-dir /run/mesh-platform.none --skip-phases remove-etcd-member",
      "config images pull",
      "init",
    ]);
    expect(host.files()["/etc/kubernetes/pki/ca.key"]).toBe(authority);
    expect((await run()).result?.changed).toBe("false");
  });
});

describe("control-plane.sh on somebody else's installation", () => {
  it.each([
    "/etc/kubernetes/manifests/kube-apiserver.yaml",
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/kubelet.conf",
  ])("refuses to go over %s, and touches nothing", async (file) => {
    host.write(file, "theirs");
    const before = host.files();
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr.replaceAll(host.root, "")).toContain(
      `error: ${file} is left of another installation; run kubeadm reset --skip-phases remove-etcd-member on this host first`,
    );
    expect(host.files()).toEqual(before);
  });
});

describe("control-plane.sh when the host leaves", () => {
  it("lets kubeadm take out the etcd member that it made itself, and no other", async () => {
    await run();
    host.write("/etc/kubernetes/manifests/etcd.yaml", "kubeadm's own");
    expect(acts((await run({}, "delete")).calls)).toEqual(["reset -f"]);
  });

  it("resets it and takes its part of the endpoint away", async () => {
    await run();
    const { code, calls } = await run({}, "delete");
    expect([code, acts(calls)]).toEqual([0, ["reset -f --skip-phases remove-etcd-member"]]);
    expect(calls).toContain("systemctl disable --now haproxy");
    for (const file of ["/etc/haproxy/haproxy.cfg", "/etc/kubernetes/admin.conf", `${record}/finished`]) {
      expect([file, host.has(file)]).toEqual([file, false]);
    }
    expect((await run({}, "delete")).code).toBe(0);
  });
});

const made = new Map<string, string>();
/** A certificate with a name in it, by the real openssl; the same one for the same name. */
function certificateFor(name: string): string {
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "/dev/null",
    "-days",
    "3000",
    "-subj",
    "/CN=x",
  ];
  const text =
    made.get(name) ??
    spawnSync("openssl", [...words, "-addext", `subjectAltName=DNS:${name}`], { encoding: "utf8" }).stdout;
  made.set(name, text);
  return text;
}
