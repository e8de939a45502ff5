/** Reads YAML, and says of what cannot be read where it stands and what is wrong. For every YAML that people write. */
import { readFileSync, statSync } from "node:fs";
import {
  type Alias,
  Composer,
  type Document,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
} from "yaml";
import { meaningOf } from "./yaml-errors";

/** What is wrong in a YAML file, and where. */
export interface YamlFault {
  /** As it was named by the caller: a path, or `<stdin>`. */
  readonly file: string;
  /** From 1 on; 0 where the file as a whole is meant. */
  readonly line: number;
  /** From 1 on, in UTF-16 units; 0 where the file as a whole is meant. */
  readonly column: number;
  /** The line itself; empty where the file as a whole is meant. */
  readonly text: string;
  /** What is wrong and what to write instead; without a full stop. */
  readonly message: string;
}

/** Thrown where a file cannot be read as YAML. The message has file, line, column, the line itself and a caret. */
export class YamlError extends Error {
  readonly faults: readonly YamlFault[];

  constructor(faults: readonly YamlFault[]) {
    super(faults.map(showYamlFault).join("\n"));
    this.name = "YamlError";
    this.faults = faults;
  }
}

const WIDTH = 100;

/** `Pulumi.dev.yaml:3:5: a tab …`, then the line and a caret below it. Of a long line, the part around the caret. */
export function showYamlFault({ file, line, column, text, message }: YamlFault): string {
  if (line === 0) return `${file}: ${message}`;
  const from = text.length > WIDTH ? Math.max(0, Math.min(column - 1 - WIDTH / 2, text.length - WIDTH)) : 0;
  const shown = text.slice(from, from + WIDTH);
  const before = shown.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
  return `${file}:${line}:${column}: ${message}\n  ${shown}\n  ${before}^`;
}

/** One of the documents of a file. */
export interface YamlDocument {
  readonly document: Document.Parsed<ParsedNode>;
  /** What keeps it from being read; empty for a good one. */
  readonly faults: readonly YamlFault[];
  /** Keys that stand twice in one map. The last one counts, as for kubectl. */
  readonly duplicates: readonly YamlFault[];
  /** The plain value; undefined where there are faults. */
  readonly value: unknown;
}

export interface YamlFile {
  readonly lines: LineCounter;
  readonly documents: readonly YamlDocument[];
}

/**
 * `pulumi` reads `yes` as text and `0644` as a decimal number, which is what Pulumi's own keys are checked against;
 * `kubernetes` reads them as kubectl does: true and 420.
 */
export type YamlDialect = "pulumi" | "kubernetes";

/** What an object of Kubernetes is made of. Sets, ordered maps and dates of YAML 1.1 are plain lists, maps and texts to Go. */
const plainTags = ["map", "seq", "str", "null", "bool", "int", "float", "merge"];

/** Neither 12:30 nor 2026-01-01 is anything but text to kubectl; 0o644 is a number, as in YAML 1.2. */
function tagsOfGo<Tag>(tags: Tag[]): Tag[] {
  const kept = tags.filter((tag) => {
    const { tag: name, format } = tag as { tag?: string; format?: string };
    return format !== "TIME" && plainTags.includes((name ?? "").replace("tag:yaml.org,2002:", ""));
  });
  return [...kept, "intOct" as Tag];
}

const dialects = {
  pulumi: { schema: "core" },
  kubernetes: { schema: "yaml-1.1", customTags: tagsOfGo, resolveKnownTags: false },
} as const;

/** What the library's lexer has inside; it is pinned, and the tests of texts that only Go reads fail when it changes. */
interface LexerParts {
  indentNext: number;
  lex(source: string): Generator<string>;
  parseQuotedScalar(): Generator<string, unknown>;
  parseFlowCollection(): Generator<string, unknown>;
}

/**
 * Reads what go-yaml, and with it kubectl, reads although YAML forbids it: quoted texts and lists in brackets that go
 * on further left than their key, or behind a tab. Definitions that controller-gen wrote are full of it.
 */
