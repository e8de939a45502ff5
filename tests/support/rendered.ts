import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const projectRoot = join(__dirname, "..", "..");

const PRELUDE = "components/remote/scripts/prelude.sh";

/** Paths of all files beneath folders of the project, relative to its root, sorted. */
export function projectFiles(folders: readonly string[], wanted: (path: string) => boolean): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
}

/** Every step's script. The prelude and the libraries are no steps: they stand before them. */
export const stepScripts = (): string[] =>
  projectFiles(
    ["components", "stacks"],
    (path) => /\/scripts\/[^/]+\.sh$/.test(path) && path !== PRELUDE && !path.endsWith("-lib.sh"),
  );

export const readProjectFile = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

/** The names that a script demands in its head, in order: `: "${NAME?meaning}"`. */
export function demandedNames(script: string): string[] {
  return [...script.matchAll(/^: "\$\{([A-Z][A-Z0-9_]*)\?[^}]+\}"$/gm)].map(([, name]) => name ?? "");
}

export interface Rendered {
  /** The step's script as it stands in its file, without the last line break. */
  readonly body: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Takes a rendered program apart again: prelude, assignments, libraries, `main() {` script `}`. */
export function parseRendered(program: string): Rendered {
  const prelude = `${readProjectFile(PRELUDE).trimEnd()}\n`;
  if (!program.startsWith(prelude)) throw new Error("the program does not start with the prelude");
  const assignment = /([A-Z][A-Z0-9_]*)=((?:'[^']*'|\\')+)\n/y;
  const parameters: Record<string, string> = {};
  let position =
    prelude.length + (/^# generation \d+\n/.exec(program.slice(prelude.length))?.[0].length ?? 0);
  for (;;) {
    assignment.lastIndex = position;
    const match = assignment.exec(program);
    if (match === null) break;
    parameters[match[1] ?? ""] = (match[2] ?? "").replaceAll(/'([^']*)'|\\(')/g, "$1$2");
    position = assignment.lastIndex;
  }
  const rest = /(?:^|\n)main\(\) \{\n([\s\S]*)\n\}\nmain "\$1" <\/dev\/null\n$/.exec(program.slice(position));
  if (rest === null)
    throw new Error(
      `no main function after the assignments: ${JSON.stringify(program.slice(position, position + 60))}`,
    );
  return { body: rest[1] ?? "", parameters };
}
