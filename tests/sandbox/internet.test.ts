/** The first run of somebody with internet, whole: the shipped stack `dev` on the recorded internet, nothing else set. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { RecordedWorld } from "../internet/recorded-world";
import { projectRoot } from "../support/rendered";
import { Lab, touched } from "./lab";

let recorded: RecordedWorld;
let lab: Lab;

/** The config of a stack that is shipped. */
function shipped(stack: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8"));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("mesh-platform:", ""), value]),
  );
}

beforeAll(async () => {
  recorded = await RecordedWorld.start();
  lab = new Lab("internet-test", recorded.world);
  lab.configure(shipped("dev"));
});

afterAll(async () => {
  await lab?.end();
  await recorded?.end();
});

describe("dev on the recorded internet", () => {
  it("comes up from upstream, without a word about artifacts or versions", async () => {
    await lab.must("up", "--yes");
    expect(lab.outputs()).toMatchObject({
      artifacts: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
    });
    expect(readFileSync(join(lab.stateFolder, "artifacts-internet-test"), "utf8")).toBe("upstream\n");
  });

  it("has every pod Running, and a book shop that answers", () => {
    const phases = lab
      .kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].status.phase}")
      .trim()
      .split(" ");
    expect(phases.length).toBeGreaterThan(15);
    expect(new Set(phases)).toEqual(new Set(["Running"]));
    const shop = `http://${lab.address("worker1")}:30080/productpage`;
    expect(lab.onHost("cp1", `curl -sS -o /dev/null -w '%{http_code}' ${shop}`)).toBe("200");
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("has asked these names for these paths, and no others", () => {
    console.log(recorded.internet.summary().join("\n"));
    expect(recorded.internet.asked.filter(({ status }) => status >= 402)).toEqual([]);
    expect([...recorded.internet.unknownNames].sort()).toEqual([]);
  });
});
