/** The first run of somebody with internet, whole: the shipped stack `dev` on the recorded internet, nothing else set. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { defaultMirrorDir } from "../../components/sandbox/mirror/mirror";
import { RecordedInternet } from "../internet/server";
import { missingTree, World } from "../internet/world";
import { projectRoot } from "../support/rendered";
import { Lab, touched } from "./lab";

/** An address for documentation, which no network uses (RFC 5737). */
const ADDRESS = "192.0.2.53";
const folder = mkdtempSync(join(tmpdir(), "mesh-platform-world-"));
let internet: RecordedInternet;
let world: World;
let lab: Lab;

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}

/** The config of a stack that is shipped. */
function shipped(stack: string): Record<string, unknown> {
  const { config } = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8"));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("mesh-platform:", ""), value]),
  );
}

/** The tree that hosts are copied from, for which an operator with internet goes to Debian. */
async function makeTree(): Promise<void> {
  if (missingTree() === undefined) return;
  const hosts = new Lab("internet-tree");
  hosts.configure({ composition: "machines", hosts: { kind: "sandbox", workers: 0 } });
  await hosts.must("up", "--yes");
  await hosts.end();
}

beforeAll(async () => {
  await makeTree();
  ip("address", "add", `${ADDRESS}/32`, "dev", "lo");
  internet = await RecordedInternet.start(defaultMirrorDir(), { address: ADDRESS });
  world = await World.make(folder, ADDRESS, internet.ca);
  lab = new Lab("internet-test", world);
  lab.configure(shipped("dev"));
});

afterAll(async () => {
  await lab?.end();
  world?.end();
  await internet?.stop();
  ip("address", "delete", `${ADDRESS}/32`, "dev", "lo");
  rmSync(folder, { recursive: true, force: true });
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
    const page = lab.onHost(
      "cp1",
      `curl -sS -o /dev/null -w '%{http_code}' http://${lab.address("worker1")}:30080/productpage`,
    );
    expect(page).toBe("200");
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("has asked these names for these paths, and no others", () => {
    console.log(internet.summary().join("\n"));
    expect(internet.asked.filter(({ status }) => status >= 402)).toEqual([]);
    expect([...internet.unknownNames].sort()).toEqual([]);
  });
});
