/**
 * The same programs with the official plugins and with the stand-ins: both must plan, do, store and refuse the same, and
 * each must take over what the other has stored without a change. Where the official plugins are not installed there is
 * nothing to compare with but what they stored once (official-shapes.json). Objects of a cluster need a real API
 * server: tests/programs/objects.test.ts.
 *
 * With official plugins, `RECORD_OFFICIAL=1` writes that file anew.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findCli } from "../../scripts/lib/cli";
import { choosePlugins } from "../../scripts/lib/plugins";
import { missingOfficial } from "./official";
import { newKeyPair, SshServer } from "./ssh-server";
import {
  type Kind,
  record,
  recording,
  runAs,
  stackOf,
  storedAs,
  storedBy,
  takenOver,
  versionsOf,
} from "./stored";

/** A life is a dozen runs of the CLI, by both kinds. */
const LIFE_MS = 600_000;

describe("official plugins and stand-ins", async () => {
  const missing = await missingOfficial(["command", "tls", "random"]);
  const plugins = choosePlugins((await findCli()) ?? { executable: "", version: "", origin: "PATH" });
  const passphrase = "passphrase-of-the-key";
  const client = newKeyPair(passphrase);
  const server = new SshServer(client);
  beforeAll(() => server.listen());
  afterAll(() => server.close());

  /** What each program needs, once the server is there. */
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
  };
  const programs = Object.keys(environments);
  const environment = (program: string) => environments[program]?.() ?? {};

  it("are of the versions that were recorded", () => {
    expect(versionsOf(plugins)).toEqual(recording.versions);
  });

  it.each(programs)("store the same fields and secrets as the recording, in %s", async (program) => {
    expect(await storedAs("stand-in", program, environment(program))).toEqual(recording.programs[program]);
  });

  describe("side by side", () => {
    beforeEach(({ skip }) => skip(missing !== undefined, missing));

    it.each(programs)("take over from each other without a change, in %s", async (program) => {
      const forth = await takenOver("stand-in", "official", program, environment(program));
      expect(forth.plan).toEqual({});
      const back = await takenOver("official", "stand-in", program, environment(program));
      expect(back.plan).toEqual({});
      if (process.env.RECORD_OFFICIAL === "1") record(program, back.stored, plugins);
      else expect(back.stored).toEqual(recording.programs[program]);
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

  /** Everything about a stack's life that a user could tell from outside. */
  async function lifeWith(
    kind: Kind,
    program: string,
    changes: NodeJS.ProcessEnv,
    failing: NodeJS.ProcessEnv,
  ): Promise<unknown> {
    const stack = stackOf(program, environment(program));
    const life = await runAs(kind, stack, async () => {
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
