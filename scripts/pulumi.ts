/**
 * `npm run preview|up|refresh|destroy [-- --stack lab …]` and `npm run pulumi -- ANYTHING`: the `pulumi` command
 * with its tools, a backend and a stack put in order first. Everything after `--` goes to `pulumi` as it is.
 */
import { runPulumi } from "./lib/platform";
import { UsageError } from "./lib/usage";

runPulumi(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
