import { distance } from "fastest-levenshtein";

/**
 * The known name that a mistyped one most likely means; nothing where none is near. Near is at most a third of the
 * letters of the longer of the two, and at least one, so that `stage` is not taken for `dev`. Case does not count.
 */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    const edits = distance(given.toLowerCase(), name.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(given.length, name.length) / 3));
    if (edits <= allowed && (best === undefined || edits < best.edits)) best = { name, edits };
  }
  return best?.name;
}

/** ` Did you mean X?` with its space, or nothing, to end a sentence with. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const name = nearest(given, known);
  return name === undefined ? "" : ` Did you mean ${name}?`;
}
