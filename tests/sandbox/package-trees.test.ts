/** Hosts that are prepared and joined from the package trees of China's public mirrors, as they are recorded. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mirrorVersions as v } from "../../components/sandbox/mirror/versions";
import { RecordedWorld } from "../internet/recorded-world";
import { Lab, touched } from "./lab";

let recorded: RecordedWorld;

beforeAll(async () => {
  recorded = await RecordedWorld.start();
});
afterAll(async () => {
  await recorded?.end();
});

describe.each(["aliyun", "tuna"])("a cluster from %s", (kind) => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab(`from-${kind}`, recorded.world);
    lab.configure({ composition: "dev", hosts: { kind: "sandbox", workers: 1 }, artifacts: { kind } });
  });
  afterAll(async () => {
    await lab?.end();
  });

  it("comes up by packages, both nodes Ready, and changes nothing when it runs again", async () => {
    await lab.must("up", "--yes");
    const nodes = lab.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[-1:].status}");
    expect(nodes.trim()).toBe("True True");
    const installed = lab.onHost("worker1", "dpkg-query -W kubelet kubeadm containerd.io");
    expect(installed.trim().split("\n")).toEqual([
      `containerd.io\t${v.containerd}-1~debian.12~bookworm`,
      `kubeadm\t${v.kubernetes}-1.1`,
      `kubelet\t${v.kubernetes}-1.1`,
    ]);
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });
});
