import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileServer, sha256 } from "../support/file-server";
import { ScriptHost } from "../support/script-host";
import { printing, tarball } from "../support/tarball";

let host: ScriptHost;
let server: FileServer;
beforeEach(async () => {
  host = new ScriptHost();
  server = await FileServer.start();
  host.stub("uname", "case $1 in -m) echo x86_64 ;; *) echo host ;; esac");
});
afterEach(() => {
  server.stop();
  host.remove();
});

const units = (calls: readonly string[]) =>
  calls.filter((call) => /^systemctl (daemon-reload|enable|restart)/.test(call));
const downloads = () => server.asked.filter((path) => !path.endsWith(".sha256") && !path.endsWith("SUMS"));

describe("kubernetes.sh", () => {
  const names = ["kubeadm", "kubelet", "kubectl"];
  const publish = (version: string) => {
    server.publish(`/v${version}/kubeadm`, printing(`v${version}`));
    server.publish(`/v${version}/kubelet`, printing(`Kubernetes v${version}`));
    server.publish(`/v${version}/kubectl`, printing("Client Version"));
  };
  const parameters = (version: string) => ({
    VERSION: version,
    FILES: names.map(
      (name) => `${name} ${server.url(`/v${version}/${name}`)} ${server.url(`/v${version}/${name}.sha256`)}`,
    ),
    REPOSITORY: "",
    PACKAGES: "",
    KUBELET_UNIT: "[Service]\nExecStart=/usr/bin/kubelet\n",
    KUBEADM_DROP_IN: "[Service]\nExecStart=\n",
  });
  const run = (changed: object = {}, version = "1.36.3") =>
    host.run("components/hosts/scripts/kubernetes.sh", { ...parameters(version), ...changed });

  it("installs the three programs and has the kubelet wait for kubeadm", async () => {
    publish("1.36.3");
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([0, { changed: "true", version: "v1.36.3" }]);
    expect(names.map((name) => host.mode(`/usr/bin/${name}`))).toEqual(["755", "755", "755"]);
    expect(host.read("/etc/systemd/system/kubelet.service")).toBe(
      host.moved("[Service]\nExecStart=/usr/bin/kubelet\n"),
    );
    expect(host.has("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf")).toBe(true);
    // Nothing is started: before kubeadm has run the kubelet has no settings to start with.
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl enable kubelet"]);
    expect(host.leftovers()).toEqual([]);
  });

  it("changes nothing, and downloads nothing, the second time", async () => {
    publish("1.36.3");
    await run();
    const before = host.files();
    server.asked.length = 0;
    const { result, calls } = await run();
    expect([result, units(calls), server.asked]).toEqual([{ changed: "false", version: "v1.36.3" }, [], []]);
    expect(host.files()).toEqual(before);
  });

  it("restarts a kubelet that kubeadm has configured, when its unit changes", async () => {
    publish("1.36.3");
    await run();
    host.write("/etc/kubernetes/kubelet.conf", "kind: Config\n");
    const { calls } = await run({ KUBELET_UNIT: "[Service]\nExecStart=/usr/bin/kubelet -v 2\n" });
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart kubelet"]);
  });

  it("refuses another version on a host that is part of a cluster, with nothing downloaded", async () => {
    publish("1.36.3");
    publish("1.36.4");
    await run();
    host.write("/etc/kubernetes/kubelet.conf", "kind: Config\n");
    const before = host.files();
    server.asked.length = 0;
    const { code, stderr } = await run({}, "1.36.4");
    expect([code, server.asked]).toEqual([78, []]);
    expect(stderr).toContain("part of a cluster of Kubernetes v1.36.3");
    expect(host.files()).toEqual(before);
  });

  it("installs all three again where one of them is of another version or gone", async () => {
    publish("1.36.3");
    await run();
    for (const broken of [
      () => host.write("/usr/bin/kubelet", printing("Kubernetes v1.36.2"), 0o755),
      () => host.write("/usr/bin/kubectl", "", 0o644),
    ]) {
      broken();
      server.asked.length = 0;
      await run();
      expect(downloads()).toEqual(names.map((name) => `/v1.36.3/${name}`));
    }
  });

  it("keeps the old program whole when a download is not what was published", async () => {
    publish("1.36.3");
    await run();
    const old = host.read("/usr/bin/kubeadm");
    publish("1.36.4");
    server.files["/v1.36.4/kubeadm"] = "tampered";
    const { code } = await run({}, "1.36.4");
    expect([code, host.read("/usr/bin/kubeadm")]).toEqual([78, old]);
    expect(host.leftovers()).toEqual([]);
  });

  it("takes packages of exactly that version, and holds them, where a mirror has packages", async () => {
    host.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
    host.stub("apt-get");
    host.stub("apt-mark");
    host.stub("curl", "echo key");
    host.stub("gpg", "cat");
    host.stub("kubeadm", "echo v1.36.3");
    host.stub("dpkg-query", 'for name; do :; done; [ "$name" = gnupg ] && printf "installed 2.2"');
    const packaged = {
      FILES: "",
      REPOSITORY: ["https://m/deb/ /", "https://m/key", "https://m/rpm/", "https://m/rpmkey"],
      PACKAGES: ["kubeadm", "kubectl", "kubelet", "kubernetes-cni"],
    };
    const { code, result, calls } = await run(packaged);
    expect([code, result]).toEqual([0, { changed: "true", version: "v1.36.3" }]);
    expect(calls).toContain(
      "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --allow-change-held-packages kubeadm=1.36.3-* kubectl=1.36.3-* kubelet=1.36.3-* kubernetes-cni",
    );
    expect(calls).toContain("apt-mark hold kubeadm kubectl kubelet kubernetes-cni");
    // The packages bring units of their own.
    expect(host.has("/etc/systemd/system/kubelet.service")).toBe(false);
  });
});

