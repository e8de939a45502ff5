/**
 * `npm run simulate -- PATH… --host HOST …`: tells what happens to one request, by the Kubernetes and Istio objects of
 * YAML files alone, and which object decided at each step. It asks no cluster. See docs/simulate.md.
 */
import { runCommand, writeResult } from "./lib/command-line";
import { commandLine, optionsOf } from "./lib/simulate/options";
import { simulate } from "./lib/simulate/run";

void runCommand(commandLine, process.argv.slice(2), (read) => {
  const options = optionsOf(read);
  const { code, output, remarks } = simulate(options);
  for (const remark of remarks) console.error(remark);
  writeResult(options.out, output);
  return code;
});
