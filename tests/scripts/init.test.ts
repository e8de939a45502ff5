import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testCertificate } from "../support/pems";
import { ScriptHost } from "../support/script-host";

const config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
const parameters = {
  NODE_NAME: "cp1",
  KUBEADM_CONFIG: config,
  AUTHORITY_DIGEST: "aaaaaaaaaaaaaaaa",
  ETCD_CLIENT_DIGEST: "1111111111111111",
};

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
  host.patience = 0;
  // What earlier steps have put in place.
  host.write("/etc/kubernetes/pki/ca.crt", testCertificate("authority"));
  host.write("/etc/kubernetes/pki/ca.key", "key", 0o600);
  host.stub("sleep");
  host.stub(
    "kubeadm",
    `k=$ROOT/etc/kubernetes
case "$*" in
  version*) echo v1.36.3 ;;
  init*)
    mkdir -p "$k/manifests"
    echo server >"$k/manifests/kube-apiserver.yaml"
    [ ! -e "$STATE/cut" ] || { echo "error execution phase wait-control-plane"; exit 1; }
    echo admin >"$k/admin.conf"; echo kubelet >"$k/kubelet.conf"; cp "$k/pki/ca.crt" "$k/pki/apiserver.crt"
    touch "$STATE/api" "$STATE/configmap" "$STATE/node" ;;
  reset*) rm -f "$STATE/api" "$STATE/configmap" "$STATE/node" ;;
esac`,
  );
  host.stub(
    "kubectl",
    `case "$*" in
  *"--raw /readyz") [ -e "$STATE/api" ] ;;
  *"get configmap kubeadm-config") [ -e "$STATE/configmap" ] ;;
  *"get node cp1") [ -e "$STATE/node" ] ;;
esac`,
  );
});
afterEach(() => host.remove());

const run = (changed: Partial<typeof parameters> = {}) =>
  host.run("components/control-plane/scripts/init.sh", { ...parameters, ...changed });
/** kubeadm's acts, without questions. */
const acts = (calls: readonly string[]) => calls.filter((call) => /^kubeadm (?!version)/.test(call));
const pull = "kubeadm config images pull --config /etc/kubernetes/kubeadm.yaml";
const init = "kubeadm init --config /etc/kubernetes/kubeadm.yaml";
const reset = "kubeadm reset -f --cert-dir /run/mesh-platform.none";

describe("init.sh on a fresh host", () => {
  it("pulls the images, runs kubeadm init and reports until when the API server's certificate is valid", async () => {
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([
      0,
      { changed: "true", version: "v1.36.3", apiserverExpires: "2036-01-01T00:00:00Z" },
    ]);
    expect(acts(calls)).toEqual([pull, init]);
    expect([host.read("/etc/kubernetes/kubeadm.yaml"), host.mode("/etc/kubernetes/kubeadm.yaml")]).toEqual([
      config,
      "600",
    ]);
  });

  it("writes down last that it has finished", async () => {
    await run();
    expect(host.read("/var/lib/mesh-platform/init.done")).toBe("aaaaaaaaaaaaaaaa 1111111111111111\n");
    expect(host.has("/var/lib/mesh-platform/init.started")).toBe(false);
    expect(host.leftovers()).toEqual([]);
  });

  it("takes away the token that kubeadm made unasked", async () => {
    const { calls } = await run();
    expect(calls.filter((call) => call.includes("delete secret"))).toEqual([
      "kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 5s -n kube-system delete secret --field-selector type=bootstrap.kubernetes.io/token",
    ]);
  });

  it("refuses an authority that has expired, before it runs anything", async () => {
    host.stub("openssl", "exit 1");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("error: the cluster authority has expired; check the clocks\n");
  });
});

