/**
 * `npm run artifacts -- --stack NAME [--json] [--arch amd64]`: every package, file and image that the stack needs,
 * from its config alone. It asks no network and no Pulumi engine.
 */
import { type CommandLine, outFlag, runCommand, stackFlag, stackOr, writeResult } from "./lib/command-line";

const commandLine = {
  typed: "npm run artifacts --",
  what: "Lists every package, file and image that a stack takes from outside. It asks no network.",
  flags: {
    ...stackFlag,
    arch: { value: "ARCH", allowed: ["amd64", "arm64"], what: "of the hosts (default: both)" },
    json: { what: "the list as one object, for programs" },
    ...outFlag,
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), ({ values: { stack, arch, json, out } }) => {
  // Read when it is needed: the program's modules take longer than a help.
  const { tellArtifacts } = require("./lib/artifacts") as typeof import("./lib/artifacts");
  writeResult(out, tellArtifacts(stackOr(stack), arch === undefined ? undefined : [arch], json));
});
