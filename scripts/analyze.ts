/**
 * `npm run analyze -- PATH…`: looks for mistakes in Kubernetes and Istio objects of YAML files, also of ones that this
 * project did not write, with the checks that a preview runs over its own. It asks no cluster. See docs/analysis.md.
 */
import { analyze } from "./lib/analyze/run";

const { code, output, remarks } = analyze(process.argv.slice(2));
for (const remark of remarks) console.error(remark);
if (output !== "") console.log(output);
process.exitCode = code;
