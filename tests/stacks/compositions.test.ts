import { describe, expect, it } from "vitest";
import { compositions } from "../../stacks/compositions";
import { resolvePlatform } from "../../stacks/config/load";
import { config } from "../../stacks/config/schema";
import { capableComputer, inventory, lab, member, sandbox } from "../support/platforms";
import { record } from "../support/recorder";

/** Builds the composition that a config names. */
const build = (raw: object) =>
  record(() => {
    const platform = resolvePlatform(raw, "unit", capableComputer);
    return compositions[platform.config.composition](platform);
  });

describe("compositions", () => {
  it("are exactly those that a config can name", () => {
    expect(Object.keys(compositions).sort()).toEqual([...config.shape.composition.unwrap().options].sort());
  });

  it("have the whole pipeline in dev, which is what a config gets that names none", async () => {
    const { resources } = await build(sandbox(0));
    expect(resources.map(({ name }) => name)).toContain("cp1-control-plane");
  });

  it("make hosts and put nothing on them in machines", async () => {
    const recording = await build(sandbox(1, { composition: "machines" }));
    expect(recording.all("Command").map(({ name, type }) => [name, type.split(":")[1]])).toEqual(
      ["image", "mirror", "network", "cp1-identity", "cp1", "worker1-identity", "worker1"].map((name) => [
        `sandbox-${name}`,
        "local",
      ]),
    );
    expect(recording.result).toMatchObject({
      nodes: {
        cp1: { address: "172.30.7.11", roles: ["controlPlane", "etcd"] },
        worker1: { address: "172.30.7.12", roles: ["worker"] },
      },
    });
  });

  it("need nothing at all for machines that exist already", async () => {
    expect((await build(inventory(1, { composition: "machines" }))).resources).toEqual([]);
  });

  it("name every API server beside the endpoint in lab", async () => {
    const recording = await build(lab(undefined, { composition: "lab" }));
    expect(recording.result).toMatchObject({
      apiServers: {
        cp1: "https://10.0.0.11:6443",
        cp2: "https://10.0.0.12:6443",
        cp3: "https://10.0.0.13:6443",
      },
    });
    expect(recording.stackOutputs()).toMatchObject({ endpoint: "https://10.0.0.10:8443" });
  });

  it("say in aliyun-slb which workers an SLB has behind it, and where it asks for their health", async () => {
    const nodePorts = { "status-port": 32045, http2: 30080, https: 30443 };
    // Of a time when Istio came by its own program, so that no chart has to be had.
    const older = { preset: "seed000", composition: "aliyun-slb", artifacts: { kind: "aliyun" } };
    const mesh = { gateways: [{ name: "istio-ingressgateway", expose: { kind: "nodePort", nodePorts } }] };
    const recording = await build(inventory(2, { ...older, mesh }));
    expect(recording.names()).toContain("cp1-control-plane");
    expect(recording.result).toMatchObject({
      ingress: {
        nodePorts,
        healthCheck: { path: "/healthz/ready", port: 32045 },
        backends: ["172.16.8.1", "172.16.8.2"],
      },
    });
  });

  it("name no ports in aliyun-slb where there is no mesh", async () => {
    const recording = await build(inventory(1, { composition: "aliyun-slb", artifacts: { kind: "aliyun" } }));
    expect((recording.result as { ingress: object }).ingress).toEqual({ backends: ["172.16.8.1"] });
  });

  it("make etcd alone in etcd, and remember it", async () => {
    const members = [1, 2, 3].map((number) => member(`etcd${number}`, `10.0.0.${number}`, "etcd"));
    const recording = await build({
      composition: "etcd",
      hosts: { kind: "inventory", members },
      artifacts: { kind: "upstream" },
    });
    expect(Object.fromEntries(recording.stepsByHost())).toEqual({
      etcd1: ["etcd1-facts", "etcd1-prepare", "etcd1-keys", "etcd1-etcd"],
      etcd2: ["etcd2-facts", "etcd2-prepare", "etcd2-keys", "etcd2-etcd"],
      etcd3: ["etcd3-facts", "etcd3-prepare", "etcd3-keys", "etcd3-etcd"],
      "": ["etcd-members"],
    });
    expect(recording.path("formation", "etcd-members")).toBeDefined();
    expect(recording.stackOutputs()).toMatchObject({
      endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379", "https://10.0.0.3:2379"],
    });
  });

  it("refuse to make etcd alone where kubeadm is to run it", async () => {
    const config = inventory(0, { composition: "etcd", etcd: { kind: "kubeadm" } });
    await expect(build(config)).rejects.toThrow("etcd.kind");
  });
});
