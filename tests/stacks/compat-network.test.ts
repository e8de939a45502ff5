import { describe, expect, it } from "vitest";
import { machineProfile, sharedKernelProfile } from "../../components/hosts/profile";
import { type NetworkChoice, networkFindings } from "../../stacks/config/compat-network";

type Network = NetworkChoice["network"];

const usual: Network = {
  kind: "flannel",
  flannel: { version: "0.26.7" },
  kubeRouter: { version: "2.11.1", serviceProxy: false },
  kubeProxy: "iptables",
  legacyDoublePodNetwork: false,
};
const served = { version: "2.11.1", serviceProxy: true };

const judge = (
  network: Partial<Network>,
  kubernetesVersion = "1.36.3",
  profile = machineProfile,
  kernels?: Record<string, string>,
) =>
  networkFindings({
    kubernetesVersion,
    network: { ...usual, ...network },
    modulesLeftOut: profile.modulesLeftOut,
    ...(kernels === undefined ? {} : { kernels }),
  });
const short = (...args: Parameters<typeof judge>) =>
  judge(...args).map(({ verdict, path, given }) => `${verdict} ${path} ${given}`);

describe("networkFindings", () => {
  it.each<[string, Partial<Network>, string?]>([
    ["the defaults", {}],
    [
      "kube-router in all its duties, without kube-proxy",
      { kind: "kubeRouter", kubeRouter: served, kubeProxy: "none" },
    ],
    ["kube-router as network beside kube-proxy", { kind: "kubeRouter" }],
    ["kube-router as firewall beside flannel", { kubeRouter: { ...usual.kubeRouter, firewall: true } }],
    ["nftables", { kubeProxy: "nftables" }],
    ["ipvs while it was not deprecated", { kubeProxy: "ipvs" }, "1.34.0"],
    ["an old flannel with an old Kubernetes", { flannel: { version: "0.12.0" } }, "1.19.0"],
    ["the oldest flannel without a policy", { flannel: { version: "0.19.0" } }, "1.25.0"],
    ["a version of kube-router that does not run", { kubeRouter: { version: "0.1.0", serviceProxy: false } }],
  ])("has nothing against %s", (_, network, kubernetes) => {
    expect(judge(network, kubernetes)).toEqual([]);
  });

  it("refuses two service proxies, in words", () => {
    expect(judge({ kubeRouter: served })).toEqual([
      {
        verdict: "impossible",
        path: "network.kubeRouter.serviceProxy",
        given: "true, with network.kubeProxy iptables",
        allowed: "one service proxy: two of them answer for the same addresses",
        change: "set network.kubeProxy to none, or network.kubeRouter.serviceProxy to false",
      },
    ]);
  });

  it.each<[string, Partial<Network>, string, string[]]>([
    [
      "both pod networks",
      { legacyDoublePodNetwork: true },
      "1.36.3",
      ["untested network.legacyDoublePodNetwork true"],
    ],
    [
      "two pod networks of which one is not wanted",
      { legacyDoublePodNetwork: true, kind: "kubeRouter" },
      "1.36.3",
      ["impossible network.legacyDoublePodNetwork true"],
    ],
    ["no service proxy at all", { kubeProxy: "none" }, "1.36.3", ["untested network.kubeProxy none"]],
    ["ipvs from 1.35 on", { kubeProxy: "ipvs" }, "1.35.0", ["untested network.kubeProxy ipvs"]],
    ["nftables before 1.31", { kubeProxy: "nftables" }, "1.30.14", ["impossible network.kubeProxy nftables"]],
    ["nftables before 1.33", { kubeProxy: "nftables" }, "1.32.0", ["untested network.kubeProxy nftables"]],
    [
      "kube-router 2 before 1.21",
      { kind: "kubeRouter" },
      "1.20.7",
      ["impossible network.kubeRouter.version 2.11.1"],
    ],
    [
      "kube-router 1 long after it",
      { kind: "kubeRouter", kubeRouter: { version: "1.6.1", serviceProxy: false } },
      "1.36.3",
      ["untested network.kubeRouter.version 1.6.1"],
    ],
    [
      "kube-router before 1.0",
      { kind: "kubeRouter", kubeRouter: { version: "0.4.0", serviceProxy: false } },
      "1.20.7",
      ["impossible network.kubeRouter.version 0.4.0"],
    ],
    [
      "flannel with a policy that is gone",
      { flannel: { version: "0.18.1" } },
      "1.25.0",
      ["impossible network.flannel.version 0.18.1"],
    ],
    [
      "flannel older than the table",
      { flannel: { version: "0.11.0" } },
      "1.18.20",
      ["impossible network.flannel.version 0.11.0"],
    ],
  ])("objects to %s", (_, network, kubernetes, findings) => {
    expect(short(network, kubernetes)).toEqual(findings);
  });

  it("refuses what needs ip_vs where hosts have no kernel of their own", () => {
    expect(short({ kubeRouter: served, kubeProxy: "none" }, "1.36.3", sharedKernelProfile)).toEqual([
      "impossible network.kubeRouter.serviceProxy true",
    ]);
    expect(short({ kubeProxy: "ipvs" }, "1.34.0", sharedKernelProfile)).toEqual([
      "impossible network.kubeProxy ipvs",
    ]);
  });

  it("refuses nftables on a kernel that is too old, where the kernel is known", () => {
    const kernels = { cp1: "5.10.0-28-amd64", worker1: "6.1.0-18-amd64", worker2: "5.13" };
    expect(short({ kubeProxy: "nftables" }, "1.36.3", machineProfile, kernels)).toEqual([
      "impossible network.kubeProxy nftables, with Linux 5.10.0-28-amd64 on cp1",
    ]);
    expect(short({}, "1.36.3", machineProfile, kernels)).toEqual([]);
  });
});
