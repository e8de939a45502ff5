/** Looks at one host: sends probe.sh with the list over SSH, waits while a step is at work there, reads the answers. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseResult, renderScript } from "../../../components/remote/script";
import { REPOSITORY } from "../paths";
import { SshSession, type SshTarget } from "../ssh";
import { decode, renderList } from "./claims";
import type { HostState } from "./state";

const PROBE = path.join(REPOSITORY, "scripts", "drift", "probe.sh");
/** The probe takes a second or two; a disk that hangs must not hang a pipeline. */
const PROBE_SECONDS = 90;

export interface Patience {
  /** Milliseconds to wait for a step that is at work on the host. */
  readonly busyMs: number;
  /** Milliseconds between two questions whether it still is. */
  readonly pollMs: number;
}

/** How a host is entered; tests put something else in its place. */
export type Connect = (target: SshTarget) => Promise<Pick<SshSession, "run" | "close">>;

/** What probe.sh found, in the order of the host's claims. Throws a sentence where it could not look. */
export async function lookAt(
  host: HostState,
  say: (text: string) => void,
  patience: Patience,
  connect: Connect = SshSession.open,
): Promise<string[][]> {
  if (host.claims.length === 0) {
    throw new Error("its steps declare nothing yet; run `npm run up` once with this version of the project");
  }
  const session = await connect(host.target);
  try {
    const started = Date.now();
    for (let told = false; ; told = true) {
      const answers = await ask(session, host);
      if (answers !== undefined) return answers;
      if (Date.now() - started >= patience.busyMs) {
        throw new Error(
          `a step is still at work there after ${Math.round(patience.busyMs / 1000)} s; look again later`,
        );
      }
      if (!told) say(`${host.name}: a step is at work there right now; waiting for its end`);
      await sleep(patience.pollMs);
    }
  } finally {
    session.close();
  }
}

/** Undefined while a step is at work. */
async function ask(session: Pick<SshSession, "run">, host: HostState): Promise<string[][] | undefined> {
  const words = ["timeout", "-k", "5", String(PROBE_SECONDS), "bash", "-s", "--", "look"];
  const command = (host.target.user === "root" ? words : ["sudo", "-n", ...words]).join(" ");
  const stdin = renderScript(PROBE, { LIST: renderList(host.claims) });
  const { code, stdout, stderr } = await session.run(command, {
    stdin,
    timeoutMs: (PROBE_SECONDS + 10) * 1000,
  });
  if (code !== 0) {
    const why = stderr.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
    throw new Error(`looking ended with ${code}${why === "" ? "" : `: ${why}`}`);
  }
  if (parseResult(stdout).busy === "true") return undefined;
  return readAnswers(stdout, host.claims.length);
}

/** Lines `N field…`, one per claim and in their order. */
export function readAnswers(stdout: string, count: number): string[][] {
  const lines = stdout.split("\n").filter((line) => /^\d+ /.test(line));
  const answers = lines.map((line) => line.split(" "));
  if (answers.length !== count || answers.some(([number], index) => number !== String(index + 1))) {
    throw new Error(`its answer is not complete: ${answers.length} of ${count} lines`);
  }
  return answers.map(([, ...words]) => words.map(decode));
}
