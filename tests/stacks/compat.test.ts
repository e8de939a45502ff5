import { describe, expect, it } from "vitest";
import { compareVersions } from "../../components/lib/versions";
import { minorsBetween } from "../../stacks/config/compat";
import { ConfigError } from "../../stacks/config/faults";
import { resolvePlatform } from "../../stacks/config/load";
import { capableComputer } from "../support/platforms";

interface Versions {
  readonly kubernetes?: string;
  readonly etcd?: string;
  readonly containerd?: string;
  readonly flannel?: string;
}

/** What a stack with these versions, and the tested ones otherwise, is told: paths of faults, or warnings. */
function judge({ kubernetes, etcd, containerd, flannel }: Versions) {
  const config = {
    kubernetes: kubernetes === undefined ? {} : { version: kubernetes },
    etcd: etcd === undefined ? {} : { version: etcd },
    runtime: containerd === undefined ? {} : { version: containerd },
    network: flannel === undefined ? {} : { flannel: { version: flannel } },
  };
  try {
    return { faults: [], warnings: resolvePlatform(config, "unit", capableComputer).warnings };
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults, warnings: [] };
    throw error;
  }
}

describe("versions", () => {
  it.each<[Versions]>([
    [{}],
    [{ kubernetes: "1.36.0", containerd: "2.3.0" }],
    [{ etcd: "3.6.0" }],
    [{ kubernetes: "1.35.4", etcd: "3.5.35" }],
  ])("that were run together are taken without a word: %o", (change) => {
    expect(judge(change)).toEqual({ faults: [], warnings: [] });
  });

  it.each<[Versions]>([
    [{ kubernetes: "1.34.1" }],
    [{ kubernetes: "1.99.0" }],
    [{ etcd: "3.5.24" }],
    [{ containerd: "2.2.0" }],
    [{ flannel: "0.27.0" }],
    [{ kubernetes: "1.24.0", etcd: "3.5.6", containerd: "2.0.0" }],
    [{ kubernetes: "1.20.7", etcd: "3.4.13", containerd: "1.5.0", flannel: "0.14.0" }],
  ])("that were not get a warning: %o", (change) => {
    const { faults, warnings } = judge(change);
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("was not tested together");
  });

  it.each<[Versions, readonly string[]]>([
    [{ kubernetes: "1.17.9" }, ["kubernetes.version"]],
    [{ etcd: "3.5.23" }, ["etcd.version"]],
    [{ etcd: "4.0.0" }, ["etcd.version"]],
    [{ containerd: "2.1.9" }, ["runtime.version"]],
    [{ containerd: "1.7.27" }, ["runtime.version"]],
    [{ flannel: "0.18.1" }, ["network.flannel.version"]],
    [{ kubernetes: "1.30.0", etcd: "3.6.0" }, ["etcd.version"]],
    [{ kubernetes: "1.30.0", etcd: "3.5.2" }, ["etcd.version"]],
    [{ kubernetes: "1.35.0", containerd: "2.1.4" }, ["runtime.version"]],
    [
      { etcd: "3.4.0", containerd: "1.6.0", flannel: "0.10.0" },
      ["etcd.version", "runtime.version", "network.flannel.version"],
    ],
  ])("that cannot work are refused: %o", (change, paths) => {
    expect(judge(change).faults.map(({ path }) => path)).toEqual(expect.arrayContaining([...paths]));
    expect(new Set(judge(change).faults.map(({ path }) => path))).toEqual(new Set(paths));
  });

  it("of a minor that nobody has looked at yet are named as such", () => {
    expect(judge({ kubernetes: "1.38.0" }).warnings.join()).toContain(
      "; 1.37 is the newest minor that was looked at",
    );
    expect(judge({ kubernetes: "1.37.0" }).warnings.join()).not.toContain("newest minor");
  });
});

describe("minorsBetween", () => {
  it.each([
    ["1.35.4", "1.36.0", 1],
    ["1.36.3", "1.36.9", 0],
    ["1.36.0", "1.34.9", -2],
    ["3.6.1", "4.0.0", 94],
  ])("counts from %s to %s: %i", (from, to, minors) => {
    expect(minorsBetween(from, to)).toBe(minors);
  });
});

describe("compareVersions", () => {
  it.each([
    ["1.10.0", "1.9.9", 1],
    ["1.9", "1.9.0", 0],
    ["0.26.7", "0.27", -1],
    ["2.0.0", "10.0.0", -1],
  ])("orders %s and %s by number, not by text", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(-sign + 0);
  });
});
