/**
 * Runs shellcheck on every step's script as it is really run: behind the prelude and its parameters, as the body of a
 * function. Looked at alone, a script would seem full of commands and variables that come from nowhere.
 *
 * Part of `npm run check`. Without shellcheck it says what is left out and how to get it, and with `CI=true` it fails.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type CommandLine, type ExitCode, exitCodes, runCommand } from "./lib/command-line";

const root = join(__dirname, "..");
const prelude = "components/remote/scripts/prelude.sh";

interface Comment {
  readonly line: number;
  readonly column: number;
  readonly level: string;
  readonly code: number;
  readonly message: string;
}

/** Steps, and the program by which drift looks at hosts; libraries are read with the steps that name them. */
function stepScripts(): string[] {
  const found = ["components", "stacks"]
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => /\/scripts\/[^/]+\.sh$/.test(path) && path !== prelude && !path.endsWith("-lib.sh"));
  return [...found, "scripts/drift/probe.sh"].sort();
}

/** The program with a value for each parameter that the script demands. */
function program(path: string): string {
  // Read when it is needed: its modules take longer than a help.
  const { renderScript } =
    require("../components/remote/script") as typeof import("../components/remote/script");
  const names = [...readFileSync(join(root, path), "utf8").matchAll(/^: "\$\{([A-Z][A-Z0-9_]*)\?/gm)];
  return renderScript(join(root, path), Object.fromEntries(names.map(([, name]) => [name ?? "", "value"])));
}

/** What shellcheck says, under the file and line where it stands rather than those of the program. */
function check(path: string): string[] {
  const text = program(path);
  const start = text.slice(0, text.indexOf("\nmain() {\n")).split("\n").length + 1;
  const { stdout, stderr, error, status } = spawnSync("shellcheck", ["--shell=bash", "--format=json1", "-"], {
    input: text,
    encoding: "utf8",
    cwd: root,
  });
  if (error !== undefined) throw error;
  if (status === null || status > 1) throw new Error(`shellcheck failed on ${path}: ${stderr}`);
  const { comments } = JSON.parse(stdout) as { readonly comments: readonly Comment[] };
  return comments.map(({ line, column, level, code, message }) => {
    const place = line > start ? `${path}:${line - start}` : `${prelude}:${line}`;
    return `${place}:${column}: ${level}: ${message} [SC${code}]`;
  });
}

function checkAll(): ExitCode {
  const scripts = stepScripts();
  // Every program begins with the prelude, so its faults would be told once per script.
  const faults = [...new Set(scripts.flatMap(check))];
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return exitCodes.failed;
  console.log(`shellcheck: ${scripts.length} scripts are clean`);
  return exitCodes.done;
}

const commandLine = {
  typed: "node -r tsx/cjs scripts/shell-check.ts",
  what: "Runs shellcheck on every step's script as it is really run.",
} as const satisfies CommandLine;

void runCommand(commandLine, process.argv.slice(2), () => {
  try {
    return checkAll();
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!missing) throw error;
    const ci = process.env.CI === "true";
    const left = `${stepScripts().length} scripts are not checked${ci ? ", as they must be with CI=true" : ""}`;
    const text = `shellcheck is not installed: ${left}.\nInstall it with \`apt-get install shellcheck\`, or as root with \`npm run setup\`.`;
    if (ci) throw new Error(text);
    console.error(text);
    return exitCodes.done;
  }
});
