import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectRoot, stepScripts } from "../support/rendered";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-check-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the check with a shellcheck of this bash code, or with none. */
function check(code?: string, more: Readonly<Record<string, string>> = {}) {
  if (code !== undefined)
    writeFileSync(join(folder, "bin", "shellcheck"), `#!/bin/bash\nPATH=/usr/bin:/bin\n${code}\n`, {
      mode: 0o755,
    });
  return spawnSync(process.execPath, ["-r", "tsx/cjs", "scripts/shell-check.ts"], {
    cwd: projectRoot,
    encoding: "utf8",
    env: { HOME: folder, PATH: join(folder, "bin"), ...more },
  });
}

describe("npm run check, for the scripts", () => {
  const scripts = stepScripts().length + 1;

  it.each([
    [{}, 0, `${scripts} scripts are not checked.`],
    [{ CI: "true" }, 1, `${scripts} scripts are not checked, as they must be with CI=true.`],
  ])("says without shellcheck what is left out, and how to get it (%j)", (env, code, left) => {
    const { status, stdout, stderr } = check(undefined, env);
    expect({ status, stdout, stderr }).toEqual({
      status: code,
      stdout: "",
      stderr: `shellcheck is not installed: ${left}
Install it with \`apt-get install shellcheck\`, or as root with \`npm run setup\`.
`,
    });
  });

  it("looks at every script behind the prelude, and says that all are clean", () => {
    const { status, stdout, stderr } = check(
      `cat >"${folder}/$$"; grep -q '^place() {' "${folder}/$$" && echo '{"comments":[]}'`,
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `shellcheck: ${scripts} scripts are clean\n`,
      stderr: "",
    });
  });

  it("tells a fault where it stands in its own file, and one of the prelude once", () => {
    const comment = (line: string, message: string) =>
      `{"line":'"${line}"',"column":3,"level":"warning","code":2086,"message":"${message}"}`;
    const program = `start=$(grep -n '^main() {' | cut -d: -f1)
echo '{"comments":[${comment("4", "in the prelude")},${comment("$((start + 1))", "in the script")}]}'
exit 1`;
    const { status, stderr } = check(program);
    expect(status).toBe(1);
    expect(stderr.split("\n").filter((line) => line.includes("in the prelude"))).toEqual([
      "components/remote/scripts/prelude.sh:4:3: warning: in the prelude [SC2086]",
    ]);
    for (const script of stepScripts())
      expect(stderr).toContain(`${script}:1:3: warning: in the script [SC2086]\n`);
  });
});
