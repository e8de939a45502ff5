/**
 * `npm run setup`: makes sure that everything is there that the platform needs on this computer, and says what
 * it found. Safe to run at any time; when nothing is missing it changes nothing and takes a moment.
 *
 * `npm run setup -- --retry` asks for Pulumi's downloads again even if they could not be reached lately.
 */
import { ensureCli } from "./lib/cli";
import { ensureHelm, HELM_VERSION } from "./lib/helm";
import { downloadsAreReachable } from "./lib/network";
import { describePlugins, ensurePlugins } from "./lib/plugins";
import { capture } from "./lib/process";
import { ensureSystemPackages } from "./lib/system-packages";

async function main(): Promise<void> {
  if (process.argv.includes("--retry")) {
    await downloadsAreReachable(true);
  }
  await ensureSystemPackages();
  const cli = await ensureCli();
  console.log(`pulumi     ${cli.version.padEnd(9)} ${cli.origin} (${cli.executable})`);
  const plugins = await ensurePlugins(cli);
  for (const line of describePlugins(plugins)) {
    console.log(line);
  }
  const helm = await ensureHelm(plugins);
  if (helm !== undefined) {
    console.log(`helm       ${HELM_VERSION.padEnd(9)} built from its Go module (${helm})`);
    await fillCharts();
  }
}

/** A preview reads Istio's charts, which the sandbox's own mirror has to make where nothing can be downloaded. */
async function fillCharts(): Promise<void> {
  const fill = ["-r", "tsx/cjs", "components/sandbox/mirror/fill.ts", "--charts"];
  const { code, output } = await capture(process.execPath, fill, { progress: "Istio's charts" });
  console.log(
    code === 0
      ? "charts     of Istio are in the sandbox's mirror"
      : output.trim().split("\n").slice(-5).join("\n"),
  );
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
