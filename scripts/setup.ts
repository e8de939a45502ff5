/**
 * `npm run setup`: makes sure that everything is there that the platform needs on this computer, and says what
 * it found. Safe to run at any time; when nothing is missing it changes nothing and takes a moment.
 *
 * `npm run setup -- --retry` asks for Pulumi's downloads again even if they could not be reached lately.
 */
import { type CommandLine, runCommand } from "./lib/command-line";
import { downloadsAreReachable } from "./lib/network";
import { ensurePrograms, setUp } from "./lib/set-up";
import { ensureSystemPackages } from "./lib/system-packages";

const commandLine = {
  typed: "npm run setup --",
  what: "Gets what the platform needs on this computer: the Pulumi CLI, plugins, and packages of the sandbox.",
  flags: {
    retry: { what: "asks for Pulumi's downloads again even if they could not be reached lately" },
    tests: { what: "gets only what npm test needs, and nothing of the sandbox" },
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values }) => {
  if (values.retry) await downloadsAreReachable(true);
  if (!values.tests) return setUp({ say: console.log, sandbox: true });
  await ensureSystemPackages("tests");
  await ensurePrograms(console.log);
});
