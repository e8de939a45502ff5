import { put } from "../define";
import type { Field } from "../field";

/** The conditions of a match that Istio compares where two matches have a prefix. */
interface PrefixMatch {
  readonly field: Field;
  readonly prefix: string;
  readonly method: string;
  readonly authority: string;
  readonly maps: Readonly<Record<string, string>>;
}

function fixed(at: Field): string {
  const [exact, prefix] = [at.at("exact").text() ?? "", at.at("prefix").text() ?? ""];
  if (exact !== "") return `exact ${exact}`;
  return prefix === "" ? "" : `prefix ${prefix}`;
}

function prefixMatch(field: Field): PrefixMatch | undefined {
  const prefix = field.at("uri", "prefix").text() ?? "";
  if (prefix === "") return undefined;
  const maps = ["headers", "queryParams", "withoutHeaders"].flatMap((name) =>
    field
      .at(name)
      .entries()
      .map(([key, value]) => [`${name} ${key}`, fixed(value)] as const),
  );
  return {
    field,
    prefix,
    // Istio takes a match without method for one of GET.
    method: fixed(field.at("method")) || "exact GET",
    authority: fixed(field.at("authority")),
    maps: Object.fromEntries(maps),
  };
}

/** Istio's own comparison, with its peculiarities, so that both tools say the same. */
function coveredBy(later: PrefixMatch, earlier: PrefixMatch): boolean {
  if (later.prefix === earlier.prefix || !later.prefix.startsWith(earlier.prefix)) return false;
  const alike = (one: string, other: string) => one === other || one.startsWith(other);
  return (
    alike(earlier.method, later.method) &&
    alike(earlier.authority, later.authority) &&
    Object.entries(earlier.maps).every(([key, value]) => alike(value, later.maps[key] ?? ""))
  );
}

/** Matches with a prefix that an earlier match has in a shorter form: path of the one to the other. */
export function prefixCovered(matches: readonly Field[]): ReadonlyMap<string, Field> {
  const groups = new Map<string, PrefixMatch[]>();
  for (const field of matches) {
    const match = prefixMatch(field);
    if (match === undefined) continue;
    // Only matches with the same port and the same named headers are compared.
    const names = Object.keys(match.maps).sort();
    put(groups, JSON.stringify([field.at("port").number() ?? 0, ...names]), match);
  }
  const found = new Map<string, Field>();
  for (const group of groups.values()) {
    for (const [place, later] of group.entries()) {
      const earlier = group.slice(0, place).find((other) => coveredBy(later, other));
      if (earlier !== undefined) found.set(later.field.path, earlier.field);
    }
  }
  return found;
}
