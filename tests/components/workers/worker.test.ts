import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "../../../components/hosts/machine";
import { joinTicket } from "../../../components/workers/join-ticket";
import { membership } from "../../../components/workers/membership";
import { Worker } from "../../../components/workers/worker";
import { kubeadmModel } from "../../support/kubeadm-model";
import { record, settled } from "../../support/recorder";
import { isSecret, type Recording, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const machine = (name: string, address: string, more: Partial<Machine> = {}, generation = 1): Machine => ({
  name,
  address,
  connection: { host: address, port: 22, user: "root", hostKey: "ssh-ed25519 AAAA", generation },
  ...more,
});
const seat = machine("cp1", "10.0.0.1");
class Parent extends pulumi.ComponentResource {
  constructor(name = "parent") {
    super("test:index:Parent", name);
    this.registerOutputs();
  }
}
const parameters = (recording: Recording, name: string) =>
  parseRendered(textInput(recording.find(name), "stdin")).parameters;

describe("Worker", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await record(
      () =>
        new Worker("node1", {
          machine: machine("node1", "10.0.0.5"),
          seat,
          model: kubeadmModel,
          hooks: {},
          after: [],
          network: new Parent("network"),
          labels: { zone: "a" },
          taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }],
        }),
    );
  }, 60_000);

  it("joins by a config whose diff can be read, and is born with its taints", () => {
    expect(isSecret(recording.find("node1-join"), "stdin")).toBe(false);
    expect(parameters(recording, "node1-join")).toMatchObject({
      NODE_NAME: "node1",
      VERSION: "1.36.3",
      API_SERVER: "https://10.0.0.9:8443",
      DRAIN_SECONDS: "300",
    });
    const config = parameters(recording, "node1-join").JOIN_CONFIG;
    expect(config).toContain("kubeConfigPath: /etc/kubernetes/mesh-platform-discovery.conf\n");
    expect(config).toContain("key: gpu\n");
  });

  it("is drained and removed before it is reset: what is made last is undone first", () => {
    const step = recording.find("node1-membership");
    expect(textInput(step, "connection", "host")).toBe("10.0.0.1");
    expect(textInput(step, "delete")).toMatch(/ delete$/);
    expect(textInput(recording.find("node1-join"), "delete")).toMatch(/ delete$/);
    expect(recording.path("node1-membership", "node1-join")).toEqual(["node1-membership", "node1-join"]);
    expect(parameters(recording, "node1-membership")).toEqual({
      NODE_NAME: "node1",
      GONE: "false",
      SELF: "false",
      DNS: "false",
      LABELS: "zone=a",
      TAINTS: "gpu=yes:NoSchedule",
      SERVING_CERTIFICATES: "false",
      DRAIN_SECONDS: "300",
    });
  });
});

describe("membership", () => {
  it("is asked of another host also where the machine is gone, and then goes on without it", async () => {
    const recording = await record(() =>
      membership({
        machine: machine("node1", "10.0.0.5", { gone: true }),
        seat,
        parent: new Parent(),
        after: [],
      }),
    );
    expect(parameters(recording, "node1-membership")).toMatchObject({ GONE: "true", SELF: "false" });
    expect(recording.find("node1-membership").ignoreChanges).toEqual([]);
  });

  it("knows the only control plane for itself", async () => {
    const recording = await record(() =>
      membership({ machine: seat, seat, parent: new Parent(), after: [], awaitDns: true }),
    );
    expect(parameters(recording, "cp1-membership")).toMatchObject({ SELF: "true", DNS: "true", TAINTS: "" });
  });
});

describe("joinTicket", () => {
  const api = {
    server: "https://10.0.0.9:8443",
    authority: pulumi.output("AUTHORITY"),
    certificate: pulumi.output("CERTIFICATE"),
    privateKey: pulumi.secret("KEY"),
  };
  const ticket = (generation: number, founder?: string) =>
    record(() =>
      joinTicket({
        machine: machine("cp1", "10.0.0.1", {}, generation),
        clusterName: "kubernetes",
        api,
        parent: new Parent(),
        ...(founder === undefined ? {} : { founder: pulumi.output(founder) }),
      }),
    );
  const mint = async (recording: Awaited<ReturnType<typeof ticket>>) => {
    const [hook] = recording.result.hooks.beforeCreate ?? [];
    const call = hook instanceof pulumi.ResourceHook ? hook.callback : hook;
    return await Promise.resolve(
      call?.({ urn: "urn:pulumi:a::b::c::d", id: "", name: "x", type: "command:remote:Command" }),
    ).then(
      () => "let through",
      () => "asked",
    );
  };

  it("is a secret file with the endpoint and a token", async () => {
    const { file } = (await ticket(1)).result;
    expect(file).toMatchObject({ path: "/etc/kubernetes/mesh-platform-discovery.conf", mode: "0600" });
    const content = pulumi.output(file.content);
    expect(await pulumi.isSecret(content)).toBe(true);
    expect(await settled(content)).toContain("server: https://10.0.0.9:8443\n");
  });

  it("asks nobody for the founder of a cluster that does not exist yet", async () => {
    expect(await mint(await ticket(1, "cp1"))).toBe("let through");
  });

  it.each([
    ["another host", 1, "cp9"],
    ["a founder that was installed anew", 2, "cp1"],
    ["a worker", 1, undefined],
  ])("makes the cluster accept the token of %s", async (_who, generation, founder) => {
    expect(await mint(await ticket(generation, founder))).toBe("asked");
  });
});
