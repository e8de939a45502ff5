import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { projectRoot } from "../../../components/lib/folders";
import { exposurePresets, seed000Slb } from "../../../components/mesh/exposure-presets";
import { resolvePlatform } from "../../../stacks/config/load";
import { presets } from "../../../stacks/presets/presets";
import { capableComputer } from "../../support/platforms";

/** A stack's file as the program gets it. */
function platformOf(file: string, more: object = {}) {
  const { config }: { config: Record<string, unknown> } = parse(
    readFileSync(join(projectRoot, file), "utf8"),
  );
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^mesh-platform:/, ""), value]),
  );
  return resolvePlatform({ ...raw, ...more }, "unit", capableComputer);
}

/** The raw bytes of an ed25519 key begin with its name; placeholders must look like it to whoever reads them. */
const keyName = (hostKey: string) =>
  Buffer.from(hostKey.split(" ")[1] ?? "", "base64")
    .subarray(4, 15)
    .toString();

describe("Pulumi.lab.yaml", () => {
  const platform = platformOf("Pulumi.lab.yaml");

  it("has three control planes that are etcd members, and two workers", () => {
    expect(platform.members.map(({ name, roles }) => [name, roles])).toEqual([
      ["cp1", ["controlPlane", "etcd"]],
      ["cp2", ["controlPlane", "etcd"]],
      ["cp3", ["controlPlane", "etcd"]],
      ["worker1", ["worker"]],
      ["worker2", ["worker"]],
    ]);
  });

  it("is reached by an address of its own network that no host has", () => {
    expect(platform.endpoint).toMatchObject({ kind: "haproxy", address: "172.30.7.10", port: 8443 });
    expect(platform.members.map(({ address }) => address)).not.toContain("172.30.7.10");
  });

  it("logs who did what, and encrypts Secrets", () => {
    expect(platform.config.kubernetes.auditLog).toEqual({ maxAge: 7, maxBackup: 2, maxSize: 50 });
    expect(platform.config.kubernetes.encryptionAtRest).toEqual({ provider: "secretbox", keyGeneration: 1 });
  });
});

describe("Pulumi.aliyun-slb.yaml", () => {
  const platform = platformOf("Pulumi.aliyun-slb.yaml");

  it("has machines of one VPC, fed by Aliyun's mirrors", () => {
    expect(platform.config.artifacts).toEqual({ kind: "aliyun" });
    expect(platform.members.map(({ name, address }) => [name, address])).toEqual([
      ["cp1", "10.0.1.11"],
      ["worker1", "10.0.1.21"],
      ["worker2", "10.0.1.22"],
    ]);
  });

  it("ties the ingress gateway to an SLB as source document 000 does, and says outright what becomes of its listeners", () => {
    const { mesh, network } = platform.config;
    const [gateway] = mesh === false ? [] : (mesh.gateways ?? []);
    expect(gateway?.expose).toEqual(seed000Slb("lb-uf0000000000"));
    expect(network.loadBalancerImplementation).toBe("aliyun");
  });

  it("has the dashboards on the node ports of the document", () => {
    const { prometheus, grafana, jaeger, kiali } = platform.config.addons;
    const exposures = { prometheus, grafana, tracing: jaeger, kiali };
    const { ingress: _, ...expected } = exposurePresets.seed000;
    expect(
      Object.fromEntries(
        Object.entries(exposures).map(([name, addon]) => [name, addon === false ? addon : addon.expose]),
      ),
    ).toEqual(expected);
  });

  it("would take the load balancer that its comment names", () => {
    const { kubernetes } = platform.config;
    const controlPlaneEndpoint = { kind: "external", address: "api.mesh.internal:6443" };
    expect(
      platformOf("Pulumi.aliyun-slb.yaml", { kubernetes: { ...kubernetes, controlPlaneEndpoint } }).endpoint,
    ).toEqual(controlPlaneEndpoint);
  });
});

describe("examples/vmware.yaml", () => {
  const platform = platformOf("examples/vmware.yaml");

  it("has the hosts of source document 000", () => {
    expect(platform.members.map(({ name, address, roles }) => ({ name, address, roles }))).toEqual(
      presets.seed000.hosts,
    );
  });

  it("takes the document's versions with its preset", () => {
    const { config } = platformOf("examples/vmware.yaml", { preset: "seed000" });
    expect(config.kubernetes.version).toBe("1.20.7");
    expect(config.nodes.hostsEntries).toBe("all");
  });
});

it.each(["Pulumi.aliyun-slb.yaml", "examples/vmware.yaml"])(
  "%s has host keys that look like keys",
  (file) => {
    const { hosts } = platformOf(file).config;
    const keys = hosts.kind === "inventory" ? hosts.members.map(({ hostKey }) => hostKey) : [];
    expect(keys.map(keyName)).toEqual(keys.map(() => "ssh-ed25519"));
    expect(new Set(keys).size).toBe(keys.length);
  },
);
