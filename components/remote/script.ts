import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type HostConnection, toCommandConnection } from "./connection";
import { quote, type ScriptValue, toText } from "./quote";

/** Parameters of a script by their shell names. */
export type ScriptParameters = Readonly<Record<string, pulumi.Input<ScriptValue>>>;

interface ScriptArgs {
  /** Path of the static `.sh` file. It starts with one `: "${NAME?…}"` line per parameter. */
  readonly script: string;
  /** Exactly the parameters that the file names (a contract test compares the two). */
  readonly parameters: ScriptParameters;
  /** Seconds after which the script is stopped, on the machine itself. Default 600. */
  readonly timeoutSeconds?: number;
  /** Whether the script also answers `delete`, to be run when the resource goes. Default false. */
  readonly undo?: boolean;
  /** Whether progress lines (stderr) are shown while the script runs. Off where content is secret. Default true. */
  readonly progress?: boolean;
}

export interface RemoteScriptArgs extends ScriptArgs {
  readonly connection: HostConnection;
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const LOCK_WAIT_SECONDS = 900;
const prelude = join(__dirname, "scripts", "prelude.sh");

const textOf = (file: string): string => readFileSync(file, "utf8").trimEnd();

/**
 * Functions that two scripts share are in a file `<name>-lib.sh`, which each names in a line `# library: <path>` of
 * its head, the path seen from the script. They stand before the script's own text.
 */
function librariesOf(file: string): string[] {
  return [...textOf(file).matchAll(/^# library: (\S+)$/gm)].map(([, path]) =>
    join(dirname(file), path ?? ""),
  );
}

/**
 * The program that bash reads from stdin: strict mode and helpers, one quoted assignment per parameter, and the
 * script as the body of a function. As a function it is read whole before it starts, so no command in it can
 * swallow the rest of the program, and a connection that is cut half-way runs nothing instead of one half.
 */
export function renderScript(
  file: string,
  parameters: Readonly<Record<string, ScriptValue>>,
  generation = 1,
): string {
  const assignments = Object.entries(parameters).map(([name, value]) => `${name}=${quote(toText(value))}`);
  return [
    textOf(prelude),
    // A machine that was made anew has lost what its steps did: a changed text is what makes all of them run again.
    ...(generation > 1 ? [`# generation ${generation}`] : []),
    ...assignments,
    ...librariesOf(file).map(textOf),
    "main() {",
    textOf(file),
    "}",
    'main "$1" </dev/null',
    "",
  ].join("\n");
}

/**
 * The command line that runs it. It holds no parameter, since a failing command is printed whole.
 *
 * `flock` keeps a retry from overlapping a first attempt that outlived its connection; `-o` keeps daemons that
 * the script starts from holding the lock for ever. `timeout` works on the machine itself because Pulumi's own
 * timeouts stop waiting but do not stop the command. Exit code 75 is "busy", 124 "took too long".
 */
export function renderCommand(
  action: "create" | "delete",
  lock: string,
  timeoutSeconds: number,
  sudo: boolean,
): string {
  const words = [
    "flock",
    "-o",
    "-w",
    LOCK_WAIT_SECONDS,
    "-E",
    75,
    lock,
    "timeout",
    "-k",
    10,
    timeoutSeconds,
    "bash",
    "-s",
    "--",
    action,
  ];
  return (sudo ? ["sudo", "-n", ...words] : words).join(" ");
}

function commandInputs(args: ScriptArgs & { generation?: number | undefined }, lock: string, sudo: boolean) {
  const timeoutSeconds = args.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  return {
    create: renderCommand("create", lock, timeoutSeconds, sudo),
    ...(args.undo === true ? { delete: renderCommand("delete", lock, timeoutSeconds, sudo) } : {}),
    stdin: pulumi
      .output(args.parameters)
      .apply((parameters) => renderScript(args.script, parameters, args.generation)),
    addPreviousOutputInEnv: false,
  };
}

function commandOptions(
  args: ScriptArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  // The script stops itself; this bound is for dialling a machine that never answers, which nothing else limits.
  const limit = `${(args.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) + LOCK_WAIT_SECONDS}s`;
  return pulumi.mergeOptions({ customTimeouts: { create: limit, update: limit, delete: limit } }, options);
}

/** The object on the last line of a script's output. */
export function parseResult(stdout: string): Readonly<Record<string, string>> {
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(last);
  } catch {
    throw new Error("the script's last line of output is not one JSON object; it must end with `finish`");
  }
}

/**
 * One idempotent step on a machine over SSH. Any change of its parameters or of the script runs it again, in
 * place; nothing replaces it, so what it built stays.
 */
export class RemoteScript extends remote.Command {
  constructor(name: string, args: RemoteScriptArgs, options: pulumi.CustomResourceOptions = {}) {
    const sudo = args.connection.user !== "root";
    super(
      name,
      {
        ...commandInputs(
          { ...args, generation: args.connection.generation },
          "/run/lock/mesh-platform.lock",
          sudo,
        ),
        connection: toCommandConnection(args.connection),
        logging: args.progress === false ? remote.Logging.None : remote.Logging.Stderr,
      },
      commandOptions(args, options),
    );
  }

  /** What the script reported. */
  get result(): pulumi.Output<Readonly<Record<string, string>>> {
    return this.stdout.apply(parseResult);
  }
}

export interface LocalScriptArgs extends ScriptArgs {
  /** Lock file; scripts that share one run one after the other. */
  readonly lock: string;
}

/** The same, on the computer that runs Pulumi. */
export class LocalScript extends local.Command {
  constructor(name: string, args: LocalScriptArgs, options: pulumi.CustomResourceOptions = {}) {
    super(
      name,
      {
        ...commandInputs(args, args.lock, false),
        logging: args.progress === false ? local.Logging.None : local.Logging.Stderr,
      },
      commandOptions(args, options),
    );
  }
}
