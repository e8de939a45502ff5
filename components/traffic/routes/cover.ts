import type { Conditions, TextCondition } from "./conditions";

/** What of one route's requests another takes. Regular expressions are compared by their text alone. */

const lower = (condition: TextCondition, ignoreCase: boolean): TextCondition =>
  ignoreCase && condition.how !== "regex" ? { ...condition, text: condition.text.toLowerCase() } : condition;

/** Whether every text of b is one of a. */
function coversText(a: TextCondition, b: TextCondition): boolean {
  if (a.how === "present") return true;
  if (a.how === "prefix") return (b.how === "exact" || b.how === "prefix") && b.text.startsWith(a.text);
  return a.how === b.how && a.text === b.text;
}

/** Whether some text may be one of a and one of b; true where it cannot be told. */
function meetText(a: TextCondition, b: TextCondition): boolean {
  if ([a.how, b.how].some((how) => how === "present" || how === "regex")) return true;
  return coversText(a, b) || coversText(b, a);
}

function coversPath(a: Conditions, b: Conditions): boolean {
  if (a.uri === undefined) return true;
  if (b.uri === undefined || (b.ignoreUriCase && !a.ignoreUriCase)) return false;
  return coversText(lower(a.uri, a.ignoreUriCase), lower(b.uri, a.ignoreUriCase));
}

type ByName = Readonly<Record<string, TextCondition>>;

const everyIn = (
  a: ByName,
  b: ByName,
  holds: (one: TextCondition, other: TextCondition | undefined) => boolean,
) => Object.entries(a).every(([name, condition]) => holds(condition, b[name]));

const demands = (a: ByName, b: ByName) =>
  everyIn(a, b, (one, other) => other !== undefined && coversText(one, other));
/** What a wants absent has to be absent for b too: b's forbidden texts have to hold a's. */
const forbids = (a: ByName, b: ByName) =>
  everyIn(a, b, (one, other) => other !== undefined && coversText(other, one));
const compatible = (a: ByName, b: ByName) =>
  everyIn(a, b, (one, other) => other === undefined || meetText(one, other));
/** A header that b wants to be what a forbids. */
const contradicts = (a: ByName, b: ByName) =>
  Object.entries(a).some(([name, condition]) => {
    const wanted = b[name];
    return wanted !== undefined && coversText(condition, wanted);
  });

const same = <T>(a: T | undefined, b: T | undefined) => a === undefined || a === b;

/** Whether every request that fits b fits a too. */
export const covers = (a: Conditions, b: Conditions): boolean =>
  coversPath(a, b) &&
  demands(a.parts, b.parts) &&
  demands(a.headers, b.headers) &&
  demands(a.queryParams, b.queryParams) &&
  forbids(a.withoutHeaders, b.withoutHeaders) &&
  same(a.port, b.port) &&
  same(a.sourceNamespace, b.sourceNamespace) &&
  Object.entries(a.sourceLabels).every(([name, value]) => b.sourceLabels[name] === value);

/** Whether some request may fit both; true where it cannot be told. */
export function meet(a: Conditions, b: Conditions): boolean {
  const ignore = a.ignoreUriCase || b.ignoreUriCase;
  const paths =
    a.uri === undefined || b.uri === undefined || meetText(lower(a.uri, ignore), lower(b.uri, ignore));
  return (
    paths &&
    compatible(a.parts, b.parts) &&
    compatible(a.headers, b.headers) &&
    compatible(a.queryParams, b.queryParams) &&
    !contradicts(a.withoutHeaders, b.headers) &&
    !contradicts(b.withoutHeaders, a.headers) &&
    (a.port === undefined || same(b.port, a.port)) &&
    (a.sourceNamespace === undefined || same(b.sourceNamespace, a.sourceNamespace)) &&
    Object.entries(a.sourceLabels).every(([name, value]) => same(b.sourceLabels[name], value))
  );
}
