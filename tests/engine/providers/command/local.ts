/** `command:local:Command`: a script on the computer that runs Pulumi. */
import { spawn } from "node:child_process";
import type { ResourceContext } from "../harness";
import type { Plain, PlainMap } from "../values";
import { checkInputs, type Shape } from "./check";
import { commandKind } from "./lifecycle";
import { type CommandOutput, OutputRecorder } from "./output";

const SHAPE: Shape = {
  create: "string",
  update: "string",
  delete: "string",
  stdin: "string",
  triggers: "array",
  environment: "object",
  logging: "string",
  interpreter: "array",
  dir: "string",
  addPreviousOutputInEnv: "boolean",
};

export const localCommand = commandKind(runLocally, (_context, news) => checkInputs(news, SHAPE));

function runLocally(context: ResourceContext, script: string, props: PlainMap): Promise<CommandOutput> {
  const interpreter =
    Array.isArray(props.interpreter) && props.interpreter.length > 0 ? props.interpreter : null;
  const [program, ...args] = [...(interpreter?.map(String) ?? ["/bin/sh", "-c"]), script];
  const recorder = new OutputRecorder(context, props.logging);
  const child = spawn(program ?? "/bin/sh", args, {
    ...(typeof props.dir === "string" ? { cwd: props.dir } : {}),
    env: environment(props),
    signal: context.cancelled,
  });
  child.stdout.on("data", (data: Buffer) => recorder.write("stdout", data));
  child.stderr.on("data", (data: Buffer) => recorder.write("stderr", data));
  // A script that does not read all of its input closes the pipe early; that is no error of its own.
  child.stdin.on("error", () => {});
  child.stdin.end(typeof props.stdin === "string" ? props.stdin : "");
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(recorder.failure(error.message, script)));
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve(recorder.finish());
      } else {
        reject(recorder.failure(signal ? `signal: ${signal}` : `exit status ${code}`, script));
      }
    });
  });
}

function environment(props: PlainMap): NodeJS.ProcessEnv {
  const own = (props.environment ?? {}) as Record<string, Plain>;
  const added = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, String(value)]));
  return { ...process.env, ...added, ...previousOutputVariables(props) };
}

/** What the last run printed, for the scripts that update and delete; off by `addPreviousOutputInEnv: false`. */
export function previousOutputVariables(props: PlainMap): Record<string, string> {
  const variables: Record<string, string> = {};
  if (props.addPreviousOutputInEnv !== false) {
    if (typeof props.stdout === "string" && props.stdout !== "") {
      variables.PULUMI_COMMAND_STDOUT = props.stdout;
    }
    if (typeof props.stderr === "string" && props.stderr !== "") {
      variables.PULUMI_COMMAND_STDERR = props.stderr;
    }
  }
  return variables;
}
