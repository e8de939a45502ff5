import { covers, meet } from "./cover";
import type { Entry } from "./http";

const pathRank = { exact: 0, prefix: 1, regex: 2, present: 3 } as const;
const sizeOf = (values: object) => Object.keys(values).length;

/** What Gateway API goes by: exact paths, longer prefixes, a method, more headers, more parameters; in this order. */
function ranks({ conditions: { uri, parts, headers, queryParams }, match }: Entry): number[] {
  // No path is the prefix /, the shortest of all; segments are what Gateway API calls a prefix.
  const names = typeof match.uri === "object" && "segments" in match.uri ? match.uri.segments : undefined;
  const { how, text } =
    names === undefined && uri !== undefined ? uri : { how: "prefix" as const, text: names ?? "/" };
  return [
    pathRank[how],
    how === "regex" ? 0 : -text.length,
    parts.method === undefined ? 1 : 0,
    -sizeOf(headers),
    -sizeOf(queryParams),
  ];
}

function compare(a: Entry, b: Entry): number {
  const others = ranks(b);
  for (const [index, rank] of ranks(a).entries()) {
    const difference = rank - (others[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The first pair of entries of which Gateway API would let the other act, for requests that fit both. */
export function disorder(entries: readonly Entry[]): readonly [Entry, Entry] | undefined {
  for (const [index, later] of entries.entries()) {
    for (const earlier of entries.slice(0, index)) {
      const both = meet(earlier.conditions, later.conditions);
      const same = earlier.fragment === later.fragment;
      const hidden = covers(earlier.conditions, later.conditions);
      if (both && !same && !hidden && compare(later, earlier) < 0) return [earlier, later];
    }
  }
  return undefined;
}