class LexerOfGo extends (Lexer as unknown as new () => LexerParts) {
  private *freely(parse: () => Generator<string, unknown>): Generator<string, unknown> {
    const indent = this.indentNext;
    this.indentNext = 0;
    const next = yield* parse();
    this.indentNext = indent;
    return next;
  }

  override *parseQuotedScalar(): Generator<string, unknown> {
    return yield* this.freely(() => super.parseQuotedScalar());
  }

  override *parseFlowCollection(): Generator<string, unknown> {
    return yield* this.freely(() => super.parseFlowCollection());
  }
}

type Parsed = Document.Parsed<ParsedNode>;

function compose(text: string, dialect: YamlDialect, lenient: boolean, lines: LineCounter): Parsed[] {
  const parser = new Parser(lines.addNewLine);
  const options = { ...dialects[dialect], merge: true, prettyErrors: false, logLevel: "error" } as const;
  const composer = new Composer(options);
  const tokens = lenient ? tokensOf(parser, text) : parser.parse(text);
  const documents = [...composer.compose(tokens, false, text.length)];
  // Of an empty text there is an empty document, so that who writes one back has something to write into.
  return (documents.length > 0 ? documents : [...composer.end(true, text.length)]) as Parsed[];
}

function* tokensOf(parser: Parser, text: string) {
  for (const lexeme of new LexerOfGo().lex(text)) yield* parser.next(lexeme);
  yield* parser.end();
}

const isBroken = ({ errors }: Parsed) => errors.some(({ code }) => code !== "DUPLICATE_KEY");

/** A file that is broken for YAML and read by Go is read; of any other the faults are those that YAML sees. */
function documentsOf(text: string, dialect: YamlDialect): { documents: Parsed[]; lines: LineCounter } {
  const lines = new LineCounter();
  const documents = compose(text, dialect, false, lines);
  if (!documents.some(isBroken)) return { documents, lines };
  const others = new LineCounter();
  const lenient = compose(text, dialect, true, others);
  return lenient.some(isBroken) ? { documents, lines } : { documents: lenient, lines: others };
}

/** What no reader of YAML takes, looked for before it is parsed: messages of parsers about these mislead. */
const beforehand: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:<{7}|>{7})(?=\s|$)/m,
    "a merge conflict that was not resolved: keep one of the two sides, without <<<<<<<, ======= and >>>>>>>",
  ],
  [/(?![\t\n\r\u0085])\p{Cc}/u, "a control character, which YAML does not allow: is this a text file?"],
];

const TEMPLATE =
  "this is a template and no YAML yet ({{ … }}): render it first, as by helm template, and read the result";

/** How often aliases may repeat their anchors before they are taken for an attack; Go has a limit of its kind, too. */
const MAX_ALIASES = 10_000;

class Places {
  private readonly file: string;
  private readonly text: string;
  private readonly lines: LineCounter;

  constructor(file: string, text: string, lines: LineCounter) {
    this.file = file;
    this.text = text;
    this.lines = lines;
  }

  fault(offset: number, message: string): YamlFault {
    // At the end of a file there is nothing to show: the last line that has something on it.
    const end = this.text.trimEnd().length;
    const at = Math.min(offset, end);
    const { line, col } = this.lines.linePos(at);
    const start = at - (col - 1);
    const [text = ""] = this.text.slice(start).split(/\r?\n/, 1);
    return { file: this.file, line, column: col, text, message };
  }
}

/** Where the line of an offset begins and ends. */
const lineAround = (text: string, offset: number) => {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end < 0 ? text.length : end);
};

function syntaxFaults(document: Parsed, text: string, places: Places): YamlFault[] {
  const error = document.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (error === undefined) return [];
  const [start, end] = document.range;
  const template = text.slice(start, end).includes("{{") || lineAround(text, error.pos[0]).includes("{{");
  const offset = template ? Math.max(text.indexOf("{{", start), 0) : offsetOf(error, document);
  return [places.fault(offset, template ? TEMPLATE : meaningOf(error, text))];
}

/** A quote that is not closed is shown where it opens; the library sees it where the text ends. */
function offsetOf({ code, message, pos }: YAMLError, document: Parsed): number {
  if (code !== "MISSING_CHAR" || !message.startsWith("Missing closing")) return pos[0];
  let opening = pos[0];
  visit(document, {
    Scalar(_, { range }) {
      if (range && range[1] >= pos[0] && range[0] < pos[0]) opening = range[0];
    },
  });
  return opening;
}