describe("init.sh on a finished control plane", () => {
  it("changes nothing", async () => {
    await run();
    const before = host.files();
    const { code, result, calls } = await run();
    expect([code, result, acts(calls)]).toEqual([
      0,
      { changed: "false", version: "v1.36.3", apiserverExpires: "2036-01-01T00:00:00Z" },
      [],
    ]);
    expect(host.files()).toEqual(before);
  });

  it("refuses other settings, says which, and touches nothing", async () => {
    await run();
    const before = host.files();
    const { code, stderr, calls } = await run({
      KUBEADM_CONFIG: config.replace("InitConfiguration", "ClusterConfiguration"),
    });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: the control plane runs with other settings; changing them on a running cluster is not built yet: < kind: InitConfiguration > kind: ClusterConfiguration",
    );
    expect(host.files()).toEqual(before);
  });

  it("refuses another authority under a running cluster", async () => {
    await run();
    const before = host.files();
    const { code, stderr, calls } = await run({ AUTHORITY_DIGEST: "bbbbbbbbbbbbbbbb" });
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain("the cluster authority changed under a running cluster");
    expect(host.files()).toEqual(before);
  });

  it("restarts the API server, once, for a new certificate to etcd", async () => {
    await run();
    const { code, result, calls, stderr } = await run({ ETCD_CLIENT_DIGEST: "2222222222222222" });
    expect([code, acts(calls)]).toEqual([0, []]);
    expect(result).toMatchObject({ changed: "true" });
    expect(stderr).toContain("the certificate for etcd changed; restarting the API server\n");
    expect(host.read("/etc/kubernetes/manifests/kube-apiserver.yaml")).toBe("server\n");
    expect((await run({ ETCD_CLIENT_DIGEST: "2222222222222222" })).result).toMatchObject({
      changed: "false",
    });
  });

  it("gives the API server its manifest back where such a restart was cut", async () => {
    await run();
    host.stub("sleep", "kill -9 $PPID");
    await run({ ETCD_CLIENT_DIGEST: "2222222222222222" });
    expect(host.has("/etc/kubernetes/manifests/kube-apiserver.yaml")).toBe(false);
    host.stub("sleep");
    expect((await run({ ETCD_CLIENT_DIGEST: "2222222222222222" })).code).toBe(0);
    expect(host.read("/etc/kubernetes/manifests/kube-apiserver.yaml")).toBe("server\n");
  });

  it("neither resets nor repeats it because the API server is away", async () => {
    await run();
    host.stub("kubectl", "exit 1");
    const { code, stderr, calls } = await run();
    expect([code, acts(calls)]).toEqual([78, []]);
    expect(stderr).toContain(
      "error: the control plane was initialised, but its API server does not answer; see journalctl -u kubelet",
    );
  });
});

describe("init.sh after a run of its own that was cut", () => {
  it("resets what is half there, keeps the authorities, and makes it anew", async () => {
    host.setState("cut", "");
    const cut = await run();
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain("error execution phase wait-control-plane");
    expect([
      host.has("/var/lib/mesh-platform/init.started"),
      host.has("/var/lib/mesh-platform/init.done"),
    ]).toEqual([true, false]);

    const authority = host.files()["/etc/kubernetes/pki/ca.key"];
    const again = await run();
    expect(again.code).toBe(1);
    expect(acts(again.calls)).toEqual([reset, pull, init]);
    expect(host.files()["/etc/kubernetes/pki/ca.key"]).toBe(authority);
  });

  it("ends like an uninterrupted one", async () => {
    host.setState("cut", "");
    await run();
    host.unsetState("cut");
    const { code, result } = await run();
    expect([code, result]).toEqual([
      0,
      { changed: "true", version: "v1.36.3", apiserverExpires: "2036-01-01T00:00:00Z" },
    ]);
    expect(host.has("/var/lib/mesh-platform/init.started")).toBe(false);
    expect((await run()).result).toMatchObject({ changed: "false" });
  });
});

describe("init.sh on somebody else's installation", () => {
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
      `error: ${file} is left of another installation; run kubeadm reset on this host first`,
    );
    expect(host.files()).toEqual(before);
  });
});
