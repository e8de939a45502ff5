import { describe, expect, it } from "vitest";
import { cutsFor, durationsOf, parseEvent, table } from "../../sandbox/kill-matrix";
import { touched } from "../../sandbox/lab";
import { Poller } from "../../sandbox/poller";
import { allProcesses, treeOf } from "../../sandbox/processes";

const output = [
  " +  command:remote:Command cp1-facts creating (0s) ",
  " +  command:remote:Command cp1-facts creating (0s) 11:34:20 cp1: Debian 12",
  " +  command:remote:Command cp1-facts created (0.25s) 11:34:20 cp1: Debian 12",
  " ~  kubernetes:core/v1:ConfigMap flannel-config updated (1s) ",
  " +  pulumi:pulumi:Stack mesh-platform-x created (70s) ",
  "@ updating....",
].join("\n");

describe("the output of an up", () => {
  it("is read as beginnings and ends of steps", () => {
    expect(output.split("\n").map((line) => parseEvent(line)?.name)).toEqual([
      "cp1-facts",
      "cp1-facts",
      "cp1-facts",
      "flannel-config",
      "mesh-platform-x",
      undefined,
    ]);
    expect(parseEvent(output.split("\n")[0] ?? "")).toMatchObject({ began: true, done: false, seconds: 0 });
    expect(durationsOf(output).get("cp1-facts")).toBe(0.25);
    expect(touched(output)).toEqual(["cp1-facts", "flannel-config"]);
  });

  it("says what can be cut, and how", () => {
    expect(cutsFor("command:remote:Command")).toEqual(["step", "session", "client", "boundary"]);
    expect(cutsFor("kubernetes:apps/v1:DaemonSet")).toEqual(["client", "boundary"]);
    for (const type of [
      "pulumi:providers:kubernetes",
      "tls:index:PrivateKey",
      "mesh-platform:etcd:EtcdCluster",
    ]) {
      expect(cutsFor(type)).toEqual([]);
    }
  });

  it("ends as a table", () => {
    const row = {
      name: "cp1-facts",
      cut: "client",
      at: 0.1,
      ended: null,
      next: "created in 1 s",
      identity: "",
    } as const;
    expect(table([row, { ...row, at: undefined }])).toContain("| cp1-facts | client | too fast | killed |");
  });
});

describe("a poller", () => {
  it("counts failures and the longest time without a success", async () => {
    const outcomes = [true, false, false, false, true, false, true];
    const poller = new Poller(async (count) => {
      if (outcomes[count] === false) throw new Error("down");
    }, 20);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { requests, failures, longestGap, reasons } = await poller.stop();
    expect(requests).toBeGreaterThan(outcomes.length);
    expect(failures).toBe(4);
    expect(longestGap).toBeGreaterThan(0.04);
    expect(longestGap).toBeLessThan(0.4);
    expect(reasons).toEqual(["4 × down"]);
  });
});

describe.runIf(process.platform === "linux")("processes", () => {
  it("are found with what they have started", () => {
    const all = allProcesses();
    const own = all.find(({ pid }) => pid === process.pid);
    const parent = all.find(({ pid }) => pid === process.ppid);
    expect(own).toMatchObject({ parent: process.ppid });
    expect(parent && treeOf(parent, all)).toContainEqual(own);
  });
});
