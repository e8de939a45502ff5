import { isDeepStrictEqual } from "node:util";
import { type BlockKind, type BlockName, type Blocks, canBeOfPort, portBlocks } from "./destination-policy";
import type { Block } from "./destination-site";
import { type Place, show } from "./faults";

/** Wishes for one host, put together level by level. */

const isBlock = (value: unknown): value is Block =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fields of both. Where both say the same field differently, that is a fault of the second. */
export function mergeBlocks(first: Block, second: Block, at: Place): Block {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const other = first[key];
    if (other === undefined) merged[key] = value;
    else if (isBlock(other) && isBlock(value)) merged[key] = mergeBlocks(other, value, at.in(key));
    else if (!isDeepStrictEqual(other, value)) {
      at.in(key).fault(value, `${show(other)}, as another wish for the same level says`, "say it once");
    }
  }
  return merged;
}

/** Wishes of one level as they come in. */
export class LevelWishes {
  readonly kinds = new Map<BlockName, BlockKind>();
  #blocks: Blocks = {};

  add(kind: BlockKind, block: Block, at: Place): void {
    this.kinds.set(kind.name, kind);
    const known = this.#blocks[kind.name];
    const merged = known === undefined ? block : mergeBlocks(known, block, at.in(kind.name));
    this.#blocks = { ...this.#blocks, [kind.name]: merged };
  }

  /** What they say before defaults: what checks of a block's own fields look at. */
  get said(): Blocks {
    return this.#blocks;
  }

  /** What they come to. */
  get blocks(): Blocks {
    const entries = Object.entries(this.#blocks).map(([name, block]) => {
      const complete = this.kinds.get(name as BlockName)?.complete;
      return [name, complete === undefined ? block : complete(block as Block)] as const;
    });
    return Object.fromEntries(entries);
  }
}

const own = (blocks: Blocks, among: (name: BlockName) => boolean): Blocks =>
  Object.fromEntries(Object.entries(blocks).filter(([name]) => among(name as BlockName)));

/** What is said for a host and for some part of it. */
export interface Said {
  readonly host: Blocks;
  /** For the port of the host. */
  readonly hostPort?: Blocks | undefined;
  /** For the subset. */
  readonly subset?: Blocks | undefined;
  /** For the port of the subset. */
  readonly subsetPort?: Blocks | undefined;
}

/**
 * What holds in the end, as Istio has it. A subset's settings take the place of the host's part by part. A port's take
 * the place of all parts at once, also where they say nothing, and also of those that no port can have.
 */
export function effective({ host, hostPort, subset, subsetPort }: Said): Blocks {
  const base = hostPort ?? host;
  if (subset === undefined) return base;
  if (subsetPort === undefined) return { ...base, ...subset };
  return { ...own(base, (name) => !canBeOfPort(name)), ...subsetPort };
}

/** Parts of the level above that a port's settings would take away, and could say themselves. */
export const lostAtPort = (above: Blocks, port: Blocks): readonly BlockName[] =>
  portBlocks.filter((name) => above[name] !== undefined && port[name] === undefined);

/** Parts of the level above that a port's settings take away for good. A tunnel is made elsewhere and stays. */
export const lostForGood = (above: Blocks): readonly BlockName[] =>
  (["proxyProtocol", "retryBudget"] as const).filter((name) => above[name] !== undefined);

/** Fields of a block, two levels deep, that another one in its place does not have: `tcp.maxConnections`. */
export function lostFields(above: Block, below: Block, path = ""): readonly string[] {
  return Object.entries(above).flatMap(([key, value]) => {
    const field = path === "" ? key : `${path}.${key}`;
    const other = below[key];
    if (other === undefined) return [field];
    return isBlock(value) && isBlock(other) ? lostFields(value, other, field) : [];
  });
}
