import { type CheckRule, type Draft, defineCheck } from "../../lib/checks";
import { Undecided } from "../../lib/fields";
import type { Check, Severity } from "../../lib/findings";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { catalogue, type TrafficCode } from "./catalogue";
import type { Field } from "./field";

export type TrafficDraft = Draft<TrafficCode>;

/** A check with codes of the traffic catalogue over all objects of some kinds, written as `apps/Deployment`. */
export const kindCheck = (
  codes: readonly TrafficCode[],
  kinds: readonly string[],
  look: CheckRule<TrafficCode>["look"],
): Check =>
  defineCheck(catalogue, { codes, over: (index) => kinds.flatMap((kind) => [...index.ofKind(kind)]), look });

/** A finding at a field. */
export function note(
  code: TrafficCode,
  at: Field | string,
  message: string,
  change: string,
  severity?: Severity,
): TrafficDraft {
  const path = typeof at === "string" ? at : at.path;
  return { code, path, message, change, ...(severity === undefined ? {} : { severity }) };
}

/** What is derived from many objects: the entries, and what kept some object from giving its own. */
export interface Gathered<T> {
  readonly entries: T;
  /** The first value that is not known yet. Who finds nothing throws it, since the entry may be just there. */
  readonly vague: Undecided | undefined;
}

/** Looks at every object of a kind once per analysis. An object with unknown values hides only itself. */
export function gather<T>(
  index: ObjectIndex,
  name: string,
  kinds: readonly string[],
  entries: () => T,
  take: (entries: T, object: KubeObject) => void,
): Gathered<T> {
  return index.once(`traffic ${name}`, () => {
    const all = entries();
    let vague: Undecided | undefined;
    for (const kind of kinds) {
      for (const object of index.ofKind(kind)) {
        try {
          take(all, object);
        } catch (error) {
          if (!(error instanceof Undecided)) throw error;
          vague ??= error;
        }
      }
    }
    return { entries: all, vague };
  });
}

/** Adds to a list in a map. */
export function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** How many names a message gives: where all objects clash, all names in each message would take forever. */
const NAMED = 3;

/** Some names, in order, for a message. */
export function listed(names: Iterable<string>): string {
  const all = [...new Set(names)].sort();
  const rest = all.length - NAMED;
  return rest > 0 ? `${all.slice(0, NAMED).join(", ")} and ${rest} more` : all.join(", ");
}

/** The same for a list that may be very long: looks at no more than its first items, besides the object itself. */
export function others(titles: readonly string[], own: string): string {
  const some = titles.slice(0, NAMED + 1).filter((title) => title !== own);
  return [...new Set(some)].sort().slice(0, NAMED).join(", ");
}
