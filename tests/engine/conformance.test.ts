/**
 * The same programs with the official plugins and with the stand-ins: both must plan, do, store and refuse the same, and
 * each must take over what the other has stored without a change. Where the official plugins are not installed there is
 * nothing to compare with but what they stored once (official-shapes.json), and the test says so.
 *
 * With official plugins, `RECORD_OFFICIAL=1` writes that file anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCli } from "../../scripts/lib/cli";
import { choosePlugins } from "../../scripts/lib/plugins";
import { RealApiServer } from "./real-api-server";
import { type Shape, shapesOf } from "./shapes";
import { newKeyPair, SshServer } from "./ssh-server";
import { TestStack } from "./support";

const CANARY = "canary-in-conformance";
/** A life is a dozen runs of the CLI, by both kinds. */
const LIFE_MS = 600_000;
const RECORDING = path.join(__dirname, "official-shapes.json");

/**
 * Fields that the official plugins alone write: bookkeeping of their bridge, the id once more, one unused output. Of the
 * API server's own bookkeeping it is enough that it is there.
 */
const OWN_FIELDS =
  /^outputs\.((__meta|__pulumi_raw_state_delta|id|bcryptHash)\b|metadata\.managedFields\[\])/;

type Kind = "official" | "stand-in";
type Shapes = Readonly<Record<string, Shape>>;

interface Recording {
  readonly recorded: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly programs: Readonly<Record<string, Shapes>>;
}

