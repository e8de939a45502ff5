import { re2Objection } from "../re2";
import { type Fields, fieldsOf } from "./objects";

const posix: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  space: "\\s",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
  punct: "!-\\/:-@\\[-`{-~",
};

const compiled = new Map<string, RegExp | undefined>();

/** An expression of RE2 in JavaScript's own; undefined where it cannot be said there. `^` and `$` are added for full. */
export function expression(text: string, full = true): RegExp | undefined {
  const key = `${full}\n${text}`;
  if (!compiled.has(key)) compiled.set(key, compile(text, full));
  return compiled.get(key);
}

function compile(text: string, full: boolean): RegExp | undefined {
  if (re2Objection(text) !== undefined) return undefined;
  const [, letters = ""] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  const source = text
    .replace(/^\(\?[ims]+\)/, "")
    .replaceAll("(?P<", "(?<")
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => posix[name] ?? whole)
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$");
  try {
    return new RegExp(full ? `^(?:${source})$` : source, full ? letters : `g${letters}`);
  } catch {
    return undefined;
  }
}

/** A condition on a text: one of `exact`, `prefix`, `regex`. Nothing, or `*` as an expression, asks only for presence. */
export type Condition = Fields;

/** Thrown where an expression cannot be tried here. */
export class Untried extends Error {
  constructor(text: string) {
    super(`the expression ${text} cannot be tried here`);
    this.name = "Untried";
  }
}

export const asksPresence = (condition: Condition): boolean =>
  condition.regex === "*" || ["exact", "prefix", "regex"].every((key) => condition[key] === undefined);

export interface TextOptions {
  /** Default false. Expressions keep their own mind about it. */
  readonly ignoreCase?: boolean;
}

/** Whether a text that is there fulfils a condition. */
export function fulfils(value: string, given: unknown, { ignoreCase = false }: TextOptions = {}): boolean {
  const condition = fieldsOf(given);
  const folded = (text: unknown) => (ignoreCase ? String(text).toLowerCase() : String(text));
  if (condition.exact !== undefined) return folded(value) === folded(condition.exact);
  if (condition.prefix !== undefined) return folded(value).startsWith(folded(condition.prefix));
  if (condition.regex === undefined || condition.regex === "*") return true;
  const regex = expression(String(condition.regex));
  if (regex === undefined) throw new Untried(String(condition.regex));
  return regex.test(value);
}

/** `exact jason`, for people. */
export function showCondition(given: unknown): string {
  const [entry] = Object.entries(fieldsOf(given));
  return entry === undefined || asksPresence(fieldsOf(given))
    ? "any value"
    : `${entry[0]} ${String(entry[1])}`;
}
