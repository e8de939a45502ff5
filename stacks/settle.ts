import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder } from "../components/lib/folders";
import { withAnswer } from "../components/lib/web";
import type { Platform } from "./config/load";
import type { Config } from "./config/schema";
import { type AutoSource, isOpen } from "./config/source";
import { type Probe, upstreamProbes } from "./probes";

/** Answers whether something can be reached at all; any HTTP answer will do. */
export type Reach = (probe: Probe) => Promise<boolean>;

/** How long upstream may take to answer, in ms. All of it is asked at the same time. */
const PATIENCE = 5000;

/**
 * Hosts have no proxy, so what they download has to answer without one. Charts are downloaded by Helm on this
 * computer, which goes by HTTPS_PROXY and NO_PROXY. A proxy that is none is a network that does not answer.
 */
export const reach: Reach = ({ url, by }) => {
  const signal = AbortSignal.timeout(PATIENCE);
  // Redirects too: releases lie on another host than the one in their address.
  return withAnswer(url, { method: "HEAD", signal, direct: by === "hosts" }, async () => true).catch(
    () => false,
  );
};

/** What an open source came to, and why. */
export interface Settled {
  readonly auto: AutoSource;
  /** Addresses of upstream that did not answer. */
  readonly silent: readonly string[];
}

const noteOf = (stack: string) => join(stateFolder(), `artifacts-${stack}`);

/** What was written down for a stack; undefined where nothing was, or nothing that makes sense. */
export function settledBefore(stack: string): AutoSource | undefined {
  try {
    const text = readFileSync(noteOf(stack), "utf8").trim();
    return text === "upstream" || text === "sandbox" ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What `auto` means for a stack on this computer. It is asked until a program was built with the answer, which
 * `rememberSource` then writes down: a network that is slow for a moment would otherwise change every address in the
 * plan, and with them every host.
 */
export async function settle(config: Config, stack: string, canReach: Reach = reach): Promise<Settled> {
  if (!isOpen(config)) return { auto: "upstream", silent: [] };
  const before = settledBefore(stack);
  if (before !== undefined) return { auto: before, silent: [] };
  const probes = upstreamProbes(config);
  const answers = await Promise.all(probes.map(canReach));
  const silent = probes.filter((_, index) => answers[index] !== true).map(({ url }) => url);
  return { auto: silent.length === 0 ? "upstream" : "sandbox", silent };
}

/** Keeps what an open source came to, once the whole program was built with it. */
export function rememberSource({ config, source, stack }: Platform): void {
  if (!isOpen(config) || settledBefore(stack) === source) return;
  const note = noteOf(stack);
  mkdirSync(dirname(note), { recursive: true, mode: 0o700 });
  writeFileSync(note, `${source}\n`);
}
