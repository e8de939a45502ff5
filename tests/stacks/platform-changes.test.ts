import { beforeAll, describe, expect, it } from "vitest";
import { inventory, lab, labMembers, member, recordPlatform, sandbox } from "../support/platforms";
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
      "worker2-token-id",
      "worker2-token-secret",
      "worker2-keys",
      "worker2",
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

/** Names of what one build has and the other has not, or has with other inputs. */
function compare(before: Recording, after: Recording) {
  const [old, now] = [contents(before), contents(after)];
  const inputsDiffer = (urn: string) =>
    JSON.stringify(old.get(urn)?.inputs) !== JSON.stringify(now.get(urn)?.inputs);
  const names = (resources: readonly Registration[]) => resources.map(({ name }) => name);
  return {
    added: names(after.resources.filter(({ urn }) => !old.has(urn))),
    removed: names(before.resources.filter(({ urn }) => !now.has(urn))),
    changed: names(after.resources.filter(({ urn }) => old.has(urn) && inputsDiffer(urn))),
  };
}

describe("a cluster of three control planes", () => {
  const steps = (host: string, ...names: readonly string[]) => names.map((name) => `${host}-${name}`);
  const everyHost = ["cp1", "cp2", "cp3", "worker1", "worker2"];
  const controlPlaneSteps = ["cp1-control-plane", "cp2-control-plane", "cp3-control-plane"];
  let three: Recording;
  beforeAll(async () => {
    three = await recordPlatform(lab());
  }, 60_000);

  it("gets one more worker without a touch on anything else", async () => {
    const grown = await recordPlatform(lab([...labMembers(), member("worker3", "10.0.0.23", "worker")]));
    const { added, removed, changed } = compare(three, grown);
    expect([removed, changed]).toEqual([[], []]);
    expect(added.filter((name) => name !== "worker3" && !name.startsWith("worker3-"))).toEqual([]);
  });

  it("loses a worker without a touch on anything else", async () => {
    const members = labMembers().filter(({ name }) => name !== "worker1");
    const { added, removed, changed } = compare(three, await recordPlatform(lab(members)));
    expect([added, changed]).toEqual([[], []]);
    expect(removed.sort()).toEqual(
      [
        "worker1",
        "worker1",
        ...steps("worker1", "facts", "prepare", "runtime", "kubernetes", "keys", "join", "membership"),
        ...steps("worker1", "token-id", "token-secret"),
      ].sort(),
    );
  });

  it("tells every host of one more control plane, and every other control plane to let it in", async () => {
    const grown = await recordPlatform(lab([...labMembers(), member("cp4", "10.0.0.14", "controlPlane")]));
    const { added, removed, changed } = compare(three, grown);
    expect(removed).toEqual([]);
    expect(added.filter((name) => name !== "cp4" && !name.startsWith("cp4-"))).toEqual([]);
    expect(changed.sort()).toEqual(
      [...everyHost.map((host) => `${host}-prepare`), ...controlPlaneSteps, "formation"].sort(),
    );
    const [line] = textInput(grown.find("worker2-prepare"), "stdin")
      .split("\n")
      .filter((text) => text.includes("cp4"));
    expect(line).toMatch(/^10\.0\.0\.14 cp4'?$/);
  });

  it("forgets a control plane that is taken out the same way", async () => {
    const four = await recordPlatform(lab([...labMembers(), member("cp4", "10.0.0.14", "controlPlane")]));
    const { added, removed, changed } = compare(four, three);
    expect(added).toEqual([]);
    expect(removed.filter((name) => name !== "cp4" && !name.startsWith("cp4-"))).toEqual([]);
    expect(changed.sort()).toEqual(
      [...everyHost.map((host) => `${host}-prepare`), ...controlPlaneSteps, "formation"].sort(),
    );
    // Drained and deleted from a host that stays, and before its own steps are undone.
    expect(textInput(four.find("cp4-membership"), "connection", "host")).toBe("10.0.0.11");
    expect(four.path("cp4-membership", "cp4-control-plane")).toBeDefined();
  });

  it("introduces two more etcd members to the others and to the control planes, and to nobody else", async () => {
    const more = [member("etcd4", "10.0.0.34", "etcd"), member("etcd5", "10.0.0.35", "etcd")];
    const grown = await recordPlatform(lab([...labMembers(), ...more]));
    const { added, removed, changed } = compare(three, grown);
    expect(removed).toEqual([]);
    expect(added.filter((name) => !/^etcd[45](-|$)/.test(name))).toEqual([]);
    expect(changed.sort()).toEqual(
      ["cp1-etcd", "cp2-etcd", "cp3-etcd", ...controlPlaneSteps, "etcd-members", "formation"].sort(),
    );
    // They learn the data before any API server asks them for it.
    expect(grown.path("cp1-control-plane", "etcd5-etcd")).toBeDefined();
  });

  it("lets two etcd members go only after the control planes have let go of them", async () => {
    const more = [member("etcd4", "10.0.0.34", "etcd"), member("etcd5", "10.0.0.35", "etcd")];
    const five = await recordPlatform(lab([...labMembers(), ...more]));
    const { removed, changed } = compare(five, three);
    expect(removed.filter((name) => !/^etcd[45](-|$)/.test(name))).toEqual([]);
    expect(changed).toContain("etcd-members");
    for (const name of controlPlaneSteps) expect(three.path("etcd-members", name)).toBeDefined();
  });

  it("keeps the steps of one that is gone out of every update, and those of the others small", async () => {
    const without = await recordPlatform(lab(labMembers({ cp3: { gone: true } })));
    const { added, removed, changed } = compare(three, without);
    const frozen = without.resources
      .filter(({ ignoreChanges }) => ignoreChanges.length > 0)
      .map(({ name }) => name);
    expect([added, removed]).toEqual([[], []]);
    expect(changed.filter((name) => !frozen.includes(name)).sort()).toEqual(
      [
        "cp1-etcd",
        "cp2-etcd",
        "cp1-control-plane",
        "cp2-control-plane",
        "cp3-membership",
        "etcd-members",
      ].sort(),
    );
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
    // Eight on the control plane; facts, prepare, runtime, kubernetes, keys, join and membership per worker; and the
    // etcd cluster as a whole.
    expect(remote.length).toBe(8 + 49 * 7 + 1);
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

  it("starts the members one after the other, and the control plane after all of them", () => {
    const members = ["cp1-etcd", "etcd2-etcd", "etcd3-etcd"];
    for (const [index, one] of members.entries()) {
      expect(recording.path("cp1-control-plane", one)).toBeDefined();
      for (const earlier of members.slice(0, index)) {
        expect(recording.path(one, earlier)).toBeDefined();
        expect(recording.path(earlier, one)).toBeUndefined();
      }
    }
  });

  it("puts neither a container runtime nor the cluster's keys on them", () => {
    const own = recording.all("Command").filter(({ name }) => name.startsWith("etcd2"));
    expect(own.map(({ name }) => name)).toEqual(["etcd2-facts", "etcd2-prepare", "etcd2-keys", "etcd2-etcd"]);
    expect(textInput(recording.find("etcd2-keys"), "stdin")).not.toContain("/etc/kubernetes/");
  });
});
