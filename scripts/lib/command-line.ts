/**
 * Command lines. What a command understands is data; one function reads words by it, and one runs a command and ends
 * the process as docs/commands.md says.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { UsageError } from "./usage";

export { UsageError };

/** How every command ends. */
export const exitCodes = {
  /** Done, and nothing was found that should not be. */
  done: 0,
  /** It failed, perhaps half-way. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  wrongUse: 2,
  /** Done, and something is not as it should be: findings, drift, shares outside of their interval. */
  found: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Somebody asks what a command understands; the message is the answer. */
export class HelpRequest extends Error {}

export interface Flag {
  /** For the help: a phrase without a full stop. */
  readonly what: string;
  /** One letter. Default: none. */
  readonly short?: string;
  /** Name of its value in the help, `FILE`. Default: none, it is a switch. */
  readonly value?: string;
  /** Of a flag with a value. Default: undefined, or an empty list with `many`. */
  readonly default?: string;
  /** Every value that there is. Default: any. */
  readonly allowed?: readonly string[];
  /** Whether it may stand several times. Default: the last one counts. */
  readonly many?: true;
  /** Makes of a value what the command works with; throws an Error that says what to write instead. */
  readonly read?: (text: string) => unknown;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Word {
  /** In the help: `PATH`. */
  readonly name: string;
  readonly what: string;
  /** Default: false, without it the command line is wrong. */
  readonly optional?: true;
  /** Whether several may stand there; only for the last. Default: one. */
  readonly many?: true;
  readonly allowed?: readonly string[];
}

/** A subcommand, or all of a command that has none. */
export interface Form {
  /** What it does, a sentence. */
  readonly what: string;
  readonly words?: readonly Word[];
  readonly flags?: Flags;
}

export interface CommandLine extends Form {
  /** As it is typed, with the `--` after which npm leaves words alone: `npm run analyze --`. */
  readonly typed: string;
  /** Subcommands by name; one of them has to be named. Flags of the command are theirs too, before and after the name. */
  readonly commands?: Readonly<Record<string, Form>>;
  /** Lines below the help. Exit codes need none: 0, 1 and 2 are the same everywhere. */
  readonly notes?: readonly string[];
}

type One<F extends Flag> = F extends { read: (text: string) => infer R }
  ? R
  : F extends { allowed: readonly (infer A)[] }
    ? A
    : string;
type ValueOf<F extends Flag> = F extends { value: string }
  ? F extends { many: true }
    ? readonly One<F>[]
    : F extends { default: string }
      ? One<F>
      : One<F> | undefined
  : boolean;
type ValuesOf<F> = F extends { flags: infer G extends Flags }
  ? { readonly [K in keyof G]: ValueOf<G[K]> }
  : object;

/** A command line that was understood. */
export type Read<L extends CommandLine> = L extends { commands: infer C }
  ? { [K in keyof C]: Understood<K, ValuesOf<L> & ValuesOf<C[K]>> }[keyof C]
  : Understood<undefined, ValuesOf<L>>;

interface Understood<Name, Values> {
  /** The subcommand. */
  readonly command: Name;
  /** Words that are no flags, without the subcommand. */
  readonly words: readonly string[];
  /** By the names of flags, without dashes. */
  readonly values: Values;
}

/** The words at which every command prints its help, wherever they stand before a `--`. */
const HELP = ["--help", "-h"];

/**
 * Flags of ours that are settings of npm too: `npm run drift --json` without a `--` sets them, and so may a user's
 * .npmrc, so that they say nothing about what was typed.
 */
const NPM_SETTINGS = ["json", "yes"];

/** Where `-o` or `--out` leads results, so that nothing else gets between them, such as the lines that npm prints. */
export const outFlag = {
  out: { value: "FILE", what: "writes the result there instead of to the standard output" },
} as const satisfies Flags;

/** The stack of a command, and the one that is meant where none is named. */
export const stackFlag = {
  stack: { short: "s", value: "NAME", what: "default: PULUMI_STACK, else dev" },
} as const satisfies Flags;

export const stackOr = (named: string | undefined, env: NodeJS.ProcessEnv = process.env): string =>
  named ?? (env.PULUMI_STACK || "dev");

/** A word that is a number of things, from 1 on. Throws a `UsageError` that names the word. */
export function wholeNumber(text: string, name: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`${name} ${text}: write a number from 1 to 9999999`);
  return Number(text);
}

/** Writes a result to a file, or to the standard output where none is named. */
export function writeResult(file: string | undefined, text: string): void {
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  if (file === undefined) {
    process.stdout.write(whole);
    return;
  }
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, whole);
}

