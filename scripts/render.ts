/**
 * `npm run render -- --stack NAME --out FOLDER [--cluster-only] [--config-file FILE]`: writes what `up` would make of an empty stack as files:
 * Kubernetes objects for a GitOps tool, and the steps of each host for review. It asks no cluster and no host.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { renderCluster } from "./lib/render/cluster";
import { renderNodes } from "./lib/render/nodes";
import { objectsOf } from "./lib/render/objects";
import { planFromNothing } from "./lib/render/plan";
import { writeTree } from "./lib/render/tree";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", short: "s" },
      out: { type: "string", short: "o" },
      "config-file": { type: "string" },
      "cluster-only": { type: "boolean", default: false },
    },
  });
  const stack = values.stack ?? process.env.PULUMI_STACK ?? "dev";
  if (values.out === undefined) {
    throw new Error("Say where to: npm run render -- --stack NAME --out FOLDER");
  }
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
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
