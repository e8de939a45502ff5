import { beforeAll, describe, expect, it, vi } from "vitest";
import { Sandbox, type SandboxArgs } from "../../../components/sandbox/hosts";
import { record, settled } from "../../support/recorder";
import { isSecret, type Recording, textInput } from "../../support/recording";
import { demandedNames, parseRendered, readProjectFile } from "../../support/rendered";
import { renderTree } from "../../support/tree";

// Nobody has this sandbox, so that what is on the computer that runs the tests plays no part.
const args: SandboxArgs = {
  id: "00test",
  cidr: "172.30.5.0/24",
  hosts: [
    { name: "cp1", address: "172.30.5.11" },
    { name: "worker1", address: "172.30.5.21" },
  ],
  mirror: { directory: "/cache/mirror", port: 5000 },
  bootId: "boot-1",
};

async function recordSandbox(more: Partial<SandboxArgs> = {}): Promise<Recording<Sandbox>> {
  vi.stubEnv("MESH_PLATFORM_CACHE", "/cache");
  return record(() => new Sandbox("sandbox", { ...args, ...more })).finally(() => vi.unstubAllEnvs());
}

let sandbox: Recording<Sandbox>;
beforeAll(async () => {
  sandbox = await recordSandbox();
});

const parameters = (recording: Recording<Sandbox>, name: string) =>
  parseRendered(textInput(recording.find(name, "Command"), "stdin")).parameters;

describe("the resources of a sandbox", () => {
  it("are one key, image, mirror and network, and three for each host", () => {
    expect(renderTree(sandbox)).toMatchInlineSnapshot(`
      "Sandbox sandbox
        PrivateKey sandbox-login
        Command sandbox-image
        Command sandbox-mirror
        Command sandbox-network
        PrivateKey sandbox-cp1-key
        Command sandbox-cp1-identity
        Command sandbox-cp1
        PrivateKey sandbox-worker1-key
        Command sandbox-worker1-identity
        Command sandbox-worker1"
    `);
  });

  it("come and go in order: mirror, network, identity, host", () => {
    expect(sandbox.path("sandbox-cp1", "sandbox-image")).toBeDefined();
    expect(sandbox.path("sandbox-cp1", "sandbox-cp1-identity")).toBeDefined();
    expect(sandbox.path("sandbox-cp1-identity", "sandbox-network")).toBeDefined();
    expect(sandbox.path("sandbox-network", "sandbox-mirror")).toBeDefined();
  });

  it("let hosts be made side by side", () => {
    expect(sandbox.path("sandbox-cp1", "sandbox-worker1")).toBeUndefined();
    expect(sandbox.path("sandbox-worker1", "sandbox-cp1")).toBeUndefined();
    const locks = ["sandbox-cp1", "sandbox-worker1", "sandbox-network"].map(
      (name) => /\/run\/lock\/\S+/.exec(textInput(sandbox.find(name), "create"))?.[0],
    );
    expect(locks).toEqual([
      "/run/lock/mesh-platform-00test-cp1",
      "/run/lock/mesh-platform-00test-worker1",
      "/run/lock/mesh-platform-00test-network",
    ]);
  });

  it("grow by those of the new host alone", async () => {
    const hosts = [...args.hosts, { name: "worker2", address: "172.30.5.22" }];
    const grown = await recordSandbox({ hosts });
    const inputs = (recording: Recording<Sandbox>) =>
      new Map(recording.resources.map(({ urn, inputs: given }) => [urn, given]));
    const added = grown.names().filter((name) => !sandbox.names().includes(name));
    expect(added).toEqual(["sandbox-worker2-key", "sandbox-worker2-identity", "sandbox-worker2"]);
    expect([...inputs(grown)].filter(([urn]) => inputs(sandbox).has(urn))).toEqual([...inputs(sandbox)]);
  });

  it("have no mirror unless one is asked for", async () => {
    const plain = await record(() => {
      const { mirror: _none, ...rest } = args;
      return new Sandbox("sandbox", rest);
    });
    expect(plain.names()).not.toContain("sandbox-mirror");
    expect(parameters(plain, "sandbox-network")).toMatchObject({ MIRROR_DIR: "", MIRROR_CODE: "" });
  });
});

describe("a step", () => {
  it.each([
    ["sandbox-image", "image"],
    ["sandbox-mirror", "mirror"],
    ["sandbox-network", "network"],
    ["sandbox-cp1-identity", "identity"],
    ["sandbox-cp1", "host"],
  ])("%s gives the script %s.sh exactly the parameters that it names", (resource, name) => {
    const script = readProjectFile(`components/sandbox/scripts/${name}.sh`);
    expect(Object.keys(parameters(sandbox, resource)).sort()).toEqual(demandedNames(script).sort());
  });

  it("is undone where it leaves something outside the cache", () => {
    const undone = sandbox.all("Command").filter(({ inputs }) => JSON.stringify(inputs).includes('"delete"'));
    expect(undone.map(({ name }) => name)).toEqual([
      "sandbox-network",
      "sandbox-cp1-identity",
      "sandbox-cp1",
      "sandbox-worker1-identity",
      "sandbox-worker1",
    ]);
  });

  it("runs again after the computer was restarted", async () => {
    const restarted = await recordSandbox({ bootId: "boot-2" });
    const changed = sandbox
      .all("Command")
      .filter(({ name }) => parameters(restarted, name).BOOT_ID !== parameters(sandbox, name).BOOT_ID);
    expect(changed.map(({ name }) => name)).toEqual(["sandbox-network", "sandbox-cp1", "sandbox-worker1"]);
  });
});

describe("secrets", () => {
  it("are in the identity step alone, which shows no progress", () => {
    const secret = sandbox.all("Command").filter((resource) => isSecret(resource, "stdin"));
    expect(secret.map(({ name }) => name)).toEqual(["sandbox-cp1-identity", "sandbox-worker1-identity"]);
    for (const resource of secret) expect(textInput(resource, "logging")).toBe("none");
  });

  it("differ from host to host", () => {
    expect(parameters(sandbox, "sandbox-cp1").HOST_KEY).not.toBe(
      parameters(sandbox, "sandbox-worker1").HOST_KEY,
    );
    expect(parameters(sandbox, "sandbox-cp1").LOGIN_KEY).toBe(
      parameters(sandbox, "sandbox-worker1").LOGIN_KEY,
    );
  });
});

describe("a ready host", () => {
  it("is reached as root with the login key, and pinned to the key that its step put in place", async () => {
    const host = sandbox.result.hosts.cp1;
    expect(host?.connection).toMatchObject({ host: "172.30.5.11", port: 22, user: "root" });
    const [hostKey, privateKey] = await Promise.all([
      settled(host?.connection.hostKey as never),
      settled(host?.connection.privateKey as never),
    ]);
    expect(hostKey).toBe(parameters(sandbox, "sandbox-cp1").HOST_KEY);
    expect(privateKey).toContain("PRIVATE KEY");
  });

  it("is refused, before anything is made, when its address does not fit the network", async () => {
    const faulty = { ...args, hosts: [{ name: "cp1", address: "10.0.0.1" }] };
    const refused = await record(() => {
      expect(() => new Sandbox("sandbox", faulty)).toThrow(
        "host cp1: 10.0.0.1 is not a host address of 172.30.5.0/24",
      );
    });
    expect(refused.names()).toEqual([]);
  });
});
