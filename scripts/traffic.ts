/**
 * `npm run traffic -- SCENARIO…`: sends the load of an experiment, counts who answered, and compares that with what is
 * expected and with what the simulator says. See docs/traffic-runs.md.
 */
import { runCommand, writeResult } from "./lib/command-line";
import { commandLine } from "./lib/traffic/options";

void runCommand(commandLine, process.argv.slice(2), (read) => {
  // Read when it is needed: its modules take longer than a help.
  const { traffic } = require("./lib/traffic/command") as typeof import("./lib/traffic/command");
  return traffic(read, { out: (text, file) => writeResult(file, text), note: console.error });
});
