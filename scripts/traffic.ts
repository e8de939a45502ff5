/**
 * `npm run traffic -- SCENARIO…`: sends the load of an experiment, counts who answered, and compares that with what is
 * expected and with what the simulator says. See docs/traffic-runs.md.
 */
import { traffic } from "./lib/traffic/command";

traffic(process.argv.slice(2), { out: console.log, note: console.error }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.stack);
    process.exitCode = 1;
  },
);
