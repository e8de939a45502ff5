/** What `--help` says of the commands that run Pulumi. It is answered without building, installing or making anything. */
import { type Cli, findCli } from "./cli";
import type { Invocation, Operation } from "./invocation";
import { capture } from "./process";

const STACK = `  -s, --stack NAME     the stack, one for each file Pulumi.NAME.yaml; default: $PULUMI_STACK, else dev
      --create         take a stack without a file: a new one, with nothing but defaults`;
const CONSENT = `  -y, --yes            do not ask; needed where there is no terminal`;

const USAGE: Readonly<Record<Operation | "pulumi", string>> = {
  preview: `npm run preview -- [FLAGS]
Shows what \`up\` would change, and changes nothing.

${STACK}
      --diff           field by field`,
  up: `npm run up -- [FLAGS]
Makes the platform as the stack's file says: installs what this computer lacks, shows what will change, asks, does it.

${STACK}
${CONSENT}
      --diff           shows the changes field by field`,
  refresh: `npm run refresh -- [FLAGS]
Compares the state with what exists, shows the differences, asks, and takes them over into the state.

${STACK}
${CONSENT}`,
  destroy: `npm run destroy -- [FLAGS]
Shows what will be taken away, asks, and takes it away.

${STACK}
${CONSENT}`,
  pulumi: `npm run pulumi -- COMMAND [FLAGS]
Runs any command of Pulumi with the tools, the backend and the passphrase of this checkout.

  -s, --stack NAME     the stack; default: $PULUMI_STACK, else dev`,
};

const EXIT_CODES = "Exit codes: 0 done, 2 wrong use, any other as Pulumi ends with.";

export const asksForHelp = ({ command, option }: Invocation) =>
  option("help") === true || command === "help" || command === undefined;

/** Prints our words and, where there is a CLI, Pulumi's own about the same command. */
export async function printHelp({ command, operation }: Invocation): Promise<number> {
  console.log(`${USAGE[operation ?? "pulumi"]}\n\n${EXIT_CODES}`);
  const cli = await findCli();
  if (cli === undefined) {
    console.log(
      "\nEvery flag of Pulumi's command goes, too; they are listed here once `npm run setup` has got its CLI.",
    );
    return 0;
  }
  const words = command === undefined || command === "help" ? [] : [command];
  console.log(`\nPulumi's own help:\n\n${await helpOf(cli, ...words)}`);
  return 0;
}

/** Text of `pulumi … --help`. */
export async function helpOf({ executable }: Cli, ...words: readonly string[]): Promise<string> {
  const { output } = await capture(executable, [...words, "--help", "--color", "never"], { timeout: 20_000 });
  return output.trim();
}
