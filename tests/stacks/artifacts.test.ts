import { describe, expect, it } from "vitest";
import { chooseArtifacts } from "../../stacks/artifacts";
import type { ConfigError } from "../../stacks/config/faults";
import { type Computer, resolvePlatform } from "../../stacks/config/load";
import { capableComputer, inventory, sandbox } from "../support/platforms";

const platform = (config: object, computer: Computer = capableComputer) =>
  resolvePlatform(config, "unit", computer);
const chosen = (config: object) => chooseArtifacts(platform(config));

function faultsOf(config: object, computer?: Computer) {
  try {
    platform(config, computer);
  } catch (error) {
    return (error as ConfigError).faults;
  }
  return [];
}

describe("the sandbox's own mirror", () => {
  it("is asked on the gateway, at the port of the config, for the versions it builds", () => {
    const hosts = { kind: "sandbox", network: { mirrorPort: 5001 } };
    const { artifacts, mirror } = chosen({ hosts, artifacts: { kind: "sandbox" } });
    expect(artifacts.description).toBe(
      "sandbox: a mirror on this computer, built from source (172.30.7.1:5001)",
    );
    expect(mirror).toMatchObject({ port: 5001, files: "http://172.30.7.1:5001/files" });
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

  it("refuses every version that it does not build, together with all other faults", () => {
    const config = sandbox(1, {
      kubernetes: { version: "1.36.2", controlPlaneEndpoint: { kind: "kubeVip", address: "172.30.7.99" } },
      etcd: { version: "3.6.14" },
      runtime: { version: "2.3.6", runc: "1.4.3", cniPlugins: "1.9.1" },
      network: { flannel: { version: "0.28.9" }, kubeRouter: { firewall: true } },
      mesh: { version: "1.31.1" },
      addons: { prometheus: { version: "3.9.0" }, jaeger: { version: "2.14.0" } },
      pki: { leafValidityHours: 90000 },
    });
    expect(
      faultsOf(config).map(({ path, given, allowed }) => [path, given, allowed.replace(/, which is.*/, "")]),
    ).toEqual([
      ["pki.leafValidityHours", "90000", "at most pki.authorityValidityHours (87600)"],
      ["kubernetes.version", "1.36.2", "1.36.3 or 1.35.4"],
      ["kubernetes.controlPlaneEndpoint.kind", "kubeVip", "haproxy or external"],
      ["etcd.version", "3.6.14", "3.6.15 or 3.5.35"],
      ["runtime.version", "2.3.6", "2.3.7"],
      ["runtime.runc", "1.4.3", "1.1.5"],
      ["runtime.cniPlugins", "1.9.1", "1.1.1"],
      ["network.flannel.version", "0.28.9", "0.26.7"],
      ["network.kubeRouter", "kube-router beside flannel", "flannel alone"],
      ["mesh.version", "1.31.1", "1.31.0-rc.20260827 or 1.31.0-rc.20260827.1"],
      ["addons.prometheus.version", "3.9.0", "3.10.0"],
      ["addons.jaeger.version", "2.14.0", "2.13.0"],
    ]);
  });

  it("refuses what it has no packages and images for", () => {
    const config = sandbox(1, { runtime: { kind: "criDockerd" }, network: { kind: "kubeRouter" } });
    expect(faultsOf(config)).toEqual([
      {
        path: "runtime.kind",
        given: "criDockerd",
        allowed: "containerd, which is what the sandbox's own mirror builds",
        change: "take that, or another source under artifacts",
      },
      {
        path: "network.kind",
        given: "kubeRouter",
        allowed: "flannel, which is what the sandbox's own mirror builds",
        change: "take that, or another source under artifacts",
      },
    ]);
  });

  it("has the minor before only where it was filled with it", () => {
    const config = sandbox(1, { kubernetes: { version: "1.35.4" }, etcd: { version: "3.5.35" } });
    expect(chosen(config).artifacts.etcd.url).toBe(
      "http://172.30.7.1:5000/files/etcd/v3.5.35/etcd-v3.5.35-linux-@ARCH@.tar.gz",
    );
    const without = {
      ...capableComputer,
      servedVersions: () => ({ kubernetes: ["1.36.3"], etcd: ["3.6.15"] }),
    };
    expect(faultsOf(config, without).map(({ path }) => path)).toEqual(["kubernetes.version", "etcd.version"]);
  });

  it("warns of what it builds no image for, since the hosts may reach one", () => {
    const config = {
      mesh: { ambient: true },
      addons: { prometheus: {}, grafana: {}, kiali: {}, logging: {} },
    };
    const lines = (more: object) =>
      platform(sandbox(1, { ...config, ...more })).warnings.filter((line) =>
        line.includes("builds no image"),
      );
    expect(lines({}).map((line) => line.replace(/:.*/, ""))).toEqual([
      "addons.grafana",
      "addons.kiali",
      "addons.logging",
      "mesh.ambient",
    ]);
    expect(lines({ artifacts: { kind: "upstream" } })).toEqual([]);
  });

  it("is refused to existing machines, which could not reach it", () => {
    expect(faultsOf(inventory(1, { artifacts: { kind: "sandbox" } }))).toEqual([
      {
        path: "artifacts.kind",
        given: "sandbox",
        allowed: "sandbox only together with hosts.kind: sandbox",
        change: "take upstream, aliyun, tuna or mirror",
      },
    ]);
  });
});

describe("a named source", () => {
  it.each([
    ["upstream", "upstream: dl.k8s.io, GitHub releases, registry.k8s.io"],
    ["aliyun", "aliyun: packages and images from Aliyun, etcd from GitHub releases"],
    ["tuna", "tuna: packages from TUNA, images from Aliyun, etcd from GitHub releases"],
  ])("is taken (%s)", (kind, description) => {
    expect(chosen(inventory(1, { artifacts: { kind } }))).toMatchObject({ artifacts: { description } });
    expect(chosen(inventory(1, { artifacts: { kind } })).mirror).toBeUndefined();
  });

  const own = {
    kind: "mirror",
    files: "https://files.example.com/k8s",
    registry: "registry.example.com:443",
  };

  it("may be a mirror of one's own", () => {
    const { artifacts } = chosen(inventory(1, { artifacts: own }));
    expect(artifacts.description).toBe(
      "mirror: https://files.example.com/k8s, images from registry.example.com:443",
    );
    expect(artifacts.registryMirrors).toEqual([
      { registry: "_default", url: "https://registry.example.com:443" },
    ]);
  });

  const builds = {
    version: "1.31.0-rc.20260827",
    revisions: [{ name: "" }, { name: "next", version: "1.31.0-rc.20260827.1" }],
  };

  it.each(["upstream", "aliyun", "tuna", "auto"])(
    "has no builds between releases where Istio's own charts are downloaded (%s)",
    (kind) => {
      const fault = {
        allowed: "a release of Istio where its charts are downloaded, such as 1.31.1",
        change:
          'write version: "1.31.1", or leave it out; the sandbox\'s own mirror alone has builds between releases',
      };
      expect(faultsOf(inventory(1, { artifacts: { kind }, mesh: builds }))).toEqual([
        { path: "mesh.version", given: "1.31.0-rc.20260827", ...fault },
        { path: "mesh.revisions[1].version", given: "1.31.0-rc.20260827.1", ...fault },
      ]);
    },
  );

  it.each([
    ["a mirror of one's own", { artifacts: own, mesh: builds }],
    ["charts of one's own", { mesh: { ...builds, charts: "https://charts.example.com" } }],
  ])("may have them from %s", (_, more) => {
    expect(faultsOf(inventory(1, more))).toEqual([]);
  });

  it("has cri-dockerd in versions whose checksums are known", () => {
    const runtime = { kind: "criDockerd", criDockerd: "0.4.3" };
    expect(faultsOf(inventory(1, { runtime }))).toEqual([
      {
        path: "runtime.criDockerd",
        given: "0.4.3",
        allowed: "0.3.26 or 0.3.25, whose checksums are known",
        change: "take one of these, or artifacts of kind mirror, which has a checksum file",
      },
    ]);
    expect(faultsOf(inventory(1, { runtime, artifacts: own }))).toEqual([]);
  });

  it("warns of Istio before 1.15, which has no images for arm64", () => {
    const old = {
      kubernetes: { version: "1.23.17" },
      etcd: { version: "3.5.35" },
      runtime: { version: "1.7.34" },
    };
    const warnings = (version: string) =>
      platform(inventory(1, { ...old, mesh: { version } })).warnings.filter((line) => line.includes("arm64"));
    expect(warnings("1.14.6")).toEqual([
      "mesh.version: Istio 1.14.6 has images for amd64 alone, and none for arm64",
    ]);
    expect(warnings("1.15.7")).toEqual([]);
  });
});
