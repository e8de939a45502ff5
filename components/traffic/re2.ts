/**
 * Tells whether a text is a regular expression of RE2, which is what proxies run and what istiod checks with Go's
 * package. JavaScript's own are another language: they have look-around and references, and lack `(?i)` or `\A`.
 */

/** Longest expression that Istio takes, in bytes. */
export const MAX_REGEX = 1024;

/** Counted repetitions that RE2 allows. */
const MAX_REPEAT = 1000;

interface Rule {
  /** What may come next, at the place that is looked at. */
  readonly form: RegExp;
  readonly does: "open" | "close" | "alternate" | "atom" | "anchor" | "repeat";
  readonly refuse?: (found: RegExpExecArray) => string | undefined;
}

const posix = "alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit";
/** What a backslash may stand before, inside a class and outside. */
const ESCAPE = String.raw`\\(?:[dDsSwWafnrtv]|[pP](?:[A-Z]|\{\^?\w+\})|x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})|[0-7]{2,3}|0|[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f])`;
const CLASS = String.raw`\[\^?\]?(?:\[:\^?(?:${posix}):\]|${ESCAPE}|[^\]\\])*\]`;

const range = ([, low = "0", high = ""]: RegExpExecArray) => {
  if (Number(low) > MAX_REPEAT || Number(high) > MAX_REPEAT) return `repeats more than ${MAX_REPEAT} times`;
  return high !== "" && Number(high) < Number(low) ? "repeats from more to less" : undefined;
};

/** In order: the first form that fits is taken. */
const rules: readonly Rule[] = [
  { form: /\(\?<?[=!]/y, does: "open", refuse: () => "looks ahead or behind, which RE2 cannot" },
  { form: /\(\?>/y, does: "open", refuse: () => "has an atomic group, which RE2 has not" },
  { form: /\((?:\?P?<\w+>|\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)?:)?(?!\?)/y, does: "open" },
  { form: /\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)\)/y, does: "anchor" },
  { form: /\(\?/y, does: "open", refuse: () => "has a group of a kind that RE2 has not" },
  { form: /\)/y, does: "close" },
  { form: /\|/y, does: "alternate" },
  { form: /(?:[*+?]|\{\d+(?:,\d*)?\})[+]/y, does: "repeat", refuse: () => "repeats a repetition" },
  { form: /\{(\d+)(?:,(\d*))?\}\??/y, does: "repeat", refuse: range },
  { form: /[*+?]\??/y, does: "repeat" },
  { form: /\^|\$|\\[AbBz]/y, does: "anchor" },
  { form: /\\Q[\s\S]*?(?:\\E|$)/y, does: "atom" },
  { form: new RegExp(ESCAPE, "uy"), does: "atom" },
  { form: /\\[1-9]/y, does: "atom", refuse: () => "refers back to a group, which RE2 cannot" },
  { form: /\\/y, does: "atom", refuse: () => "has a backslash before something that needs none" },
  { form: new RegExp(CLASS, "uy"), does: "atom", refuse: ([text]) => classObjection(text) },
  { form: /\[/y, does: "atom", refuse: () => "has a [ that is not closed, or something wrong within" },
  { form: /[\s\S]/uy, does: "atom" },
];

/** Ranges within a class that go backwards. */
function classObjection(text: string): string | undefined {
  const plain = text.slice(1, -1).replaceAll(/\[:\^?\w+:\]/g, "");
  const backwards = [...plain.matchAll(/([^\\])-([^\\])/gu)].some(([, low = "", high = ""]) => low > high);
  return backwards ? "has a range that goes backwards" : undefined;
}

/** Why a text is no expression of RE2, as `it …`; undefined where it is one. */
export function re2Objection(text: string): string | undefined {
  if (text === "") return "is empty";
  if (Buffer.byteLength(text) > MAX_REGEX) return `is longer than ${MAX_REGEX} bytes`;
  let place = 0;
  let depth = 0;
  let before: Rule["does"] = "open";
  while (place < text.length) {
    const step = next(text, place);
    if (step === undefined) return "cannot be read";
    const { rule, found } = step;
    const why = rule.refuse?.(found);
    if (why !== undefined) return why;
    if (rule.does === "repeat") {
      if (before === "repeat") return "repeats a repetition";
      if (before === "open" || before === "alternate") return "repeats nothing";
    }
    if (rule.does === "open") depth += 1;
    if (rule.does === "close") depth -= 1;
    if (depth < 0) return "closes a group that is not open";
    before = rule.does;
    place += found[0].length;
  }
  return depth > 0 ? "has a group that is not closed" : undefined;
}

function next(text: string, place: number): { rule: Rule; found: RegExpExecArray } | undefined {
  for (const rule of rules) {
    rule.form.lastIndex = place;
    const found = rule.form.exec(text);
    if (found !== null) return { rule, found };
  }
  return undefined;
}

/** An expression that takes just this text. */
export const quoted = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
