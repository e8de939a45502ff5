/**
 * `npm run drift [-- --stack NAME] [--host NAME] [--json]`: compares every host with what the steps of the last `up`
 * have declared. Changes nothing; what it does meanwhile goes to stderr. See docs/drift.md.
 */
import { type CommandLine, outFlag, runCommand, stackFlag, stackOr, writeResult } from "./lib/command-line";
import { exportState } from "./lib/drift/export";
import { exitCode, renderJson, renderText } from "./lib/drift/report";

const commandLine = {
  typed: "npm run drift --",
  what: "Compares every host with what the last `up` left there. Changes nothing.",
  flags: {
    ...stackFlag,
    host: { value: "NAME", many: true, what: "only this host; may stand several times" },
    json: { what: "the result as one object, for programs" },
    ...outFlag,
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values }) => {
  // Read when it is needed: its modules take longer than a help.
  const { findDrift } = require("./lib/drift/run") as typeof import("./lib/drift/run");
  const stack = stackOr(values.stack);
  const started = Date.now();
  const { hosts, gone } = await findDrift({
    only: values.host,
    read: () => exportState(stack),
    say: (text) => console.error(`drift ${Math.round((Date.now() - started) / 1000)} s: ${text}`),
  });
  writeResult(values.out, (values.json ? renderJson : renderText)(stack, hosts, gone));
  return exitCode(hosts);
});
