import { beforeAll, describe, expect, it } from "vitest";
import { lab, labMembers, member, recordPlatform } from "../support/platforms";
import { opened, type Recording, textInput } from "../support/recording";
import { parseRendered } from "../support/rendered";

let base: Recording;
beforeAll(async () => {
  base = await recordPlatform(lab());
}, 60_000);

const parameters = (recording: Recording, step: string) =>
  parseRendered(textInput(recording.find(step), "stdin")).parameters;
/** Whether each waits for the one before it, and none for the one after. */
const isChain = (recording: Recording, names: readonly string[]) =>
  names
    .slice(1)
    .every(
      (name, index) =>
        recording.path(name, names[index] ?? "") !== undefined &&
        recording.path(names[index] ?? "", name) === undefined,
    );
const controlPlanes = ["cp1", "cp2", "cp3"];

describe("work that must not happen on two hosts at once", () => {
  it("goes through the etcd members one after the other", () => {
    expect(isChain(base, ["cp1-etcd", "cp2-etcd", "cp3-etcd"])).toBe(true);
  });

  it("goes through the control planes one after the other, once every etcd member is healthy", () => {
    expect(isChain(base, ["cp3-etcd", "cp1-control-plane", "cp2-control-plane", "cp3-control-plane"])).toBe(
      true,
    );
  });

  it("leaves etcd members only when no control plane uses them any more", () => {
    for (const name of controlPlanes)
      expect(base.path("etcd-members", `${name}-control-plane`)).toBeDefined();
  });

  it("remembers the formation last, so that a cluster that is half made is not refused its own completion", () => {
    for (const name of [...controlPlanes.map((each) => `${each}-control-plane`), "etcd-members"]) {
      expect(base.path("formation", name)).toBeDefined();
    }
    const dependants = base.resources.filter(({ dependencies }) =>
      dependencies.includes(base.find("formation").urn),
    );
    expect(dependants).toEqual([]);
  });

  it("takes workers in strides, after every control plane", async () => {
    const workers = [1, 2, 3, 4, 5].map((number) =>
      member(`worker${number}`, `10.0.0.${20 + number}`, "worker"),
    );
    const members = [...labMembers().slice(0, 3), ...workers];
    const recording = await recordPlatform(
      lab(members, {
        kubernetes: {
          workerConcurrency: 2,
          controlPlaneEndpoint: { kind: "haproxy", address: "10.0.0.10" },
        },
      }),
    );
    const waitsFor = (later: string, earlier: string) =>
      recording.path(`${later}-join`, `${earlier}-join`) !== undefined;
    expect(waitsFor("worker3", "worker1")).toBe(true);
    expect(waitsFor("worker5", "worker3")).toBe(true);
    expect(waitsFor("worker4", "worker2")).toBe(true);
    expect([waitsFor("worker2", "worker1"), waitsFor("worker4", "worker3")]).toEqual([false, false]);
    for (const name of controlPlanes)
      expect(recording.path("worker1-join", `${name}-control-plane`)).toBeDefined();
  });

  it("takes one worker after the other where nothing else is said", () => {
    expect(isChain(base, ["cp3-control-plane", "worker1-join", "worker2-join"])).toBe(true);
  });

  it("prepares all hosts side by side all the same", () => {
    const hosts = [...controlPlanes, "worker1", "worker2"];
    for (const one of hosts) {
      for (const other of hosts.filter((name) => name !== one)) {
        expect([one, other, base.path(`${one}-kubernetes`, `${other}-facts`)]).toEqual([
          one,
          other,
          undefined,
        ]);
      }
    }
  });
});

describe("the founder", () => {
  const foundersOf = (recording: Recording) => ({
    etcd: controlPlanes.map((name) => parameters(recording, `${name}-etcd`).FOUNDER),
    controlPlane: controlPlanes.map((name) => parameters(recording, `${name}-control-plane`).FOUNDER),
  });

  it("is the first host of its role in a stack that is new", () => {
    expect(opened(base.find("founders"))).toEqual({ input: { etcd: "cp1", controlPlane: "cp1" } });
    expect(foundersOf(base)).toEqual({ etcd: ["cp1", "cp1", "cp1"], controlPlane: ["cp1", "cp1", "cp1"] });
  });

  it("stays who it was, whatever the config says later", async () => {
    const later = await recordPlatform(lab(), {
      stashed: { founders: { etcd: "old-etcd", controlPlane: "old-cp" } },
    });
    expect(foundersOf(later)).toEqual({
      etcd: ["old-etcd", "old-etcd", "old-etcd"],
      controlPlane: ["old-cp", "old-cp", "old-cp"],
    });
  });

  it("is known at the first preview, so that its steps can be read", async () => {
    const preview = await recordPlatform(lab(), { preview: true });
    expect(opened(preview.find("founders"))).toEqual(opened(base.find("founders")));
  });
});

