import type { Conditions, TextCondition } from "./conditions";

/**
 * The order of routes. What is narrower comes first, so that by these rules alone nothing hides anything: an earlier
 * route that takes all requests of a later one has the same conditions.
 */

const strengths = { exact: 3, prefix: 2, regex: 1, present: 0 } as const;
const pathRanks = { exact: 0, prefix: 1, regex: 2, present: 3 } as const;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const texts = (conditions: Conditions): TextCondition[] => [
  ...Object.values(conditions.parts),
  ...Object.values(conditions.headers),
  ...Object.values(conditions.queryParams),
];
const prefixes = (all: readonly TextCondition[]) =>
  sum(all.filter(({ how }) => how === "prefix").map(({ text }) => text.length));

const isAny = (value: object) => Object.keys(value).length > 0;

/** How many conditions there are beside the path. */
export const countOf = (conditions: Conditions): number =>
  texts(conditions).length +
  Object.keys(conditions.withoutHeaders).length +
  Object.keys(conditions.sourceLabels).length +
  (conditions.port === undefined ? 0 : 1) +
  (conditions.sourceNamespace === undefined ? 0 : 1);

/** Whether it takes every request. */
export const takesAll = (conditions: Conditions): boolean =>
  conditions.uri === undefined && countOf(conditions) === 0;

/** Whether it goes by who sends, which sidecars alone can tell. */
export const goesBySource = ({ sourceLabels, sourceNamespace }: Conditions): boolean =>
  isAny(sourceLabels) || sourceNamespace !== undefined;

/** How narrow conditions are, number by number: the smaller comes first. */
function ranks(conditions: Conditions): number[] {
  const { uri, ignoreUriCase, withoutHeaders } = conditions;
  const all = texts(conditions);
  const without = Object.values(withoutHeaders);
  return [
    uri === undefined ? pathRanks.present : pathRanks[uri.how],
    // Of two prefixes one may be in the other; lengths of other forms say nothing.
    uri?.how === "prefix" ? -uri.text.length : 0,
    -countOf(conditions),
    // To lack any value of a header is narrower than to lack one value.
    -sum(all.map(({ how }) => strengths[how])) + sum(without.map(({ how }) => strengths[how])),
    -prefixes(all) + prefixes(without),
    ignoreUriCase ? 1 : 0,
  ];
}

/** A route as it is put in order. */
export interface Ranked {
  readonly conditions: Conditions;
  readonly priority: number;
  readonly order: number;
  /** Names of its gateways: the fewer, the narrower. */
  readonly gateways: readonly string[];
  /** Decides where nothing else does, so that the order never hangs on that of the input. */
  readonly key: readonly string[];
}

function compareLists<T extends string | number>(a: readonly T[], b: readonly T[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (value !== other) return value < other ? -1 : 1;
  }
  return a.length - b.length;
}

/**
 * Order of two routes: those that take everything last; then priority, the higher first; exact paths before prefixes (longer
 * first) before regular expressions before none; more conditions first, stronger ones first; fewer gateways first; then
 * the given order, module and name.
 */
export function compareRanked(a: Ranked, b: Ranked): number {
  return (
    Number(takesAll(a.conditions)) - Number(takesAll(b.conditions)) ||
    b.priority - a.priority ||
    compareLists(ranks(a.conditions), ranks(b.conditions)) ||
    a.gateways.length - b.gateways.length ||
    a.order - b.order ||
    compareLists(a.key, b.key)
  );
}
