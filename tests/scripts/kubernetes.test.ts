import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileServer } from "../support/file-server";
import { ScriptHost } from "../support/script-host";
import { printing } from "../support/tarball";

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

  /** A host of 1.35.4 that is part of a cluster. */
  const joined = async () => {
    publish("1.35.4");
    publish("1.36.3");
    await run({}, "1.35.4");
    host.write("/etc/kubernetes/kubelet.conf", "kind: Config\n");
    server.asked.length = 0;
  };
  const staged = "/var/lib/mesh-platform/kubelet-1.36.3";

  it("lays the next kubelet ready on a host that is part of a cluster, and does not touch the one that runs", async () => {
    await joined();
    const before = host.read("/usr/bin/kubelet");
    const { code, result, calls } = await run();
    expect([code, result, units(calls)]).toEqual([
      0,
      { changed: "true", version: "v1.36.3" },
      ["systemctl daemon-reload"],
    ]);
    expect([host.read("/usr/bin/kubelet"), host.read(staged), host.mode(staged)]).toEqual([
      before,
      printing("Kubernetes v1.36.3"),
      "755",
    ]);
    server.asked.length = 0;
    const again = await run();
    expect([again.result?.changed, server.asked]).toEqual(["false", []]);
  });

  it("keeps no kubelet of a version that nobody wants any more", async () => {
    await joined();
    await run();
    publish("1.36.4");
    await run({}, "1.36.4");
    expect([host.has(staged), host.has("/var/lib/mesh-platform/kubelet-1.36.4")]).toEqual([false, true]);
  });

  it.each([
    [
      "1.34.9",
      "Kubernetes 1.35.4 runs here and cannot go back to 1.34.9; set kubernetes.version to 1.35.4 or later",
    ],
    ["1.35.3", "Kubernetes 1.35.4 runs here and cannot go back to 1.35.3"],
    ["1.37.1", "Kubernetes 1.35.4 runs here and cannot jump to 1.37.1; go by way of 1.36"],
  ])("refuses %s on such a host, with nothing downloaded", async (version, why) => {
    await joined();
    publish(version);
    const before = host.files();
    const { code, stderr } = await run({}, version);
    expect([code, server.asked]).toEqual([78, []]);
    expect(stderr).toContain(`error: ${why}`);
    expect(host.files()).toEqual(before);
  });

  it("restarts that kubelet for another unit although a new one lies ready", async () => {
    await joined();
    const { calls } = await run({ KUBELET_UNIT: "[Service]\nExecStart=/usr/bin/kubelet -v 2\n" });
    expect(units(calls)).toEqual(["systemctl daemon-reload", "systemctl restart kubelet"]);
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

  it("leaves the kubelet's package as it is on a host that is part of a cluster", async () => {
    host.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
    for (const name of ["apt-get", "apt-mark"]) host.stub(name);
    host.stub("curl", "echo key");
    host.stub("gpg", "cat");
    host.stub("kubeadm", "echo v1.35.4");
    host.stub("kubelet", "echo Kubernetes v1.35.4");
    host.write("/etc/kubernetes/kubelet.conf", "kind: Config\n");
    host.stub("dpkg-query", 'for name; do :; done; [ "$name" = gnupg ] && printf "installed 2.2"');
    const { code, calls } = await run({
      FILES: "",
      REPOSITORY: ["a", "b", "c", "d"],
      PACKAGES: ["kubeadm", "kubectl", "kubelet"],
    });
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith("apt-get")).at(-1)).toMatch(
      / kubeadm=1\.36\.3-\* kubectl=1\.36\.3-\*$/,
    );
    expect(calls).toContain("apt-mark hold kubeadm kubectl kubelet");
    expect(units(calls)).not.toContain("systemctl restart kubelet");
  });
});
