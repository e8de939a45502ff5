/**
 * The same programs with the official plugins and with the stand-ins: both must plan, do, store and refuse the
 * same. Where the official plugins are not installed there is nothing to compare with, and the tests are skipped.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { missingOfficial } from "./official";
import { newKeyPair, SshServer } from "./ssh-server";
import { TestStack } from "./support";

const COMPARED = ["command", "tls", "random"];

/** Fields of a state that only one side writes: bookkeeping of the official bridge, and one unused output. */
const OWN_FIELDS = /^(__.*|id|bcryptHash)$/;

describe("official plugins and stand-ins", async () => {
  const missing = await missingOfficial(COMPARED);
  const client = newKeyPair();
  const server = new SshServer(client);

  beforeAll(() => server.listen());
  afterAll(() => server.close());

  beforeEach(({ skip }) => skip(missing !== undefined, missing));

  it("lead the same life with local resources", async () => {
    const changes = { GREETING: "bye", TRIGGER: "two", ORG: "other", EARLY: "9000" };
    expect(await lifeWith("stand-in", "lifecycle", {}, changes)).toEqual(
      await lifeWith("auto", "lifecycle", {}, changes),
    );
  });

  it("lead the same life over SSH", async () => {
    const env = {
      SSH_PORT: String(server.port),
      SSH_KEY: client.privateKey,
      SSH_HOST_KEY: server.hostKey.publicKey,
    };
    const changes = { SCRIPT: "echo 'two words'; echo trouble >&2" };
    const failing = { SCRIPT: "echo before; exit 9" };
    expect(await lifeWith("stand-in", "remote", env, changes, failing)).toEqual(
      await lifeWith("auto", "remote", env, changes, failing),
    );
  });
});

/** Everything about a stack's life that a user could tell from outside. */
async function lifeWith(
  plugins: "auto" | "stand-in",
  program: string,
  env: NodeJS.ProcessEnv,
  changes: NodeJS.ProcessEnv,
  failing: NodeJS.ProcessEnv = { FAIL: "7" },
): Promise<unknown> {
  process.env.MESH_PLATFORM_PLUGINS = plugins;
  const stack = new TestStack(program, { ...env, CANARY: "canary-in-conformance" });
  try {
    const first = await stack.plan();
    await stack.up();
    const created = shapeOf(stack);
    await stack.up({}, "--expect-no-changes");
    const planned = await stack.plan(changes);
    await stack.up(changes);
    const updated = shapeOf(stack);
    const { stdout, stderr } = await stack.outputs();
    const failed = await stack.run(["up", "--skip-preview"], { ...changes, ...failing });
    // Above the diagnostics are progress lines, whose order is chance.
    const [, diagnostics = ""] = failed.output.split("Diagnostics:");
    const failure = /(?:exit status|Process exited).*\n.*/.exec(diagnostics)?.[0];
    const destroyed = /- \d+ deleted/.exec(await stack.destroy())?.[0];
    return { first, created, planned, updated, stdout, stderr, code: failed.code, failure, destroyed };
  } finally {
    stack.dispose();
    delete process.env.MESH_PLATFORM_PLUGINS;
  }
}

/** The properties of every resource: which there are, and which of them are secret. */
function shapeOf(stack: TestStack): Record<string, unknown> {
  const resources = stack.state().resources.filter(({ type }) => !type.startsWith("pulumi:"));
  return Object.fromEntries(
    resources.map(({ urn, outputs = {} }) => [
      urn,
      Object.entries(outputs)
        .filter(([name]) => !OWN_FIELDS.test(name))
        .map(([name, value]) => `${name}: ${isSecret(value) ? "secret" : typeof value}`)
        .sort(),
    ]),
  );
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}
