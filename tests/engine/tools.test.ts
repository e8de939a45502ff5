/** The choices that scripts/lib makes before Pulumi starts: which plugins, which backend, which configuration. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseBackend } from "../../scripts/lib/backend";
import type { Cli } from "../../scripts/lib/cli";
import { ensureHelm } from "../../scripts/lib/helm";
import { withLock } from "../../scripts/lib/lock";
import { choosePlugins, describePlugins, standInFolder } from "../../scripts/lib/plugins";
import { ownHome } from "../../scripts/lib/pulumi-home";
import { withoutPendingCreates } from "../../scripts/lib/recovery";
import { prepareStackConfig } from "../../scripts/lib/stack-config";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-tools-"));
  vi.stubEnv("MESH_PLATFORM_STATE", path.join(folder, "state"));
  vi.stubEnv("MESH_PLATFORM_CACHE", path.join(folder, "cache"));
  vi.stubEnv("PULUMI_HOME", path.join(folder, "home"));
  vi.stubEnv("MESH_PLATFORM_PLUGINS", "");
  for (const name of [
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
  ]) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("the home that the embedded backend gives the CLI", () => {
  it("has no folder for logs, the plugins and the logins of the user, and leaves the user's own alone", () => {
    const users = path.join(folder, "users");
    const home = path.join(folder, "state", "pulumi-home");
    vi.stubEnv("PULUMI_HOME", undefined);
    vi.stubEnv("HOME", users);
    expect(ownHome()).toEqual({
      PULUMI_HOME: home,
      PULUMI_CREDENTIALS_PATH: path.join(users, ".pulumi"),
    });
    expect(statSync(path.join(home, "logs")).isFile()).toBe(true);
    install(path.join(users, ".pulumi", "plugins", "resource-tls-v5.5.1"), "pulumi-resource-tls");
    expect(readdirSync(path.join(home, "plugins"))).toEqual(["resource-tls-v5.5.1"]);
    expect(readdirSync(path.join(users, ".pulumi"))).toEqual(["plugins"]);

    vi.stubEnv("HOME", path.join(folder, "moved"));
    ownHome();
    expect(readdirSync(path.join(home, "plugins"))).toEqual([]);
  });

  it("is not made where the user has chosen one", () => {
    expect(ownHome()).toEqual({});
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the choice of plugins", () => {
  const cli = (): Cli => ({
    executable: path.join(folder, "cli", "pulumi"),
    version: "3.259.0",
    origin: "PATH",
  });
  const sources = () => Object.fromEntries(choosePlugins(cli()).map(({ name, source }) => [name, source]));
  const nothingInstalled = () => vi.stubEnv("PATH", path.join(folder, "empty"));

  it("takes stand-ins where nothing official is installed, and says so", () => {
    nothingInstalled();
    expect(new Set(Object.values(sources()))).toEqual(new Set(["stand-in"]));
    expect(describePlugins(choosePlugins(cli()))).toContain(
      "command    1.2.1     stand-in (tests/engine/providers/command.ts)",
    );
  });

  it("prefers an official plugin, of the pinned version, and puts no stand-in in its way", () => {
    nothingInstalled();
    install(path.join(folder, "home", "plugins", "resource-tls-v5.5.1"), "pulumi-resource-tls");
    install(path.join(folder, "home", "plugins", "resource-random-v1.0.0"), "pulumi-resource-random");
    install(path.join(folder, "cli"), "pulumi-language-nodejs");
    expect(sources()).toEqual({
      nodejs: "official",
      command: "stand-in",
      tls: "official",
      random: "stand-in",
      kubernetes: "stand-in",
    });
    const names = readdirSync(standInFolder(choosePlugins(cli())) ?? "");
    expect(names.sort()).toEqual([
      "pulumi-resource-command",
      "pulumi-resource-kubernetes",
      "pulumi-resource-random",
    ]);
  });

  it("does not take a stand-in on PATH for an official plugin", () => {
    nothingInstalled();
    vi.stubEnv("PATH", standInFolder(choosePlugins(cli())));
    expect(new Set(Object.values(sources()))).toEqual(new Set(["stand-in"]));
  });

  it("needs no helm beside the official kubernetes plugin, and Go to build one without it", async () => {
    nothingInstalled();
    await expect(ensureHelm(choosePlugins(cli()))).rejects.toThrow("install Go");
    install(
      path.join(folder, "home", "plugins", "resource-kubernetes-v4.32.0"),
      "pulumi-resource-kubernetes",
    );
    expect(await ensureHelm(choosePlugins(cli()))).toBeUndefined();
  });

  it("can be forced", () => {
    nothingInstalled();
    install(path.join(folder, "cli"), "pulumi-language-nodejs");
    vi.stubEnv("MESH_PLATFORM_PLUGINS", "stand-in");
    expect(sources().nodejs).toBe("stand-in");
    vi.stubEnv("MESH_PLATFORM_PLUGINS", "official");
    expect(() => choosePlugins(cli())).toThrow("not installed: command 1.2.1, tls 5.5.1");
    vi.stubEnv("MESH_PLATFORM_PLUGINS", "sometimes");
    expect(() => choosePlugins(cli())).toThrow("it takes auto, official or stand-in");
  });
});

describe("the choice of a backend", () => {
  const state = () => path.join(folder, "state");

  it("embeds one with a passphrase that nobody else can read, and keeps it", () => {
    const backend = chooseBackend();
    expect(backend.env.PULUMI_BACKEND_URL).toBe(pathToFileURL(path.join(state(), "backend")).href);
    const file = backend.env.PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const passphrase = readFileSync(file, "utf8");
    expect(passphrase.length).toBeGreaterThan(40);
    chooseBackend();
    expect(readFileSync(file, "utf8")).toBe(passphrase);
  });

  it("refuses a passphrase that others can read", () => {
    const file = chooseBackend().env.PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
    chmodSync(file, 0o644);
    expect(() => chooseBackend()).toThrow("chmod 600");
  });

  it.each([
    ["a backend from the environment", () => vi.stubEnv("PULUMI_BACKEND_URL", "file:///elsewhere")],
    ["a token", () => vi.stubEnv("PULUMI_ACCESS_TOKEN", "pul-x")],
    ["a login", () => login("https://api.pulumi.com")],
  ])("leaves %s alone", (_what, arrange) => {
    arrange();
    expect(chooseBackend()).toMatchObject({ embedded: false, env: {} });
    expect(existsSync(state())).toBe(false);
  });

  it("takes a login to the embedded backend for what it is", () => {
    login(pathToFileURL(path.join(state(), "backend")).href);
    expect(chooseBackend().embedded).toBe(true);
  });

  function login(url: string): void {
    mkdirSync(path.join(folder, "home"), { recursive: true });
    writeFileSync(path.join(folder, "home", "credentials.json"), JSON.stringify({ current: url }));
  }
});

describe("the stack's configuration", () => {
  const project = () => ({ name: "demo", folder });
  const committed = () => path.join(folder, "Pulumi.dev.yaml");

  it("is a copy with the salt of this computer, while the committed file stays clean", () => {
    const text = "# hosts\nconfig:\n  demo:size: 1\n";
    writeFileSync(committed(), text);
    const copy = prepareStackConfig(project(), "dev") ?? "";
    // As Pulumi does on first use.
    writeFileSync(copy, `${readFileSync(copy, "utf8")}encryptionsalt: v1:abc\n`);
    writeFileSync(committed(), text.replace("1", "2"));
    expect(prepareStackConfig(project(), "dev")).toBe(copy);
    expect(readFileSync(copy, "utf8")).toContain("demo:size: 2");
    expect(readFileSync(copy, "utf8")).toContain("encryptionsalt: v1:abc");
    expect(readFileSync(committed(), "utf8")).toBe(text.replace("1", "2"));
  });

  it("is the committed file when that one brings its own secrets provider", () => {
    writeFileSync(committed(), "secretsprovider: awskms://key\n");
    expect(prepareStackConfig(project(), "dev")).toBeUndefined();
  });
});

describe("recovery", () => {
  it("drops pending creates, but keeps cluster objects to be looked up", () => {
    const step = { urn: "urn:step", type: "command:remote:Command" };
    const map = {
      urn: "urn:map",
      type: "kubernetes:core/v1:ConfigMap",
      inputs: { metadata: { name: "map", namespace: "space" } },
    };
    const { edited, objects } = withoutPendingCreates(
      JSON.stringify({
        version: 3,
        deployment: {
          resources: [{ urn: "urn:stack", type: "pulumi:pulumi:Stack" }],
          pending_operations: [
            { type: "creating", resource: step },
            { type: "creating", resource: map },
            { type: "updating", resource: step },
          ],
        },
      }),
    );
    expect(objects).toEqual(["urn:map"]);
    expect(JSON.parse(edited).deployment).toEqual({
      resources: [
        { urn: "urn:stack", type: "pulumi:pulumi:Stack" },
        { ...map, id: "space/map" },
      ],
      pending_operations: [{ type: "updating", resource: step }],
    });
  });

  it("takes over the lock of a process that died", async () => {
    const lock = path.join(folder, "lock");
    mkdirSync(lock);
    writeFileSync(path.join(lock, "pid"), "999999999");
    expect(await withLock(lock, "testing", async () => "done")).toBe("done");
    expect(existsSync(lock)).toBe(false);
  });
});

function install(into: string, name: string): void {
  mkdirSync(into, { recursive: true });
  writeFileSync(path.join(into, name), "#!/bin/sh\n", { mode: 0o755 });
}
