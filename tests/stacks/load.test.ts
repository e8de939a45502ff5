import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { loadPlatform } from "../../stacks/config/load";
import { buildPlatform } from "../../stacks/platform";
import { capableComputer, SSH_KEY } from "../support/platforms";
import { record } from "../support/recorder";

afterEach(() => {
  pulumi.runtime.setAllConfig({});
});

/** Loads from what `Pulumi.<stack>.yaml` hands over: text under namespaced keys. */
function load(config: Readonly<Record<string, string>>, secretKeys: readonly string[] = []) {
  return record(() => {
    pulumi.runtime.setAllConfig({ ...config }, [...secretKeys]);
    return loadPlatform(capableComputer, async () => true);
  });
}

describe("loadPlatform", () => {
  it("takes objects, and words that are no JSON, and leaves out other projects' keys", async () => {
    const { result } = await load({
      "mesh-platform:composition": "dev",
      "mesh-platform:hosts": '{"kind":"sandbox","workers":2}',
      "mesh-platform:protect": "on",
      "pulumi:tags": "{}",
      "kubernetes:namespace": "x",
    });
    expect(result.members.map(({ name }) => name)).toEqual(["cp1", "worker1", "worker2"]);
    expect(result.config).toMatchObject({ composition: "dev", protect: "on" });
    expect(result.stack).toBe("unit");
    expect(result.sshPrivateKey).toBeUndefined();
  });

  it("keeps the login key secret, and out of the plain config", async () => {
    const { result } = await load({ "mesh-platform:sshPrivateKey": SSH_KEY }, [
      "mesh-platform:sshPrivateKey",
    ]);
    expect(await pulumi.isSecret(result.sshPrivateKey ?? pulumi.output(""))).toBe(true);
    expect(JSON.stringify(result.config)).not.toContain("canary-of-the-operators-login-key");
  });

  it("keeps it secret even where somebody set it in clear", async () => {
    const { result } = await load({ "mesh-platform:sshPrivateKey": SSH_KEY });
    expect(await pulumi.isSecret(result.sshPrivateKey ?? pulumi.output(""))).toBe(true);
  });

  it("refuses a faulty config before any resource is registered", async () => {
    const made: string[] = [];
    const attempt = record(async () => {
      pulumi.runtime.registerStackTransformation(({ name }) => {
        made.push(name);
        return undefined;
      });
      pulumi.runtime.setAllConfig({ "mesh-platform:kubernetes": '{"version":"1.36"}' });
      return buildPlatform(await loadPlatform(capableComputer));
    });
    await expect(attempt).rejects.toThrow("kubernetes.version");
    expect(made).toEqual([]);
  });
});