describe("a machine that was made anew", () => {
  it("has every step of its own run again, and no other host's", async () => {
    const again = await recordPlatform(
      lab(labMembers({ cp2: { generation: 2 }, worker1: { generation: 3 } })),
    );
    const marked = again
      .remoteSteps()
      .flatMap((step) => {
        const [, generation] = /^# generation (\d+)$/m.exec(textInput(step, "stdin")) ?? [];
        return generation === undefined ? [] : [[step.name, generation]];
      })
      .sort();
    const own = again.stepsByHost();
    expect(marked).toEqual(
      [
        ...(own.get("cp2") ?? []).map((name) => [name, "2"]),
        ...(own.get("worker1") ?? []).map((name) => [name, "3"]),
      ].sort(),
    );
    const differing = again.resources
      .filter((resource) => JSON.stringify(opened(resource)) !== JSON.stringify(inputsBefore(resource.urn)))
      .map(({ name }) => name);
    expect(differing.sort()).toEqual(marked.map(([name]) => name));
  });

  it("tells the steps that could begin a cluster that it may not", async () => {
    const again = await recordPlatform(lab(labMembers({ cp1: { generation: 2 } })));
    for (const step of ["etcd", "control-plane"]) {
      expect(parameters(base, `cp1-${step}`).GENERATION).toBe("1");
      expect(parameters(again, `cp1-${step}`).GENERATION).toBe("2");
      expect(parameters(again, `cp2-${step}`).GENERATION).toBe("1");
    }
  });
});

const inputsBefore = (urn: string) => {
  const before = base.resources.find((resource) => resource.urn === urn);
  return before === undefined ? undefined : opened(before);
};

describe("a host that is gone", () => {
  const frozenInputs = ["create", "delete", "stdin", "connection", "logging"];
  let without: Recording;
  beforeAll(async () => {
    without = await recordPlatform(lab(labMembers({ cp3: { gone: true }, worker1: { gone: true } })));
  }, 60_000);

  it("has its steps kept as they are, and dropped without a visit later", () => {
    const frozen = without.resources.filter(({ ignoreChanges }) => ignoreChanges.length > 0);
    const steps = without.stepsByHost();
    const own = [...(steps.get("cp3") ?? []), ...(steps.get("worker1") ?? [])];
    // Memberships are asked of a host that lives.
    expect(frozen.map(({ name }) => name).sort()).toEqual(
      own.filter((name) => !name.endsWith("-membership")).sort(),
    );
    for (const { name, ignoreChanges, retainOnDelete } of frozen) {
      expect([name, ignoreChanges, retainOnDelete]).toEqual([name, frozenInputs, true]);
    }
  });

  it("has no input of a step that a dead host would be asked to follow", () => {
    const inputs = without.remoteSteps().flatMap((step) => Object.keys(opened(step) as object));
    const settled = ["addPreviousOutputInEnv"];
    expect([...new Set(inputs)].filter((key) => !settled.includes(key)).sort()).toEqual(
      [...frozenInputs].sort(),
    );
  });

  it("is no member any more, neither to etcd nor to the other control planes", () => {
    expect(parameters(base, "etcd-members").MEMBERS).toBe("cp1 10.0.0.11\ncp2 10.0.0.12\ncp3 10.0.0.13");
    expect(parameters(without, "etcd-members").MEMBERS).toBe("cp1 10.0.0.11\ncp2 10.0.0.12");
    expect(parameters(without, "cp1-etcd").PEERS).toBe("cp2 10.0.0.12");
    expect(parameters(without, "cp1-control-plane").PEERS).toBe("https://10.0.0.12:6443");
  });

  it("is removed from the cluster by its membership, on a host that lives", () => {
    const gone = without
      .remoteSteps()
      .filter(({ name }) => name.endsWith("-membership"))
      .map(({ name }) => [name, parameters(without, name).GONE]);
    expect(gone).toEqual([
      ["cp1-membership", "false"],
      ["cp2-membership", "false"],
      ["cp3-membership", "true"],
      ["worker1-membership", "true"],
      ["worker2-membership", "false"],
    ]);
  });

  it("gives up what it did for the cluster to the next one that lives", async () => {
    const headless = await recordPlatform(lab(labMembers({ cp1: { gone: true } })));
    const hostOf = (step: string) => textInput(headless.find(step), "connection", "host");
    expect(hostOf("etcd-members")).toBe("10.0.0.12");
    expect(parameters(headless, "cp2-control-plane").LEADS).toBe("true");
    expect(parameters(headless, "cp3-control-plane").LEADS).toBe("false");
    expect(["cp1", "cp2", "cp3", "worker1"].map((name) => hostOf(`${name}-membership`))).toEqual([
      "10.0.0.12",
      "10.0.0.13",
      "10.0.0.12",
      "10.0.0.12",
    ]);
    // It founded the cluster all the same: nobody else may begin one.
    expect(parameters(headless, "cp2-control-plane").FOUNDER).toBe("cp1");
    expect(headless.nameOf(headless.find("flannel-daemonset").deletedWith)).toBe("cp2-control-plane");
  });
});
