/** What a script parameter may be. A list becomes one item per line, a boolean `true` or `false`. */
export type ScriptValue = string | number | boolean | readonly (string | number)[];

/**
 * Quotes one value as a single bash word that bash reads back byte for byte.
 *
 * Single quotes switch off every expansion, so only the quote itself needs care: it is closed, escaped and
 * opened again. A NUL byte cannot exist in a bash variable; it would be dropped silently, so it is refused.
 */
export function quote(value: string): string {
  if (value.includes("\0")) {
    throw new Error("a script parameter contains a NUL byte, which bash cannot hold; encode the value first");
  }
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** The text that a parameter has inside the script, before quoting. */
export function toText(value: ScriptValue): string {
  if (typeof value !== "object") return String(value);
  const items = value.map(String);
  const broken = items.find((item) => item.includes("\n"));
  if (broken !== undefined) {
    throw new Error(
      `a list parameter holds an item with a line break (${JSON.stringify(broken)}); lists are passed one item per line`,
    );
  }
  return items.join("\n");
}