describe("official plugins and stand-ins", async () => {
  const cli = await findCli();
  const plugins = cli ? choosePlugins(cli) : [];
  const missing = cli
    ? plugins.filter(({ source }) => source !== "official").map(({ name, version }) => `${name} ${version}`)
    : ["pulumi"];
  const withoutOfficial = missing.length > 0;
  const withoutApiServer = RealApiServer.missing();
  const recording = JSON.parse(readFileSync(RECORDING, "utf8")) as Recording;

  const passphrase = "passphrase-of-the-key";
  const client = newKeyPair(passphrase);
  const server = new SshServer(client);
  const cluster = new RealApiServer();

  /** What each program needs, once the servers are there. */
  const environments: Readonly<Record<string, () => NodeJS.ProcessEnv>> = {
    lifecycle: () => ({}),
    remote: () => ({
      SSH_PORT: String(server.port),
      SSH_PROXY_PORT: String(server.port),
      SSH_KEY: client.privateKey,
      SSH_KEY_PASSWORD: passphrase,
      SSH_PASSWORD: "password-that-is-not-asked",
      SSH_HOST_KEY: server.hostKey.publicKey,
    }),
    kinds: () => ({ KUBECONFIG_TEXT: cluster.kubeconfig() }),
  };
  const programs = Object.keys(environments).filter(
    (name) => name !== "kinds" || withoutApiServer.length === 0,
  );

  beforeAll(async () => {
    await server.listen();
    if (withoutApiServer.length === 0) await cluster.start();
  });
  afterAll(async () => {
    await server.close();
    await cluster.stop();
  });

  it.runIf(withoutOfficial)("can be compared by the recording alone", () => {
    console.warn(
      `Conformance was tested against a recording, for want of official plugins: ${missing.join(", ")}`,
    );
    expect(missing).not.toEqual([]);
  });

  it.runIf(withoutApiServer.length > 0)("cannot be compared on a real API server here", () => {
    console.warn(`Objects were not compared, for want of ${withoutApiServer.join(", ")}: npm run mirror`);
    expect(withoutApiServer).not.toEqual([]);
  });

  it("are of the versions that were recorded", () => {
    const pinned = choosePlugins(cli ?? { executable: "", version: "", origin: "PATH" });
    const versions = pinned
      .filter(({ name }) => name !== "nodejs")
      .map(({ name, version }) => [name, version]);
    expect(Object.fromEntries(versions)).toEqual(recording.versions);
  });

  it.each(programs)("store the same fields and secrets as the recording, in %s", async (program) => {
    const stack = stackOf(program);
    await run("stand-in", stack, () => stack.up());
    expect(await storedBy(stack)).toEqual(recording.programs[program]);
    await discard(program, stack);
  });

  describe.skipIf(withoutOfficial)("side by side", () => {
    it.each(programs)("take over from each other without a change, in %s", async (program) => {
      const directions: readonly (readonly [Kind, Kind])[] = [
        ["stand-in", "official"],
        ["official", "stand-in"],
      ];
      for (const [before, after] of directions) {
        const stack = stackOf(program);
        await run(before, stack, () => stack.up());
        if (before === "official") compareWithRecording(program, await storedBy(stack));
        const plan = await run(after, stack, () => stack.plan());
        expect({ before, after, plan }).toEqual({ before, after, plan: {} });
        await discard(program, stack);
      }
    });

    it(
      "lead the same life with local resources",
      async () => {
        const changes = { GREETING: "bye", TRIGGER: "two", ORG: "other", EARLY: "9000" };
        const failing = { FAIL: "7" };
        expect(await lifeWith("stand-in", "lifecycle", changes, failing)).toEqual(
          await lifeWith("official", "lifecycle", changes, failing),
        );
      },
      LIFE_MS,
    );

    it(
      "lead the same life over SSH",
      async () => {
        const changes = { SCRIPT: "echo 'two words'; echo trouble >&2" };
        const failing = { SCRIPT: "echo before; exit 9" };
        expect(await lifeWith("stand-in", "remote", changes, failing)).toEqual(
          await lifeWith("official", "remote", changes, failing),
        );
      },
      LIFE_MS,
    );
  });

  function stackOf(program: string): TestStack {
    return new TestStack(program, { ...environments[program]?.(), CANARY });
  }

  async function discard(program: string, stack: TestStack): Promise<void> {
    // Without controllers a namespace would never go, so that the next stack gets a server of its own.
    if (program === "kinds") await cluster.restart();
    stack.dispose();
  }

  function compareWithRecording(program: string, found: Shapes): void {
    if (process.env.RECORD_OFFICIAL === "1") {
      const now = JSON.parse(readFileSync(RECORDING, "utf8")) as Recording;
      const versions = plugins
        .filter(({ name }) => name !== "nodejs")
        .map(({ name, version }) => [name, version]);
      const recorded = new Date().toISOString().slice(0, 10);
      const next = {
        recorded,
        versions: Object.fromEntries(versions),
        programs: { ...now.programs, [program]: found },
      };
      writeFileSync(RECORDING, `${JSON.stringify(next, undefined, 2)}\n`);
      return;
    }
    expect(found).toEqual(recording.programs[program]);
  }

  /** Everything about a stack's life that a user could tell from outside. */
  async function lifeWith(
    kind: Kind,
    program: string,
    changes: NodeJS.ProcessEnv,
    failing: NodeJS.ProcessEnv,
  ): Promise<unknown> {
    const stack = stackOf(program);
    const life = await run(kind, stack, async () => {
      const first = await stack.plan();
      await stack.up();
      const created = await storedBy(stack);
      await stack.up({}, "--expect-no-changes");
      const planned = await stack.plan(changes);
      await stack.up(changes);
      const updated = await storedBy(stack);
      const { stdout, stderr } = await stack.outputs();
      const failed = await stack.run(["up", "--skip-preview"], { ...changes, ...failing });
      // Above the diagnostics are progress lines, whose order is chance.
      const [, diagnostics = ""] = failed.output.split("Diagnostics:");
      const failure = /(?:exit status|Process exited).*\n.*/.exec(diagnostics)?.[0];
      const destroyed = /- \d+ deleted/.exec(await stack.destroy())?.[0];
      return { first, created, planned, updated, stdout, stderr, code: failed.code, failure, destroyed };
    });
    stack.dispose();
    return life;
  }
});

/** Runs with one kind of plugins; a stack that a failure leaves behind is of no use to anybody. */
async function run<T>(kind: Kind, stack: TestStack, work: () => Promise<T>): Promise<T> {
  process.env.MESH_PLATFORM_PLUGINS = kind;
  try {
    return await work();
  } catch (error) {
    stack.dispose();
    throw error;
  } finally {
    delete process.env.MESH_PLATFORM_PLUGINS;
  }
}

async function storedBy(stack: TestStack): Promise<Shapes> {
  const shapes = Object.entries(await shapesOf(stack));
  return Object.fromEntries(
    shapes
      .map(([name, lines]) => [name, lines.filter((line) => !OWN_FIELDS.test(line))] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
