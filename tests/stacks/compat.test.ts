import { describe, expect, it } from "vitest";
import {
  checkVersions,
  compareVersions,
  kubeadmApiFor,
  pauseImageFor,
  type Verdict,
  type VersionSet,
} from "../../stacks/config/compat";

const tested: VersionSet = { kubernetes: "1.36.3", etcd: "3.6.15", containerd: "2.3.7", flannel: "0.26.7" };

/** Each row changes the tested set; the verdict with the paths that it is about. */
const rows: readonly (readonly [change: Partial<VersionSet>, verdict: Verdict, paths: readonly string[]])[] =
  [
    [{}, "supported", []],
    [{ kubernetes: "1.36.0", containerd: "2.3.0" }, "supported", []],
    [{ etcd: "3.6.0" }, "supported", []],
    [{ kubernetes: "1.35.1" }, "untested", ["kubernetes.version"]],
    [{ kubernetes: "1.99.0" }, "untested", ["kubernetes.version"]],
    [{ etcd: "3.5.24" }, "untested", ["kubernetes.version"]],
    [{ containerd: "2.2.0" }, "untested", ["kubernetes.version"]],
    [{ flannel: "0.27.0" }, "untested", ["kubernetes.version"]],
    [{ kubernetes: "1.24.0", etcd: "3.5.6", containerd: "2.0.0" }, "untested", ["kubernetes.version"]],
    [{ kubernetes: "1.23.17" }, "impossible", ["kubernetes.version"]],
    [
      { kubernetes: "1.20.7", etcd: "3.4.13", containerd: "1.4.0", flannel: "0.13.0" },
      "impossible",
      ["kubernetes.version"],
    ],
    [{ etcd: "3.5.23" }, "impossible", ["etcd.version"]],
    [{ etcd: "4.0.0" }, "impossible", ["etcd.version"]],
    [{ containerd: "2.1.9" }, "impossible", ["runtime.version"]],
    [{ containerd: "1.7.27" }, "impossible", ["runtime.version"]],
    [{ flannel: "0.18.1" }, "impossible", ["network.version"]],
    [{ kubernetes: "1.30.0", etcd: "3.6.0" }, "impossible", ["etcd.version"]],
    [{ kubernetes: "1.30.0", etcd: "3.5.2" }, "impossible", ["etcd.version"]],
    [{ kubernetes: "1.35.0", containerd: "2.1.4" }, "impossible", ["runtime.version"]],
    [{ kubernetes: "1.24.0", etcd: "3.5.6", flannel: "0.13.0" }, "impossible", ["network.version"]],
    [
      { etcd: "3.4.0", containerd: "1.6.0", flannel: "0.10.0" },
      "impossible",
      ["etcd.version", "runtime.version", "network.version"],
    ],
  ];

describe("checkVersions", () => {
  it.each(rows)("judges %o as %s", (change, verdict, paths) => {
    const findings = checkVersions({ ...tested, ...change });
    expect([...new Set(findings.map((finding) => finding.verdict)), "supported"][0]).toBe(verdict);
    expect(findings.map(({ path }) => path)).toEqual(paths);
  });

  it("names what would do, and which way to go", () => {
    expect(checkVersions({ ...tested, kubernetes: "1.30.0", etcd: "3.6.0" })).toEqual([
      {
        verdict: "impossible",
        path: "etcd.version",
        given: "3.6.0",
        allowed:
          "3.5.6 or later, below 3.6, with Kubernetes 1.30.0 (3.5.0 to 3.5.2 corrupt data; 3.5.6 is the production floor)",
        change: "choose an older version",
      },
    ]);
  });

  it("tells of a minor that nobody has looked at yet", () => {
    expect(checkVersions({ ...tested, kubernetes: "1.38.0" })[0]?.allowed).toContain(
      "; 1.37 is the newest minor that was looked at",
    );
    expect(checkVersions({ ...tested, kubernetes: "1.37.0" })[0]?.allowed).not.toContain("newest minor");
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

describe("kubeadmApiFor", () => {
  it.each([
    ["1.24.0", "v1beta3"],
    ["1.30.14", "v1beta3"],
    ["1.31.0", "v1beta4"],
    ["1.36.3", "v1beta4"],
  ])("gives Kubernetes %s the API %s", (kubernetes, api) => {
    expect(kubeadmApiFor(kubernetes)).toBe(api);
  });
});

describe("pauseImageFor", () => {
  it.each([
    ["1.36.3", "pause:3.10.2"],
    ["1.35.0", "pause:3.10.1"],
    ["1.33.9", "pause:3.10"],
    ["1.30.1", "pause:3.9"],
    ["1.25.0", "pause:3.8"],
    ["1.24.17", "pause:3.7"],
  ])("is kubeadm's own for Kubernetes %s: %s", (kubernetes, image) => {
    expect(pauseImageFor(kubernetes)).toBe(image);
  });

  it("refuses to guess for an older one", () => {
    expect(() => pauseImageFor("1.23.0")).toThrow("no pause image is known for Kubernetes 1.23.0");
  });
});
