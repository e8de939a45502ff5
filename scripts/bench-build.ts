/**
 * `node -r tsx/cjs scripts/bench-build.ts [WORKERS] [CONTROL_PLANES]`: builds the program against mocks, and once more
 * with one worker more. Prints wall time, counts, and what the new worker adds and changes, as JSON.
 */
import { type CommandLine, runCommand, wholeNumber } from "./lib/command-line";

const commandLine = {
  typed: "node -r tsx/cjs scripts/bench-build.ts",
  what: "Measures the program alone, against mocks.",
  words: [
    { name: "WORKERS", what: "default: 1", optional: true },
    { name: "CONTROL_PLANES", what: "default: 1", optional: true },
  ],
} as const satisfies CommandLine;

void runCommand(
  commandLine,
  process.argv.slice(2),
  async ({ words: [workers = "1", controlPlanes = "1"] }) => {
    const counts = [wholeNumber(workers, "WORKERS"), wholeNumber(controlPlanes, "CONTROL_PLANES")] as const;
    // Read when it is needed: Pulumi's modules take longer than a help.
    const { measureProgram } = require("./lib/bench-program") as typeof import("./lib/bench-program");
    console.log(await measureProgram(...counts));
  },
);
