import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import {
  kubeRouterDuties,
  type NetworkSettings,
  type PodNetworkArgs,
  podNetwork,
} from "../../../components/network/pod-network";
import { record } from "../../support/recorder";
import { input, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const usual: NetworkSettings = {
  kind: "flannel",
  flannel: { version: "0.26.7", backend: "vxlan" },
  kubeRouter: { version: "2.11.1", serviceProxy: false },
  kubeProxy: "iptables",
  corednsReplicas: 2,
  legacyDoublePodNetwork: false,
};
const served = { version: "2.11.1", serviceProxy: true };

const built = (settings: Partial<NetworkSettings> = {}, more: Partial<PodNetworkArgs> = {}) =>
  record(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    const [first, second] = ["cp1", "cp2"].map((name) => new k8s.core.v1.Namespace(name, {}, { provider }));
    if (first === undefined || second === undefined) throw new Error("unreachable");
    const connection = {
      host: "172.30.0.11",
      user: "root",
      port: 22,
      privateKey: "key",
      hostKey: "ssh-ed25519 AAAA",
    };
    const { done, dns } = podNetwork(
      {
        settings: { ...usual, ...settings },
        podSubnet: "10.100.0.0/17",
        serviceSubnet: "10.200.0.0/19",
        endpoint: "172.30.0.11:6443",
        kubernetesVersion: "1.36.3",
        imageRepository: "registry.k8s.io",
        seat: { name: "cp1", address: "172.30.0.11", connection },
        cluster: first,
        controlPlanes: [first, second],
        parent: first,
        ...more,
      },
      { provider },
    );
    new k8s.core.v1.Namespace("node", {}, { provider, dependsOn: done });
    new k8s.core.v1.Namespace("names", {}, { provider, dependsOn: [dns] });
  });
type Built = Awaited<ReturnType<typeof built>>;

const roles = ["flannel-daemonset", "kube-proxy", "kube-router-daemonset", "coredns"];
/** Which of them there are, each with those that it waits for. */
const order = (recording: Built) => {
  const there = roles.filter((name) => recording.names().includes(name));
  return there.map(
    (name) =>
      `${name} < ${there.filter((other) => other !== name && recording.path(name, other) !== undefined).join(" ")}`,
  );
};
const env = (recording: Built, name: string) =>
  JSON.stringify(input(recording.find(name), "spec", "template", "spec", "containers", "0", "env") ?? []);

describe("kubeRouterDuties", () => {
  it.each<[string, Partial<NetworkSettings>, boolean[]]>([
    ["flannel", {}, [false, false, false]],
    ["kube-router", { kind: "kubeRouter" }, [true, true, false]],
    ["flannel with kube-router's proxy", { kubeRouter: served }, [false, false, true]],
    ["flannel with policies", { kubeRouter: { ...usual.kubeRouter, firewall: true } }, [false, true, false]],
    [
      "kube-router without policies",
      { kind: "kubeRouter", kubeRouter: { ...served, firewall: false } },
      [true, false, true],
    ],
    ["both", { legacyDoublePodNetwork: true }, [true, false, false]],
  ])("gives kube-router its part of %s", (_, settings, [router, firewall, serviceProxy]) => {
    expect(kubeRouterDuties({ ...usual, ...settings })).toEqual({ router, firewall, serviceProxy });
  });
});

describe("podNetwork", () => {
  it.each<[string, Partial<NetworkSettings>, string[]]>([
    ["flannel beside kube-proxy", {}, ["flannel-daemonset < ", "coredns < flannel-daemonset"]],
    [
      "kube-router beside kube-proxy",
      { kind: "kubeRouter" },
      ["kube-router-daemonset < ", "coredns < kube-router-daemonset"],
    ],
    [
      "kube-router for everything",
      { kind: "kubeRouter", kubeRouter: served, kubeProxy: "none" },
      ["kube-proxy < ", "kube-router-daemonset < kube-proxy", "coredns < kube-proxy kube-router-daemonset"],
    ],
    [
      "flannel with kube-router's proxy",
      { kubeRouter: served, kubeProxy: "none" },
      [
        "flannel-daemonset < ",
        "kube-proxy < flannel-daemonset",
        "kube-router-daemonset < flannel-daemonset kube-proxy",
        "coredns < flannel-daemonset kube-proxy kube-router-daemonset",
      ],
    ],
    [
      "flannel after kube-router, as it once was done",
      { legacyDoublePodNetwork: true, kubeRouter: { ...served, firewall: true }, kubeProxy: "none" },
      [
        "flannel-daemonset < kube-proxy kube-router-daemonset",
        "kube-proxy < ",
        "kube-router-daemonset < kube-proxy",
        "coredns < flannel-daemonset kube-proxy kube-router-daemonset",
      ],
    ],
  ])("builds %s in its order", async (_, settings, expected) => {
    const recording = await built(settings);
    expect(order(recording)).toEqual(expected);
    for (const name of roles.filter((each) => recording.names().includes(each))) {
      expect([name, recording.path(name, "cp1") !== undefined]).toEqual([name, true]);
    }
    for (const name of ["flannel-daemonset", "kube-router-daemonset"]) {
      if (recording.names().includes(name)) expect(recording.path("node", name)).toEqual(["node", name]);
    }
    expect(recording.path("node", "coredns")).toBeUndefined();
    expect(recording.path("names", "coredns")).toEqual(["names", "coredns"]);
  });

  it("patches CoreDNS after every control plane, the last of which writes it", async () => {
    expect((await built()).path("coredns", "cp2")).toEqual(["coredns", "cp2"]);
  });

  it("sends everyone to the endpoint where kube-proxy is gone, and nobody else", async () => {
    const without = await built({ kubeProxy: "none" });
    const address = '{"name":"KUBERNETES_SERVICE_HOST","value":"172.30.0.11"}';
    expect(env(without, "flannel-daemonset")).toContain(address);
    expect(env(without, "coredns")).toContain(address);
    const usually = await built();
    expect(env(usually, "flannel-daemonset")).not.toContain("KUBERNETES_SERVICE");
    expect(env(usually, "coredns")).toBe("[]");
  });

  it("takes kube-proxy away from a control plane", async () => {
    const step = (await built({ kubeProxy: "none" })).find("kube-proxy");
    expect(parseRendered(textInput(step, "stdin")).parameters).toEqual({
      IMAGE: "registry.k8s.io/kube-proxy:v1.36.3",
    });
    expect(input(step, "delete")).toBeUndefined();
  });

  it("restarts CoreDNS where its pods may hang on the wrong bridge", async () => {
    const annotation = async (settings: Partial<NetworkSettings>) =>
      input(
        await built(settings).then((recording) => recording.find("coredns")),
        "spec",
        "template",
        "metadata",
      );
    expect(await annotation({ legacyDoublePodNetwork: true })).toEqual({
      annotations: { "mesh-platform/restarted-for": expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    expect(await annotation({})).toBeUndefined();
  });
});
