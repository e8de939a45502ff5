import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { durationsOf, identityOf, KillMatrix, table } from "./kill-matrix";
import { Lab, touched } from "./lab";
import { inside } from "./power";

/**
 * A cluster that is made by some hundred runs of `up`, each of them cut, against one that was made by a single run. The
 * names of the steps are read from the output, so new ones are cut as well. Half an hour.
 *
 * KILL_MATRIX_ONLY, a regular expression, cuts only steps with such names; KILL_MATRIX_REPORT is a file for the table.
 */
const only = new RegExp(process.env.KILL_MATRIX_ONLY ?? "");
const lab = new Lab("kill-matrix");
const hosts = ["cp1", "worker1"];
const listing = readFileSync(join(__dirname, "listing.sh"), "utf8");
let durations: Map<string, number>;
let reference: Record<string, string>;
let matrix: KillMatrix;

/** What the cluster and its hosts are made of, without what differs from one making to the next. */
function stateOf(): Record<string, string> {
  const kinds =
    "nodes,deployments,daemonsets,services,configmaps,serviceaccounts,clusterroles,clusterrolebindings,roles,rolebindings";
  const objects = lab.kubectl(
    "get",
    kinds,
    "-A",
    "--no-headers",
    "-o",
    "custom-columns=:kind,:metadata.namespace,:metadata.name",
  );
  const nodes = lab.kubectl(
    "get",
    "nodes",
    "-o",
    'jsonpath={range .items[*]}{.metadata.name} {.metadata.labels} {.spec.taints} {.spec.unschedulable} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}',
  );
  const files = hosts.map((host) => {
    const { status, stdout, stderr } = inside(lab.id, host, listing);
    if (status !== 0) throw new Error(`${host} cannot be listed: ${status} ${stderr}`);
    return [host, stdout];
  });
  return { objects: objects.split("\n").sort().join("\n"), nodes, ...Object.fromEntries(files) };
}

/** Lines that only one of two texts has. */
function difference(one = "", other = ""): string[] {
  const [left, right] = [new Set(one.split("\n")), new Set(other.split("\n"))];
  return [
    ...[...left].filter((line) => !right.has(line)).map((line) => `- ${line}`),
    ...[...right].filter((line) => !left.has(line)).map((line) => `+ ${line}`),
  ];
}

beforeAll(() => {
  lab.configure({ composition: "dev", hosts: { kind: "sandbox", workers: 1 }, artifacts: { kind: "auto" } });
});

afterAll(async () => {
  matrix?.starts.stop();
  if (matrix !== undefined) {
    const text = `${table(matrix.rows)}\n\n${JSON.stringify(matrix.starts.counts)}\n`;
    console.log(text);
    if (process.env.KILL_MATRIX_REPORT) writeFileSync(process.env.KILL_MATRIX_REPORT, text);
  }
  await lab.end();
});

describe("an up that is cut", () => {
  it("has an undisturbed one to be compared with", async () => {
    durations = durationsOf(await lab.must("up", "--yes", "--parallel", "1"));
    reference = stateOf();
    expect(durations.size).toBeGreaterThan(20);
    await lab.must("destroy", "--yes");
  });

  it("comes to its end, whatever step it was cut at and however", async () => {
    matrix = new KillMatrix(lab, hosts, durations, only);
    await matrix.run();
    const hit = matrix.rows.filter(({ at }) => at !== undefined);
    expect(hit.length).toBeGreaterThan(matrix.rows.length / 2);
  });

  it("makes the same hosts and the same cluster as one that was not", () => {
    const state = stateOf();
    const differences = Object.keys(reference).flatMap((part) =>
      difference(reference[part], state[part]).map((line) => `${part} ${line}`),
    );
    expect(differences).toEqual([]);
  });

  it("founds and joins once, and starts again only what a cut has ended", () => {
    const { counts } = matrix.starts;
    for (const program of ["kubeadm init", "kubeadm join"]) {
      expect([program, counts[program]?.started]).toEqual([program, 1 + (counts[program]?.cutShort ?? 0)]);
    }
    const now = identityOf(lab).split(" ");
    expect(now).toHaveLength(4);
    // What has once answered is what answers at the end.
    for (const one of ["etcd:", "namespace:", "cp1:", "worker1:"]) {
      const values = matrix.rows.flatMap(({ identity }) =>
        identity.split(" ").filter((part) => part.startsWith(one)),
      );
      expect([one, new Set(values)]).toEqual([one, new Set(now.filter((part) => part.startsWith(one)))]);
    }
  });

  it("changes nothing when it runs once more", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
