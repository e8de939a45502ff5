import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { moduleDir } from "../../components/sandbox/mirror/go-module";

/** Modules of the mirror that hold code of our own, with tests beside it. */
it.each(["app-stand-ins", "flannel-cni"])("go test passes in %s", { timeout: 600_000 }, (name) => {
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  const said = execFileSync("go", ["test", "-mod=readonly", "./..."], {
    cwd: moduleDir({ name }),
    env,
    encoding: "utf8",
  });
  expect(said).toMatch(/^ok\s/m);
  expect(said).not.toContain("FAIL");
});
