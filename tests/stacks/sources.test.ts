import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addonVersions } from "../../components/addons/versions";
import { istioArtifacts } from "../../components/artifacts/charts";
import { mirrorVersions } from "../../components/sandbox/mirror/versions";
import { artifactVersions, chooseArtifacts } from "../../stacks/artifacts";
import type { ConfigError } from "../../stacks/config/faults";
import { parseConfig, resolvePlatform } from "../../stacks/config/load";
import { versions } from "../../stacks/config/versions";
import { istioSource } from "../../stacks/mesh";
import { installsByIstioctl } from "../../stacks/mesh-settings";
import { settle } from "../../stacks/settle";
import { capableComputer, member } from "../support/platforms";
import { shippedStacks } from "../support/stack-files";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-platform-sources-"));
  vi.stubEnv("MESH_PLATFORM_STATE", join(folder, "state"));
  vi.stubEnv("MESH_PLATFORM_CACHE", join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What a stack comes to where all of upstream answers, or nothing does. */
async function outcome(raw: object, answers: boolean) {
  const { auto } = await settle(parseConfig(raw), "shipped", async () => answers);
  const platform = resolvePlatform(raw, "shipped", capableComputer, {}, auto);
  const { config, source } = platform;
  const { artifacts, mirror } = chooseArtifacts(platform);
  const { kubernetes, etcd, containerd, docker, runc, cniPlugins } = artifactVersions(config, source);
  const { mesh, network, addons } = config;
  return {
    source,
    cluster: [
      `kubernetes ${kubernetes}`,
      ...(config.etcd.kind === "external" ? [`etcd ${etcd}`] : []),
      docker === undefined ? `containerd ${containerd}` : `docker ${docker}`,
      // Packages bring their own of these.
      ...(artifacts.kubernetes.method === "files" ? [`runc ${runc}, CNI plugins ${cniPlugins}`] : []),
      `flannel ${network.flannel.version}`,
    ].join(", "),
    mesh:
      mesh === false
        ? "none"
        : `${mesh.version} from ${fetched(mesh, { artifacts: config.artifacts, mirror })}`,
    ...(mesh === false || addons.prometheus === false
      ? {}
      : { prometheus: addons.prometheus.version ?? addonVersions(mesh.version).prometheus }),
    ...(mesh === false || addons.jaeger === false
      ? {}
      : { jaeger: addons.jaeger.version ?? addonVersions(mesh.version).jaeger }),
  };
}

/** Where the control plane comes from: its chart, or the program that installs it. */
function fetched(...[mesh, source]: Parameters<typeof istioSource>): string {
  const istio = istioArtifacts(istioSource(mesh, source));
  if (installsByIstioctl(mesh)) return istio.istioctl(mesh.version).url;
  const chart = istio.chart("istiod", mesh.version);
  return "repo" in chart ? `${chart.repo} ${chart.version}` : chart.path.replace(folder, "");
}

const own = "kubernetes 1.36.3, etcd 3.6.15, containerd 2.3.7";
const released = `${own}, runc 1.4.3, CNI plugins 1.9.1, flannel 0.26.7`;
const built = `${own}, runc 1.1.5, CNI plugins 1.1.1, flannel 0.26.7`;
const release = "1.31.1 from https://blob.istio.io/istio-release/charts 1.31.1";
const snapshot = "1.31.0-rc.20260827 from /cache/mirror/files/charts/istiod-1.31.0-rc.20260827.tgz";
const istioctl = (version: string) =>
  `${version} from https://github.com/istio/istio/releases/download/${version}/istioctl-${version}-linux-@ARCH@.tar.gz`;
const upstream = (more: object) => ({ source: "upstream", cluster: released, ...more });
const mirror = (more: object) => ({ source: "sandbox", cluster: built, ...more });
const always = (outcome: object) => ({ there: outcome, away: outcome });

/** Every stack that is shipped, with all of upstream there and with none of it. */
const expected: Readonly<Record<string, { readonly there: object; readonly away: object }>> = {
  "Pulumi.aliyun-slb.yaml": always({
    source: "aliyun",
    cluster: `${own}, flannel 0.26.7`,
    mesh: release,
    prometheus: "3.10.0",
    jaeger: "2.13.0",
  }),
  "Pulumi.dev.yaml": {
    there: upstream({ mesh: release, prometheus: "3.10.0" }),
    away: mirror({ mesh: snapshot, prometheus: "3.10.0" }),
  },
  "Pulumi.lab.yaml": { there: upstream({ mesh: "none" }), away: mirror({ mesh: "none" }) },
  // Machines have a network of their own, whatever answers here.
  "examples/vmware.yaml": always(upstream({ mesh: "none" })),
  "README.md#1": always(upstream({ mesh: "none" })),
  "docs/presets.md#1": always({
    source: "tuna",
    cluster: "kubernetes 1.20.15, etcd 3.3.13, docker 19.03.12, flannel 0.14.0",
    mesh: istioctl("1.10.0"),
    prometheus: "2.24.0",
    jaeger: "1.20.0",
  }),
  "docs/traffic.md#1": { there: upstream({ mesh: release }), away: mirror({ mesh: snapshot }) },
  seed000: always({
    source: "tuna",
    cluster: "kubernetes 1.20.7, etcd 3.3.13, docker 19.03.12, flannel 0.14.0",
    mesh: istioctl("1.10.0"),
    prometheus: "2.24.0",
    jaeger: "1.20.0",
  }),
  seed001: always({
    source: "aliyun",
    cluster: "kubernetes 1.19.0, docker 19.03.13, flannel 0.12.0",
    mesh: istioctl("1.7.0"),
    prometheus: "2.19.0",
    jaeger: "1.18.0",
  }),
  seed002: always({
    source: "aliyun",
    cluster: "kubernetes 1.18.20, docker 19.03.13, flannel 0.13.0",
    mesh: istioctl("1.7.4"),
    prometheus: "2.19.0",
    jaeger: "1.18.0",
  }),
  seed003: always({
    source: "aliyun",
    cluster: "kubernetes 1.20.15, docker 19.03.12, flannel 0.14.0",
    mesh: istioctl("1.13.2"),
    prometheus: "2.31.1",
    jaeger: "1.29.0",
  }),
};

describe("a stack that is shipped", () => {
  it("has its line here", () => {
    expect(shippedStacks.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(shippedStacks)("takes what upstream has, where that answers ($name)", async ({ name, raw }) => {
    expect(await outcome(raw, true)).toEqual(expected[name]?.there);
  });

  it.each(shippedStacks)("takes what can be had where upstream is away ($name)", async ({ name, raw }) => {
    expect(await outcome(raw, false)).toEqual(expected[name]?.away);
  });

  it.each(["seed000", "seed001", "seed002", "seed003"])(
    "of old versions says what the sandbox's own mirror lacks, all of it at once (%s)",
    async (preset) => {
      const raw = { preset, hosts: { kind: "sandbox" }, artifacts: { kind: "auto" } };
      const error = await outcome(raw, false).catch((reason: unknown) => reason);
      const paths = (error as ConfigError).faults.map(({ path }) => path);
      // Each has one fault besides that has nothing to do with versions.
      expect(paths.slice(1)).toEqual([
        "kubernetes.version",
        ...(preset === "seed000" ? ["etcd.version"] : []),
        "runtime.kind",
        "network.flannel.version",
        ...(preset === "seed000" ? ["network.kubeRouter"] : []),
        "mesh.version",
      ]);
    },
  );
});

describe("a version that the config leaves out", () => {
  const istio = (raw: object, auto?: "upstream" | "sandbox") => {
    const { mesh } = parseConfig({ mesh: {}, ...raw }, auto);
    return mesh === false ? "none" : mesh.version;
  };
  const machines = { kind: "inventory", members: [member("cp1", "10.0.0.1", "controlPlane", "etcd")] };
  const own = { kind: "mirror", files: "https://files.example.com", registry: "images.example.com:443" };

  it.each([
    ["upstream", { artifacts: { kind: "upstream" } }, "1.31.1"],
    ["aliyun", { artifacts: { kind: "aliyun" } }, "1.31.1"],
    ["tuna", { artifacts: { kind: "tuna" } }, "1.31.1"],
    ["a mirror of one's own", { artifacts: own }, "1.31.1"],
    ["machines", { hosts: machines }, "1.31.1"],
    ["the sandbox's own mirror", { artifacts: { kind: "sandbox" } }, "1.31.0-rc.20260827"],
  ])("is one that its source has (%s)", (_, raw, version) => {
    // What auto came to is looked at by those alone whose source it is.
    expect(istio(raw, "sandbox")).toBe(version);
  });

  it("never replaces one that is there", () => {
    expect(istio({ mesh: { version: "1.30.5" } }, "sandbox")).toBe("1.30.5");
  });

  it.each([
    ["criDockerd", "28.5.2"],
    ["dockershim", "20.10.24"],
    ["containerd", "2.3.7"],
  ])("is one of the container runtime that is named (%s)", (kind, version) => {
    expect(parseConfig({ runtime: { kind } }).runtime.version).toBe(version);
  });
});

describe("the table of default versions", () => {
  it("is what the schema says, and what the mirror builds", () => {
    const { kubernetes, etcd, runtime, network } = parseConfig({});
    expect([kubernetes.version, etcd.version, runtime.version, runtime.criDockerd]).toEqual(
      ["kubernetes", "etcd", "containerd", "criDockerd"].map((name) => versions[name as "etcd"].release),
    );
    expect([network.flannel.version, network.kubeRouter.version]).toEqual(
      ["flannel", "kubeRouter"].map((name) => versions[name as "flannel"].release),
    );
    const held = parseConfig({ artifacts: { kind: "sandbox" }, mesh: {} });
    expect([held.kubernetes.version, held.etcd.version, held.runtime.version]).toEqual([
      mirrorVersions.kubernetes,
      mirrorVersions.etcd,
      mirrorVersions.containerd,
    ]);
  });

  it("has releases alone where everybody downloads", () => {
    for (const { release } of Object.values(versions)) expect(release).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
