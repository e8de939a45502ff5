/** Finds the Pulumi CLI, or gets it: by the official installer, or else built from its Go module. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { downloadsAreReachable, INSTALLER_URL } from "./network";
import { cacheFolder, REPOSITORY } from "./paths";
import { capture, findOnPath, isExecutable } from "./process";

/** The version that is installed where there is none; tools/pulumi/go.mod names the same. */
export const CLI_VERSION = "3.259.0";

/** The oldest version that is used when it is found on PATH. */
const MINIMUM_VERSION = "3.220.0";

const BUILD_FOLDER = path.join(REPOSITORY, "tools", "pulumi");
const CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

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

/** Another version or another set of pinned modules is another folder, so that checkouts do not fight. */
function builtExecutable(): string {
  const digest = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) {
    digest.update(readFileSync(path.join(BUILD_FOLDER, file)));
  }
  return path.join(cacheFolder(), "bin", `${CLI_VERSION}-${digest.digest("hex").slice(0, 12)}`, "pulumi");
}

async function installOfficial(): Promise<Cli | undefined> {
  if (!(await downloadsAreReachable())) {
    console.error("The official Pulumi download cannot be reached from here.");
    return undefined;
  }
  console.error(`Installing the Pulumi CLI ${CLI_VERSION} with the official installer.`);
  const target = path.dirname(path.dirname(officialExecutable()));
  return intoPlace(target, async (partial) => {
    const script = path.join(partial, "install.sh");
    const response = await fetch(INSTALLER_URL, { signal: AbortSignal.timeout(INSTALL_TIMEOUT_MS) });
    writeFileSync(script, await response.text());
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
  const started = Date.now();
  const target = path.dirname(builtExecutable());
  await intoPlace(target, (partial) => {
    const flags = `-s -w -X ${VERSION_VARIABLE}=v${CLI_VERSION}`;
    const args = ["build", "-trimpath", "-ldflags", flags, "-o", path.join(partial, "pulumi"), CLI_PACKAGE];
    return capture(go, args, { cwd: BUILD_FOLDER, progress: "building" });
  });
  console.error(`Built in ${Math.round((Date.now() - started) / 1000)} s.`);
  return { executable: builtExecutable(), version: CLI_VERSION, origin: "built from its Go module" };
}

/** Fills a folder beside its final place and moves it there, so that a half-done one is never found. */
async function intoPlace(
  target: string,
  fill: (partial: string) => Promise<{ code: number; output: string }>,
): Promise<void> {
  mkdirSync(path.dirname(target), { recursive: true });
  const partial = mkdtempSync(`${target}.partial-`);
  try {
    const { code, output } = await fill(partial);
    if (code !== 0) {
      throw new Error(`it exited with ${code}:\n${output.split("\n").slice(-30).join("\n")}`);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