function duplicateFaults(document: Parsed, lines: LineCounter, places: Places): YamlFault[] {
  const offsets = new Set(
    document.errors.filter(({ code }) => code === "DUPLICATE_KEY").map(({ pos }) => pos[0]),
  );
  if (offsets.size === 0) return [];
  const found: YamlFault[] = [];
  visit(document, {
    Map(_, { items }) {
      for (const { key } of items) {
        if (!isScalar(key) || !offsets.has(key.range?.[0] ?? -1)) continue;
        const first = items
          .map((item) => item.key)
          .find((other) => isScalar(other) && other.value === key.value);
        const line = lines.linePos((first as Node).range?.[0] ?? 0).line;
        const message = `the key ${String(key.value)} stands twice in one map, first in line ${line}: keep one of them`;
        found.push(places.fault(key.range?.[0] ?? 0, message));
      }
    },
  });
  return found;
}

/** `name: {{ .Values.name }}` is YAML by chance: a map whose key is a map. */
function templateFault(document: Parsed, places: Places): YamlFault | undefined {
  let found: YamlFault | undefined;
  visit(document, {
    Map(_, { flow, items, range }) {
      const [first] = items;
      if (flow !== true || !isMap(first?.key) || first.key.flow !== true) return undefined;
      found = places.fault(range?.[0] ?? 0, TEMPLATE);
      return visit.BREAK;
    },
  });
  return found;
}

/** An alias that leads nowhere or into itself; undefined where all are sound. */
function aliasFault(document: Parsed, places: Places): YamlFault | undefined {
  let found: YamlFault | undefined;
  visit(document, {
    Alias(_, alias, path) {
      const at = alias.range?.[0] ?? 0;
      const target = alias.resolve(document);
      if (target === undefined)
        found = places.fault(
          at,
          `*${alias.source} is an alias, and no anchor &${alias.source} stands before it: put a value that begins with * in quotes`,
        );
      else if (path.includes(target))
        found = places.fault(at, `*${alias.source} is inside of its own anchor`);
      return found === undefined ? undefined : visit.BREAK;
    },
  });
  return found;
}

function firstAlias(document: Parsed): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function plainValue(document: Parsed, places: Places): { value: unknown } | YamlFault {
  const wrong = templateFault(document, places) ?? aliasFault(document, places);
  if (wrong !== undefined) return wrong;
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    const at = firstAlias(document)?.range?.[0] ?? document.range[0];
    return places.fault(
      at,
      error instanceof ReferenceError && /excessive alias/i.test(error.message)
        ? `aliases repeat their anchors more than ${MAX_ALIASES} times, as to fill the memory: write the values out`
        : `this cannot be turned into a value: ${(error as Error).message}`,
    );
  }
}

/** All documents of a text, each with its value or with what is wrong. A byte order mark before a line is passed over. */
export function readYamlDocuments(
  given: string,
  file: string,
  dialect: YamlDialect = "kubernetes",
): YamlFile {
  const text = given.replace(/^\ufeff/gm, "");
  const { documents, lines } = documentsOf(text, dialect);
  const places = new Places(file, text, lines);
  const early = beforehand.flatMap(([pattern, message]) => {
    const at = text.search(pattern);
    return at < 0 ? [] : [{ at, message }];
  });
  return {
    lines,
    documents: documents.map((document): YamlDocument => {
      const [start, , end] = document.range;
      const [seen] = early.filter(({ at }) => at >= start && at < Math.max(end, start + 1));
      const faults =
        seen === undefined ? syntaxFaults(document, text, places) : [places.fault(seen.at, seen.message)];
      const duplicates = faults.length > 0 ? [] : duplicateFaults(document, lines, places);
      if (faults.length > 0) return { document, faults, duplicates, value: undefined };
      const value = plainValue(document, places);
      return "value" in value
        ? { document, faults, duplicates, value: value.value }
        : { document, faults: [value], duplicates, value: undefined };
    }),
  };
}

