import { describe, expect, it } from "vitest";
import type { Verdict } from "../../stacks/config/compat";
import { checkRuntime, type RuntimeSet } from "../../stacks/config/compat-runtime";

const rows: readonly (readonly [RuntimeSet["kind"], string, string, Verdict, string])[] = [
  ["containerd", "2.3.7", "1.36.3", "supported", ""],
  ["containerd", "2.2.0", "1.36.3", "supported", ""],
  ["containerd", "2.1.9", "1.36.3", "impossible", "runtime.version"],
  ["containerd", "1.7.34", "1.36.0", "impossible", "runtime.version"],
  ["containerd", "1.7.28", "1.35.0", "supported", ""],
  ["containerd", "1.7.27", "1.35.0", "impossible", "runtime.version"],
  ["containerd", "1.6.39", "1.35.0", "impossible", "runtime.version"],
  ["containerd", "1.6.39", "1.34.0", "supported", ""],
  ["containerd", "2.0.5", "1.34.0", "impossible", "runtime.version"],
  ["containerd", "1.5.13", "1.26.0", "impossible", "runtime.version"],
  ["containerd", "2.0.0", "1.23.0", "supported", ""],
  ["containerd", "2.0.0", "1.22.17", "impossible", "runtime.version"],
  ["containerd", "1.6.39", "1.22.17", "supported", ""],
  ["dockershim", "19.03.12", "1.20.7", "supported", ""],
  ["dockershim", "29.7.2", "1.20.7", "untested", "runtime.version"],
  ["dockershim", "20.10.24", "1.24.0", "impossible", "runtime.kind"],
  ["criDockerd", "20.10.24", "1.24.0", "supported", ""],
  ["criDockerd", "20.10.24", "1.23.17", "impossible", "runtime.kind"],
];

describe("checkRuntime", () => {
  it.each(rows)("judges %s %s with Kubernetes %s as %s", (kind, version, kubernetes, verdict, path) => {
    const [finding, ...others] = checkRuntime({ kind, version, kubernetes });
    expect([finding?.verdict ?? "supported", finding?.path ?? "", others]).toEqual([verdict, path, []]);
  });

  it("names what would do, and which way to go", () => {
    expect(checkRuntime({ kind: "containerd", version: "1.7.34", kubernetes: "1.36.3" })).toEqual([
      {
        verdict: "impossible",
        path: "runtime.version",
        given: "1.7.34",
        allowed: "containerd 2.2 from 2.2.0 on, 2.3 or later with Kubernetes 1.36.3",
        change: "choose a newer version",
      },
    ]);
    expect(checkRuntime({ kind: "containerd", version: "2.3.7", kubernetes: "1.20.7" })[0]).toMatchObject({
      allowed: "containerd 1.5 from 1.5.0 on, 1.6 from 1.6.0 on, 1.7 from 1.7.0 on with Kubernetes 1.20.7",
      change: "choose an older version",
    });
  });
});
