/**
 * `npm run render -- --stack NAME --out FOLDER [--cluster-only] [--config-file FILE]`: writes what `up` would make of an
 * empty stack as files: Kubernetes objects for a GitOps tool, and the steps of each host for review. It asks no cluster
 * and no host.
 */
import path from "node:path";
import { type CommandLine, runCommand, stackFlag, stackOr, wrongUse } from "./lib/command-line";
import { renderCluster } from "./lib/render/cluster";
import { renderNodes } from "./lib/render/nodes";
import { objectsOf } from "./lib/render/objects";
import { planFromNothing } from "./lib/render/plan";
import { writeTree } from "./lib/render/tree";

const commandLine = {
  typed: "npm run render --",
  what: "Writes what `up` would make of an empty stack as files. It asks no cluster and no host.",
  flags: {
    ...stackFlag,
    out: { short: "o", value: "FOLDER", what: "where to; has to be named" },
    "config-file": { value: "FILE", what: "default: Pulumi.NAME.yaml" },
    "cluster-only": { what: "leaves the steps of hosts out" },
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values }) => {
  const stack = stackOr(values.stack);
  if (values.out === undefined) throw wrongUse(commandLine, "say where to: --out FOLDER");
  const out = path.resolve(values.out);
  const plan = await planFromNothing(stack, values["config-file"]);
  const objects = objectsOf(plan);
  const files = { ...renderCluster(objects), ...(values["cluster-only"] ? {} : renderNodes(plan)) };
  const { changed, removed } = writeTree(out, files);
  const { owned, patches, secrets } = objects;
  console.log(
    `${stack}: ${owned.length} objects, ${patches.length} patches, ${secrets.length} secrets left out, in ` +
      `${Object.keys(files).length} files below ${out}: ${changed} changed, ${removed} removed.`,
  );
});