/** Reads words by what a command understands. Throws a `HelpRequest` or a `UsageError`, never anything else. */
export function readWords<const L extends CommandLine>(
  line: L,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Read<L> {
  const { root, subcommands, chosen } = build(line);
  const end = argv.indexOf("--");
  const before = end < 0 ? argv : argv.slice(0, end);
  const named = subcommands.find((each) => before.includes(each.name()));
  if (before.some((word) => HELP.includes(word))) {
    throw new HelpRequest([(named ?? root).helpInformation(), ...(line.notes ?? [])].join("\n").trimEnd());
  }
  refuseTakenByNpm(line, env);
  try {
    root.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(explain(error, named ?? root, subcommands));
  }
  const form = chosen() ?? root;
  return {
    command: form === root ? undefined : form.name(),
    words: form.args,
    values: {
      ...valuesOf(root, line.flags),
      ...(form === root ? {} : valuesOf(form, line.commands?.[form.name()]?.flags)),
    },
  } as unknown as Read<L>;
}

/** An error about a command line as a whole, with the help below it. */
export const wrongUse = (line: CommandLine, message: string): UsageError =>
  new UsageError(`${message}\n\n${build(line).root.helpInformation().trimEnd()}`);

/** The command as the library knows it; it prints nothing and ends nothing by itself. */
function build(line: CommandLine) {
  let chosen: Command | undefined;
  const quiet = (command: Command, { what, words = [], flags = {} }: Form) => {
    command
      .description(what)
      .exitOverride()
      .configureOutput({ writeOut: () => {}, writeErr: () => {} })
      .configureHelp({ showGlobalOptions: true })
      .helpOption("-h, --help", "prints this");
    for (const word of words) command.addArgument(argumentOf(word));
    for (const [name, flag] of Object.entries(flags)) command.addOption(optionOf(name, flag));
    return command;
  };
  const root = quiet(new Command(line.typed), line);
  const subcommands = Object.entries(line.commands ?? {}).map(([name, form]) => {
    const command = quiet(root.command(name), form);
    return command.action(() => {
      chosen = command;
    });
  });
  if (subcommands.length === 0) root.action(() => {});
  else root.helpCommand(false);
  return { root, subcommands, chosen: () => chosen };
}

function argumentOf({ name, what, optional, many, allowed }: Word): Argument {
  const inner = many ? `${name}...` : name;
  const argument = new Argument(optional ? `[${inner}]` : `<${inner}>`, what);
  return allowed === undefined ? argument : argument.choices(allowed);
}

function optionOf(
  name: string,
  { what, short, value, default: fallback, allowed, many, read }: Flag,
): Option {
  const typed = [
    short === undefined ? undefined : `-${short}`,
    `--${name}${value === undefined ? "" : ` <${value}>`}`,
  ];
  const option = new Option(typed.filter(Boolean).join(", "), what);
  if (value === undefined) return option;
  if (allowed !== undefined) option.choices(allowed);
  if (fallback !== undefined) option.default(fallback);
  return option.argParser((text: string, previous: unknown) => {
    // The library takes whatever follows: of `--stack --yes` it would make a stack.
    if (/^-./.test(text)) throw new InvalidArgumentError(`Write the ${value} behind it.`);
    if (allowed !== undefined && !allowed.includes(text))
      throw new InvalidArgumentError(`Allowed choices are ${allowed.join(", ")}.`);
    const one = readOne(read, text);
    return many ? [...(Array.isArray(previous) ? previous : []), one] : one;
  });
}

function readOne(read: Flag["read"], text: string): unknown {
  if (read === undefined) return text;
  try {
    return read(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function valuesOf(command: Command, flags: Flags = {}): Record<string, unknown> {
  return Object.fromEntries(
    command.options
      .map((option) => [option.name(), command.getOptionValue(option.attributeName())] as const)
      .map(([name, value]) => {
        const flag = flags[name];
        if (flag?.value === undefined) return [name, value === true];
        return [name, value ?? (flag.many ? [] : undefined)];
      }),
  );
}

/** What went wrong in one line, with a near word where there is one; below it what is allowed. */
function explain({ code, message }: CommanderError, form: Command, subcommands: readonly Command[]): string {
  const said = message.replace(/^error: /, "").replace(/\n\((Did you mean .*\?)\)$/, ". $1");
  const typed = form.parent === null ? form.name() : `${form.parent.name()} ${form.name()}`;
  const more = `\`${typed} --help\` tells more.`;
  switch (code) {
    case "commander.unknownOption": {
      const flags = [...form.options, ...(form.parent?.options ?? [])].map(({ long }) => long);
      return `${said}\nallowed: ${[...flags, "--help"].join(", ")}. ${more}`;
    }
    case "commander.unknownCommand":
      return `${said}\nallowed: ${subcommands.map((each) => each.name()).join(", ")}. ${more}`;
    case "commander.invalidArgument":
    case "commander.optionMissingArgument":
      return `${said}\n${more}`;
    case "commander.help":
      return `name one of ${subcommands.map((each) => each.name()).join(", ")}\n\n${form.helpInformation().trimEnd()}`;
    default:
      return `${said}\n\n${form.helpInformation().trimEnd()}`;
  }
}

/** Without a `--` npm takes flags for its own and the command would do what was not asked for. */
function refuseTakenByNpm(line: CommandLine, env: NodeJS.ProcessEnv): void {
  const flags = [line, ...Object.values(line.commands ?? {})].flatMap((form) =>
    Object.keys(form.flags ?? {}),
  );
  const taken = flags.find(
    (name) => !NPM_SETTINGS.includes(name) && env[`npm_config_${name.replaceAll("-", "_")}`] !== undefined,
  );
  if (taken === undefined) return;
  throw new UsageError(
    `npm took --${taken} for a flag of its own, and this command did not get it: write it behind \`${line.typed}\``,
  );
}

/** What it returns, or what its promise becomes, is the exit code if it is a number. */
type Work<L extends CommandLine> = (read: Read<L>) => unknown;

/**
 * Reads the words, does the work, and sets the exit code of this process: the number that the work returns, else 0.
 * Help goes to the standard output, everything that went wrong to the standard error.
 */
export async function runCommand<const L extends CommandLine>(
  line: L,
  argv: readonly string[],
  work: Work<L>,
): Promise<void> {
  // Whoever reads has read enough, as `head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  try {
    const code = await work(readWords(line, argv));
    process.exitCode = typeof code === "number" ? code : exitCodes.done;
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): ExitCode {
  if (error instanceof HelpRequest) {
    process.stdout.write(`${error.message}\n`);
    return exitCodes.done;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.wrongUse;
  }
  // These are mistakes of the program's, which nobody finds without the place.
  const ours = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error);
  process.stderr.write(`${ours ? ((error as Error)?.stack ?? error) : error.message}\n`);
  return exitCodes.failed;
}
