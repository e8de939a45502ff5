import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileServer } from "../support/file-server";
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
      '# Written by mesh-platform.\n[host."http://10.0.0.9:5000"]\n  capabilities = ["pull", "resolve"]\n',
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

  it("asks several mirrors in their order, and forgets those that are no longer named", async () => {
    publish("2.3.7");
    await run({ REGISTRY_HOSTS: ["docker.io https://a https://b", "_default http://c"] });
    expect(host.read("/etc/containerd/certs.d/docker.io/hosts.toml")).toBe(
      ["https://a", "https://b"].reduce(
        (text, url) => `${text}[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`,
        "# Written by mesh-platform.\n",
      ),
    );
    host.write("/etc/containerd/certs.d/own.example.com/hosts.toml", 'server = "https://own.example.com"\n');
    const { result } = await run({ REGISTRY_HOSTS: ["_default http://c"] });
    expect(result).toMatchObject({ changed: "true" });
    expect(
      ["docker.io", "_default", "own.example.com"].map((name) =>
        host.has(`/etc/containerd/certs.d/${name}/hosts.toml`),
      ),
    ).toEqual([false, true, true]);
  });

  it("installs crictl where an old kubeadm runs it", async () => {
    publish("2.3.7");
    server.publish("/crictl", tarball({ crictl: printing("crictl") }));
    const crictl = `crictl ${server.url("/crictl")} ${server.url("/crictl.sha256")}`;
    await run({ FILES: [...parameters("2.3.7").FILES, crictl] });
    expect(host.mode("/usr/local/bin/crictl")).toBe("755");
  });

  it("refuses a node that runs its pods with another runtime, and takes a host that is none yet", async () => {
    publish("2.3.7");
    host.write("/var/lib/mesh-platform/runtime.kind", "dockershim");
    host.write("/etc/kubernetes/kubelet.conf", "kind: Config\n");
    const { code, stderr } = await run();
    expect([code, server.asked]).toEqual([78, []]);
    expect(stderr).toContain("this node runs its pods with dockershim; take it out of the cluster");
    host.write("/var/lib/mesh-platform/runtime.kind", "containerd");
    expect((await run()).code).toBe(0);
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
