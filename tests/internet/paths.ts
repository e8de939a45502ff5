/** Paths with named parts: `/v{version}/{file}`. */

export type Parts = Readonly<Record<string, string>>;

/** The parts of a path that fits a pattern; a name that occurs twice stands for the same text. */
export function match(pattern: string, path: string): Parts | undefined {
  const seen = new Set<string>();
  const source = pattern
    .split(/(\{\w+\})/)
    .map((piece) => {
      const [, name] = /^\{(\w+)\}$/.exec(piece) ?? [];
      if (name === undefined) return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      if (seen.has(name)) return `\\k<${name}>`;
      seen.add(name);
      return `(?<${name}>[^/]+?)`;
    })
    .join("");
  const found = new RegExp(`^${source}$`).exec(path);
  return found === null ? undefined : { ...found.groups };
}

/** The path with its parts filled in; parts that are not given stay as they are. */
export const fill = (pattern: string, parts: Parts): string =>
  pattern.replaceAll(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
