/**
 * Keeps the committed `Pulumi.<stack>.yaml` clean.
 *
 * Pulumi writes the salt of the passphrase (`encryptionsalt`) into the stack's configuration file on first use.
 * The salt belongs to this computer's embedded backend, not to the repository. So Pulumi gets a copy of the
 * committed file, with the salt added, in the git-ignored state folder. The copy is made anew for each run.
 * A committed file that names its own secrets provider or salt is used as it is.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseDocument } from "yaml";
import { parseYamlDocument } from "../../components/lib/yaml-text";
import { stateFolder } from "./paths";
import { capture } from "./process";
import type { Project } from "./project";

const HEADER = " Made from the committed file of this name for each run: edit that one.";

/** The configuration file to name with `--config-file`, or nothing when the committed one will do. */
export function prepareStackConfig(project: Project, stack: string): string | undefined {
  const committed = path.join(project.folder, `Pulumi.${stack}.yaml`);
  const text = existsSync(committed) ? readFileSync(committed, "utf8") : "{}\n";
  const document = parseYamlDocument(text, committed);
  if (document.get("encryptionsalt") !== undefined || document.get("secretsprovider") !== undefined) {
    return undefined;
  }
  const copy = configCopy(project, stack);
  const salt = existsSync(copy) ? parseDocument(readFileSync(copy, "utf8")).get("encryptionsalt") : undefined;
  if (salt !== undefined) {
    document.set("encryptionsalt", salt);
  }
  document.commentBefore = HEADER;
  mkdirSync(path.dirname(copy), { recursive: true, mode: 0o700 });
  const partial = `${copy}.${process.pid}`;
  writeFileSync(partial, document.toString());
  renameSync(partial, copy);
  return copy;
}

/**
 * Creates a stack without touching the committed file: `stack init` takes no `--config-file`, so it runs in a
 * folder that holds nothing but the project file, and its salt is taken from there.
 */
export async function createStack(
  cli: string,
  project: Project,
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-stack-"));
  try {
    writeFileSync(path.join(folder, "Pulumi.yaml"), readFileSync(path.join(project.folder, "Pulumi.yaml")));
    const args = ["stack", "init", stack, "--non-interactive", "--no-select", "-C", folder];
    const { code, output } = await capture(cli, args, { env });
    if (code !== 0) {
      throw new Error(`The stack ${stack} could not be created:\n${output}`);
    }
    const written = path.join(folder, `Pulumi.${stack}.yaml`);
    if (existsSync(written)) {
      mkdirSync(path.dirname(configCopy(project, stack)), { recursive: true, mode: 0o700 });
      writeFileSync(configCopy(project, stack), readFileSync(written));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the copy of a stack's file is, with the salt added, once there was a run. */
export function configCopy(project: Project, stack: string): string {
  return path.join(stateFolder(), "config", project.name, `Pulumi.${stack}.yaml`);
}
