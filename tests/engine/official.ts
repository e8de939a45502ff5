import { findCli } from "../../scripts/lib/cli";
import { downloadsAreReachable } from "../../scripts/lib/network";
import { choosePlugins } from "../../scripts/lib/plugins";
import { cannotBeHad } from "../setup/skips";

/** Why there is nothing official of these names to compare with; undefined where there is. */
export async function missingOfficial(names: readonly string[]): Promise<string | undefined> {
  const cli = await findCli();
  if (cli === undefined) return "the Pulumi CLI is missing: npm run setup";
  const missing = choosePlugins(cli).filter(
    ({ name, source }) => names.includes(name) && source !== "official",
  );
  if (missing.length === 0) return undefined;
  const what = `the official plugins ${missing.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
  return (await downloadsAreReachable())
    ? `${what} are not installed: npm run setup`
    : `${cannotBeHad}${what}, since Pulumi's downloads are out of reach`;
}
