/** Whether Pulumi's own downloads can be reached, asked at most once an hour. */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withAnswer } from "../../components/lib/web";
import { cacheFolder } from "./paths";

/** Where the official installer and the plugins come from. */
export const INSTALLER_URL = "https://get.pulumi.com";

const CONNECT_TIMEOUT_MS = 4000;
const REMEMBER_MS = 3_600_000;

let answer: Promise<boolean> | undefined;

/** Tries to connect, unless the last try failed within the hour; `force` tries in any case. */
export function downloadsAreReachable(force = false): Promise<boolean> {
  answer ??= probe(force);
  return answer;
}

async function probe(force: boolean): Promise<boolean> {
  const stamp = path.join(cacheFolder(), "downloads-unreachable");
  if (!force && Date.now() - modified(stamp) < REMEMBER_MS) {
    return false;
  }
  try {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    await withAnswer(INSTALLER_URL, { method: "HEAD", signal }, async () => undefined);
    rmSync(stamp, { force: true });
    return true;
  } catch {
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, "Pulumi's downloads could not be reached; asked again after an hour.\n");
    return false;
  }
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
