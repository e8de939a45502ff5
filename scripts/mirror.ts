/**
 * `npm run mirror [-- FLAGS]`: fills the sandbox's artifact mirror ahead of time. Progress goes to stdout; its last line
 * is one JSON object. With nothing to do that line is the only one. See docs/sandbox.md.
 */
import { resolve } from "node:path";
import { fillMirror } from "../components/sandbox/mirror/fill";
import { type MirrorGroup, mirrorGroups } from "../components/sandbox/mirror/items";
import { defaultMirrorDir } from "../components/sandbox/mirror/mirror";
import { type CommandLine, runCommand } from "./lib/command-line";

const groupFlags = {
  previous: { what: "adds one minor back of Kubernetes and etcd, for upgrades" },
  mesh: { what: "adds Istio" },
  addons: { what: "adds what observes a mesh, and what its policies need" },
  tracing: { what: "adds Jaeger" },
  apps: { what: "adds the applications" },
} as const satisfies Record<MirrorGroup, object>;

const commandLine = {
  typed: "npm run mirror --",
  what: "Fills the sandbox's artifact mirror. What was added once is kept by every later run.",
  flags: {
    ...groupFlags,
    charts: { what: "makes only what a preview reads, within seconds" },
    out: { value: "FOLDER", what: "the mirror (default: mirror in the cache)" },
  },
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), async ({ values }) => {
  const dir = resolve(values.out ?? defaultMirrorDir());
  const groups = mirrorGroups.filter((group) => values[group]);
  console.log(JSON.stringify(await fillMirror({ dir, groups, charts: values.charts })));
});
