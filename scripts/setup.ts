/**
 * `npm run setup`: makes sure that everything is there that the platform needs on this computer, and says what
 * it found. Safe to run at any time; when nothing is missing it changes nothing and takes a moment.
 *
 * `npm run setup -- --retry` asks for Pulumi's downloads again even if they could not be reached lately.
 */
import { downloadsAreReachable } from "./lib/network";
import { setUp } from "./lib/set-up";

async function main(): Promise<void> {
  if (process.argv.includes("--retry")) {
    await downloadsAreReachable(true);
  }
  await setUp({ say: console.log, sandbox: true });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
