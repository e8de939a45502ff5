import { describe, expect, it } from "vitest";
import { compositions } from "../../stacks/compositions";
import { resolvePlatform } from "../../stacks/config/load";
import { config } from "../../stacks/config/schema";
import { capableComputer, inventory, sandbox } from "../support/platforms";
import { record } from "../support/recorder";

/** Builds the composition that a config names. */
const build = (raw: object) =>
  record(() => {
    const platform = resolvePlatform(raw, "unit", capableComputer);
    return compositions[platform.config.composition](platform);
  });

describe("compositions", () => {
  it("are exactly those that a config can name", () => {
    expect(Object.keys(compositions).sort()).toEqual([...config.shape.composition.unwrap().options].sort());
  });

  it("have the whole pipeline in dev, which is what a config gets that names none", async () => {
    const { resources } = await build(sandbox(0));
    expect(resources.map(({ name }) => name)).toContain("cp1-init");
  });

  it("make hosts and put nothing on them in machines", async () => {
    const recording = await build(sandbox(1, { composition: "machines" }));
    expect(recording.all("Command").map(({ name, type }) => [name, type.split(":")[1]])).toEqual(
      ["image", "mirror", "network", "cp1-identity", "cp1", "worker1-identity", "worker1"].map((name) => [
        `sandbox-${name}`,
        "local",
      ]),
    );
    expect(recording.result).toMatchObject({
      nodes: {
        cp1: { address: "172.30.7.11", roles: ["controlPlane", "etcd"] },
        worker1: { address: "172.30.7.12", roles: ["worker"] },
      },
    });
  });

  it("need nothing at all for machines that exist already", async () => {
    expect((await build(inventory(1, { composition: "machines" }))).resources).toEqual([]);
  });
});
