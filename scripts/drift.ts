/**
 * `npm run drift [-- --stack NAME] [--host NAME] [--json]`: compares every host with what the steps of the last `up`
 * have declared. Changes nothing. Ends with 0 where all is as declared, 2 where something differs, 1 where it could
 * not look; what it does meanwhile goes to stderr.
 */
import { parseArgs } from "node:util";
import { exportState } from "./lib/drift/export";
import { exitCode, renderJson, renderText } from "./lib/drift/report";
import { findDrift } from "./lib/drift/run";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", short: "s" },
      host: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const stack = values.stack ?? process.env.PULUMI_STACK ?? "dev";
  const started = Date.now();
  const { hosts, gone } = await findDrift({
    only: values.host,
    read: () => exportState(stack),
    say: (text) => console.error(`drift ${Math.round((Date.now() - started) / 1000)} s: ${text}`),
  });
  process.stdout.write(`${(values.json ? renderJson : renderText)(stack, hosts, gone)}\n`);
  return exitCode(hosts);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
