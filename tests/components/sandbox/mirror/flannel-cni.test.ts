import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { moduleDir } from "../../../../components/sandbox/mirror/go-module";

const go = spawnSync("go", ["env", "GOVERSION"], {
  cwd: moduleDir({ name: "flannel-cni" }),
  encoding: "utf8",
});
if (go.status !== 0) console.log("The flannel CNI plugin's tests are skipped: Go 1.26 or newer is not here");

describe.skipIf(go.status !== 0)("the flannel CNI plugin", () => {
  it("passes its own tests (go test)", { timeout: 300_000 }, () => {
    const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
    const options = { cwd: moduleDir({ name: "flannel-cni" }), env, encoding: "utf8" } as const;
    const { status, stdout } = spawnSync("go", ["test", "-mod=readonly", "./..."], options);
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });
});
