import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Loading Pulumi takes four times as long as all the rest of these commands, which never ask it anything. */
it.each(["analyze", "simulate"])("%s starts without Pulumi", (command) => {
  const program = `
    require("./scripts/lib/${command}/run.ts");
    const files = Object.keys(require.cache);
    console.log(JSON.stringify([files.length > 50, files.filter((file) => file.includes("@pulumi"))]));
  `;
  const { stdout } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", program], {
    cwd: join(__dirname, "..", ".."),
    encoding: "utf8",
  });
  expect(JSON.parse(stdout)).toEqual([true, []]);
});
