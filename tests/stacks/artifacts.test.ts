import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseArtifacts, type Reach } from "../../stacks/artifacts";
import { ConfigError } from "../../stacks/config/faults";
import { resolvePlatform } from "../../stacks/config/load";
import { capableComputer, inventory, sandbox } from "../support/platforms";

const platform = (config: object) => resolvePlatform(config, "unit", capableComputer);
const reachable: Reach = async () => true;
const cutOff: Reach = async () => false;
const neverAsked: Reach = async (url) => {
  throw new Error(`${url} was asked for`);
};

let folder: string;
const note = () => join(folder, "artifacts-unit");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-platform-"));
  vi.stubEnv("MESH_PLATFORM_STATE", folder);
  // A mirror that was filled with the minor versions before its own, too.
  vi.stubEnv("MESH_PLATFORM_CACHE", folder);
  mkdirSync(join(folder, "mirror"));
  writeFileSync(join(folder, "mirror", "index.json"), JSON.stringify({ groups: ["previous"] }));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("artifacts of kind auto", () => {
  const auto = { artifacts: { kind: "auto" } };

  it("come from upstream where all of it can be reached", async () => {
    const asked: string[] = [];
    const { artifacts, mirror } = await chooseArtifacts(platform(auto), async (url) => asked.push(url) > 0);
    expect(artifacts.description).toBe("upstream: dl.k8s.io, GitHub releases, registry.k8s.io");
    expect(mirror).toBeUndefined();
    expect(asked).toEqual(["https://dl.k8s.io", "https://github.com", "https://registry.k8s.io/v2/"]);
  });

  it("come from a mirror of the sandbox's own where one part of upstream is out of reach", async () => {
    const { artifacts, mirror } = await chooseArtifacts(
      platform(auto),
      async (url) => !url.includes("registry"),
    );
    expect(artifacts.description).toBe(
      "sandbox: a mirror on this computer, built from source (172.30.7.1:5000)",
    );
    expect(mirror).toMatchObject({ port: 5000 });
  });

  it("stay where they came from first, however the network is later", async () => {
    await chooseArtifacts(platform(auto), cutOff);
    expect(readFileSync(note(), "utf8")).toBe("sandbox\n");
    expect((await chooseArtifacts(platform(auto), neverAsked)).mirror).toBeDefined();
  });

  it("are asked for anew where the note makes no sense", async () => {
    writeFileSync(note(), "somewhere\n");
    expect((await chooseArtifacts(platform(auto), reachable)).mirror).toBeUndefined();
    expect(readFileSync(note(), "utf8")).toBe("upstream\n");
  });

  it("come from upstream for existing machines, whose network is not this computer's", async () => {
    const chosen = await chooseArtifacts(platform(inventory(1, auto)), neverAsked);
    expect(chosen.artifacts.imageRepository).toBe("registry.k8s.io");
    expect(chosen.mirror).toBeUndefined();
  });
});

describe("the sandbox's own mirror", () => {
  it("is asked on the gateway, at the port of the config, for the versions it builds", async () => {
    const hosts = { kind: "sandbox", network: { mirrorPort: 5001 } };
    const { artifacts } = await chooseArtifacts(
      platform({ hosts, artifacts: { kind: "sandbox" } }),
      neverAsked,
    );
    expect(artifacts.etcd).toEqual({
      url: "http://172.30.7.1:5001/files/etcd/v3.6.15/etcd-v3.6.15-linux-@ARCH@.tar.gz",
      checksumUrl: "http://172.30.7.1:5001/files/etcd/v3.6.15/SHA256SUMS",
    });
    expect(artifacts.registryMirrors).toEqual([{ registry: "_default", url: "http://172.30.7.1:5001" }]);
    expect(artifacts.runtime).toMatchObject({
      files: {
        runc: { url: "http://172.30.7.1:5001/files/runc/v1.1.5/runc.@ARCH@" },
        cniPlugins: {
          url: "http://172.30.7.1:5001/files/cni-plugins/v1.1.1/cni-plugins-linux-@ARCH@-v1.1.1.tgz",
        },
      },
    });
  });

  it("refuses every version that it does not build, at once", async () => {
    const config = sandbox(1, { kubernetes: { version: "1.36.2" }, etcd: { version: "3.6.14" } });
    const error = await chooseArtifacts(platform(config), neverAsked).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).faults.map(({ path, given, allowed }) => [path, given, allowed])).toEqual([
      ["kubernetes.version", "1.36.2", "1.36.3 or 1.35.4, which is what the sandbox's own mirror builds"],
      ["etcd.version", "3.6.14", "3.6.15 or 3.5.35, which is what the sandbox's own mirror builds"],
    ]);
  });

  it("refuses what it has no packages and images for", async () => {
    const config = sandbox(1, {
      runtime: { kind: "criDockerd", version: "28.5.2" },
      network: { kind: "kubeRouter" },
    });
    const error = await chooseArtifacts(platform(config), neverAsked).catch((reason: unknown) => reason);
    expect((error as ConfigError).faults.map(({ path }) => path)).toEqual([
      "runtime.kind",
      "runtime.version",
      "network.kind",
    ]);
  });

  it("builds the minor versions before its own too, for trying an upgrade", async () => {
    const config = sandbox(1, { kubernetes: { version: "1.35.4" }, etcd: { version: "3.5.35" } });
    const { artifacts } = await chooseArtifacts(platform(config), neverAsked);
    expect(artifacts.etcd.url).toBe(
      "http://172.30.7.1:5000/files/etcd/v3.5.35/etcd-v3.5.35-linux-@ARCH@.tar.gz",
    );
  });

  it("is refused to existing machines, which could not reach it", async () => {
    const config = inventory(1, { artifacts: { kind: "sandbox" } });
    await expect(chooseArtifacts(platform(config), neverAsked)).rejects.toThrow(
      "sandbox only together with hosts.kind: sandbox",
    );
  });
});

describe("a named source", () => {
  it.each([
    ["upstream", "upstream: dl.k8s.io, GitHub releases, registry.k8s.io"],
    ["aliyun", "aliyun: packages and images from Aliyun, etcd from GitHub releases"],
    ["tuna", "tuna: packages from TUNA, images from Aliyun, etcd from GitHub releases"],
  ])("is taken without asking the network (%s)", async (kind, description) => {
    const chosen = await chooseArtifacts(platform(inventory(1, { artifacts: { kind } })), neverAsked);
    expect(chosen).toMatchObject({ artifacts: { description } });
  });

  it("may be a mirror of one's own", async () => {
    const artifacts = {
      kind: "mirror",
      files: "https://files.example.com/k8s",
      registry: "registry.example.com:443",
    };
    const chosen = await chooseArtifacts(platform(inventory(1, { artifacts })), neverAsked);
    expect(chosen.artifacts.description).toBe(
      "mirror: https://files.example.com/k8s, images from registry.example.com:443",
    );
    expect(chosen.artifacts.registryMirrors).toEqual([
      { registry: "_default", url: "https://registry.example.com:443" },
    ]);
  });
});
