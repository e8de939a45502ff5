import { describe, expect, it } from "vitest";
import { type ChaosArgs, type Experiment, renderChaos } from "../../../../components/traffic/delivery/chaos";
import { checked } from "../../../../components/traffic/faults";
import { fence, hazards, onlyInTiers } from "../../../../components/traffic/tiers";
import { faultsOf, pathsOf } from "../security-faults";

const inventory = { nodes: ["cnu1", "cnu2", "cnu3"], pods: { shop: ["cart-0"] } };
/** Document 002's experiment, but for the name: there is a node cnu3 and none that is called after its address. */
const loss: Experiment = {
  action: "network loss",
  victims: { scope: "node", names: ["cnu3"] },
  with: { percent: 60, interface: "eth0", localPort: "31966" },
  description: "node network loss",
  timeout: "5m",
};
const args: ChaosArgs = {
  name: "loss-node-network-by-names",
  experiments: [loss],
  inventory,
  tier: { name: "lab" },
};
const faults = (more: Partial<Experiment>, rest: Partial<ChaosArgs> = {}) =>
  faultsOf(() => renderChaos({ ...args, experiments: [{ ...loss, ...more }], ...rest }));
const experimentOf = (more: Partial<Experiment>) =>
  (renderChaos({ ...args, experiments: [{ ...loss, ...more }] }).spec as { experiments: object[] })
    .experiments[0];

describe("ChaosBlade", () => {
  it("is that of document 002, with a name that exists and an end", () => {
    expect(renderChaos(args)).toEqual({
      apiVersion: "chaosblade.io/v1alpha1",
      kind: "ChaosBlade",
      metadata: { name: "loss-node-network-by-names" },
      spec: {
        experiments: [
          {
            scope: "node",
            target: "network",
            action: "loss",
            desc: "node network loss",
            matchers: [
              { name: "names", value: ["cnu3"] },
              { name: "percent", value: ["60"] },
              { name: "interface", value: ["eth0"] },
              { name: "local-port", value: ["31966"] },
              { name: "timeout", value: ["300"] },
            ],
          },
        ],
      },
    });
  });

  it.each([
    ["cnu3.192.168.3.13", "write cnu3"],
    ["192.168.3.13", "name one of these"],
  ])("refuses the document's node %s, which there is not", (name, change) => {
    expect(faults({ victims: { scope: "node", names: [name] } })).toEqual([
      `experiments[0].victims.names[0]: ${change}`,
    ]);
  });

  it("finds pods by names and by one label, in a namespace that it may disturb", () => {
    const named = { scope: "pod", namespace: "shop", names: ["cart-0"], count: 1 } as const;
    expect(experimentOf({ action: "pod delete", victims: named, with: {} })).toMatchObject({
      matchers: [
        { name: "names", value: ["cart-0"] },
        { name: "namespace", value: ["shop"] },
        { name: "evict-count", value: ["1"] },
        { name: "timeout", value: ["300"] },
      ],
    });
    const labelled = {
      scope: "container",
      namespace: "shop",
      labels: { app: "cart" },
      containers: ["web"],
    } as const;
    expect(
      experimentOf({ action: "cpu fullload", victims: labelled, with: { cpuPercent: 80 } }),
    ).toMatchObject({
      scope: "container",
      target: "cpu",
      action: "fullload",
      matchers: [
        { name: "labels", value: ["app=cart"] },
        { name: "namespace", value: ["shop"] },
        { name: "container-names", value: ["web"] },
        { name: "cpu-percent", value: ["80"] },
        { name: "timeout", value: ["300"] },
      ],
    });
    expect(faults({ victims: { scope: "pod", namespace: "bank", names: ["cart-1"] } })).toEqual([
      "experiments[0].victims.namespace: name one of these",
      "experiments[0].victims.names[0]: name one of these",
    ]);
    expect(
      faults({ victims: { scope: "pod", namespace: "shop", labels: { app: "a", version: "v1" } } }),
    ).toEqual(["experiments[0].victims.labels: choose the most telling one"]);
  });

  it.each<[string, Partial<Experiment>, string[]]>([
    ["what an action needs", { with: { percent: 60 } }, ["experiments[0].with.interface: add it"]],
    [
      "what it does not know",
      { with: { ...loss.with, path: "/" } },
      ["experiments[0].with.path: remove it: network loss does not know it"],
    ],
    [
      "a share of nothing",
      { with: { ...loss.with, percent: 0 } },
      ["experiments[0].with.percent: write one of these"],
    ],
    [
      "ports that are none",
      { with: { ...loss.with, localPort: "80,x" } },
      ["experiments[0].with.localPort: correct the spelling"],
    ],
    [
      "both sides of a filter",
      { with: { ...loss.with, excludePort: "22" } },
      ["experiments[0].with.excludePort: keep one side"],
    ],
    [
      "an action for others",
      { action: "pod fail", with: {} },
      ["experiments[0].victims.scope: choose others, or another action than pod fail"],
    ],
    ["an end beyond an hour", { timeout: "2h" }, ["experiments[0].timeout: lower it"]],
    [
      "an action that is none",
      { action: "network gone" as "network loss" },
      ["experiments[0].action: write one of these"],
    ],
  ])("checks %s", (_, more, expected) => {
    expect(faults(more)).toEqual(expected);
  });
});

describe("fences", () => {
  it("keep chaos out of production", () => {
    expect(faults({}, { tier: { name: "production" } })).toEqual([
      "tier: take it out of this stack, or declare it in another one",
    ]);
    expect(faults({}, { tier: { name: "dev" } })).toEqual([]);
  });

  it("are a table", () => {
    expect(hazards).toEqual({ faultInjection: ["dev", "lab"], chaos: ["dev", "lab"], load: ["dev", "lab"] });
    const at = (name: "dev" | "production") =>
      pathsOf(() => checked("load", (place) => fence({ name }, "load", place.in("tier"))));
    expect([at("dev"), at("production")]).toEqual([[], ["tier"]]);
    expect(
      pathsOf(() => checked("x", (place) => onlyInTiers({ name: "lab" }, ["dev"], place.in("tier")))),
    ).toEqual(["tier"]);
  });
});
