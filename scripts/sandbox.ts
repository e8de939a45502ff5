/**
 * `npm run sandbox -- list|remove ID`: the sandboxes of this computer, whoever made them, and a way to be rid of one
 * whose state is lost. See docs/sandbox.md.
 */
import { type CommandLine, type Read, runCommand, UsageError } from "./lib/command-line";
import { confirm } from "./lib/confirm";
import { capture } from "./lib/process";
import { findSandboxes } from "./lib/sandbox/look";
import { describeParts, removeSandbox } from "./lib/sandbox/remove";
import { ownerOf, renderJson, renderText } from "./lib/sandbox/report";

const commandLine = {
  typed: "npm run sandbox --",
  what: "Lists the sandboxes of this computer, and removes one whose state is lost.",
  commands: {
    list: {
      what: "every sandbox: whose it is, its hosts, network, mirror server, disk",
      flags: {
        output: {
          short: "o",
          value: "FORM",
          default: "text",
          allowed: ["text", "json"],
          what: "of the result",
        },
      },
    },
    remove: {
      what: "removes one completely; asks first",
      words: [{ name: "ID", what: "six digits, as the list has them" }],
      flags: { yes: { short: "y", what: "does not ask" } },
    },
  },
} as const satisfies CommandLine;

async function list(output: "text" | "json"): Promise<void> {
  const told = await Promise.all(
    findSandboxes().map(async (each) => ({ ...each, diskMiB: await diskOf(each.folder) })),
  );
  console.log(output === "json" ? renderJson(told) : renderText(told, new Date()));
}

async function diskOf(folder: string | undefined): Promise<number | undefined> {
  if (folder === undefined) return 0;
  const { output } = await capture("du", ["-sxm", folder]);
  // A running host's files come and go, of which du complains.
  return Number(/^(\d+)\s/m.exec(output)?.[1] ?? Number.NaN) || undefined;
}

async function remove(id: string, yes: boolean): Promise<void> {
  const sandboxes = findSandboxes();
  const found = sandboxes.find((each) => each.id === id);
  if (found === undefined) {
    const ids = sandboxes.map((each) => each.id).join(", ");
    throw new UsageError(
      `there is no sandbox ${id} on this computer; ${ids === "" ? "there is none" : `there are: ${ids}`}`,
    );
  }
  console.error(`${id}: ${describeParts(found)}\nowner: ${ownerOf(found)}`);
  if (!(await confirm(`Remove the sandbox ${id} and everything on its hosts?`, yes))) return;
  await removeSandbox(found);
  console.log(`the sandbox ${id} is gone`);
}

void runCommand(commandLine, process.argv.slice(2), (read: Read<typeof commandLine>) =>
  read.command === "list" ? list(read.values.output) : remove(read.words[0] ?? "", read.values.yes),
);
