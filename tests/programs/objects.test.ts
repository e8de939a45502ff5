/**
 * Objects of a cluster as the stand-in for kubernetes stores them, on a real API server, against what the official
 * plugin stored once; and side by side with it where it is installed.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findCli } from "../../scripts/lib/cli";
import { choosePlugins } from "../../scripts/lib/plugins";
import { RealApiServer } from "../engine/real-api-server";
import { record, recording, storedAs, takenOver } from "../engine/stored";

describe("objects on a real API server", async () => {
  const cli = await findCli();
  if (cli === undefined) throw new Error("the Pulumi CLI is missing: npm run setup");
  const plugins = choosePlugins(cli);
  const isOfficial = plugins.every(({ source }) => source === "official");
  const cluster = new RealApiServer();
  const env = () => ({ KUBECONFIG_TEXT: cluster.kubeconfig() });

  beforeAll(async () => {
    expect(RealApiServer.missing()).toEqual([]);
    await cluster.start();
  });
  // Without controllers a namespace would never go, so each stack gets a server of its own.
  beforeEach(() => cluster.restart());
  afterAll(() => cluster.stop());

  it("are stored with the fields and secrets of the recording", async () => {
    expect(await storedAs("stand-in", "kinds", env())).toEqual(recording.programs.kinds);
  });

  // Not a skip: this computer has nothing to compare with, and the recording stands for it.
  if (isOfficial) {
    it("go from the stand-in to the official plugin without a change", async () => {
      expect((await takenOver("stand-in", "official", "kinds", env())).plan).toEqual({});
    });

    it("go from the official plugin to the stand-in without a change", async () => {
      const { stored, plan } = await takenOver("official", "stand-in", "kinds", env());
      expect(plan).toEqual({});
      if (process.env.RECORD_OFFICIAL === "1") record("kinds", stored, plugins);
      else expect(stored).toEqual(recording.programs.kinds);
    });
  }
});
