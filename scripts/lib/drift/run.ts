/** One run of drift: read the state, look at every host at once, compare, look again where something differs. */
import { setTimeout as sleep } from "node:timers/promises";
import { compare, type Difference } from "./compare";
import { type Connect, lookAt, type Patience } from "./look";
import type { HostReport } from "./report";
import { type DeclaredState, type HostState, readDeclared } from "./state";

export interface DriftRequest {
  /** Names or addresses; empty for all. */
  readonly only: readonly string[];
  /** The decrypted export of the stack. */
  readonly read: () => Promise<string>;
  readonly say: (text: string) => void;
  readonly now?: () => Date;
  readonly connect?: Connect;
  readonly patience?: Partial<Patience & { againMs: number }>;
}

const PATIENCE = { busyMs: 60_000, pollMs: 3_000, againMs: 2_000 };
const AT_ONCE = 8;
const PROGRESS_MS = 10_000;

export async function findDrift(
  request: DriftRequest,
): Promise<{ hosts: HostReport[]; gone: readonly string[] }> {
  const patience = { ...PATIENCE, ...request.patience };
  request.say("reading the state");
  const first = chosen(readDeclared(await request.read()), request.only);
  request.say(`looking at ${first.hosts.length} hosts: ${first.hosts.map(({ name }) => name).join(", ")}`);
  const hosts = await lookAtAll(first.hosts, request, patience);
  const suspects = hosts.filter(({ differences }) => differences.length > 0).map(({ name }) => name);
  if (suspects.length === 0) return { hosts, gone: first.gone };
  // A step that ends meanwhile, a unit between stop and start: what is drift is still there a moment later, and by a
  // state that was read after the first look.
  request.say(`looking once more at ${suspects.join(", ")}, to be sure`);
  await sleep(patience.againMs);
  const second = chosen(readDeclared(await request.read()), []);
  const again = await lookAtAll(
    second.hosts.filter(({ name }) => suspects.includes(name)),
    request,
    patience,
  );
  const latest = new Map(again.map((host) => [host.name, host]));
  return { hosts: hosts.map((host) => confirmed(host, latest.get(host.name))), gone: first.gone };
}

function chosen({ hosts, gone }: DeclaredState, only: readonly string[]): DeclaredState {
  if (hosts.length === 0) throw new Error("the stack has no hosts; run `npm run up` first");
  if (only.length === 0) return { hosts, gone };
  const named = (wanted: string) =>
    hosts.filter(({ name, target }) => name === wanted || target.host === wanted);
  const unknown = only.find((wanted) => named(wanted).length === 0);
  if (unknown !== undefined) {
    const known = hosts.map(({ name }) => name).join(", ");
    throw new Error(
      gone.includes(unknown)
        ? `nobody looks at ${unknown}: the config says that it is gone`
        : `the stack has no host ${unknown}; it has ${known}`,
    );
  }
  return { hosts: hosts.filter((host) => only.some((wanted) => named(wanted).includes(host))), gone: [] };
}

async function lookAtAll(
  hosts: readonly HostState[],
  { say, connect, now = () => new Date() }: DriftRequest,
  patience: Patience,
): Promise<HostReport[]> {
  const started = Date.now();
  const waiting = new Set<string>();
  const ticker = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    if (waiting.size > 0) say(`still looking at ${[...waiting].join(", ")} after ${seconds} s`);
  }, PROGRESS_MS);
  const look = async (host: HostState): Promise<HostReport> => {
    const { name, target, steps, generation } = host;
    const report = { name, address: target.host, steps, generation };
    waiting.add(name);
    try {
      const found = await lookAt(host, say, patience, connect);
      const differences = host.claims.flatMap((claim, index) => compare(claim, found[index] ?? [], now()));
      return { ...report, compared: host.claims.length, differences };
    } catch (error) {
      return { ...report, compared: 0, differences: [], problem: (error as Error).message };
    } finally {
      waiting.delete(name);
    }
  };
  try {
    return await inTurns(hosts, look);
  } finally {
    clearInterval(ticker);
  }
}

/** Does the work for all, a few at once, results in the order of the items. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** What both looks say. A host that left the stack meanwhile has no drift. */
function confirmed(first: HostReport, second: HostReport | undefined): HostReport {
  if (second === undefined) return { ...first, differences: [] };
  const key = ({ step: _step, ...what }: Difference) => JSON.stringify(what);
  const before = new Set(first.differences.map(key));
  return { ...second, differences: second.differences.filter((difference) => before.has(key(difference))) };
}
