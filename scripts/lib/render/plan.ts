/** What `up` would make of a stack if there were nothing yet: the users' own preview, on a state that is thrown away. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { parseYamlMap, readYamlText } from "../../../components/lib/yaml-text";
import { parseConfig } from "../../../stacks/config/load";
import { NAMESPACE } from "../../../stacks/config/secret-keys";
import { isOpen } from "../../../stacks/config/source";
import { type Reach, settle } from "../../../stacks/settle";
import { REPOSITORY } from "../paths";
import { platformEnvironment } from "../platform";
import { capture, runSeparately } from "../process";
import { plainSettings } from "../settings";

/** One resource of a plan. */
export interface Planned {
  readonly urn: string;
  readonly type: string;
  /** Its name in Pulumi. */
  readonly name: string;
  /** URN, else empty. */
  readonly parent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs that it waits for. */
  readonly dependencies: readonly string[];
}

/** Stands in a plan for a value that only `up` makes. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Stands in a plan for a value that is marked secret. */
export const SECRET = "[secret]";

interface Preview {
  readonly steps?: readonly { readonly urn: string; readonly newState?: StoredResource }[];
}

interface StoredResource {
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
}

/** Previews a stack with neither its state nor its cluster nor its hosts. Nothing of it stays. */
export async function planFromNothing(
  stack: string,
  committed = path.join(REPOSITORY, `Pulumi.${stack}.yaml`),
): Promise<Planned[]> {
  if (!existsSync(committed)) {
    throw new Error(`There is no stack ${stack}: ${path.basename(committed)} is missing.`);
  }
  const folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-render-"));
  try {
    return readPreview(await preview(stack, committed, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function preview(stack: string, committed: string, folder: string): Promise<string> {
  const { cli, env: found } = await platformEnvironment();
  const backend = path.join(folder, "backend");
  const project = path.join(folder, "project");
  for (const each of [backend, project]) mkdirSync(each, { mode: 0o700 });
  const hasPassphrase = [found.PULUMI_CONFIG_PASSPHRASE, found.PULUMI_CONFIG_PASSPHRASE_FILE].some(
    (value) => value !== undefined,
  );
  const env = {
    ...found,
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    // Nothing is kept, so nothing has to be kept from anyone.
    ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE: "throw-away" }),
  };
  // `stack init` writes beside the project file, where nothing of ours may be changed.
  writeFileSync(path.join(project, "Pulumi.yaml"), readFileSync(path.join(REPOSITORY, "Pulumi.yaml")));
  const config = path.join(project, `Pulumi.${stack}.yaml`);
  const common = ["--stack", stack, "--non-interactive"];
  const made = await capture(cli.executable, ["stack", "init", ...common, "--no-select", "-C", project], {
    env,
  });
  if (made.code !== 0) throw new Error(`The throw-away stack could not be created:\n${made.output}`);
  writeFileSync(config, withSalt(await withSource(committed, stack), committed, config));
  const args = ["preview", "--json", ...common, "--config-file", config, "-C", REPOSITORY];
  const { code, stdout, stderr } = await runSeparately(cli.executable, args, { cwd: REPOSITORY, env });
  if (code !== 0) throw new Error(`The preview of ${stack} failed:\n${explain(stdout, stderr)}`);
  return stdout;
}

/**
 * The text of a stack's file with its source of artifacts named, where that is open: the preview would write its answer
 * down for the stack, which a look at it must not settle.
 */
export async function withSource(file: string, stack: string, canReach?: Reach): Promise<string> {
  const text = readYamlText(file);
  const wanted = parseConfig(plainSettings(file));
  if (!isOpen(wanted)) return text;
  const { auto } = await settle(wanted, stack, canReach);
  const { config, ...rest } = parseYamlMap(text, file, "a stack's file");
  const artifacts = { [`${NAMESPACE}:artifacts`]: { kind: auto } };
  return stringify({ ...rest, config: { ...(config as object | undefined), ...artifacts } });
}

/** The stack's config with the salt that its throw-away twin got; with its own, if values in it are encrypted by it. */
function withSalt(text: string, committed: string, initial: string): string {
  const config = parseYamlMap(text, committed, "a stack's file");
  const made = existsSync(initial) ? parseYamlMap(readYamlText(initial), initial, "a stack's file") : {};
  const own = config.encryptionsalt !== undefined || config.secretsprovider !== undefined;
  return own ? text : stringify({ ...config, encryptionsalt: made.encryptionsalt });
}

/** What went wrong, from the diagnostics of a preview as JSON. */
function explain(stdout: string, stderr: string): string {
  try {
    const { diagnostics = [] } = JSON.parse(stdout) as {
      diagnostics?: readonly { readonly severity?: string; readonly message?: string }[];
    };
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    return errors.map(({ message }) => (message ?? "").trim()).join("\n");
  } catch {
    return `${stderr}\n${stdout}`.trim().split("\n").slice(-30).join("\n");
  }
}

/** Takes a preview as JSON apart. */
export function readPreview(text: string): Planned[] {
  const { steps = [] } = JSON.parse(text) as Preview;
  return steps.flatMap(({ urn, newState }) =>
    newState === undefined
      ? []
      : [
          {
            urn,
            type: newState.type,
            name: urn.slice(urn.indexOf("::", urn.indexOf("::", urn.indexOf("::") + 2) + 2) + 2),
            parent: newState.parent ?? "",
            inputs: newState.inputs ?? {},
            dependencies: newState.dependencies ?? [],
          },
        ],
  );
}
