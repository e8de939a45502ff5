/**
 * Runs before `npm test`: gets what unit and engine tests need, and says what it found. Root is needed for nothing; as
 * root, Debian's packages are installed, otherwise those that are missing are named and their checks are left out.
 */
import { ensurePrograms } from "./lib/set-up";
import { ensureSystemPackages } from "./lib/system-packages";

async function main(): Promise<void> {
  await ensureSystemPackages("tests");
  await ensurePrograms(console.log);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