describe("runtime.sh", () => {
  const plugins =
    "io.containerd.grpc.v1 cri - ok\nio.containerd.cri.v1 images - ok\nio.containerd.cri.v1 runtime - ok\n";
  const publish = (version: string) => {
    const ctr = `#!/bin/bash\ncat "$STATE/plugins"\n`;
    server.publish(
      `/containerd-${version}`,
      tarball({ "bin/containerd": printing(`containerd github.com/x v${version} abc`), "bin/ctr": ctr }),
    );
    server.publish("/runc", printing("runc"));
    server.publish("/cni", tarball({ bridge: "bridge", portmap: "portmap", LICENSE: "text" }));
  };
  const parameters = (version: string) => ({
    VERSION: version,
    FILES: [
      ["containerd", `/containerd-${version}`],
      ["runc", "/runc"],
      ["cniPlugins", "/cni"],
    ].map(([name, path]) => `${name} ${server.url(path ?? "")} ${server.url(`${path}.sha256`)}`),
    REPOSITORY: "",
    PACKAGES: "",
    CONTAINERD_CONFIG: "version = 3\n",
    CONTAINERD_UNIT: "[Service]\nExecStart=/usr/local/bin/containerd\n",
    REGISTRY_HOSTS: ["_default http://10.0.0.9:5000"],
  });
  const run = (changed: object = {}, version = "2.3.7") =>
    host.run("components/hosts/scripts/runtime.sh", { ...parameters(version), ...changed });
  beforeEach(() => host.setState("plugins", plugins));

  it("installs containerd, runc and the plugins, and waits until the CRI answers", async () => {
    publish("2.3.7");
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([0, { changed: "true", version: "v2.3.7" }]);
    for (const program of [
      "/usr/local/bin/containerd",
      "/usr/local/bin/ctr",
      "/usr/local/sbin/runc",
      "/opt/cni/bin/bridge",
      "/opt/cni/bin/portmap",
    ]) {
      expect([program, host.mode(program)]).toEqual([program, "755"]);
    }
    expect(host.read("/etc/containerd/config.toml")).toBe("version = 3\n");
    expect(host.read("/etc/containerd/certs.d/_default/hosts.toml")).toBe(
      '[host."http://10.0.0.9:5000"]\n  capabilities = ["pull", "resolve"]\n',
    );
    expect(units(calls)).toEqual([
      "systemctl daemon-reload",
      "systemctl enable containerd",
      "systemctl restart containerd",
    ]);
    expect(host.leftovers()).toEqual([]);
  });

  it("changes nothing, and downloads nothing, the second time", async () => {
    publish("2.3.7");
    await run();
    const before = host.files();
    server.asked.length = 0;
    const { result, calls } = await run();
    expect([result, units(calls), server.asked]).toEqual([{ changed: "false", version: "v2.3.7" }, [], []]);
    expect(host.files()).toEqual(before);
  });

  it.each([
    ["config", { CONTAINERD_CONFIG: "version = 3\nnew = true\n" }],
    ["unit", { CONTAINERD_UNIT: "[Service]\nKillMode=process\n" }],
    ["mirror", { REGISTRY_HOSTS: ["_default http://10.0.0.8:5000"] }],
  ])("restarts containerd for another %s, without a download", async (_what, changed) => {
    publish("2.3.7");
    await run();
    server.asked.length = 0;
    const { result, calls } = await run(changed);
    expect(result).toMatchObject({ changed: "true" });
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart containerd"]);
    expect(server.asked).toEqual([]);
  });

  it("replaces the programs for another version", async () => {
    publish("2.3.7");
    await run();
    publish("2.3.8");
    const { result, calls } = await run({}, "2.3.8");
    expect(result).toEqual({ changed: "true", version: "v2.3.8" });
    expect(units(calls)).toContain("systemctl restart containerd");
  });

  it("repeats an installation that was cut: it is written down last", async () => {
    publish("2.3.7");
    server.files["/cni"] = "half of it";
    expect((await run()).code).toBe(78);
    expect([host.has("/var/lib/mesh-platform/runtime.installed"), host.leftovers()]).toEqual([false, []]);
    publish("2.3.7");
    expect((await run()).code).toBe(0);
    expect(host.has("/opt/cni/bin/bridge")).toBe(true);
  });

  it.each([
    ["failed to load", plugins.replace("cri - ok", "cri - error")],
    ["is not there", plugins.replace(/.*grpc.*\n/, "")],
  ])("fails when the CRI plugin %s, though containerd runs", async (_how, state) => {
    publish("2.3.7");
    host.setState("plugins", state);
    host.patience = 0;
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("error: containerd runs without its CRI plugin");
  });

  it("takes packages of that version where a mirror has packages, and leaves the unit to them", async () => {
    host.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
    for (const name of ["apt-get", "curl", "gpg"]) host.stub(name, "cat >/dev/null");
    host.stub("containerd", "echo containerd containerd.io 2.3.7 abc");
    host.stub("ctr", 'cat "$STATE/plugins"');
    host.stub("dpkg-query", 'for name; do :; done; [ "$name" = gnupg ] && printf "installed 2.2"');
    const packaged = {
      FILES: "",
      REPOSITORY: ["a", "b", "c", "d"],
      PACKAGES: ["containerd.io"],
      REGISTRY_HOSTS: [],
    };
    const { code, result, calls } = await run(packaged);
    expect([code, result]).toEqual([0, { changed: "true", version: "2.3.7" }]);
    expect(calls.filter((call) => call.startsWith("apt-get")).at(-1)).toMatch(/ containerd\.io=2\.3\.7-\*$/);
    expect(host.has("/etc/systemd/system/containerd.service")).toBe(false);
    expect(host.has("/etc/containerd/certs.d")).toBe(false);
  });
});

