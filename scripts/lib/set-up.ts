import { previewItems } from "../../components/sandbox/mirror/items";
import { defaultMirrorDir, planMirror, staleItems } from "../../components/sandbox/mirror/mirror";
import { mirrorArch } from "../../components/sandbox/mirror/versions";
import { ensureCli } from "./cli";
import { ensureHelm, HELM_VERSION } from "./helm";
import { REPOSITORY } from "./paths";
import { describePlugins, ensurePlugins } from "./plugins";
import { capture } from "./process";
import { ensureSystemPackages } from "./system-packages";

interface SetUp {
  readonly say: (line: string) => void;
  /** Whether disposable hosts are to be made here, for which packages of the distribution are installed. */
  readonly sandbox: boolean;
}

/** Gets what the platform needs on this computer, and says what it found. Where nothing is missing it takes a moment. */
export async function setUp({ say, sandbox }: SetUp): Promise<void> {
  if (sandbox) await ensureSystemPackages();
  const { helm } = await ensurePrograms(say);
  if (helm !== undefined) say(await ensureCharts());
}

/**
 * Gets the Pulumi CLI, its plugins and, where the kubernetes plugin is a stand-in, helm; says a line of each. Gives the
 * path of helm, if it is needed.
 *
 * @throws Error where one of them cannot be got.
 */
export async function ensurePrograms(say: (line: string) => void): Promise<{ readonly helm?: string }> {
  const cli = await ensureCli();
  say(`pulumi     ${cli.version.padEnd(9)} ${cli.origin} (${cli.executable})`);
  const plugins = await ensurePlugins(cli);
  for (const line of describePlugins(plugins)) say(line);
  const helm = await ensureHelm(plugins);
  if (helm === undefined) return {};
  say(`helm       ${HELM_VERSION.padEnd(9)} built from its Go module (${helm})`);
  return { helm };
}

/** A preview reads Istio's charts, which the sandbox's own mirror has to make where nothing can be downloaded. */
async function ensureCharts(): Promise<string> {
  const made = "charts     of Istio are in the sandbox's mirror";
  const plan = planMirror(previewItems, mirrorArch());
  // Looked at here, since a process of its own would cost every run a second.
  if (staleItems(defaultMirrorDir(), plan).length === 0) return made;
  const fill = ["-r", "tsx/cjs", "scripts/mirror.ts", "--charts"];
  const { code, output } = await capture(process.execPath, fill, {
    cwd: REPOSITORY,
    progress: "Istio's charts",
  });
  return code === 0 ? made : output.trim().split("\n").slice(-5).join("\n");
}
