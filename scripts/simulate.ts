/**
 * `npm run simulate -- PATH… --host HOST …`: tells what happens to one request, by the Kubernetes and Istio objects of
 * YAML files alone, and which object decided at each step. It asks no cluster. See docs/simulate.md.
 */
import { simulate } from "./lib/simulate/run";

const { code, output, remarks } = simulate(process.argv.slice(2));
for (const remark of remarks) console.error(remark);
if (output !== "") console.log(output);
process.exitCode = code;
