import { isMap, isPair, isScalar, isSeq, type Node } from "yaml";
import type { Source } from "./load";

export interface Position {
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  readonly column: number;
  /** How many letters of the path were found in the file. */
  readonly depth: number;
}

interface Step {
  /** What stands for the place: the key of a field, or an item. */
  readonly mark: Node;
  readonly value: unknown;
  readonly rest: string;
}

/** One step along a path. Keys may have dots in them, so that the longest one that fits is taken. */
function step(value: unknown, path: string): Step | undefined {
  if (isSeq(value)) {
    const [whole = "", place = ""] = /^\[(\d+)\]\.?/.exec(path) ?? [];
    const item = value.items[Number(place)];
    return whole === "" || item === undefined
      ? undefined
      : { mark: item as Node, value: item, rest: path.slice(whole.length) };
  }
  if (!isMap(value)) return undefined;
  const fitting = value.items
    .filter(isPair)
    .filter(({ key }) => isScalar(key) && keyFits(String(key.value), path))
    .sort(
      (a, b) =>
        String((b.key as { value: unknown }).value).length -
        String((a.key as { value: unknown }).value).length,
    );
  const [pair] = fitting;
  if (pair === undefined) return undefined;
  const key = String((pair.key as { value: unknown }).value);
  return { mark: pair.key as Node, value: pair.value, rest: path.slice(key.length).replace(/^\./, "") };
}

const keyFits = (key: string, path: string) =>
  path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);

/** The place of a field in its file; of the nearest thing around it where it is not there. */
export function positionOf({ file, lines, node }: Source, path: string): Position {
  let mark: Node = node;
  let value: unknown = node;
  let rest = path;
  while (rest !== "") {
    const next = step(value, rest);
    if (next === undefined) break;
    ({ mark, value, rest } = next);
  }
  const { line, col } = lines.linePos(mark.range?.[0] ?? 0);
  return { file, line, column: col, depth: path.length - rest.length };
}
