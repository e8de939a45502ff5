/**
 * `npm run analyze -- PATH…`: looks for mistakes in Kubernetes and Istio objects of YAML files, also of ones that this
 * project did not write, with the checks that a preview runs over its own. It asks no cluster. See docs/analysis.md.
 */
import { commandLine, optionsOf } from "./lib/analyze/options";
import { analyze } from "./lib/analyze/run";
import { runCommand, writeResult } from "./lib/command-line";

void runCommand(commandLine, process.argv.slice(2), (read) => {
  const options = optionsOf(read);
  const { code, output, remarks } = analyze(options);
  for (const remark of remarks) console.error(remark);
  writeResult(options.out, output);
  return code;
});
