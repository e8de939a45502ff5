import { describe, expect, it } from "vitest";
import { meshImages } from "../../../components/mesh/images";
import { hasBrokenSchema, newestVersion, planInstall } from "../../../components/mesh/install";
import { settingsOf } from "./settings";

const plan = (config: object) => planInstall(settingsOf(config));

describe("planInstall", () => {
  it("takes the definitions of the newest control plane, and everything else of its own", () => {
    const { base, cni, controlPlanes, gateways } = plan({
      cni: true,
      revisions: [
        { name: "old", version: "1.29.7" },
        { name: "new", version: "1.30.5" },
      ],
    });
    expect([base?.version, cni?.version]).toEqual(["1.30.5", "1.29.7"]);
    expect(controlPlanes.map(({ name, version, revision }) => [name, version, revision])).toEqual([
      ["istiod-old", "1.29.7", "old"],
      ["istiod-new", "1.30.5", "new"],
    ]);
    expect(gateways.map(({ version }) => version)).toEqual(["1.29.7"]);
  });

  it("installs gateways where the config wants them", () => {
    const { gateways } = plan({ gateways: [{ name: "edge", namespace: "istio-ingress" }] });
    expect(gateways.map(({ chart, name, namespace }) => [chart, name, namespace])).toEqual([
      ["gateway", "edge", "istio-ingress"],
    ]);
  });

  it("has values checked by the chart's schema, unless the schema refuses everything", () => {
    expect(plan({ version: "1.24.6" }).gateways[0]?.skipSchemaValidation).toBe(true);
    expect(plan({}).gateways[0]?.skipSchemaValidation).toBeUndefined();
  });
});

describe("hasBrokenSchema", () => {
  it.each([
    ["1.20.8", false],
    ["1.21.0", true],
    ["1.24.6", true],
    ["1.25.4", true],
    ["1.25.5", false],
    ["1.26.3", true],
    ["1.26.4", false],
    ["1.27.0", true],
    ["1.27.1", false],
    ["1.31.0-rc.20260827", false],
  ])("of %s: %s", (version, broken) => {
    expect(hasBrokenSchema(version)).toBe(broken);
  });
});

describe("newestVersion", () => {
  it.each([
    [["1.9.9", "1.10.0"], "1.10.0"],
    [["1.31.0-rc.1", "1.31.0"], "1.31.0"],
    [["1.31.0-rc.20260827", "1.31.0-rc.20260827.1"], "1.31.0-rc.20260827.1"],
    [["1.30.5", "1.31.0-rc.1"], "1.31.0-rc.1"],
  ])("of %o is %s, in either order", (versions, newest) => {
    const planes = versions.map((version) => ({ revision: version, version }));
    const [first, ...others] = planes;
    if (first === undefined) throw new Error("no version");
    expect([newestVersion([first, ...others]), newestVersion([...planes].reverse())]).toEqual([
      newest,
      newest,
    ]);
  });
});

describe("meshImages", () => {
  it("lists what is pulled, once and sorted", () => {
    expect(meshImages(plan({}), "docker.io/istio")).toEqual([
      "docker.io/istio/pilot:1.30.5",
      "docker.io/istio/proxyv2:1.30.5",
    ]);
    expect(
      meshImages(
        plan({ ambient: true, revisions: [{ name: "a" }, { name: "b", version: "1.31.1" }] }),
        "r/i",
      ),
    ).toEqual([
      ...["r/i/install-cni:1.30.5", "r/i/pilot:1.30.5", "r/i/pilot:1.31.1"],
      ...["r/i/proxyv2:1.30.5", "r/i/proxyv2:1.31.1", "r/i/ztunnel:1.30.5"],
    ]);
  });
});