describe("member.sh", () => {
  const publish = (version: string) => {
    const path = `/etcd-v${version}-linux-amd64.tar.gz`;
    const folder = `etcd-v${version}-linux-amd64`;
    const content = tarball({
      [`${folder}/etcd`]: `#!/bin/bash\nprintf 'etcd Version: ${version}\\nGit SHA: abc\\n'\n`,
      [`${folder}/etcdctl`]: `#!/bin/bash\necho "etcdctl $*" >>"$CALLS"; [ ! -e "$STATE/sick" ]\n`,
      [`${folder}/etcdutl`]: printing("etcdutl"),
    });
    server.files[path] = content;
    server.files["/SHA256SUMS"] = `${sha256("x")}  another.tar.gz\n${sha256(content)}  ${path.slice(1)}\n`;
  };
  const conf = (cluster = "cp1=https://10.0.0.1:2380") =>
    `ETCD_NAME="cp1"\nETCD_INITIAL_CLUSTER="${cluster}"\nETCD_INITIAL_CLUSTER_TOKEN="t"\n`;
  const parameters = (version: string) => ({
    VERSION: version,
    URL: server.url(`/etcd-v${version}-linux-@ARCH@.tar.gz`),
    CHECKSUM_URL: server.url("/SHA256SUMS"),
    ETCD_CONF: conf(),
    ETCD_UNIT: "[Service]\nUser=etcd\n",
    DATA_DIR: "/var/lib/etcd/default.etcd",
    ENDPOINT: "https://10.0.0.1:2379",
    CERTIFICATE_DIGEST: "0123456789abcdef",
  });
  const run = (changed: object = {}, version = "3.6.15") =>
    host.run("components/etcd/scripts/member.sh", { ...parameters(version), ...changed });
  beforeEach(() => {
    publish("3.6.15");
    // The step before has put keys there.
    host.write("/etc/etcd/ssl/etcd-key.pem", "key", 0o600);
  });

  it("installs etcd and waits until this member is healthy", async () => {
    const { code, result, calls } = await run();
    expect([code, result]).toEqual([0, { changed: "true", version: "3.6.15" }]);
    expect(host.read("/etc/etcd/etcd.conf")).toBe(conf());
    expect(["etcd", "etcdctl", "etcdutl"].map((name) => host.mode(`/usr/bin/${name}`))).toEqual([
      "755",
      "755",
      "755",
    ]);
    expect([host.mode("/var/lib/etcd/default.etcd"), host.mode("/etc/etcd/ssl")]).toEqual(["700", "700"]);
    expect(calls).toContain("install -d -m 0700 -o etcd -g etcd /var/lib/etcd /var/lib/etcd/default.etcd");
    expect(units(calls)).toEqual([
      "systemctl daemon-reload",
      "systemctl enable etcd",
      "systemctl restart etcd",
    ]);
    expect(calls.at(-1)).toBe(
      "etcdctl --endpoints https://10.0.0.1:2379 --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem --key /etc/etcd/ssl/etcd-key.pem --command-timeout 3s endpoint health",
    );
    expect(host.leftovers()).toEqual([]);
  });

  it("changes nothing, and downloads nothing, the second time", async () => {
    await run();
    const before = host.files();
    server.asked.length = 0;
    const { result, calls } = await run();
    expect([result, units(calls), server.asked]).toEqual([{ changed: "false", version: "3.6.15" }, [], []]);
    expect(host.files()).toEqual(before);
  });

  it.each([
    ["settings", { ETCD_CONF: `${conf()}ETCD_QUOTA_BACKEND_BYTES="1"\n` }],
    ["unit", { ETCD_UNIT: "[Service]\nUser=etcd\nRestartSec=9\n" }],
    ["certificate", { CERTIFICATE_DIGEST: "fedcba9876543210" }],
  ])("restarts etcd once for another %s, without a download", async (_what, changed) => {
    await run();
    server.asked.length = 0;
    const { result, calls } = await run(changed);
    expect([result, server.asked]).toEqual([{ changed: "true", version: "3.6.15" }, []]);
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart etcd"]);
    expect((await run(changed)).result).toMatchObject({ changed: "false" });
  });

  it("replaces the program for another version, and leaves the data", async () => {
    await run();
    host.write("/var/lib/etcd/default.etcd/member/wal", "data");
    publish("3.6.16");
    const { result, calls } = await run({}, "3.6.16");
    expect(result).toEqual({ changed: "true", version: "3.6.16" });
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart etcd"]);
    expect(host.read("/var/lib/etcd/default.etcd/member/wal")).toBe("data");
  });

  const grown = conf("cp1=https://10.0.0.1:2380,etcd2=https://10.0.0.2:2380,etcd3=https://10.0.0.3:2380");

  it("refuses other members once the cluster is formed, and touches nothing", async () => {
    await run();
    host.write("/var/lib/etcd/default.etcd/member/wal", "data");
    const before = host.files();
    const { code, stderr, calls } = await run({ ETCD_CONF: grown });
    expect(code).toBe(78);
    expect(stderr).toContain(
      'error: the etcd cluster is formed of "cp1=https://10.0.0.1:2380"; changing its members is not built yet',
    );
    expect(units(calls)).toEqual([]);
    expect(host.files()).toEqual(before);
  });

  it("refuses to start empty in another data directory", async () => {
    const named = 'ETCD_DATA_DIR="/var/lib/etcd/default.etcd"\n';
    await run({ ETCD_CONF: named });
    host.write("/var/lib/etcd/default.etcd/member/snap/db", "data");
    const { code, stderr } = await run({ ETCD_CONF: named, DATA_DIR: "/var/lib/etcd/other" });
    expect(code).toBe(78);
    expect(stderr).toContain("in another directory it would start empty, so set etcd.dataDir back");
  });

  it("takes other members while there is no data", async () => {
    await run();
    expect((await run({ ETCD_CONF: grown })).code).toBe(0);
    expect(host.read("/etc/etcd/etcd.conf")).toBe(grown);
  });

  it("fails when the member does not become healthy, and says where to look", async () => {
    host.setState("sick", "");
    host.patience = 0;
    const { code, stderr } = await run();
    expect(code).toBe(78);
    expect(stderr).toContain("gave up after 0s: etcd at https://10.0.0.1:2379\n");
    expect(stderr).toContain("error: etcd is not healthy; see journalctl -u etcd\n");
  });
});
