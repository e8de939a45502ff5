import { ensureCli } from "./cli";
import { ensureHelm, HELM_VERSION } from "./helm";
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
  const cli = await ensureCli();
  say(`pulumi     ${cli.version.padEnd(9)} ${cli.origin} (${cli.executable})`);
  const plugins = await ensurePlugins(cli);
  for (const line of describePlugins(plugins)) say(line);
  const helm = await ensureHelm(plugins);
  if (helm !== undefined) {
    say(`helm       ${HELM_VERSION.padEnd(9)} built from its Go module (${helm})`);
    await fillCharts(say);
  }
}

/** A preview reads Istio's charts, which the sandbox's own mirror has to make where nothing can be downloaded. */
async function fillCharts(say: (line: string) => void): Promise<void> {
  const fill = ["-r", "tsx/cjs", "scripts/mirror.ts", "--charts"];
  const { code, output } = await capture(process.execPath, fill, { progress: "Istio's charts" });
  say(
    code === 0
      ? "charts     of Istio are in the sandbox's mirror"
      : output.trim().split("\n").slice(-5).join("\n"),
  );
}
