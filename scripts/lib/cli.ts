/** Finds the Pulumi CLI, or gets it: by the official installer, or else built from its Go module. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { withAnswer } from "../../components/lib/web";
import { buildProgram, builtProgram, type GoProgram, intoPlace } from "./go-build";
import { withLock } from "./lock";
import { downloadsAreReachable, INSTALLER_URL } from "./network";
import { cacheFolder } from "./paths";
import { capture, findOnPath, isExecutable } from "./process";

/** The version that is installed where there is none; tools/pulumi/go.mod names the same. */
export const CLI_VERSION = "3.259.0";

/** The oldest version that is used when it is found on PATH. */
const MINIMUM_VERSION = "3.220.0";

const PROGRAM: GoProgram = {
  module: "pulumi",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  version: CLI_VERSION,
  variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${CLI_VERSION}` },
};

/** Ends an installer that hangs half-way; a slow but working download takes a minute or two. */
const INSTALL_TIMEOUT_MS = 300_000;

export interface Cli {
  readonly executable: string;
  readonly version: string;
  readonly origin: "PATH" | "official installer" | "built from its Go module";
}

/** The CLI that is there already, or nothing. */
export async function findCli(): Promise<Cli | undefined> {
  const onPath = findOnPath("pulumi");
  if (onPath) {
    const version = await versionOf(onPath);
    if (version && isAtLeast(version, MINIMUM_VERSION)) {
      return { executable: onPath, version, origin: "PATH" };
    }
  }
  return cachedCli();
}

/** The CLI, got in the first way that works. */
export async function ensureCli(): Promise<Cli> {
  return (
    (await findCli()) ??
    (await withLock(path.join(cacheFolder(), "bin.lock"), "getting the Pulumi CLI", async () => {
      // The process that held the lock may have got it meanwhile.
      return cachedCli() ?? (await installOfficial()) ?? (await build());
    }))
  );
}

function cachedCli(): Cli | undefined {
  const candidates: Cli[] = [
    { executable: officialExecutable(), version: CLI_VERSION, origin: "official installer" },
    { executable: builtExecutable(), version: CLI_VERSION, origin: "built from its Go module" },
  ];
  return candidates.find(({ executable }) => isExecutable(executable));
}

async function versionOf(executable: string): Promise<string | undefined> {
  const { code, output } = await capture(executable, ["version"], { timeout: 20_000 });
  return code === 0 ? /\d+\.\d+\.\d+/.exec(output)?.[0] : undefined;
}

function isAtLeast(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, "en", { numeric: true }) >= 0;
}

function officialExecutable(): string {
  return path.join(cacheFolder(), "bin", `official-${CLI_VERSION}`, "bin", "pulumi");
}

const builtExecutable = () => builtProgram(PROGRAM);

async function installOfficial(): Promise<Cli | undefined> {
  if (!(await downloadsAreReachable())) {
    console.error("The official Pulumi download cannot be reached from here.");
    return undefined;
  }
  console.error(`Installing the Pulumi CLI ${CLI_VERSION} with the official installer.`);
  const target = path.dirname(path.dirname(officialExecutable()));
  return intoPlace(target, async (partial) => {
    const script = path.join(partial, "install.sh");
    const signal = AbortSignal.timeout(INSTALL_TIMEOUT_MS);
    const text = await withAnswer(INSTALLER_URL, { signal }, async (response) => {
      // A page that says what went wrong is no script.
      if (!response.ok) throw new Error(`${INSTALLER_URL} answered ${response.status}`);
      return response.text();
    });
    writeFileSync(script, text);
    const args = [script, "--version", CLI_VERSION, "--install-root", partial, "--no-edit-path"];
    return capture("sh", args, { timeout: INSTALL_TIMEOUT_MS, progress: "installing" });
  })
    .then(() => cachedCli())
    .catch((error: Error) => {
      console.error(`The official installer failed: ${error.message}`);
      return undefined;
    });
}

async function build(): Promise<Cli> {
  const go = findOnPath("go");
  if (!go) {
    throw new Error(
      [
        `There is no Pulumi CLI, its download (${INSTALLER_URL}) cannot be reached, and without Go it cannot be built.`,
        "Install one of: the Pulumi CLI (https://www.pulumi.com/docs/install), or Go (https://go.dev/doc/install).",
      ].join("\n"),
    );
  }
  console.error(
    `Building the Pulumi CLI ${CLI_VERSION} from its Go module; the first time takes some minutes.`,
  );
  await buildProgram(go, PROGRAM, builtExecutable());
  return { executable: builtExecutable(), version: CLI_VERSION, origin: "built from its Go module" };
}
