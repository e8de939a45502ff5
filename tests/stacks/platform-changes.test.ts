import { beforeAll, describe, expect, it } from "vitest";
import { inventory, member, recordPlatform, sandbox } from "../support/platforms";
import { opened, type Recording, type Registration, shown, textInput } from "../support/recording";
import { parseRendered } from "../support/rendered";

/** Everything of a resource that the engine compares, secrets opened so that a changed key shows too. */
const content = (resource: Registration) => ({ ...resource, inputs: opened(resource) });
const contents = (recording: Recording) =>
  new Map(recording.resources.map((resource) => [resource.urn, content(resource)]));
const identities = (recording: Recording) =>
  recording.resources.map(({ type, name, parent }) => ({ type, name, parent }));

let base: Recording;
beforeAll(async () => {
  base = await recordPlatform(sandbox(1));
}, 60_000);

describe("a second build of the same config", () => {
  it("asks for exactly the same", async () => {
    expect(contents(await recordPlatform(sandbox(1)))).toEqual(contents(base));
  });

  it("asks for the same with the config's keys in another order", async () => {
    const one = {
      nodes: { swap: "off", limits: { nproc: 2048, nofile: 4096 } },
      etcd: { initialClusterToken: "t", dataDir: "/var/lib/etcd/d" },
    };
    const other = {
      etcd: { dataDir: "/var/lib/etcd/d", initialClusterToken: "t" },
      nodes: { limits: { nofile: 4096, nproc: 2048 }, swap: "off" },
    };
    expect(contents(await recordPlatform(sandbox(1, other)))).toEqual(
      contents(await recordPlatform(sandbox(1, one))),
    );
  });
});

describe("a preview", () => {
  it.each([
    ["sandbox", sandbox()],
    ["inventory", inventory()],
  ])("registers what the update registers (%s)", async (_kind, config) => {
    const update = await recordPlatform(config);
    const preview = await recordPlatform(config, { preview: true });
    expect(identities(preview)).toEqual(identities(update));
    const options = ({ dependencies, protect, hooks, timeouts, deletedWith }: Registration) => ({
      dependencies,
      protect,
      hooks,
      timeouts,
      deletedWith,
    });
    expect(preview.resources.map(options)).toEqual(update.resources.map(options));
  });

  it("shows the scripts of all steps that need no key yet", async () => {
    const preview = await recordPlatform(inventory(1), { preview: true });
    const update = await recordPlatform(inventory(1));
    const stdin = (recording: Recording, name: string) => textInput(recording.find(name, "Command"), "stdin");
    for (const name of [
      "cp1-facts",
      "cp1-prepare",
      "cp1-runtime",
      "cp1-kubernetes",
      "node1-join",
      "node1-membership",
    ]) {
      expect(stdin(preview, name)).toBe(stdin(update, name));
    }
  });
});

describe("one more worker", () => {
  it("adds resources of its own and leaves every other one as it is", async () => {
    const grown = await recordPlatform(sandbox(2));
    const before = contents(base);
    const added = grown.resources.filter(({ urn }) => !before.has(urn));
    for (const resource of grown.resources.filter(({ urn }) => before.has(urn))) {
      expect(content(resource)).toEqual(before.get(resource.urn));
    }
    expect(grown.resources.length - added.length).toBe(base.resources.length);
    expect(added.map(({ name }) => name)).toEqual([
      "sandbox-worker2-key",
      "sandbox-worker2-identity",
      "sandbox-worker2",
      "worker2",
      "worker2-facts",
      "worker2-prepare",
      "worker2-runtime",
      "worker2-kubernetes",
      "worker2",
      "worker2-token-id",
      "worker2-token-secret",
      "worker2-discovery",
      "worker2-join",
      "worker2-membership",
    ]);
  });

  it("changes /etc/hosts everywhere only where that was asked for", async () => {
    const asked = { nodes: { hostsEntries: "all" } };
    const before = contents(await recordPlatform(sandbox(1, asked)));
    const grown = await recordPlatform(sandbox(2, asked));
    const changed = grown.resources.filter((resource) => {
      const old = before.get(resource.urn);
      return old !== undefined && JSON.stringify(old.inputs) !== JSON.stringify(opened(resource));
    });
    expect(changed.map(({ name }) => name)).toEqual(["cp1-prepare", "worker1-prepare"]);
  });
});

