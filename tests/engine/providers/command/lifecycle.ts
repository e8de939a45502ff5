/**
 * What local and remote commands have in common: when a script runs, which one, and what is stored.
 * Everything here copies the official provider; see its `commandController.go`.
 */
import { randomBytes } from "node:crypto";
import type { ResourceContext, ResourceKind } from "../harness";
import {
  changedPaths,
  containsUnknown,
  type PlainMap,
  plainMap,
  rootOfPath,
  sameValue,
  UNKNOWN,
  type ValueMap,
} from "../values";
import type { CommandOutput } from "./output";

/** Runs one script to its end; throws when it fails. */
export type Runner = (context: ResourceContext, script: string, props: PlainMap) => Promise<CommandOutput>;

/** Sets defaults and refuses wrong inputs, as the engine's Check step. */
export type Checker = NonNullable<ResourceKind["check"]>;

/** Builds the resource around a way to run a script. */
export function commandKind(run: Runner, check: Checker): ResourceKind {
  return {
    check,

    diff: (_context, { inputs, news }) => ({
      changes: changedPaths(inputs, news),
      // Whatever the documentation says about `update`: the SDK asks for a replacement here.
      replaces: (path) => rootOfPath(path) === "triggers",
    }),

    // No script runs in a preview; and a failed one stores nothing, so that the next `up` starts over.
    create: async (context, inputs, preview) => {
      const id = `${context.name}${randomBytes(4).toString("hex")}`;
      if (preview) {
        return { id, outputs: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
      }
      const output = await runIfGiven(run, context, inputs.create, plainMap(inputs));
      return { id, outputs: { ...inputs, ...(output ?? EMPTY) } };
    },

    update: async (context, { inputs, outputs, news }, preview) => {
      const previous = previousOutput(outputs);
      if (preview) {
        return { ...news, ...(isSettled(inputs, news) ? previous : { stdout: UNKNOWN, stderr: UNKNOWN }) };
      }
      const props = { ...plainMap(news), ...previous };
      const output = await runIfGiven(run, context, news.update ?? news.create, props);
      return { ...news, ...(output ?? previous) };
    },

    // The stored properties decide, not the program: a delete runs with the connection, script and stdin that
    // the last create or update used.
    delete: async (context, { outputs }) => {
      await runIfGiven(run, context, outputs.delete, plainMap(outputs));
    },
  };
}

const EMPTY: CommandOutput = { stdout: "", stderr: "" };

async function runIfGiven(
  run: Runner,
  context: ResourceContext,
  script: ValueMap[string] | undefined,
  props: PlainMap,
): Promise<CommandOutput | undefined> {
  const text = plainMap({ script: script ?? null }).script;
  return typeof text === "string" ? await run(context, text, props) : undefined;
}

function previousOutput(outputs: ValueMap): CommandOutput {
  const { stdout, stderr } = plainMap({ stdout: outputs.stdout ?? "", stderr: outputs.stderr ?? "" });
  return { stdout: String(stdout), stderr: String(stderr) };
}

function isSettled(inputs: ValueMap, news: ValueMap): boolean {
  return !containsUnknown(news) && sameValue(inputs, news);
}
