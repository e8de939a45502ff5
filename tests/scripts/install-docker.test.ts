import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveArtifacts } from "../../components/artifacts/sources";
import { planDocker } from "../../components/hosts/docker";
import { machineProfile } from "../../components/hosts/profile";
import type { ScriptValue } from "../../components/remote/quote";
import { FileServer, sha256 } from "../support/file-server";
import { demandedNames, readProjectFile } from "../support/rendered";
import { ScriptHost } from "../support/script-host";
import { printing, tarball } from "../support/tarball";

const SCRIPT = "components/hosts/scripts/docker.sh";

let host: ScriptHost;
let server: FileServer;
beforeEach(async () => {
  host = new ScriptHost();
  server = await FileServer.start();
  host.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=buster\n");
  host.write("/run/cri-dockerd.sock", "");
  host.setState("driver", "systemd");
  host.stub("uname", "case $1 in -m) echo x86_64 ;; *) echo host ;; esac");
  host.stub("docker", 'case $1 in info) cat "$STATE/driver" ;; version) echo 19.03.12 ;; esac');
});
afterEach(() => {
  server.stop();
  host.remove();
});

type Parameters = Record<string, ScriptValue>;

/** What the program gives the script, for Docker as packages of Aliyun. */
function packaged(kind: "criDockerd" | "dockershim" = "dockershim"): Parameters {
  const versions = {
    ...{ kubernetes: "1.20.7", etcd: "3.4.13", containerd: "19.03.12", runc: "1.4.3", cniPlugins: "1.9.1" },
    docker: "19.03.12",
  };
  const { docker: source } = resolveArtifacts({ kind: "aliyun" }, versions);
  if (source === undefined) throw new Error("no Docker");
  const args = { kind, source, profile: machineProfile, sandboxImage: "r/pause:3.2", mirrors: {} };
  return planDocker(args) as Parameters;
}

/** The same for files of a mirror, with cri-dockerd. */
function files(): Parameters {
  const shim = tarball({ "cri-dockerd/cri-dockerd": printing("cri-dockerd") });
  server.publish(
    "/docker",
    tarball({ "docker/dockerd": printing("dockerd"), "docker/docker": printing("x") }),
  );
  server.publish("/cni", tarball({ bridge: "bridge" }));
  server.files["/shim"] = shim;
  return {
    ...packaged("criDockerd"),
    FAMILIES: [],
    REPOSITORY: [],
    FILES: [
      `docker ${server.url("/docker")} ${server.url("/docker.sha256")}`,
      `cniPlugins ${server.url("/cni")} ${server.url("/cni.sha256")}`,
      `criDockerd ${server.url("/shim")} sha256:amd64=${sha256(shim)},arm64=${"0".repeat(64)}`,
    ],
    DOCKER_UNIT: "[Service]\nExecStart=/usr/local/bin/dockerd\n",
  };
}

const run = (parameters: Parameters) => host.run(SCRIPT, parameters);
const units = (calls: readonly string[]) =>
  calls.filter((call) => /^systemctl (daemon-reload|enable|restart)/.test(call));

describe("docker.sh", () => {
  it("is given exactly the parameters that it demands", () => {
    expect(Object.keys(packaged()).sort()).toEqual(demandedNames(readProjectFile(SCRIPT)).sort());
  });

  it("installs Docker, the plugins and cri-dockerd from files, the last compared with a sum that is known", async () => {
    const { code, result, calls, stderr } = await run(files());
    expect([code, result, stderr.includes("error")]).toEqual([
      0,
      { changed: "true", version: "19.03.12" },
      false,
    ]);
    for (const program of ["/usr/local/bin/dockerd", "/usr/local/bin/cri-dockerd", "/opt/cni/bin/bridge"])
      expect([program, host.mode(program)]).toEqual([program, "755"]);
    expect(JSON.parse(host.read("/etc/docker/daemon.json"))).toMatchObject({
      "exec-opts": ["native.cgroupdriver=systemd"],
      "live-restore": true,
    });
    expect(host.read("/etc/systemd/system/docker.service.d/mesh-platform.conf")).toContain(
      "-P FORWARD ACCEPT",
    );
    expect(units(calls).filter((call) => call.startsWith("systemctl restart"))).toEqual([
      "systemctl restart docker",
      "systemctl restart cri-docker",
    ]);
    expect(host.read("/var/lib/mesh-platform/runtime.kind")).toBe("criDockerd");
    expect(host.leftovers()).toEqual([]);
  });

  it("changes nothing, and downloads nothing, the second time", async () => {
    const parameters = files();
    await run(parameters);
    const before = host.files();
    server.asked.length = 0;
    const { result, calls } = await run(parameters);
    expect([result?.changed, units(calls), server.asked]).toEqual(["false", [], []]);
    expect(host.files()).toEqual(before);
  });

  it("refuses a file whose sum is another one", async () => {
    const parameters = files();
    server.files["/shim"] = "tampered";
    const { code, stderr } = await run(parameters);
    expect(code).toBe(78);
    expect(stderr).toContain("does not match the sha256");
    expect(host.has("/var/lib/mesh-platform/runtime.installed")).toBe(false);
  });

  it("takes packages of exactly that version as the family spells it, and starts nothing beside Docker", async () => {
    host.stub("apt-get");
    for (const name of ["curl", "gpg"]) host.stub(name, "cat >/dev/null");
    host.stub("dpkg-query", 'for name; do :; done; [ "$name" = gnupg ] && printf "installed 2.2"');
    const { code, calls } = await run(packaged());
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith("apt-get")).at(-1)).toMatch(
      / docker-ce=5:19\.03\.12~3-\* docker-ce-cli=5:19\.03\.12~3-\* containerd\.io$/,
    );
    expect(host.has("/etc/systemd/system/docker.service")).toBe(false);
    expect(calls.filter((call) => call.includes("cri-docker"))).toEqual([]);
    expect(host.read("/var/lib/mesh-platform/runtime.kind")).toBe("dockershim");
  });

  it("fails where Docker manages control groups otherwise than the kubelet is told", async () => {
    host.setState("driver", "cgroupfs");
    const { code, stderr } = await run(files());
    expect(code).toBe(78);
    expect(stderr).toContain("error: Docker uses the cgroup driver cgroupfs, and the kubelet systemd");
  });

  it("fails where cri-dockerd does not answer", async () => {
    host.patience = 0;
    rmSync(host.path("/run/cri-dockerd.sock"));
    const { code, stderr } = await run(files());
    expect(code).toBe(78);
    expect(stderr).toContain("error: cri-dockerd does not answer; see journalctl -u cri-docker");
  });
});
