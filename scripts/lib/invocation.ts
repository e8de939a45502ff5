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

/**
 * Flags of the four operations as Pulumi's CLI 3.259 lists them. One that is missing here is looked up in the help of
 * the CLI in use, which takes a moment.
 */
const PULUMI_OPTIONS = {
  "attach-debugger": value(),
  color: value(),
  config: value("c"),
  "config-file": value(),
  cwd: value("C"),
  exclude: value("x"),
  "import-file": value(),
  "import-pending-creates": value(),
  memprofilerate: value(),
  message: value("m"),
  "otel-traces": value(),
  "override-env": value(),
  parallel: value("p"),
  "policy-pack": value(),
  "policy-pack-config": value(),
  profiling: value(),
  replace: value(),
  "save-plan": value(),
  "secrets-provider": value(),
  stack: value("s"),
  target: value("t"),
  "target-replace": value(),
  tracing: value(),
  verbose: value("v"),
  // These two take a value as well, but only behind "=".
  refresh: flag("r"),
  "suppress-permalink": flag(),
  "clear-pending-creates": flag(),
  "config-path": flag(),
  "continue-on-error": flag(),
  debug: flag("d"),
  diff: flag(),
  "disable-integrity-checking": flag(),
  emoji: flag("e"),
  "exclude-dependents": flag(),
  "exclude-protected": flag(),
  "expect-no-changes": flag(),
  "fully-qualify-stack-names": flag("Q"),
  help: flag("h"),
  "ignore-protect": flag(),
  json: flag("j"),
  logflow: flag(),
  logtostderr: flag(),
  neo: flag(),
  "non-interactive": flag(),
  "preview-only": flag(),
  remove: flag(),
  "run-program": flag(),
  "show-config": flag(),
  "show-full-output": flag(),
  "show-policy-remediations": flag(),
  "show-reads": flag(),
  "show-replacement-steps": flag(),
  "show-sames": flag(),
  "show-secrets": flag(),
  "skip-config-validation": flag(),
  "skip-pending-creates": flag(),
  "skip-plugin-pre-install": flag(),
  "skip-preview": flag("f"),
  strict: flag(),
  "suppress-outputs": flag(),
  "suppress-progress": flag(),
  "target-dependents": flag(),
  urns: flag(),
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
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
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
