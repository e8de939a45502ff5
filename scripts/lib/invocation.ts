/** What was typed behind `npm run up --` and its like: Pulumi's own words, and the few that are ours. */
import { parseArgs } from "node:util";
import { didYouMean } from "../../components/lib/nearest";
import { UsageError } from "./usage";

/** Subcommands that work on a stack's resources: they get `--config-file`, and create the stack if need be. */
export const OPERATIONS = ["preview", "up", "refresh", "destroy"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Subcommands that take `--stack`. */
const STACK_COMMANDS = ["stack", "config", "cancel", "state", "import", "watch", "logs", "console"];

/** Forms of `pulumi stack` that are about no stack, or name it themselves. */
const STACK_LISTINGS = ["ls", "init", "new", "select", "rm"];

const flag = (short?: string) => ({ type: "boolean", ...(short ? { short } : {}) }) as const;
const value = (short?: string) => ({ type: "string", ...(short ? { short } : {}) }) as const;

/** What the four operations of Pulumi's CLI understand; its others are asked of the CLI itself, which takes a moment. */
const PULUMI_OPTIONS = {
  // Of every command.
  color: value(),
  cwd: value("C"),
  "disable-integrity-checking": flag(),
  emoji: flag("e"),
  fully: flag("Q"),
  help: flag("h"),
  logflow: flag(),
  logtostderr: flag(),
  memprofilerate: value(),
  "non-interactive": flag(),
  profiling: value(),
  tracing: value(),
  verbose: value("v"),
  // Of operations.
  client: value(),
  config: value("c"),
  "config-file": value(),
  "config-path": flag(),
  "continue-on-error": flag(),
  debug: flag("d"),
  diff: flag(),
  "exclude-protected": flag(),
  exclude: value(),
  "exclude-dependents": flag(),
  "expect-no-changes": flag(),
  json: flag("j"),
  message: value("m"),
  parallel: value("p"),
  "preview-only": flag(),
  refresh: value("r"),
  remove: flag(),
  replace: value(),
  "run-program": flag(),
  "save-plan": value(),
  plan: value(),
  "show-config": flag(),
  "show-full-output": flag(),
  "show-reads": flag(),
  "show-replacement-steps": flag(),
  "show-sames": flag(),
  "show-secrets": flag(),
  "skip-preview": flag("f"),
  stack: value("s"),
  "suppress-outputs": flag(),
  "suppress-permalink": value(),
  "suppress-progress": flag(),
  "secrets-provider": value(),
  target: value("t"),
  "target-dependents": flag(),
  "target-replace": value(),
  yes: flag("y"),
} as const;

/** Ours, which Pulumi does not get. */
const OWN_OPTIONS = { create: flag() } as const;

const OPTIONS = { ...PULUMI_OPTIONS, ...OWN_OPTIONS } as const;

export interface Invocation {
  /** What Pulumi gets. */
  readonly words: readonly string[];
  readonly command: string | undefined;
  /** Whether the command works on a stack's resources. */
  readonly operation: Operation | undefined;
  /** Whether the command takes `--stack`. */
  readonly aboutStack: boolean;
  /** The last value of an option; `true` for a flag. */
  option(name: keyof typeof OPTIONS): string | true | undefined;
  /** Options that are neither ours nor in the table of Pulumi's, as they were typed. */
  readonly unknown: readonly string[];
}

/** Reads the words of a command line without judging what belongs to Pulumi. */
export function readInvocation(args: readonly string[]): Invocation {
  // `-r` and `--refresh` take a value only behind "=".
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...OPTIONS, refresh: flag("r"), "suppress-permalink": flag() },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? args.length;
  const positionals = tokens.flatMap((token) =>
    token.kind === "positional" && token.index < end ? [token.value] : [],
  );
  const options = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  const own = new Set(options.filter(({ name }) => name in OWN_OPTIONS).map(({ index }) => index));
  const command = positionals[0];
  const operation = OPERATIONS.find((each) => each === command);
  return {
    words: args.filter((_, index) => !own.has(index)),
    command,
    operation,
    aboutStack:
      operation !== undefined ||
      (STACK_COMMANDS.includes(command ?? "") &&
        !(command === "stack" && STACK_LISTINGS.includes(positionals[1] ?? ""))),
    option: (name) => {
      const last = options.filter((each) => each.name === name).at(-1);
      return last === undefined ? undefined : (last.value ?? true);
    },
    unknown: options.filter(({ name }) => !(name in OPTIONS)).map(({ rawName }) => rawName),
  };
}

/** The words with some more right behind the command. */
export function withWords({ words, command }: Invocation, added: readonly string[]): string[] {
  const position = command === undefined ? 0 : words.indexOf(command) + 1;
  return [...words.slice(0, position), ...added, ...words.slice(position)];
}

/**
 * Refuses options that an operation does not have, before anything is made for it.
 *
 * @param helpOf Text of `pulumi OPERATION --help`; only asked where an option is not in the table above.
 * @throws UsageError with every such option.
 */
export async function requireKnownOptions(
  { operation, unknown }: Invocation,
  helpOf: (operation: Operation) => Promise<string>,
): Promise<void> {
  if (operation === undefined || unknown.length === 0) return;
  const help = await helpOf(operation);
  const known = new Set(help.match(/(?<=^\s*|\s)--?[A-Za-z][\w-]*/gm));
  const faults = unknown.filter((name) => !known.has(name));
  if (faults.length === 0) return;
  const names = [...known, ...Object.keys(OWN_OPTIONS).map((name) => `--${name}`)];
  throw new UsageError(
    faults
      .map((name) => `pulumi ${operation} has no option ${name}.${didYouMean(name, names)}`)
      .join("\n")
      .concat(`\nWhat there is: npm run ${operation} -- --help`),
  );
}