describe("one changed kernel parameter", () => {
  it("changes one line of the two preparations, and nothing else", async () => {
    const changed = await recordPlatform(
      sandbox(1, { nodes: { sysctl: { "net.ipv4.tcp_fin_timeout": 15 } } }),
    );
    const before = contents(base);
    const differing = changed.resources.filter(
      ({ urn }, index) =>
        JSON.stringify(before.get(urn)) !== JSON.stringify(content(changed.resources[index] as Registration)),
    );
    expect(differing.map(({ name }) => name)).toEqual(["cp1-prepare", "worker1-prepare"]);
    for (const resource of differing) {
      const old = textInput(base.find(resource.name), "stdin").split("\n");
      const lines = textInput(resource, "stdin").split("\n");
      expect(lines.length).toBe(old.length);
      expect(lines.filter((line, index) => line !== old[index])).toEqual(["net.ipv4.tcp_fin_timeout = 15"]);
      expect({ ...(shown(resource) as object), stdin: "" }).toEqual({
        ...(shown(base.find(resource.name)) as object),
        stdin: "",
      });
    }
  });
});

describe("size", () => {
  it("builds fifty machines", async () => {
    const config = inventory(49);
    const recording = await recordPlatform(config);
    const remote = recording.resources.filter(({ type }) => type === "command:remote:Command");
    // Eight on the control plane; facts, prepare, runtime, kubernetes, discovery, join and membership per worker.
    expect(remote.length).toBe(8 + 49 * 7);
    expect(recording.path("node49-membership", "cp1-facts")).toBeDefined();
  });
});

describe("one setting", () => {
  const protectedOnes = (recording: Recording) =>
    recording.resources.filter(({ custom, protect }) => custom && protect);

  it("protects a sandbox's authorities, or leaves those of existing machines open", async () => {
    expect(protectedOnes(await recordPlatform(sandbox(0, { protect: "on" })))).toHaveLength(7);
    expect(protectedOnes(await recordPlatform(inventory(0, { protect: "off" })))).toHaveLength(0);
  });

  it("makes machines that share a kernel leave it alone, as disposable hosts do", async () => {
    const shared = await recordPlatform({
      hosts: {
        kind: "inventory",
        sharedKernel: true,
        members: [member("cp1", "10.0.0.1", "controlPlane", "etcd")],
      },
      artifacts: { kind: "upstream" },
    });
    const own = await recordPlatform(sandbox(0));
    const plan = (recording: Recording) => {
      const {
        NODE_NAME: _,
        HOSTS_ENTRIES: __,
        ...rest
      } = parseRendered(textInput(recording.find("cp1-prepare"), "stdin")).parameters;
      return rest;
    };
    expect(plan(shared)).toEqual(plan(own));
    expect(plan(shared)).toMatchObject({ SWAP: "keep", MODULES: "" });
    expect(shared.log.join("\n")).toContain("kernel parameters left out");
  });
});

describe("etcd on machines of its own", () => {
  const hosts = {
    kind: "inventory",
    members: [
      member("cp1", "10.0.0.1", "controlPlane", "etcd"),
      member("etcd2", "10.0.0.2", "etcd"),
      member("etcd3", "10.0.0.3", "etcd"),
      member("node1", "10.0.0.4", "worker"),
    ],
  };

  let recording: Recording;
  beforeAll(async () => {
    recording = await recordPlatform({ hosts, artifacts: { kind: "upstream" } });
  }, 60_000);

  it("starts the members side by side, and the control plane after all of them", () => {
    const members = ["cp1-etcd", "etcd2-etcd", "etcd3-etcd"];
    for (const one of members) {
      expect(recording.path("cp1-init", one)).toBeDefined();
      for (const other of members.filter((name) => name !== one))
        expect(recording.path(one, other)).toBeUndefined();
    }
  });

  it("puts neither a container runtime nor the cluster's keys on them", () => {
    const own = recording.all("Command").filter(({ name }) => name.startsWith("etcd2"));
    expect(own.map(({ name }) => name)).toEqual(["etcd2-facts", "etcd2-prepare", "etcd2-keys", "etcd2-etcd"]);
    expect(textInput(recording.find("etcd2-keys"), "stdin")).not.toContain("/etc/kubernetes/");
  });
});