/** Everything that keeps a text from being one document with every key once. */
function singleFaults({ documents, lines }: YamlFile, text: string, file: string): readonly YamlFault[] {
  const all = documents.flatMap(({ faults, duplicates }) => [...faults, ...duplicates]);
  const [, second] = documents;
  if (all.length > 0 || second === undefined) return all;
  const places = new Places(file, text.replace(/^\ufeff/gm, ""), lines);
  return [
    places.fault(
      second.document.range[0],
      "a second document begins here, and only one is read: take the --- away",
    ),
  ];
}

/**
 * The one document of a text, for what changes it and writes it back with its comments. An empty text is a document
 * without contents. Throws a YamlError with every fault.
 */
export function parseYamlDocument(text: string, file: string): Document.Parsed<ParsedNode> {
  const read = readYamlDocuments(text, file, "pulumi");
  const faults = singleFaults(read, text, file);
  if (faults.length > 0) throw new YamlError(faults);
  return (read.documents[0] as YamlDocument).document;
}

/** The value of a text with one document; undefined or null where it is empty. Throws a YamlError with every fault. */
export function parseYaml(text: string, file: string): unknown {
  const read = readYamlDocuments(text, file, "pulumi");
  const faults = singleFaults(read, text, file);
  if (faults.length > 0) throw new YamlError(faults);
  return read.documents[0]?.value;
}

/** The same where a map has to stand; an empty text is an empty map. `what` says what the map is of, for the message. */
export function parseYamlMap(text: string, file: string, what: string): Readonly<Record<string, unknown>> {
  const value = parseYaml(text, file) ?? {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  const { lines } = readYamlDocuments(text, file, "pulumi");
  const start = /^(?:\s*#.*\n|---.*\n|\s)*/.exec(text)?.[0].length ?? 0;
  const is = Array.isArray(value) ? "a list" : `the text ${JSON.stringify(String(value).slice(0, 40))}`;
  throw new YamlError([
    new Places(file, text, lines).fault(
      start,
      `this is ${is}, and ${what} is a map of keys: write key: value`,
    ),
  ]);
}

/** Bytes as text: UTF-8, or UTF-16 where a byte order mark says so, as Windows writes it. Throws a YamlError for others. */
export function decodeYaml(bytes: Uint8Array, file: string): string {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : undefined;
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new YamlError([undecodable(bytes, file)]);
  }
}

function undecodable(bytes: Uint8Array, file: string): YamlFault {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const next = bytes.indexOf(0x0a, start);
    const row = bytes.subarray(start, next < 0 ? bytes.length : next);
    const text = new TextDecoder().decode(row);
    const column = text.indexOf("\ufffd") + 1;
    // A letter that was written as U+FFFD is no fault, unless nothing else is.
    if (!isUtf8(row)) {
      const at = start + new TextEncoder().encode(text.slice(0, column - 1)).length;
      const byte = `0x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
      return {
        file,
        line,
        column,
        text: text.trimEnd(),
        message: `the byte ${byte} is no UTF-8: save the file as UTF-8`,
      };
    }
    if (next < 0)
      return { file, line: 0, column: 0, text: "", message: "it is no UTF-8: save the file as UTF-8" };
    start = next + 1;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const whole = (file: string, message: string) =>
  new YamlError([{ file, line: 0, column: 0, text: "", message }]);

const refusals: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read: look at its permissions",
  EISDIR: "this is a folder, and a file is read here",
  ELOOP: "the link leads to itself",
};

/** The text of a file. Throws a YamlError where there is none, it is a folder, may not be read, or is no text. */
export function readYamlText(path: string, file = path): string {
  let bytes: Uint8Array;
  try {
    if (statSync(path).isDirectory()) throw whole(file, refusals.EISDIR ?? "");
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof YamlError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw whole(file, refusals[code] ?? message);
  }
  return decodeYaml(bytes, file);
}

/** A value that is kept as text inside of an object, as kubectl reads YAML; undefined where it cannot be read. */
export function embeddedYaml(text: string): unknown {
  const [first] = readYamlDocuments(text, "").documents;
  return first?.value;
}
